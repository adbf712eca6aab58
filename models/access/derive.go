package access

import (
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/mandate"
	"locum/models/store"
	"locum/models/tenancy"
)

// Derive finds out who acts in a session, or by an API token or one of an application, where, and what he may do there now.
// In a write it locks the delegation or the mandate, and the session, in this
// order, so that neither ends before the transaction does.
func Derive(tx *store.Tx, by models.Actor) (models.Actor, error) {
	if mandate.Opens(by.Session) {
		return deriveLink(tx, "id = ?", by.Session)
	}
	if byToken(by.Session) {
		return deriveToken(tx, by.Session)
	}
	if byApplication(by.Session) {
		return deriveApplication(tx, by.Session)
	}
	if byAccountToken(by.Session) {
		return deriveAccountToken(tx, by)
	}
	s, err := session(tx, "id = ?", by.Session)
	if err != nil {
		return models.Actor{}, err
	}
	return derive(tx, s)
}

func session(tx *store.Tx, where string, value any) (account.Session, error) {
	var s account.Session
	if err := tx.Where(where, value).Take(&s).Error; err != nil {
		if store.Missing(err) {
			return s, unauthenticated()
		}
		return s, err
	}
	return s, nil
}

func unauthenticated() error { return models.Fail(models.Unauthenticated, "error.unauthenticated") }

// derive works on a session that was read without a lock; with tx.Lock it
// takes the locks and reads again what they protect.
func derive(tx *store.Tx, s account.Session) (models.Actor, error) {
	visit, row, err := visitOf(tx, s)
	if err != nil {
		return models.Actor{}, err
	}
	setUp, err := mandateOf(tx, s)
	if err != nil {
		return models.Actor{}, err
	}
	if tx.Lock != "" {
		held, mandated := s.VisitID, s.MandateID
		if s, err = lockSession(tx, s.ID); err != nil {
			return models.Actor{}, err
		}
		if s.VisitID != held || s.MandateID != mandated {
			return models.Actor{}, models.Fail(models.Stale, "error.stale") // switched between two reads
		}
	}
	if !s.Live(tx.Now()) {
		return models.Actor{}, unauthenticated()
	}
	person, err := account.Load(tx, s.AccountID)
	if err != nil {
		return models.Actor{}, err
	}
	if person.DeactivatedAt != nil {
		return models.Actor{}, unauthenticated()
	}
	actor := models.Actor{Account: person.ID, Name: person.Name, Email: person.Email, Language: person.Language, TimeZone: person.TimeZone,
		Session: s.ID, Method: s.Method, AuthTime: s.AuthTime.Time, SecondFactor: string(s.SecondFactor), Epoch: s.Epoch, Channel: models.Browser}
	if s.SecondFactorAt != nil {
		actor.SecondFactorAt = s.SecondFactorAt.Time
	}
	if s.Method == BreakGlassMethod {
		if actor.BreakGlass, err = breakGlassOf(tx, s); err != nil {
			return models.Actor{}, err
		}
	}
	grants, err := grantsOf(tx, person.ID)
	if err != nil {
		return models.Actor{}, err
	}
	grants = inside(grants, actor.BreakGlass)
	known, err := readParties(tx, likely(person, grants, s, row)...)
	if err != nil {
		return models.Actor{}, err
	}
	if actor.Real, err = real(known, person, grants); err != nil {
		return models.Actor{}, err
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return models.Actor{}, err
	}
	d := deriving{tx, known, reg, person, grants, s}
	if visit != nil {
		return d.onVisit(actor, *visit, *row)
	}
	if setUp != nil {
		return d.onMandate(actor, *setUp)
	}
	return d.atHome(actor, s)
}

// deriving is what an authority is derived from, wherever it is exercised.
type deriving struct {
	tx      *store.Tx
	known   parties
	reg     tenancy.Registry // without the applications
	person  account.Person
	grants  []tenancy.Grant
	session account.Session
}

func lockSession(tx *store.Tx, id string) (s account.Session, err error) {
	err = tx.Clauses(clause.Locking{Strength: tx.Lock}).Where("id = ?", id).Take(&s).Error
	if store.Missing(err) {
		return s, unauthenticated()
	}
	return s, err
}

