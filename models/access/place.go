package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
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
}

// Places lists where the actor can work, his own organizations first, then the
// delegations by their end.
func (s *Sessions) Places(ctx context.Context, by models.Actor) (list []Place, err error) {
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
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	person, err := account.Load(tx, by.Account)
	if err != nil {
		return nil, err
	}
	var list []Place
	done := map[string]bool{}
	for _, g := range grants {
		if g.ApplicationID != "" || done[g.CompanyID+"/"+g.OrganizationID] || g.OrganizationID == "" && memberInCompany(grants, g.CompanyID) {
			continue
		}
		done[g.CompanyID+"/"+g.OrganizationID] = true
		p, open, err := party(tx, g.CompanyID, g.OrganizationID)
		if err != nil {
			return nil, err
		}
		if !open {
			continue
		}
		place := Place{Party: p, Home: person.HomeOrganizationID != nil && *person.HomeOrganizationID == g.OrganizationID,
			Current: !by.Visiting() && by.Effective.Company == p.Company && by.Effective.Organization == p.Organization}
		for _, other := range grants {
			if other.CompanyID == g.CompanyID && other.OrganizationID == g.OrganizationID && other.ApplicationID == "" {
				place.Superuser = place.Superuser || other.RoleID == tenancy.Superuser
				if name := reg.Roles[other.RoleID].Name; !slices.Contains(place.Roles, name) {
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
	via, err := hosts(tx, by, reg, grants)
	return append(list, via...), err
}

func memberInCompany(grants []tenancy.Grant, company string) bool {
	return slices.ContainsFunc(grants, func(g tenancy.Grant) bool {
		return g.CompanyID == company && g.OrganizationID != "" && g.ApplicationID == ""
	})
}

// hosts lists the delegations that let the person in, now or soon. Where he is
// a member anyway the membership wins, and the delegation is not shown.
func hosts(tx *store.Tx, by models.Actor, reg tenancy.Registry, grants []tenancy.Grant) ([]Place, error) {
	var rows []delegation.Delegation
	if err := tx.Where("account_id = ? AND revoked_at IS NULL AND suspended_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", by.Account, models.At(tx.Now())).
		Order("granted_at").Find(&rows).Error; err != nil {
		return nil, err
	}
	var list []Place
	for _, d := range rows {
		p, open, err := party(tx, d.CompanyID, d.OrganizationID)
		if err != nil {
			return nil, err
		}
		if !open || memberOf(grants, d.CompanyID, d.OrganizationID) {
			continue
		}
		roles, err := delegation.RolesOf(tx, reg, d.ID)
		if err != nil {
			return nil, err
		}
		place := Place{Party: p, Via: true, Delegation: d.ID, GivenBy: d.GrantedByName, Starts: d.StartsAt.Time, Upcoming: !d.Active(tx.Now()),
			Current: by.Delegation == d.ID}
		if d.EndsAt != nil {
			place.Ends = d.EndsAt.Time
		}
		place.Roles = delegation.RoleNames(reg, roles[d.ID])
		var last []delegation.Visit
		if err := tx.Where("company_id = ? AND delegation_id = ?", d.CompanyID, d.ID).Order("entered_at DESC").Limit(1).Find(&last).Error; err != nil {
			return nil, err
		}
		if len(last) > 0 {
			place.LastVisit = last[0].EnteredAt.Time
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

// Arrival is where a switch led.
type Arrival struct {
	Place models.Party
	Via   bool // through a delegation
	Told  int  // superusers who get mail of it
}

// The limit on switching to and fro.
const (
	switchLimit  = 30
	switchWindow = 10 * time.Minute
)

// Switch makes an organization the effective one of the actor's session. As a
// member he just works there; through a delegation a visit begins. A visit
// under way ends with it. organization is an id; a company's id leads to the
// company alone. Rights come from the real party: nobody switches through a
// host to that host's own delegations.
func (s *Sessions) Switch(ctx context.Context, by models.Actor, organization string) (a Arrival, err error) {
	if err := s.Rate(ctx, "switch "+by.Account, switchLimit, switchWindow); err != nil {
		return a, err
	}
	err = s.store.SystemFor(ctx, by, "switch", func(tx *store.Tx) error {
		tx.NothingToRecord() // when he is there already
		a, err = switchTo(tx, organization)
		return err
	})
	return a, err
}

func switchTo(tx *store.Tx, organization string) (Arrival, error) {
	by := tx.Actor
	if organization == "" { // which every role in a company alone would fit
		return Arrival{}, models.Unknown()
	}
	if by.Effective.Organization == organization {
		return Arrival{Place: by.Effective, Via: by.Visiting()}, nil
	}
	row, err := session(tx, "id = ?", by.Session)
	if err != nil {
		return Arrival{}, err
	}
	grants, err := grantsOf(tx, by.Account)
	if err != nil {
		return Arrival{}, err
	}
	for _, g := range grants {
		if g.ApplicationID == "" && (g.OrganizationID == organization || g.OrganizationID == "" && g.CompanyID == organization) {
			return asMember(tx, row, g)
		}
	}
	return asVisitor(tx, row, organization)
}

// asMember moves the session to an organization of which he is a member.
func asMember(tx *store.Tx, row account.Session, g tenancy.Grant) (Arrival, error) {
	target, open, err := party(tx, g.CompanyID, g.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	if !open {
		return Arrival{}, models.Unknown()
	}
	why := delegation.SwitchedOn
	if target.Organization == tx.Actor.Real.Organization {
		why = delegation.SwitchedBack
	}
	if err := move(tx, row, target); err != nil {
		return Arrival{}, err
	}
	if err := endVisitOf(tx, row, why, tx.Now()); err != nil {
		return Arrival{}, err
	}
	if row.VisitID == "" {
		tx.Record(event.OrganizationChosen, store.About{ID: target.Organization, Name: target.Label(), Company: target.Company, Organization: target.Organization})
	}
	return Arrival{Place: target}, nil
}

// asVisitor moves the session to a host that lets the person in.
func asVisitor(tx *store.Tx, row account.Session, organization string) (Arrival, error) {
	by := tx.Actor
	var d delegation.Delegation
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).
		Where("organization_id = ? AND account_id = ? AND revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", organization, by.Account, models.At(tx.Now())).
		Take(&d).Error
	if store.Missing(err) {
		return Arrival{}, models.Unknown()
	}
	if err != nil {
		return Arrival{}, err
	}
	host, open, err := party(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	if !open || !d.Active(tx.Now()) {
		return Arrival{}, models.Fail(models.Forbidden, "acting.error.not_active", "Organization", host.Name)
	}
	if by.Real, err = home(tx, by.Account); err != nil {
		return Arrival{}, err
	}
	if by.Real.Organization == "" {
		return Arrival{}, models.Fail(models.Conflict, "delegation.error.no_home")
	}
	// Out of the old visit before into the new one: a session has one at most.
	if err := move(tx, row, models.Party{}); err != nil {
		return Arrival{}, err
	}
	if err := endVisitOf(tx, row, delegation.SwitchedOn, tx.Now()); err != nil {
		return Arrival{}, err
	}
	v, told, err := delegation.Enter(tx, d, host, by)
	if err != nil {
		return Arrival{}, err
	}
	return Arrival{Place: host, Via: true, Told: told}, tx.Model(&account.Session{}).Where("id = ?", row.ID).
		Updates(map[string]any{"visit_id": v.ID, "visit_company_id": v.CompanyID}).Error
}

// home is where a person belongs, whichever organization he works in.
func home(tx *store.Tx, id string) (models.Party, error) {
	person, err := account.Load(tx, id)
	if err != nil {
		return models.Party{}, err
	}
	grants, err := grantsOf(tx, id)
	if err != nil {
		return models.Party{}, err
	}
	return real(tx, person, grants)
}

// move is the compare-and-set on the epoch: of two switches that start from
// the same epoch, one wins.
func move(tx *store.Tx, row account.Session, to models.Party) error {
	changes := map[string]any{"epoch": row.Epoch + 1, "company_id": to.Company, "organization_id": to.Organization, "visit_id": "", "visit_company_id": ""}
	moved := tx.Model(&account.Session{}).Where("id = ? AND epoch = ?", row.ID, row.Epoch).Updates(changes)
	if moved.Error != nil {
		return moved.Error
	}
	if moved.RowsAffected == 0 {
		return models.Fail(models.Stale, "error.stale")
	}
	tx.Notify("session:"+row.ID, "account:"+row.AccountID)
	return nil
}

// Departure is what a visit was, once it is over.
type Departure struct {
	Left  string // name of the host
	Place models.Party
}

// Leave ends the visit and brings the session back home. Without a visit it
// changes nothing.
func (s *Sessions) Leave(ctx context.Context, by models.Actor) (out Departure, err error) {
	err = s.store.SystemFor(ctx, by, "switch back", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is nothing to leave
		actor := tx.Actor
		out = Departure{Place: actor.Real}
		if !actor.Visiting() {
			return nil
		}
		out.Left = actor.Effective.Name
		row, err := session(tx, "id = ?", by.Session)
		if err != nil {
			return err
		}
		if err := move(tx, row, actor.Real); err != nil {
			return err
		}
		return endVisitOf(tx, row, delegation.SwitchedBack, tx.Now())
	})
	return out, err
}
