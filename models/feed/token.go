package feed

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Scope is one thing that a token is for.
type Scope string

// The scopes.
const (
	ReadEvents Scope = "events.read"
	ReadState  Scope = "state.read"
)

// Scopes lists every scope, in the order of screens.
var Scopes = []Scope{ReadEvents, ReadState}

// prefix begins every token, so that one that leaked is known for what it is.
const prefix = "locum_"

// Token lets one of a company's machines read.
type Token struct {
	CompanyID     string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	Name          string
	Scopes        string // JSON list; see For
	TokenHash     string
	Suffix        string // its last four characters, to know it by
	MadeBy        string
	MadeByName    string
	CreatedAt     models.Instant
	ExpiresAt     models.Instant
	LastUsedAt    *models.Instant
	RevokedAt     *models.Instant
	RevokedByName string
}

// TableName is the table of tokens.
func (Token) TableName() string { return "api_tokens" }

// For are the scopes that it was made for.
func (t Token) For() (list []Scope) {
	if json.Unmarshal([]byte(t.Scopes), &list) != nil {
		return nil // an unreadable list is for nothing
	}
	return list
}

// Active says whether it is taken at a moment.
func (t Token) Active(now time.Time) bool { return t.RevokedAt == nil && now.Before(t.ExpiresAt.Time) }

// stale says that the note of its last use is to be renewed.
func (t Token) stale(now time.Time) bool {
	return t.LastUsedAt == nil || now.Sub(t.LastUsedAt.Time) >= time.Minute
}

// newToken makes the secret of a token: what is shown once.
func newToken() string { return prefix + secret.Token() }

// tokenOf finds a token that may be used for something now. One that never was,
// that ended, and one of a company that is suspended are answered alike.
func tokenOf(tx *store.Tx, text string, need Scope) (t Token, err error) {
	nobody := models.Fail(models.Unauthenticated, "feed.error.token")
	if !strings.HasPrefix(text, prefix) {
		return t, nobody
	}
	err = tx.Where("token_hash = ?", secret.Hash(text)).Take(&t).Error
	if store.Missing(err) {
		return t, nobody
	}
	if err != nil {
		return t, err
	}
	at, err := tenancy.StandingOf(tx, t.CompanyID, "")
	switch {
	case err != nil:
		return t, err
	case !t.Active(tx.Now()), !at.Open:
		return t, nobody
	case !slices.Contains(t.For(), need):
		return t, models.Fail(models.Forbidden, "feed.error.scope", "Scope", string(need))
	}
	return t, nil
}
