package passkey

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// CeremonyLife is how long a person may take with his authenticator.
const CeremonyLife = 5 * time.Minute

// Kind is what a ceremony is for. One for a purpose serves no other.
type Kind string

// The kinds.
const (
	Registering Kind = "register"
	SigningIn   Kind = "sign_in"
	SteppingUp  Kind = "step_up"
)

// ceremony is a registration or an assertion under way.
type ceremony struct {
	ID          string `gorm:"primaryKey"` // hash of what the browser holds
	Kind        Kind
	BrowserHash string
	AccountID   string
	SessionID   string
	Data        string // webauthn.SessionData as JSON
	ExpiresAt   models.Instant
}

// TableName is the table of ceremonies.
func (ceremony) TableName() string { return "passkey_ceremonies" }

// keep writes a ceremony down and gives the browser its part of it.
func keep(tx *store.Tx, kind Kind, browser string, options any, data *webauthn.SessionData) (b Begun, err error) {
	if b.Options, err = json.Marshal(options); err != nil {
		return b, fmt.Errorf("passkey: options: %w", err)
	}
	kept, err := json.Marshal(data)
	if err != nil {
		return b, fmt.Errorf("passkey: ceremony: %w", err)
	}
	b.Ceremony = secret.Token()
	return b, tx.Create(&ceremony{ID: secret.Hash(b.Ceremony), Kind: kind, BrowserHash: browser, AccountID: tx.Actor.Account,
		SessionID: tx.Actor.Session, Data: string(kept), ExpiresAt: models.At(tx.Now().Add(CeremonyLife))}).Error
}

// Answer is what came of a ceremony in a browser.
type Answer struct {
	Ceremony   string
	Browser    string // hash, of the browser that answers
	Credential string // the authenticator's answer as JSON (section 5.1, toJSON)
}

// Claimed is a ceremony that is answered. It was taken out of the database.
type Claimed struct {
	Kind       Kind
	account    string
	session    string
	data       webauthn.SessionData
	credential string
}

// Claim takes the ceremony that an answer belongs to, and removes it in a
// transaction of its own: there is no second time, on whichever replica, however
// the first one ends. by is who is signed in, if anybody has to be.
func (p *Passkeys) Claim(ctx context.Context, by models.Actor, kind Kind, in Answer) (c Claimed, err error) {
	gone := models.Fail(models.Conflict, "passkey.error.used")
	err = p.store.System(ctx, "take a passkey's challenge", func(tx *store.Tx) error {
		tx.NothingToRecord() // what comes of it is recorded
		var row ceremony
		if err := tx.Where("id = ?", secret.Hash(in.Ceremony)).Take(&row).Error; err != nil {
			if store.Missing(err) {
				return gone
			}
			return err
		}
		taken := tx.Where("id = ?", row.ID).Delete(&ceremony{})
		if taken.Error != nil {
			return taken.Error
		}
		if taken.RowsAffected == 0 {
			return gone
		}
		c = Claimed{Kind: row.Kind, account: row.AccountID, session: row.SessionID, credential: in.Credential}
		if row.Kind != kind || row.BrowserHash != in.Browser || !tx.Now().Before(row.ExpiresAt.Time) ||
			kind != SigningIn && row.SessionID != by.Session {
			c.Kind = "" // it is gone all the same
			return nil
		}
		return json.Unmarshal([]byte(row.Data), &c.data)
	})
	if err == nil && c.Kind == "" {
		err = gone
	}
	return c, err
}

// Prune forgets ceremonies that nobody answered, in a System transaction.
func Prune(tx *store.Tx) error {
	return tx.Where("expires_at < ?", models.At(tx.Now())).Delete(&ceremony{}).Error
}
