package access

import (
	"context"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mandate"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// deriveLink is authority by a set-up link: what its purposes need in its
// company, without an account, a role or an organization.
func deriveLink(tx *store.Tx, where string, value any) (models.Actor, error) {
	s, m, err := mandate.Find(tx, where, value)
	if models.KindOf(err) == models.NotFound {
		return models.Actor{}, unauthenticated()
	}
	if err != nil {
		return models.Actor{}, err
	}
	at, err := tenancy.StandingOf(tx, m.CompanyID, "")
	if err != nil {
		return models.Actor{}, err
	}
	if over := overBy(m, at, tx.Now()); over != nil {
		return models.Actor{Ended: over}, unauthenticated()
	}
	if !s.Live(tx.Now()) {
		actor := models.Actor{}
		if s.EndedAt == nil {
			actor.Ended = &models.Ended{Mandate: m.ID, Organization: at.CompanyName, Reason: reasonOf(m, mandate.Idle), At: s.LastSeenAt.Add(mandate.SessionIdle)}
		}
		return actor, unauthenticated()
	}
	return byLink(s, m, at.Party), nil
}

func byLink(s mandate.Session, m mandate.Mandate, company models.Party) models.Actor {
	return models.Actor{Name: m.Holder(), Email: m.Email, Session: s.ID, Method: string(models.LinkMandate), AuthTime: s.CreatedAt.Time, Epoch: 1,
		Channel: models.Browser, Effective: company, Mandate: m.Carried(), Ends: m.EndsAt.Time, Permissions: m.Allows()}
}

// overBy tells that a mandate is over; nil while it holds.
func overBy(m mandate.Mandate, at tenancy.Standing, now time.Time) *models.Ended {
	why, since := m.Over(now)
	if why == "" && !at.Open {
		why, since = mandate.Closed, now
	}
	if why == "" {
		return nil
	}
	return &models.Ended{Mandate: m.ID, Organization: at.CompanyName, Reason: reasonOf(m, why), At: since}
}

// reasonOf is an end in words that tell a link's from an operator's.
func reasonOf(m mandate.Mandate, why mandate.Over) string { return string(m.Kind) + "_" + string(why) }

// mandateOf reads the mandate by which an operator's session works; nil when it
// works by none.
func mandateOf(tx *store.Tx, s account.Session) (*mandate.Mandate, error) {
	if s.MandateID == "" {
		return nil, nil
	}
	m, err := mandate.Load(tx, s.MandateCompany, s.MandateID)
	return &m, err
}

// onMandate is authority of an operator who sets up a company on its behalf.
// The platform's area is closed meanwhile, as in a visit. Once it is over he is
// at home, with Ended to be told.
func (of deriving) onMandate(actor models.Actor, m mandate.Mandate) (models.Actor, error) {
	at, err := tenancy.StandingOf(of.tx, m.CompanyID, "")
	if err != nil {
		return models.Actor{}, err
	}
	over := overBy(m, at, of.tx.Now())
	if over == nil && (m.AccountID != of.person.ID || !of.person.Operator) {
		over = &models.Ended{Mandate: m.ID, Organization: at.CompanyName, Reason: reasonOf(m, mandate.Revoked), At: of.tx.Now()}
	}
	if over != nil {
		home, err := of.atHome(actor, account.Session{})
		home.Ended = over
		return home, err
	}
	actor.Effective, actor.Mandate, actor.Ends, actor.Permissions = at.Party, m.Carried(), m.EndsAt.Time, m.Allows()
	return actor, nil
}

// endMandateOf stops the mandate by which an operator's session works, if there
// is one that still holds.
func endMandateOf(tx *store.Tx, s account.Session) error {
	m, err := mandateOf(tx, s)
	if err != nil || m == nil || !m.Active(tx.Now()) {
		return err
	}
	return mandate.End(tx, *m, mandate.Stopped, tx.Now())
}

// BeginSetUp has the actor, an operator, set a company up on its behalf, for the
// reason he gives. It is recorded in the company, and its managers get mail.
func (s *Sessions) BeginSetUp(ctx context.Context, by models.Actor, company, reason string) (at models.Party, err error) {
	if reason, err = mandate.CheckReason(reason); err != nil {
		return at, err
	}
	err = s.store.SystemFor(ctx, by, "set a company up on its behalf", func(tx *store.Tx) error {
		if !tx.Actor.May(models.OperatePlatform) {
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.OperatePlatform))
		}
		row, err := session(tx, "id = ?", by.Session)
		if err != nil {
			return err
		}
		var m mandate.Mandate
		if m, at, err = mandate.Begin(tx, company, reason); err != nil {
			return err
		}
		if err := move(tx, row, models.Party{}); err != nil {
			return err
		}
		return tx.Model(&account.Session{}).Where("id = ?", row.ID).Updates(map[string]any{"mandate_id": m.ID, "mandate_company_id": m.CompanyID}).Error
	})
	return at, err
}

// signOutOfLink ends the actor's session by a set-up link. The link goes on: he
// can open it again, with another code.
func (s *Sessions) signOutOfLink(ctx context.Context, by models.Actor) error {
	return s.store.System(ctx, "sign out of a set-up link", func(tx *store.Tx) error {
		return leaveLink(tx, by.Session, by.Address)
	})
}

// leaveLink ends a session by a set-up link, unless it is over.
func leaveLink(tx *store.Tx, id, address string) error {
	row, m, err := mandate.Find(tx, "id = ?", id)
	if models.KindOf(err) == models.NotFound {
		return unauthenticated()
	}
	if err != nil {
		return err
	}
	if !row.Live(tx.Now()) || !m.Active(tx.Now()) {
		return unauthenticated()
	}
	at, err := tenancy.StandingOf(tx, m.CompanyID, "")
	if err != nil {
		return err
	}
	actor := byLink(row, m, at.Party)
	actor.Address = address
	tx.Record(event.SignedOut, store.About{ID: row.ID, Name: m.Holder(), As: &actor, Company: m.CompanyID})
	return mandate.Leave(tx, row)
}

// byTokenOfLink finds a session by a set-up link behind a cookie's token.
func byTokenOfLink(tx *store.Tx, token string) (models.Actor, error) {
	return deriveLink(tx, "token_hash = ?", secret.Hash(token))
}
