package federation

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// Told is what a provider vouches for, verified by the protocol.
type Told struct {
	Assertion string    // its id
	Expires   time.Time // until when it has to be remembered
	EntityID  string    // of the provider that issued it

	Name            string // the NameID
	NameFormat      string
	NameQualifier   string
	SPNameQualifier string
	Transient       bool // the name is another one each time
	NameIsEmail     bool // by its format

	AuthTime     time.Time
	Context      string // how he signed in: an authentication context class; may be empty
	SessionIndex string
	SessionEnds  time.Time // zero when the provider sets no end
	Attributes   []Attribute

	// ClockAhead is by how much the provider's clock is ahead of ours at least,
	// below zero for behind, as far as its times tell.
	ClockAhead time.Duration

	Language string // of the browser, for a new account
}

// Arrived is a person whose sign-in is complete but for the browser.
type Arrived struct {
	Account      string    `json:"account"`
	Company      string    `json:"company"`
	Connection   string    `json:"connection"`
	ReturnTo     string    `json:"return_to"`
	AuthTime     time.Time `json:"auth_time"`
	SessionIndex string    `json:"session_index"`
	SessionEnds  time.Time `json:"session_ends"`
	Subject      Subject   `json:"subject"` // his name at the provider

	SecondFactor account.SecondFactor `json:"second_factor,omitempty"` // that the provider vouches for
}

// Finish accepts what the provider says: it spends the assertion, finds or makes
// the account and has the roles resolved, all in one transaction. The ticket
// completes the sign-in in the browser that began it. A refusal is recorded for
// the company's managers; its Reference argument leads them to it. One that came
// of the roles leaves them as they were resolved. Of a test sign-in the ticket is
// that of TestOutcome.
func (f *Federation) Finish(ctx context.Context, c Claimed, in Told) (ticket string, err error) {
	if c.Test {
		return f.finishTest(ctx, c, in)
	}
	ticket = secret.Token()
	var refusal *models.Error
	accept := func(tx *store.Tx) (err error) {
		refusal, err = f.accept(tx, c, in, secret.Hash(ticket))
		return err
	}
	err = f.store.System(ctx, "finish a sign-in", accept)
	if store.Duplicate(err) {
		// The same person came twice at once, and the other was first.
		err = f.store.System(ctx, "finish a sign-in", accept)
	}
	if e, ok := refused(err); ok {
		return "", f.Refuse(ctx, c.Connection, e)
	}
	if err != nil {
		return "", err
	}
	if refusal != nil {
		return "", refusal
	}
	return ticket, nil
}

func (f *Federation) accept(tx *store.Tx, claimed Claimed, in Told, ticket string) (refusal *models.Error, err error) {
	tx.NothingToRecord() // a sign-in that changes nothing is recorded with its session
	c, err := current(tx, claimed.Connection)
	if err != nil {
		return nil, err
	}
	if err := spend(tx, c, in); err != nil {
		return nil, err
	}
	known, person, err := in.identify(tx, c)
	if err != nil {
		return nil, err
	}
	now := models.At(tx.Now())
	// Events of a sign-in carry the person himself.
	tx.Actor = models.Actor{Account: person.ID, Name: person.Name, Channel: models.Browser}
	refusal, err = f.resolve(tx, Said{Company: c.CompanyID, Account: person.ID, Connection: c.ID,
		Assertion: in.Assertion, At: now, Attributes: in.Attributes, Delimiters: c.Delimiters})
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return recordRefusal(tx, c, refusal), nil
	}
	if err := known.cameIn(tx); err != nil {
		return nil, err
	}
	if err := tx.Model(&Connection{}).Where("company_id = ? AND id = ?", c.CompanyID, c.ID).UpdateColumns(in.success(c, now)).Error; err != nil {
		return nil, err
	}
	return nil, claimed.finish(tx, person, in, ticket)
}

// current reads a connection again for the end of a sign-in, and keeps it as it
// is until then: by what it was at the beginning a person might be taken for
// somebody else.
func current(tx *store.Tx, claimed Connection) (c Connection, err error) {
	if err := tx.LockCompany(claimed.CompanyID, true); err != nil {
		return c, err
	}
	if err := tx.Where("company_id = ? AND id = ?", claimed.CompanyID, claimed.ID).Take(&c).Error; err != nil {
		return c, unknown(err)
	}
	if !c.Enabled {
		return c, models.Fail(models.Conflict, "federation.error.disabled")
	}
	return c, nil
}

// finish keeps who arrived for the browser with the ticket.
func (c Claimed) finish(tx *store.Tx, person account.Person, in Told, ticket string) error {
	var s state
	if err := tx.Where("id = ?", c.state).Take(&s).Error; err != nil {
		return fmt.Errorf("federation: the sign-in is gone: %w", err)
	}
	outcome, err := json.Marshal(Arrived{Account: person.ID, Company: s.CompanyID, Connection: s.ConnectionID, ReturnTo: s.ReturnTo,
		AuthTime: in.AuthTime, SessionIndex: in.SessionIndex, SessionEnds: in.SessionEnds,
		SecondFactor: in.secondFactor(),
		Subject:      Subject{in.EntityID, in.Name, in.NameFormat, in.NameQualifier, in.SPNameQualifier}})
	if err != nil {
		return err
	}
	return tx.Model(&state{}).Where("id = ?", s.ID).
		Updates(map[string]any{"ticket_hash": ticket, "outcome": string(outcome), "finished_at": models.At(tx.Now())}).Error
}

