package federation

import (
	"context"
	"time"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// How long a person may take at his provider, and how long the browser may take
// to follow the redirect afterwards.
const (
	SignInLife = 15 * time.Minute
	TicketLife = 2 * time.Minute
)

// state is one sign-in under way. The provider's answer comes without any
// cookie of ours, so everything is kept here, under the hash of the RelayState.
type state struct {
	ID           string `gorm:"primaryKey"` // hash of the RelayState
	CompanyID    string
	ConnectionID string
	RequestID    string
	BrowserHash  string
	ReturnTo     string
	TicketHash   string
	// TestSessionID is the manager's session of a test sign-in; empty otherwise.
	TestSessionID string
	// RenewsSessionID is the session whose sign-in is renewed; empty where one is opened.
	RenewsSessionID string
	Outcome         string // an Arrived as JSON, once finished
	ExpiresAt       models.Instant
	ClaimedAt       *models.Instant
	FinishedAt      *models.Instant
	CreatedAt       models.Instant
}

// TableName is the table of sign-ins under way.
func (state) TableName() string { return "sign_in_states" }

// Start is a sign-in that a browser begins.
type Start struct {
	Connection  string // id
	RequestID   string // of the request that is sent along
	BrowserHash string // ties the end to the browser that began
	ReturnTo    string // a local path
	Renews      string // id of the browser's session whose sign-in is renewed; empty where one is opened

	test string // the session of a test sign-in
}

// Begun is what is needed to send the browser off.
type Begun struct {
	Connection Connection
	Keys       []Key
	RelayState string // the way back to this sign-in; good once
}

// Begin keeps a sign-in until its answer comes.
func (f *Federation) Begin(ctx context.Context, in Start) (b Begun, err error) {
	b.RelayState = secret.Token()
	err = f.store.System(ctx, "begin a sign-in", func(tx *store.Tx) error {
		if b.Connection, b.Keys, err = f.load(tx, in.Connection); err != nil {
			return err
		}
		if !b.Connection.Enabled && in.test == "" {
			return models.Fail(models.Conflict, "federation.error.disabled")
		}
		tx.NothingToRecord() // nobody has signed in yet
		now := models.At(tx.Now())
		return tx.Create(&state{ID: secret.Hash(b.RelayState), CompanyID: b.Connection.CompanyID, ConnectionID: b.Connection.ID,
			RequestID: in.RequestID, BrowserHash: in.BrowserHash, ReturnTo: in.ReturnTo, RenewsSessionID: in.Renews, TestSessionID: in.test, CreatedAt: now, ExpiresAt: models.At(now.Add(SignInLife))}).Error
	})
	return b, err
}

// Claimed is a sign-in whose answer has come, with what it must fit.
type Claimed struct {
	Connection  Connection
	Keys        []Key
	RequestID   string
	RequestedAt time.Time
	Test        bool // it gives nothing: see BeginTest

	state string
}

// Claim takes the sign-in that an answer belongs to; there is no second time,
// on whichever replica, however the first one ends.
func (f *Federation) Claim(ctx context.Context, connection, relayState string) (c Claimed, err error) {
	err = f.store.System(ctx, "claim a sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord() // what comes of it is recorded
		var s state
		if err := tx.Where("id = ? AND connection_id = ?", secret.Hash(relayState), connection).Take(&s).Error; err != nil {
			if store.Missing(err) {
				return models.Fail(models.Conflict, "federation.error.not_asked")
			}
			return err
		}
		if !tx.Now().Before(s.ExpiresAt.Time) {
			return models.Fail(models.Conflict, "federation.error.too_late")
		}
		claimed := tx.Model(&state{}).Where("id = ? AND claimed_at IS NULL", s.ID).Update("claimed_at", models.At(tx.Now()))
		if claimed.Error != nil {
			return claimed.Error
		}
		if claimed.RowsAffected == 0 {
			return models.Fail(models.Conflict, "federation.error.used")
		}
		c.state, c.RequestID, c.RequestedAt, c.Test = s.ID, s.RequestID, s.CreatedAt.Time, s.TestSessionID != ""
		c.Connection, c.Keys, err = f.load(tx, connection)
		if err == nil && !c.Connection.Enabled && !c.Test {
			err = models.Fail(models.Conflict, "federation.error.disabled")
		}
		return err
	})
	return c, err
}

// assertion is one that was used.
type assertion struct {
	ConnectionID string `gorm:"primaryKey"`
	AssertionID  string `gorm:"primaryKey"`
	ExpiresAt    models.Instant
}

// TableName is the table of used assertions.
func (assertion) TableName() string { return "assertions" }

// Prune removes sign-ins, sign-outs and assertions that can play no part any more, in a
// System transaction.
func Prune(tx *store.Tx) error {
	now := models.At(tx.Now())
	for _, ended := range []any{&state{}, &assertion{}, &signOut{}} {
		if err := tx.Where("expires_at < ?", now).Delete(ended).Error; err != nil {
			return err
		}
	}
	return nil
}
