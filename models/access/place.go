package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Place is somewhere a person can work: his own organization, another of which
// he is a member, or a host that lets him in.
type Place struct {
	models.Party
	Home       bool
	Current    bool
	Via        bool // through a delegation
	Superuser  bool
	Roles      []string // display names, of a delegation's each with its application
	Delegation string   // id
	GivenBy    string
	Starts     time.Time
	Ends       time.Time // zero: no end date
	Upcoming   bool      // cannot be entered yet
	LastVisit  time.Time // zero: never
	Used       time.Time // when he went there last; zero: never
	Pinned     bool
}

// Places lists where the actor can work, his own organizations first, then the
// delegations by their end.
func (s *Sessions) Places(ctx context.Context, by models.Actor) (list []Place, err error) {
	if by.Account == "" {
		return nil, nil // by a set-up link there is one company alone
	}
	err = s.store.SystemRead(ctx, "where a person can work", func(tx *store.Tx) error {
		list, err = places(tx, by)
		return err
	})
	return list, err
}

func places(tx *store.Tx, by models.Actor) ([]Place, error) {
	grants, err := grantsOf(tx, by.Account)
	if err != nil {
		return nil, err
	}
	grants = inside(grants, by.BreakGlass)
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	person, err := account.Load(tx, by.Account)
	if err != nil {
		return nil, err
	}
	var own []tenancy.PartyID
	for _, g := range grants {
		id := tenancy.PartyID{Company: g.CompanyID, Organization: g.OrganizationID}
		if g.ApplicationID == "" && !slices.Contains(own, id) && (g.OrganizationID != "" || !memberInCompany(grants, g.CompanyID)) {
			own = append(own, id)
		}
	}
	delegations, err := hostsOf(tx, by.Account)
	if err != nil {
		return nil, err
	}
	if by.BreakGlass != nil {
		delegations = nil
	}
	ids := own
	for _, d := range delegations {
		ids = append(ids, tenancy.PartyID{Company: d.CompanyID, Organization: d.OrganizationID})
	}
	known, err := readParties(tx, ids...)
	if err != nil {
		return nil, err
	}
	list, err := memberships(by, person, own, known, reg, grants)
	if err != nil {
		return nil, err
	}
	via, err := hosts(tx, by, delegations, known, reg, grants)
	if err != nil {
		return nil, err
	}
	list = append(list, via...)
	return list, mark(tx, by.Account, list)
}

// memberships are the places of a person's own roles, his home first.
func memberships(by models.Actor, person account.Person, own []tenancy.PartyID, known parties, reg tenancy.Registry, grants []tenancy.Grant) (list []Place, err error) {
	for _, at := range own {
		p, open, err := known.party(at.Company, at.Organization)
		if err != nil {
			return nil, err
		}
		if !open {
			continue
		}
		place := Place{Party: p, Home: person.HomeOrganizationID != nil && *person.HomeOrganizationID == at.Organization,
			Current: !by.Visiting() && by.Effective.Company == p.Company && by.Effective.Organization == p.Organization}
		for _, g := range grants {
			if g.CompanyID == at.Company && g.OrganizationID == at.Organization && g.ApplicationID == "" {
				place.Superuser = place.Superuser || g.RoleID == tenancy.Superuser
				if name := reg.Roles[g.RoleID].Name; !slices.Contains(place.Roles, name) {
					place.Roles = append(place.Roles, name)
				}
			}
		}
		list = append(list, place)
	}
	slices.SortStableFunc(list, func(a, b Place) int {
		if a.Home != b.Home {
			return map[bool]int{true: -1, false: 1}[a.Home]
		}
		return strings.Compare(a.Label(), b.Label())
	})
	return list, nil
}

func memberInCompany(grants []tenancy.Grant, company string) bool {
	return slices.ContainsFunc(grants, func(g tenancy.Grant) bool {
		return g.CompanyID == company && g.OrganizationID != "" && g.ApplicationID == ""
	})
}

// hostsOf reads the delegations that let a person in, now or soon.
func hostsOf(tx *store.Tx, person string) (rows []delegation.Delegation, err error) {
	err = tx.Where("account_id = ? AND revoked_at IS NULL AND suspended_at IS NULL AND approval_due IS NULL AND (ends_at IS NULL OR ends_at > ?)", person, models.At(tx.Now())).
		Order("granted_at").Find(&rows).Error
	return rows, err
}

// hosts are the places of delegations. Where the person is a member anyway the
// membership wins, and the delegation is not shown.
func hosts(tx *store.Tx, by models.Actor, rows []delegation.Delegation, known parties, reg tenancy.Registry, grants []tenancy.Grant) ([]Place, error) {
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	roles, err := delegation.RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	last, err := lastVisits(tx, ids)
	if err != nil {
		return nil, err
	}
	var list []Place
	for _, d := range rows {
		p, open, err := known.party(d.CompanyID, d.OrganizationID)
		if err != nil {
			return nil, err
		}
		if !open || memberOf(grants, d.CompanyID, d.OrganizationID) {
			continue
		}
		place := Place{Party: p, Via: true, Delegation: d.ID, GivenBy: d.GrantedByName, Starts: d.StartsAt.Time, Upcoming: !d.Active(tx.Now()),
			Current: by.Delegation == d.ID, Roles: delegation.RoleNames(reg, roles[d.ID]), LastVisit: last[d.ID]}
		if d.EndsAt != nil {
			place.Ends = d.EndsAt.Time
		}
		list = append(list, place)
	}
	slices.SortStableFunc(list, func(a, b Place) int {
		switch {
		case a.Upcoming != b.Upcoming:
			return map[bool]int{true: 1, false: -1}[a.Upcoming]
		case a.Ends.IsZero() != b.Ends.IsZero():
			return map[bool]int{true: 1, false: -1}[a.Ends.IsZero()]
		}
		return a.Ends.Compare(b.Ends)
	})
	return list, nil
}

// lastVisits says when each delegation was used last.
func lastVisits(tx *store.Tx, delegations []string) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	for part := range slices.Chunk(delegations, 500) {
		var newest []struct {
			DelegationID string
			EnteredAt    models.Instant
		}
		if err := tx.Model(&delegation.Visit{}).Select("delegation_id, MAX(entered_at) AS entered_at").Where("delegation_id IN ?", part).
			Group("delegation_id").Find(&newest).Error; err != nil {
			return nil, err
		}
		for _, v := range newest {
			last[v.DelegationID] = v.EnteredAt.Time
		}
	}
	return last, nil
}
