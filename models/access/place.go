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

// Arrival is where a switch led.
type Arrival struct {
	Place models.Party
	Via   bool // through a delegation
	Told  int  // superusers who hear of it, by mail or in their inbox
	// Already says that he worked there before, so that nothing happened.
	Already bool
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
	if needs := models.NeedsOf(err); len(needs) > 0 {
		if failed := s.refusedEntry(ctx, by, organization, needs); failed != nil {
			return a, failed
		}
	}
	return a, err
}

func switchTo(tx *store.Tx, organization string) (Arrival, error) {
	by := tx.Actor
	if organization == "" { // which every role in a company alone would fit
		return Arrival{}, models.Unknown()
	}
	if by.Effective.Organization == organization {
		return Arrival{Place: by.Effective, Via: by.Visiting(), Already: true}, nil
	}
	row, err := session(tx, "id = ?", by.Session)
	if err != nil {
		return Arrival{}, err
	}
	grants, err := grantsOf(tx, by.Account)
	if err != nil {
		return Arrival{}, err
	}
	for _, g := range inside(grants, by.BreakGlass) {
		if g.ApplicationID == "" && (g.OrganizationID == organization || g.OrganizationID == "" && g.CompanyID == organization) {
			return asMember(tx, row, g)
		}
	}
	if by.BreakGlass != nil { // to which no other company is open
		return Arrival{}, models.Unknown()
	}
	return asVisitor(tx, row, organization)
}

// asMember moves the session to an organization of which he is a member.
func asMember(tx *store.Tx, row account.Session, g tenancy.Grant) (Arrival, error) {
	to, err := tenancy.StandingOf(tx, g.CompanyID, g.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	if !to.Open {
		return Arrival{}, models.Unknown()
	}
	target := to.Party
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
	if err := visited(tx, row.AccountID, target); err != nil {
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
	at, err := tenancy.StandingOf(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	host := at.Party
	if !at.Open || !d.Active(tx.Now()) {
		return Arrival{}, models.Fail(models.Forbidden, "acting.error.not_active", "Organization", host.Name)
	}
	if by.Real, err = home(tx, by.Account); err != nil {
		return Arrival{}, err
	}
	if by.Real.Organization == "" {
		return Arrival{}, models.Fail(models.Conflict, "delegation.error.no_home")
	}
	if err := refuseAtTheDoor(tx, row, at, by.Real); err != nil {
		return Arrival{}, err
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
	if err := visited(tx, row.AccountID, host); err != nil {
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
	known, err := readParties(tx, likely(person, grants, account.Session{}, nil)...)
	if err != nil {
		return models.Party{}, err
	}
	return real(known, person, grants)
}

// move is the compare-and-set on the epoch: of two switches that start from
// the same epoch, one wins.
func move(tx *store.Tx, row account.Session, to models.Party) error {
	changes := map[string]any{"epoch": row.Epoch + 1, "company_id": to.Company, "organization_id": to.Organization, "visit_id": "", "visit_company_id": "",
		"mandate_id": "", "mandate_company_id": ""}
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

// Leave ends the visit, or the operator's mandate, and brings the session back
// home. Without either it changes nothing.
func (s *Sessions) Leave(ctx context.Context, by models.Actor) (out Departure, err error) {
	err = s.store.SystemFor(ctx, by, "switch back", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is nothing to leave
		actor := tx.Actor
		out = Departure{Place: actor.Real}
		if !actor.Visiting() && actor.Mandate == nil {
			return nil
		}
		out.Left = actor.Effective.Label()
		row, err := session(tx, "id = ?", by.Session)
		if err != nil {
			return err
		}
		if err := move(tx, row, actor.Real); err != nil {
			return err
		}
		if err := visited(tx, row.AccountID, actor.Real); err != nil {
			return err
		}
		return endVisitOf(tx, row, delegation.SwitchedBack, tx.Now())
	})
	return out, err
}