// visitOf reads the visit that a session points to, with its delegation.
func visitOf(tx *store.Tx, s account.Session) (*delegation.Visit, *delegation.Delegation, error) {
	if s.VisitID == "" {
		return nil, nil, nil
	}
	var v delegation.Visit
	if err := tx.Where("company_id = ? AND id = ?", s.VisitCompanyID, s.VisitID).Take(&v).Error; err != nil {
		return nil, nil, err
	}
	q := tx.Where("company_id = ? AND id = ?", v.CompanyID, v.DelegationID)
	if tx.Lock != "" { // as strong as the session's: who may end it here would else wait for others who only look
		q = q.Clauses(clause.Locking{Strength: tx.Lock})
	}
	var d delegation.Delegation
	if err := q.Take(&d).Error; err != nil {
		return nil, nil, err
	}
	if tx.Lock != "" { // what stood in the visit before the lock may be over
		if err := tx.Where("company_id = ? AND id = ?", v.CompanyID, v.ID).Take(&v).Error; err != nil {
			return nil, nil, err
		}
	}
	return &v, &d, nil
}

// onVisit is authority through a delegation: its roles, less what is denied to
// every visitor. Once it ended the person is at home, with Ended to be told.
func (of deriving) onVisit(actor models.Actor, v delegation.Visit, d delegation.Delegation) (models.Actor, error) {
	at, err := of.known.standing(d.CompanyID, d.OrganizationID)
	if err != nil {
		return models.Actor{}, err
	}
	host, open := at.Party, at.Open
	now := of.tx.Now()
	if v.LeftAt != nil || !open || v.AccountID != of.person.ID || d.AccountID != of.person.ID || !d.Active(now) {
		home, err := of.atHome(actor, account.Session{})
		home.Ended = ended(v, d, host, open, now)
		return home, err
	}
	roles, err := delegation.RolesOf(of.tx, of.reg, d.ID)
	if err != nil {
		return models.Actor{}, err
	}
	for _, r := range roles[d.ID] {
		if r.Level == models.OrganizationLevel && r.Delegable() {
			actor.Permissions = actor.Permissions.With(r.Allows()...)
		}
	}
	actor.Permissions = actor.Permissions.ForVisitors()
	actor.Effective, actor.Delegation, actor.Visit = host, d.ID, v.ID
	if d.EndsAt != nil {
		actor.Ends = d.EndsAt.Time
	}
	needs, err := visiting{at.Hosting, of.session, of.person, actor.Real.Company}.throughout(of.tx)
	actor.Networks = at.Hosting.Prefixes()
	return actor.Held(needs...), err
}

// ended tells why a visit is over. Where the record says nothing yet, the
// delegation and the clock do.
func ended(v delegation.Visit, d delegation.Delegation, host models.Party, open bool, now time.Time) *models.Ended {
	e := &models.Ended{Visit: v.ID, Organization: host.Name, Reason: string(v.LeaveReason), At: now}
	switch {
	case v.LeftAt != nil:
		e.At = v.LeftAt.Time
	case !open:
		e.Reason = string(delegation.Closed)
	default:
		e.Reason = string(d.EndReason(now))
		if e.Reason == string(delegation.ByExpiry) {
			e.At = d.EndsAt.Time
		}
	}
	return e
}

