package access

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Answer is what a connected application is told of a session: who is this, in
// which organization, on whose behalf, with which roles, until when. Introspection,
// ID tokens and forward authentication all tell it, and nothing else.
type Answer struct {
	Actor models.Actor
	// Roles are the keys of the person's roles in the application, or in the
	// organization where the application has no roles of its own.
	Roles []string
	// Ticket is the delegation's, during a visit.
	Ticket string
	// TokenEnds is when the token by which he came ends; zero where he came by none.
	TokenEnds time.Time
	// Denied says why he may not use the application now; empty where he may.
	Denied Denial
}

// Denial is why somebody may not use an application now, in the words of the
// header X-Locum-Deny.
type Denial string

// The denials.
const (
	DelegationExpired Denial = "delegation_expired" // a visit is over, and he was not told yet
	NoOrganization    Denial = "no_organization"    // he works in no organization
	NotEnabled        Denial = "app_not_enabled"    // the organization does not use the application
	NotInScope        Denial = "app_not_in_scope"   // his delegation does not open it
	NoRole            Denial = "no_role"            // he has no role in it, and it has no default one
	NotForVisitors    Denial = "denied_to_visitors" // it is denied to everyone who comes by a delegation
	MFARequired       Denial = "mfa_required"       // the host asks for a second factor
	SignInRequired    Denial = "sign_in_required"   // the host asks for another, or a newer, sign-in
	NetworkDenied     Denial = "network_denied"     // the host lets visitors in from other networks only
)