// spend notes the assertion as used; a second time, on whichever replica, it is
// refused.
func spend(tx *store.Tx, c Connection, in Told) error {
	spent := tx.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&assertion{ConnectionID: c.ID, AssertionID: in.Assertion, ExpiresAt: models.At(in.Expires)})
	if spent.Error == nil && spent.RowsAffected == 0 {
		return models.Fail(models.Forbidden, "federation.error.replayed")
	}
	return spent.Error
}

// Refuse records that a sign-in through a connection was refused, and returns
// the refusal with a Reference under which a manager finds it.
func (f *Federation) Refuse(ctx context.Context, c Connection, why *models.Error) error {
	var told *models.Error
	err := f.store.System(ctx, "refuse a sign-in", func(tx *store.Tx) error {
		told = recordRefusal(tx, c, why)
		return nil
	})
	if err != nil {
		return err
	}
	return told
}

func recordRefusal(tx *store.Tx, c Connection, why *models.Error) *models.Error {
	reference := models.NewID("ref")
	told := *why
	told.Args = map[string]any{"Reference": reference}
	for name, value := range why.Args {
		told.Args[name] = value
	}
	data := map[string]any{"connection": c.ID, "reason": why.Key}
	if count, said := why.Args["Count"]; said { // by how much a clock is off
		data["count"] = count
	}
	if person, known := why.Args["Person"]; known { // who is kept out
		data["person_name"] = person
	}
	tx.Record(event.SignInRefused, store.About{ID: reference, Name: c.Name, Company: c.CompanyID, Data: data})
	return &told
}

// Visitor is the browser in which a session is opened.
type Visitor struct {
	UserAgent, Address string
	Instead            string // id of the session that it had so far, which ends
}

// Redeem completes a sign-in in the browser that began it, and gives the token
// of the new session; none where the sign-in of the browser's session is renewed. A ticket is spent by the first who shows it, also when it
// is the wrong browser.
func (f *Federation) Redeem(ctx context.Context, ticket, browserHash string, from Visitor) (token string, in Arrived, err error) {
	var wrong *models.Error
	err = f.store.System(ctx, "complete a sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord() // opening the session is recorded; a wrong browser is nobody's event
		s, err := f.spendTicket(tx, ticket)
		if err != nil {
			return err
		}
		switch {
		case subtle.ConstantTimeCompare([]byte(s.BrowserHash), []byte(browserHash)) != 1:
			wrong = models.Fail(models.Forbidden, "federation.error.other_browser")
			return nil
		case tx.Now().Sub(s.FinishedAt.Time) > TicketLife:
			wrong = models.Fail(models.Conflict, "federation.error.too_late")
			return nil
		}
		if err := json.Unmarshal([]byte(s.Outcome), &in); err != nil {
			return fmt.Errorf("federation: outcome: %w", err)
		}
		if s.RenewsSessionID != "" {
			return renew(tx, s.RenewsSessionID, in, from)
		}
		token, err = openSession(tx, in, from)
		return err
	})
	if err == nil && wrong != nil {
		err = wrong
	}
	if err != nil {
		return "", Arrived{}, err
	}
	return token, in, nil
}

// openSession makes a session that ends no later than the one at the provider.
func openSession(tx *store.Tx, in Arrived, from Visitor) (token string, err error) {
	if _, err := admissible(tx, in.Company, in.Account); err != nil {
		return "", err
	}
	token, err = access.Open(tx, access.Opening{Account: in.Account, Method: "saml", Connection: in.Connection,
		UserAgent: from.UserAgent, Address: from.Address, AuthTime: in.AuthTime, SecondFactor: in.SecondFactor, Instead: from.Instead})
	if err != nil {
		return token, err
	}
	return token, tie(tx, in, "token_hash = ?", secret.Hash(token))
}

// renew renews the sign-in of the session from which it began. The session ends
// with the one at the provider from now on, as one that is opened there.
func renew(tx *store.Tx, session string, in Arrived, from Visitor) error {
	if _, err := admissible(tx, in.Company, in.Account); err != nil {
		return err
	}
	if from.Instead != session { // another session has this browser by now
		return models.Fail(models.Conflict, "federation.error.used")
	}
	err := access.Renew(tx, access.Renewal{Session: session, Account: in.Account, Method: "saml", Connection: in.Connection, Address: from.Address,
		AuthTime: in.AuthTime, SecondFactor: in.SecondFactor})
	if err != nil {
		return err
	}
	return tie(tx, in, "id = ?", session)
}

func (f *Federation) spendTicket(tx *store.Tx, ticket string) (s state, err error) {
	used := models.Fail(models.Conflict, "federation.error.used")
	hash := secret.Hash(ticket)
	if err := tx.Where("ticket_hash = ? AND test_session_id = ?", hash, "").Take(&s).Error; err != nil {
		if store.Missing(err) {
			return s, used
		}
		return s, err
	}
	spent := tx.Model(&state{}).Where("id = ? AND ticket_hash = ?", s.ID, hash).Update("ticket_hash", "")
	if spent.Error == nil && spent.RowsAffected == 0 {
		return s, used
	}
	return s, spent.Error
}
