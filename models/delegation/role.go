package delegation

import (
	"cmp"
	"context"
	"slices"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// UsingRole counts the delegations of all hosts that give a role and are not
// over.
func (d *Delegations) UsingRole(ctx context.Context, by models.Actor, role string) (count int, err error) {
	err = d.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		given, err := standing(tx, role)
		count = len(given)
		return err
	})
	return count, err
}

// standing are the rows of a role in delegations that are not over. It runs in
// a System transaction.
func standing(tx *store.Tx, role string) (list []Given, err error) {
	var rows []Given
	if err := tx.Where("role_id = ?", role).Order("company_id, organization_id, delegation_id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for part := range slices.Chunk(rows, 500) {
		ids := make([]string, len(part))
		for i, g := range part {
			ids[i] = g.DelegationID
		}
		var delegations []Delegation
		if err := tx.Where("id IN ?", ids).Find(&delegations).Error; err != nil {
			return nil, err
		}
		over := map[string]bool{}
		for _, d := range delegations {
			over[d.ID] = d.Over(tx.Now())
		}
		for _, g := range part {
			if !over[g.DelegationID] {
				list = append(list, g)
			}
		}
	}
	return list, nil
}

// replaceRole puts another role in the place of one that is deleted, in every
// delegation that is not over. It runs in a System transaction.
func replaceRole(tx *store.Tx, about store.About) error {
	given, err := standing(tx, about.ID)
	if err != nil || len(given) == 0 {
		return err
	}
	place, _ := about.Data["with"].(string)
	if place == "" {
		return tenancy.NeedsReplacement("company.error.replacement")
	}
	type host struct{ company, organization string }
	counts := map[host]int{}
	var hosts []host
	for _, g := range given {
		h := host{g.CompanyID, g.OrganizationID}
		if counts[h]++; counts[h] == 1 {
			hosts = append(hosts, h)
		}
		if err := tx.Where("company_id = ? AND delegation_id = ? AND role_id = ?", g.CompanyID, g.DelegationID, g.RoleID).Delete(&Given{}).Error; err != nil {
			return err
		}
		var both int64
		if err := tx.Model(&Given{}).Where("company_id = ? AND delegation_id = ? AND role_id = ?", g.CompanyID, g.DelegationID, place).Count(&both).Error; err != nil {
			return err
		}
		if both > 0 {
			continue
		}
		g.RoleID = place
		if err := tx.Create(&g).Error; err != nil {
			return err
		}
	}
	slices.SortFunc(hosts, func(a, b host) int {
		return cmp.Or(cmp.Compare(a.company, b.company), cmp.Compare(a.organization, b.organization))
	})
	for _, h := range hosts {
		tx.Record(event.RoleReplaced, store.About{ID: about.ID, Name: about.Name, Company: h.company, Organization: h.organization,
			Data: map[string]any{"role": about.ID, "with": place, "with_name": about.Data["with_name"], "application": about.Data["application"],
				"delegations": counts[h]}})
	}
	return nil
}