// Answer tells what an application may know of a session, in a request that comes
// from a network address ("" where the application does not say which). Like
// Actor it is at most half a second old, never past the end of a delegation, and
// nobody, without an error, where the session is not live.
func (s *Sessions) Answer(ctx context.Context, session, application, address string) (Answer, error) {
	key, now := [2]string{session, application}, s.store.Now()
	s.mu.Lock()
	held, there := s.answers[key]
	changes := s.changes
	s.mu.Unlock()
	if there && now.Before(held.until) {
		return held.answer.from(address), nil
	}
	a, err := s.FreshAnswer(ctx, session, application)
	if err != nil || a.Actor.Anonymous() {
		return a, err
	}
	until := trusted(a.Actor, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if changes == s.changes {
		if len(s.answers) > 10_000 {
			clear(s.answers)
		}
		s.answers[key] = answered{a, until}
	}
	return a.from(address), nil
}

// answered is an answer that may be given again until a moment.
type answered struct {
	answer Answer
	until  time.Time
}

// FreshAnswer is Answer past the cache, and without a network address.
func (s *Sessions) FreshAnswer(ctx context.Context, session, application string) (a Answer, err error) {
	err = s.store.SystemRead(ctx, "answer an application", func(tx *store.Tx) error {
		a, err = AnswerFor(tx, session, application)
		return err
	})
	if models.KindOf(err) == models.Unauthenticated {
		return Answer{}, nil
	}
	if err == nil && a.Denied == NotForVisitors {
		err = s.Deny(ctx, a.Actor)
	}
	return a, err
}

// AnswerFor is FreshAnswer within a System transaction; models.Unauthenticated
// where the session is not live.
func AnswerFor(tx *store.Tx, id, application string) (a Answer, err error) {
	row, err := session(tx, "id = ?", id)
	if err != nil {
		return a, err
	}
	if a.Actor, err = derive(tx, row); err != nil {
		return a, err
	}
	a.Actor.Application = application
	err = a.admit(tx)
	return a, err
}

// from is the answer to a request from a network address.
func (a Answer) from(address string) Answer {
	if address == "" {
		return a
	}
	a.Actor.Address = address
	if !a.Actor.Visiting() { // from where somebody comes matters to hosts alone
		return a
	}
	a.Actor = a.Actor.From(address)
	if a.Denied == "" {
		a.Denied = held(a.Actor.Needs)
	}
	return a
}

// admit finds out whether the actor may use the application where he works now,
// and with which roles.
func (a *Answer) admit(tx *store.Tx) error {
	at := a.Actor.Effective
	switch {
	case a.Actor.Ended != nil && a.Actor.Ended.Visit != "":
		a.Denied = DelegationExpired
		return nil
	case a.Actor.BreakGlass != nil: // it opens the company's own settings and nothing else
		a.Denied = SignInRequired
		return nil
	case at.Organization == "":
		a.Denied = NoOrganization
		return nil
	}
	if a.Denied = held(a.Actor.Needs); a.Denied != "" {
		return nil
	}
	var used int64
	if err := tx.Model(&tenancy.Enabled{}).Where("company_id = ? AND organization_id = ? AND application_id = ?", at.Company, at.Organization, a.Actor.Application).Count(&used).Error; err != nil {
		return err
	}
	if used == 0 {
		a.Denied = NotEnabled
		return nil
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	all := reg.At(models.ApplicationLevel, a.Actor.Application)
	if a.Actor.Visiting() {
		return a.admitVisitor(tx, reg, all)
	}
	return a.admitMember(tx, reg, all)
}

// admitVisitor lets in by a delegation.
func (a *Answer) admitVisitor(tx *store.Tx, reg tenancy.Registry, all []tenancy.Role) error {
	var d delegation.Delegation
	if err := tx.Where("company_id = ? AND id = ?", a.Actor.Effective.Company, a.Actor.Delegation).Take(&d).Error; err != nil {
		return err
	}
	var app tenancy.Application
	if err := tx.Where("id = ?", a.Actor.Application).Take(&app).Error; err != nil {
		return err
	}
	given, err := delegation.RolesOf(tx, reg, d.ID)
	if err != nil {
		return err
	}
	chosen := given[d.ID]
	a.Ticket = d.Ticket
	switch {
	case app.NotForVisitors:
		a.Denied = NotForVisitors
		return nil
	case !d.Opens(a.Actor.Application, chosen):
		a.Denied = NotInScope
		return nil
	}
	inside := delegation.Within(d, chosen, all)
	a.with(inside, all, slices.DeleteFunc(slices.Clone(chosen), func(r tenancy.Role) bool { return !r.Delegable() }))
	if len(inside) == 0 && slices.ContainsFunc(all, func(r tenancy.Role) bool { return !r.Delegable() && (r.IsDefault || has(chosen, r)) }) {
		a.Denied = NotForVisitors // what he would have is what visitors may not
	}
	return nil
}

// admitMember lets in by roles of the person's own: those that he holds in the
// application, or else its default one.
func (a *Answer) admitMember(tx *store.Tx, reg tenancy.Registry, all []tenancy.Role) error {
	grants, err := grantsOf(tx, a.Actor.Account)
	if err != nil {
		return err
	}
	var inside, here []tenancy.Role
	for _, g := range grants {
		role, there := reg.Roles[g.RoleID]
		if !there || g.CompanyID != a.Actor.Effective.Company || g.OrganizationID != a.Actor.Effective.Organization {
			continue
		}
		switch g.ApplicationID {
		case "":
			here = append(here, role)
		case a.Actor.Application:
			inside = append(inside, role)
		}
	}
	if len(inside) == 0 {
		inside = defaults(all)
	}
	a.with(inside, all, here)
	return nil
}

// with tells the roles in the application, of which all are known, or, where it
// has none at all, those in the organization.
func (a *Answer) with(inside, all, here []tenancy.Role) {
	if len(all) == 0 {
		inside = slices.DeleteFunc(slices.Clone(here), func(r tenancy.Role) bool { return r.Level != models.OrganizationLevel })
	} else if len(inside) == 0 {
		a.Denied = NoRole
	}
	a.Roles = []string{}
	for _, r := range inside {
		if !slices.Contains(a.Roles, r.Key) {
			a.Roles = append(a.Roles, r.Key)
		}
	}
}

func defaults(all []tenancy.Role) (list []tenancy.Role) {
	for _, r := range all {
		if r.IsDefault {
			list = append(list, r)
		}
	}
	return list
}

// held is the denial of a visit that cannot go on for want of what its host asks.
func held(needs []models.Need) Denial {
	for _, n := range needs {
		switch n {
		case models.NeedSecondFactor:
			return MFARequired
		case models.NeedFreshSignIn, models.NeedOwnSignOn:
			return SignInRequired
		case models.NeedNetwork:
			return NetworkDenied
		}
	}
	return ""
}
