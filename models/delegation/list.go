package delegation

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Lately is how far back the visits of a list go.
const Lately = 30 * 24 * time.Hour

// List gives the delegations of the actor's organization with their roles and
// the visits of lately: who may enter first, then what is to come, then what is over.
func (d *Delegations) List(ctx context.Context, by models.Actor) (list []Details, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var rows []Delegation
		if err := tx.Order("granted_at DESC, id DESC").Limit(1000).Find(&rows).Error; err != nil {
			return err
		}
		if list, err = detail(tx, rows, tx.Now().Add(-Lately)); err != nil {
			return err
		}
		return markAsked(tx, list)
	})
	return list, err
}

// markAsked marks the delegations about which something is proposed.
func markAsked(tx *store.Tx, list []Details) error {
	var asked []string
	err := tx.Model(&Pending{}).Where("decided_at IS NULL AND due_at > ?", models.At(tx.Now())).Pluck("delegation_id", &asked).Error
	for i, d := range list {
		list[i].Undecided = !d.Over(tx.Now()) && slices.Contains(asked, d.ID)
	}
	return err
}

// order is how a list of delegations is sorted by status.
var order = []Status{Expiring, Running, OpenEnded, Suspended, Proposed, Invited, Upcoming, Declined, Rejected, Lapsed, Revoked, Expired}

// Get gives one delegation of the actor's organization.
func (d *Delegations) Get(ctx context.Context, by models.Actor, id string) (one Details, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row Delegation
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		list, err := detail(tx, []Delegation{row}, time.Time{})
		if err != nil {
			return err
		}
		one = list[0]
		if one.Prospect, err = prospectOf(tx, row, one.Roles); err != nil {
			return err
		}
		if one.Waiting, err = pendingOf(tx, row); err != nil {
			return err
		}
		one.Address, err = otherAddress(tx, row)
		return err
	})
	return one, err
}

// detail reads roles, visits and firms beside delegations, in as many
// statements for one as for fifty. Of the visits it reads those that began since
// a moment, those under way, and in any case the newest: a delegation of years
// has thousands. Since the zero moment is all of them.
func detail(tx *store.Tx, rows []Delegation, since time.Time) ([]Details, error) {
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	roles, err := RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	visits := map[string][]Visit{}
	for part := range slices.Chunk(ids, 500) {
		some, err := visitsOf(tx, part, since)
		if err != nil {
			return nil, err
		}
		for _, v := range some {
			visits[v.DelegationID] = append(visits[v.DelegationID], v)
		}
	}
	own, err := firms(tx, rows)
	if err != nil {
		return nil, err
	}
	list := make([]Details, len(rows))
	for i, d := range rows {
		list[i] = Details{Delegation: d, Roles: roles[d.ID], RoleNames: RoleNames(reg, roles[d.ID]), Firm: own[d.RealOrganizationID], Visits: visits[d.ID]}
		if d.RealOrganizationID != "" {
			list[i].Firm.Name = d.RealOrganizationName // as it was called when he accepted
		}
		list[i].Present = d.Active(tx.Now()) && slices.ContainsFunc(list[i].Visits, func(v Visit) bool { return v.LeftAt == nil })
	}
	slices.SortStableFunc(list, func(a, b Details) int {
		return slices.Index(order, a.Status(tx.Now())) - slices.Index(order, b.Status(tx.Now()))
	})
	return list, nil
}

// visitsOf reads visits of delegations, the newest first: see detail.
func visitsOf(tx *store.Tx, ids []string, since time.Time) (list []Visit, err error) {
	all := tx.Where("delegation_id IN ?", ids).Order("entered_at DESC")
	if since.IsZero() {
		return list, all.Find(&list).Error
	}
	var newest []struct {
		DelegationID string
		At           models.Instant
	}
	err = tx.Model(&Visit{}).Select("delegation_id, MAX(entered_at) AS at").Where("delegation_id IN ?", ids).Group("delegation_id").Find(&newest).Error
	if err != nil {
		return nil, err
	}
	last := map[string]models.Instant{}
	var old []models.Instant // of those that have none since
	for _, n := range newest {
		if last[n.DelegationID] = n.At; n.At.Before(since) {
			old = append(old, n.At)
		}
	}
	err = all.Where("left_at IS NULL OR entered_at >= ? OR entered_at IN ?", models.At(since), old).Find(&list).Error
	list = slices.DeleteFunc(list, func(v Visit) bool { // another's newest began when an old one did
		return v.LeftAt != nil && v.EnteredAt.Before(since) && !v.EnteredAt.Equal(last[v.DelegationID].Time)
	})
	return list, err
}

// firms reads the organizations of consultants by id, each with the colour and
// a verified domain that tell it from another of the same name.
func firms(tx *store.Tx, rows []Delegation) (map[string]models.Party, error) {
	own := map[string]models.Party{}
	var companies, organizations []string
	for _, d := range rows {
		if _, seen := own[d.RealOrganizationID]; d.RealOrganizationID == "" || seen {
			continue
		}
		own[d.RealOrganizationID] = models.Party{Company: d.RealCompanyID, Organization: d.RealOrganizationID}
		companies, organizations = append(companies, d.RealCompanyID), append(organizations, d.RealOrganizationID)
	}
	err := tx.Across("the colour and the domain of consultants' own organizations", func(tx *store.Tx) error {
		domains := map[string]string{}
		for part := range slices.Chunk(companies, 500) {
			var verified []tenancy.Domain
			if err := tx.Where("company_id IN ? AND verified_at IS NOT NULL", part).Order("created_at DESC").Find(&verified).Error; err != nil {
				return err
			}
			for _, v := range verified {
				domains[v.CompanyID] = v.Name // the oldest comes last
			}
		}
		for part := range slices.Chunk(organizations, 500) {
			var some []tenancy.Organization
			if err := tx.Where("id IN ?", part).Find(&some).Error; err != nil {
				return err
			}
			for _, o := range some {
				own[o.ID] = models.Party{Company: o.CompanyID, Organization: o.ID, Hue: o.Hue, Icon: o.Icon, TimeZone: o.TimeZone, Domain: domains[o.CompanyID]}
			}
		}
		return nil
	})
	return own, err
}

// unknown turns a row that was not found into the answer to an unknown id.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}