// atHome is authority by membership, in the organization that the session
// chose, or else at home, or else in a company alone.
func (of deriving) atHome(actor models.Actor, s account.Session) (models.Actor, error) {
	actor.Effective = actor.Real
	if s.OrganizationID != "" && s.OrganizationID != actor.Real.Organization && memberOf(of.grants, s.CompanyID, s.OrganizationID) {
		chosen, open, err := of.known.party(s.CompanyID, s.OrganizationID)
		if err != nil {
			return models.Actor{}, err
		}
		if open { // working elsewhere as a member is no visit
			actor.Real, actor.Effective = chosen, chosen
		}
	} else if s.CompanyID != "" && s.OrganizationID == "" && holds(of.grants, s.CompanyID) {
		company, open, err := of.known.party(s.CompanyID, "")
		if err != nil {
			return models.Actor{}, err
		}
		if open {
			actor.Real, actor.Effective = company, company
		}
	}
	for _, g := range of.grants {
		if g.CompanyID == actor.Effective.Company && g.ApplicationID == "" && (g.OrganizationID == "" || g.OrganizationID == actor.Effective.Organization) {
			actor.Permissions = actor.Permissions.With(of.reg.Roles[g.RoleID].Allows()...)
		}
	}
	if actor.May(models.ManageConnections) {
		actor.Permissions = actor.Permissions.With(models.ManageCertificates, models.ManageDirectory, models.HandOverSetUp)
	}
	if of.person.Operator && actor.BreakGlass == nil {
		actor.Operator = true
		actor.Permissions = actor.Permissions.With(models.OperatePlatform)
	}
	return actor, nil
}

// real is where a person belongs: the first of belongs that is open.
func real(known parties, person account.Person, grants []tenancy.Grant) (models.Party, error) {
	for _, id := range belongs(person, grants) {
		if p, open, err := known.party(id.Company, id.Organization); err != nil || open {
			return p, err
		}
	}
	return models.Party{}, nil
}

// belongs lists where a person can belong, the best first: his home while he
// has a role there, then his memberships from the oldest, then the companies
// in which he has a role.
func belongs(person account.Person, grants []tenancy.Grant) (ids []tenancy.PartyID) {
	if person.HomeOrganizationID != nil && memberOf(grants, *person.HomeCompanyID, *person.HomeOrganizationID) {
		ids = append(ids, tenancy.PartyID{Company: *person.HomeCompanyID, Organization: *person.HomeOrganizationID})
	}
	for _, g := range grants {
		if g.OrganizationID != "" && g.ApplicationID == "" {
			ids = append(ids, tenancy.PartyID{Company: g.CompanyID, Organization: g.OrganizationID})
		}
	}
	for _, g := range grants {
		if g.OrganizationID == "" {
			ids = append(ids, tenancy.PartyID{Company: g.CompanyID})
		}
	}
	return ids
}

// likely are the parties that a derivation nearly always asks for: where the
// person belongs, where the session works, and the host of its visit.
func likely(person account.Person, grants []tenancy.Grant, s account.Session, d *delegation.Delegation) (ids []tenancy.PartyID) {
	if all := belongs(person, grants); len(all) > 0 {
		ids = append(ids, all[0])
	}
	if s.CompanyID != "" {
		ids = append(ids, tenancy.PartyID{Company: s.CompanyID, Organization: s.OrganizationID})
	}
	if d != nil {
		ids = append(ids, tenancy.PartyID{Company: d.CompanyID, Organization: d.OrganizationID})
	}
	return ids
}

// parties are those that were read in this transaction.
type parties struct {
	tx    *store.Tx
	found map[tenancy.PartyID]tenancy.Standing
}

// readParties reads some at once; one that is asked for later is read by itself.
func readParties(tx *store.Tx, ids ...tenancy.PartyID) (parties, error) {
	found, err := tenancy.Standings(tx, ids...)
	return parties{tx, found}, err
}

// party is a party, and whether it is open.
func (p parties) party(company, organization string) (models.Party, bool, error) {
	s, err := p.standing(company, organization)
	return s.Party, s.Open, err
}

func (p parties) standing(company, organization string) (tenancy.Standing, error) {
	id := tenancy.PartyID{Company: company, Organization: organization}
	s, there := p.found[id]
	if !there {
		var err error
		if s, err = tenancy.StandingOf(p.tx, company, organization); err != nil {
			return s, err
		}
		p.found[id] = s
	}
	return s, nil
}

// memberOf says whether grants make a member of an organization. A role in an
// application alone does not.
func memberOf(grants []tenancy.Grant, company, organization string) bool {
	for _, g := range grants {
		if g.CompanyID == company && g.OrganizationID == organization && g.ApplicationID == "" {
			return true
		}
	}
	return false
}

func holds(grants []tenancy.Grant, company string) bool {
	for _, g := range grants {
		if g.CompanyID == company && g.OrganizationID == "" {
			return true
		}
	}
	return false
}
