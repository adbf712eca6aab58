package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/secret"
	"locum/models/store"
)

// TestLife is how long a manager may take to look at what a test sign-in gave.
const TestLife = 15 * time.Minute

// Tested is what a provider said in a test sign-in, and whom it would have let
// in. A test gives nothing: no account, no role, no session.
type Tested struct {
	Connection string            `json:"connection"` // id
	At         models.Instant    `json:"at"`
	Assertion  string            `json:"assertion"` // its id at the provider
	EntityID   string            `json:"entity_id"`
	Name       string            `json:"name"`        // the NameID
	NameFormat string            `json:"name_format"` // its format
	Attributes []Attribute       `json:"attributes"`
	Delimiters map[string]string `json:"delimiters,omitempty"`

	// Account is the id of the account that the person would sign in to; empty
	// for a new one, and for somebody who would be refused.
	Account string `json:"account,omitempty"`
	Person  string `json:"person,omitempty"` // name of the account
	Email   string `json:"email,omitempty"`
	// Problem is why the person would be refused; its Key is empty otherwise.
	Problem models.Message `json:"problem"`
}

// New says that the sign-in would make an account.
func (t Tested) New() bool { return t.Account == "" && t.Problem.Key == "" }

// BeginTest keeps a test sign-in through a connection of the actor's company,
// which need not be enabled for it. Its outcome is shown in the actor's session
// and nowhere else.
func (f *Federation) BeginTest(ctx context.Context, by models.Actor, in Start) (Begun, error) {
	c, err := f.get(ctx, by, models.ManageConnections, in.Connection)
	if err == nil && c.Unfinished() {
		err = models.Fail(models.Conflict, "sso.error.unfinished")
	}
	if err != nil {
		return Begun{}, err
	}
	in.test = by.Session
	return f.Begin(ctx, in)
}

// finishTest spends the assertion and keeps what it says for the manager.
func (f *Federation) finishTest(ctx context.Context, c Claimed, in Told) (ticket string, err error) {
	ticket = secret.Token()
	err = f.store.System(ctx, "finish a test sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord() // nobody signed in
		if err := spend(tx, c.Connection, in); err != nil {
			return err
		}
		seen, err := in.foretell(tx, c.Connection)
		if err != nil {
			return err
		}
		outcome, err := json.Marshal(seen)
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		if seen.Problem.Key == "" {
			err := tx.Model(&Connection{}).Where("company_id = ? AND id = ?", c.Connection.CompanyID, c.Connection.ID).
				UpdateColumns(map[string]any{"tested_at": now, "clock_ahead": seconds(in.ClockAhead), "clock_read_at": now}).Error
			if err != nil {
				return err
			}
		}
		return tx.Model(&state{}).Where("id = ?", c.state).Updates(map[string]any{"ticket_hash": secret.Hash(ticket), "outcome": string(outcome),
			"finished_at": now, "expires_at": models.At(now.Add(TestLife))}).Error
	})
	if e, ok := refused(err); ok {
		return "", f.Refuse(ctx, c.Connection, e)
	}
	if err != nil {
		return "", err
	}
	return ticket, nil
}

// foretell says who a sign-in would let in. It changes nothing.
func (t Told) foretell(tx *store.Tx, c Connection) (Tested, error) {
	seen := Tested{Connection: c.ID, At: models.At(tx.Now()), Assertion: t.Assertion, EntityID: t.EntityID, Name: t.Name, NameFormat: t.NameFormat,
		Attributes: t.Attributes, Delimiters: c.Delimiters}
	person, err := t.recognisable(tx, c)
	if e, no := refused(err); no {
		seen.Problem = models.Message{Key: e.Key, Args: e.Args}
		return seen, nil
	}
	seen.Account, seen.Person, seen.Email = person.ID, person.Name, person.Email
	return seen, err
}

// recognisable is identify without its changes: a person without an id would be
// made.
func (t Told) recognisable(tx *store.Tx, c Connection) (account.Person, error) {
	key, email, given, err := t.claims(tx, c)
	if err != nil {
		return account.Person{}, err
	}
	known, err := key.find(tx)
	switch {
	case err == nil:
		return admissible(tx, c.CompanyID, known.AccountID)
	case models.KindOf(err) != models.NotFound:
		return account.Person{}, err
	case !given:
		return account.Person{}, models.Fail(models.Forbidden, "federation.error.no_email")
	}
	person, err := account.ByEmail(tx, email.Normal)
	switch {
	case err == nil:
		return linkable(tx, key, person)
	case models.KindOf(err) == models.NotFound:
		return account.Person{Account: account.Account{Name: t.name(email)}, Email: email.Typed}, nil
	}
	return account.Person{}, err
}

// TestOutcome is what a test sign-in gave, once, in the session that began it.
// Anybody else is answered as if there were none.
func (f *Federation) TestOutcome(ctx context.Context, by models.Actor, connection, ticket string) (seen Tested, err error) {
	if _, err := f.Get(ctx, by, connection); err != nil {
		return seen, err
	}
	err = f.store.System(ctx, "show a test sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord() // it is looked at
		var s state
		err := tx.Where("ticket_hash = ? AND connection_id = ? AND test_session_id = ? AND expires_at > ?",
			secret.Hash(ticket), connection, by.Session, models.At(tx.Now())).Take(&s).Error
		if err != nil {
			return unknown(err)
		}
		gone := tx.Where("id = ? AND ticket_hash = ?", s.ID, s.TicketHash).Delete(&state{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			return models.Unknown()
		}
		if gone.Error != nil {
			return gone.Error
		}
		if err := json.Unmarshal([]byte(s.Outcome), &seen); err != nil {
			return fmt.Errorf("federation: outcome of a test: %w", err)
		}
		return nil
	})
	return seen, err
}
