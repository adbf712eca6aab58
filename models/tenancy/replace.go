package tenancy

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// replaced counts what one organization, or a company itself, had of a role.
type replaced struct {
	people      map[string]bool
	invitations int
}

// spot is where that was.
type spot struct{ company, organization string }

// replace puts a role in the place of another wherever people hold it or are
// invited to it, and leaves an event in each place. It refuses where there is
// something to replace and no role to do it with.
func replace(tx *store.Tx, old, place Role) error {
	count := map[spot]*replaced{}
	at := func(company, organization string) *replaced {
		s := spot{company, organization}
		if count[s] == nil {
			count[s] = &replaced{people: map[string]bool{}}
		}
		return count[s]
	}
	var grants []Grant
	if err := tx.Where("role_id = ?", old.ID).Order("company_id, id").Find(&grants).Error; err != nil {
		return err
	}
	invitations, err := invitationsWith(tx, old.ID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		at(g.CompanyID, g.OrganizationID).people[g.AccountID] = true
	}
	for _, i := range invitations {
		at(i.CompanyID, i.OrganizationID).invitations++
	}
	if len(count) == 0 {
		return nil
	}
	if place.ID == "" {
		return NeedsReplacement("company.error.replacement")
	}
	if err := replaceGrants(tx, old, place, grants); err != nil {
		return err
	}
	if err := replaceInvitations(tx, old, place, invitations); err != nil {
		return err
	}
	order := func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.company, b.company), cmp.Compare(a.organization, b.organization))
	}
	for _, s := range slices.SortedFunc(maps.Keys(count), order) {
		tx.Record(event.RoleReplaced, store.About{ID: old.ID, Name: old.Name, Company: s.company, Organization: s.organization,
			Data: map[string]any{"role": old.ID, "with": place.ID, "with_name": place.Name, "application": old.ApplicationID,
				"people": len(count[s].people), "invitations": count[s].invitations}})
	}
	return nil
}

// replaceGrants moves the grants of a role to another. Somebody who holds both
// from the same source keeps the one that lasts longer.
func replaceGrants(tx *store.Tx, old, place Role, grants []Grant) error {
	type key struct{ company, account, organization, application, source, from string }
	keyOf := func(g Grant) key {
		return key{g.CompanyID, g.AccountID, g.OrganizationID, g.ApplicationID, string(g.Source), g.SourceID}
	}
	held := map[key]Grant{}
	for part := range slices.Chunk(grants, 500) {
		ids := make([]string, len(part))
		for i, g := range part {
			ids[i] = g.AccountID
		}
		var twins []Grant
		if err := tx.Where("role_id = ? AND account_id IN ?", place.ID, ids).Find(&twins).Error; err != nil {
			return err
		}
		for _, g := range twins {
			held[keyOf(g)] = g
		}
	}
	for _, g := range grants {
		twin, there := held[keyOf(g)]
		if !there {
			continue
		}
		if g.outlasts(twin) {
			g = twin
		}
		if err := tx.Where("company_id = ? AND id = ?", g.CompanyID, g.ID).Delete(&Grant{}).Error; err != nil {
			return err
		}
	}
	return tx.Model(&Grant{}).Where("role_id = ?", old.ID).Update("role_id", place.ID).Error
}

// outlasts says whether a grant ends later than another.
func (g Grant) outlasts(other Grant) bool {
	return other.EndsAt != nil && (g.EndsAt == nil || g.EndsAt.After(other.EndsAt.Time))
}

// invitationsWith reads the open invitations that come with a role.
func invitationsWith(tx *store.Tx, role string) (list []Invitation, err error) {
	err = tx.Where("accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > ? AND role_ids LIKE ?", models.At(tx.Now()), `%"`+role+`"%`).
		Order("company_id, id").Find(&list).Error
	return slices.DeleteFunc(list, func(i Invitation) bool { return !slices.Contains(i.Roles(), role) }), err
}

func replaceInvitations(tx *store.Tx, old, place Role, list []Invitation) error {
	for _, i := range list {
		var ids []string
		for _, id := range i.Roles() {
			if id == old.ID {
				id = place.ID
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		text, err := json.Marshal(ids)
		if err != nil {
			return err
		}
		if err := tx.Model(&Invitation{}).Where("company_id = ? AND id = ?", i.CompanyID, i.ID).Update("role_ids", string(text)).Error; err != nil {
			return err
		}
	}
	return nil
}
