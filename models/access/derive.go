package access

import (
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Derive finds out who acts in a session, where, and what he may do there now.
// In a write it locks the delegation and the session, in this order, so that
// neither ends before the transaction does.
func Derive(tx *store.Tx, by models.Actor) (models.Actor, error) {
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
	if tx.Lock != "" {
		held := s.VisitID
		if s, err = lockSession(tx, s.ID); err != nil {
			return models.Actor{}, err
		}
		if s.VisitID != held {
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
		Session: s.ID, Method: s.Method, AuthTime: s.AuthTime.Time, Epoch: s.Epoch, Channel: models.Browser}
	grants, err := grantsOf(tx, person.ID)
	if err != nil {
		return models.Actor{}, err
	}
	if actor.Real, err = real(tx, person, grants); err != nil {
		return models.Actor{}, err
	}
	if visit != nil {
		return onVisit(tx, actor, *visit, *row, s, person, grants)
	}
	return atHome(tx, actor, s, person, grants)
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
func onVisit(tx *store.Tx, actor models.Actor, v delegation.Visit, d delegation.Delegation, s account.Session, person account.Person, grants []tenancy.Grant) (models.Actor, error) {
	host, open, err := party(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return models.Actor{}, err
	}
	if v.LeftAt != nil || !open || v.AccountID != person.ID || d.AccountID != person.ID || !d.Active(tx.Now()) {
		home, err := atHome(tx, actor, account.Session{}, person, grants)
		home.Ended = ended(v, d, host, open, tx.Now())
		return home, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return models.Actor{}, err
	}
	roles, err := delegation.RolesOf(tx, reg, d.ID)
	if err != nil {
		return models.Actor{}, err
	}
	for _, r := range roles[d.ID] {
		if r.Level == models.OrganizationLevel {
			actor.Permissions = actor.Permissions.With(r.Allows()...)
		}
	}
	actor.Permissions = actor.Permissions.ForVisitors()
	actor.Effective, actor.Delegation, actor.Visit = host, d.ID, v.ID
	if d.EndsAt != nil {
		actor.Ends = d.EndsAt.Time
	}
	return actor, nil
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
func atHome(tx *store.Tx, actor models.Actor, s account.Session, person account.Person, grants []tenancy.Grant) (models.Actor, error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return models.Actor{}, err
	}
	actor.Effective = actor.Real
	if s.OrganizationID != "" && s.OrganizationID != actor.Real.Organization && memberOf(grants, s.CompanyID, s.OrganizationID) {
		chosen, open, err := party(tx, s.CompanyID, s.OrganizationID)
		if err != nil {
			return models.Actor{}, err
		}
		if open { // working elsewhere as a member is no visit
			actor.Real, actor.Effective = chosen, chosen
		}
	} else if s.CompanyID != "" && s.OrganizationID == "" && holds(grants, s.CompanyID) {
		if actor.Effective, _, err = party(tx, s.CompanyID, ""); err != nil {
			return models.Actor{}, err
		}
		actor.Real = actor.Effective
	}
	for _, g := range grants {
		if g.CompanyID == actor.Effective.Company && g.ApplicationID == "" && (g.OrganizationID == "" || g.OrganizationID == actor.Effective.Organization) {
			actor.Permissions = actor.Permissions.With(reg.Roles[g.RoleID].Allows()...)
		}
	}
	if person.Operator {
		actor.Operator = true
		actor.Permissions = actor.Permissions.With(models.OperatePlatform)
	}
	return actor, nil
}

// real is where a person belongs: his home while he has a role there, or else
// his oldest membership, or else a company in which he has a role.
func real(tx *store.Tx, person account.Person, grants []tenancy.Grant) (models.Party, error) {
	if person.HomeOrganizationID != nil && memberOf(grants, *person.HomeCompanyID, *person.HomeOrganizationID) {
		if p, open, err := party(tx, *person.HomeCompanyID, *person.HomeOrganizationID); err != nil || open {
			return p, err
		}
	}
	for _, g := range grants {
		if g.OrganizationID == "" || g.ApplicationID != "" {
			continue
		}
		if p, open, err := party(tx, g.CompanyID, g.OrganizationID); err != nil || open {
			return p, err
		}
	}
	for _, g := range grants {
		if g.OrganizationID != "" {
			continue
		}
		if p, open, err := party(tx, g.CompanyID, ""); err != nil || open {
			return p, err
		}
	}
	return models.Party{}, nil
}

// party reads a party, and whether it is open: neither it nor its company is
// suspended.
func party(tx *store.Tx, company, organization string) (models.Party, bool, error) {
	p, err := tenancy.PartyOf(tx, company, organization)
	if err != nil {
		return p, false, err
	}
	open, err := tenancy.Open(tx, company, organization)
	return p, open, err
}

func grantsOf(tx *store.Tx, person string) (grants []tenancy.Grant, err error) {
	err = tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ?", person).Order("created_at, id").Find(&grants).Error
	return grants, err
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
