package feed

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Scope is one thing that a token is for.
type Scope string

// The scopes.
const (
	ReadEvents       Scope = "events.read"
	ReadState        Scope = "state.read"
	ReadDelegations  Scope = "delegations.read"
	WriteDelegations Scope = "delegations.write"
	ReadVisits       Scope = "visits.read"
	WriteVisits      Scope = "visits.write"

	ReadApplications  Scope = "applications.read"
	WriteApplications Scope = "applications.write"

	ReadSecrets  Scope = "secrets.read" // what there is, and no value
	UseSecrets   Scope = "secrets.use"  // the values
	WriteSecrets Scope = "secrets.write"

	ReadPolicies  Scope = "policies.read" // what the organization asks of its visitors
	WritePolicies Scope = "policies.write"

	// What is a consultant's own, and what a firm does with its people. Tokens of
	// people alone can be for these, and for the first two at home alone.
	ReadOwnDelegations  Scope = delegation.ReadOwn
	WriteOwnDelegations Scope = delegation.WriteOwn
	ReadConsultants     Scope = "consultants.read"
	WriteConsultants    Scope = "consultants.write"
)

// CompanyScopes are what tokens of a company can be for, OrganizationScopes what
// those of one organization can, both in the order of screens.
var (
	CompanyScopes      = []Scope{ReadEvents, ReadState}
	OrganizationScopes = []Scope{ReadDelegations, WriteDelegations, ReadVisits, WriteVisits, ReadApplications, WriteApplications, ReadSecrets, UseSecrets, WriteSecrets, ReadPolicies, WritePolicies}
)

// Covers says whether a token with this scope may do what needs another. Who may
// write or use may read; who may write secrets does not get their values by that.
func (s Scope) Covers(need Scope) bool {
	switch need {
	case ReadDelegations:
		return s == need || s == WriteDelegations
	case ReadVisits:
		return s == need || s == WriteVisits
	case ReadApplications:
		return s == need || s == WriteApplications
	case ReadSecrets:
		return s == need || s == UseSecrets || s == WriteSecrets
	case ReadPolicies:
		return s == need || s == WritePolicies
	case ReadOwnDelegations:
		return s == need || s == WriteOwnDelegations
	case ReadConsultants:
		return s == need || s == WriteConsultants
	}
	return s == need
}

// ofPeople says whether tokens of people alone can be for this: it is not the
// organization's, and no application's.
func (s Scope) ofPeople() bool {
	return s == ReadOwnDelegations || s == WriteOwnDelegations || s == ReadConsultants || s == WriteConsultants
}

// prefix begins every token, so that one that leaked is known for what it is.
const prefix = "locum_"

// Token lets a machine of a company, or of one of its organizations, do what it
// was made for. It is worth what its maker is: without the role in which he made
// it, it opens nothing.
type Token struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string // empty for the company's own
	ID             string `gorm:"primaryKey"`
	Name           string
	Scopes         string // JSON list; see For
	TokenHash      string
	Suffix         string // its last four characters, to know it by
	MadeBy         string
	MadeByName     string
	CreatedAt      models.Instant
	ExpiresAt      models.Instant
	LastUsedAt     *models.Instant
	RevokedAt      *models.Instant
	RevokedByName  string
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

// needOf is the permission in which tokens of an organization, or of a company,
// are made, and which their makers must still have when they are used.
func needOf(organization bool) models.Permission {
	if organization {
		return models.ManageDelegations
	}
	return models.ManageTokens
}

// stale says that the note of its last use is to be renewed.
func (t Token) stale(now time.Time) bool {
	return t.LastUsedAt == nil || now.Sub(t.LastUsedAt.Time) >= time.Minute
}

// newToken makes the secret of a token: what is shown once.
func newToken() string { return prefix + secret.Token() }

// tokenOf finds a token that may be used for something now. One that never was,
// that ended, one of a company that is suspended, and one whose maker has not the
// role any more are answered alike.
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
	}
	maker, err := access.Standing(tx, t.MadeBy, t.CompanyID, t.OrganizationID)
	switch {
	case models.KindOf(err) == models.Unauthenticated && err != nil:
		return t, nobody
	case err != nil:
		return t, err
	case !maker.May(needOf(t.OrganizationID != "")):
		return t, nobody
	case need.ofPeople(), !slices.ContainsFunc(t.For(), func(s Scope) bool { return s.Covers(need) }):
		return t, models.Fail(models.Forbidden, "feed.error.scope", "Scope", string(need))
	}
	return t, nil
}
