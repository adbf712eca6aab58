package openid

import (
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/client"
)

// How long things last.
const (
	// CodeLife is how long a code can be exchanged (RFC 6749, section 4.1.2, asks
	// for ten minutes at most).
	CodeLife = time.Minute
	// TokenLife is how long an access token lasts at most. It ends before that with
	// its session, its visit or the delegation.
	TokenLife = time.Hour
	// RequestLife is how long somebody may take to sign in before he goes on to the
	// application that asked.
	RequestLife = time.Hour
)

// The scopes of OpenID Connect (Core 1.0, sections 5.4 and 11).
const (
	OpenID        = "openid"
	Profile       = "profile"
	Email         = "email"
	OfflineAccess = "offline_access"
)

// Scopes are all that an application can ask for: those of OpenID Connect, and
// those of the API which it may call in the name of the person.
var Scopes = []string{OpenID, Profile, Email, OfflineAccess, "delegations.read", "delegations.write", "visits.read", "visits.write", "applications.read",
	"secrets.read", "secrets.use"}

// Authorization is what a session let an application know, and everything that
// was issued by it. In a visit it is bound to that visit; one that was made at
// home follows the session wherever it works.
type Authorization struct {
	ID            string `gorm:"primaryKey"`
	ApplicationID string
	AccountID     string
	SessionID     string
	VisitID       string
	Scopes        string // separated by a space
	Nonce         string
	RedirectURI   string
	CodeHash      string
	CodeChallenge string // S256 (RFC 7636, section 4.2)
	CodeExpiresAt models.Instant
	CodeUsedAt    *models.Instant
	CreatedAt     models.Instant
	RevokedAt     *models.Instant
}

// TableName is the table of authorizations.
func (Authorization) TableName() string { return "authorizations" }

// Holds says whether what was issued is still worth something, for who works as
// the answer tells.
func (a Authorization) Holds(now access.Answer) bool {
	return a.RevokedAt == nil && now.Denied == "" && now.Actor.Account == a.AccountID && (a.VisitID == "" || now.Actor.Visit == a.VisitID)
}

// Asked are its scopes.
func (a Authorization) Asked() []string { return strings.Fields(a.Scopes) }

// Token is an access token. Its text stands nowhere.
type Token struct {
	ID              string `gorm:"primaryKey"`
	TokenHash       string
	AuthorizationID string
	Scopes          string
	CreatedAt       models.Instant
	ExpiresAt       models.Instant
	RevokedAt       *models.Instant
}

// TableName is the table of access tokens.
func (Token) TableName() string { return "access_tokens" }

// refresh is a refresh token. It is used once, and gives another.
type refresh struct {
	ID              string `gorm:"primaryKey"`
	TokenHash       string
	AuthorizationID string
	CreatedAt       models.Instant
	UsedAt          *models.Instant
}

// TableName is the table of refresh tokens.
func (refresh) TableName() string { return "refresh_tokens" }

// Request is what an application asks a person's browser for.
type Request struct {
	Client      client.Client
	RedirectURI string
	Scopes      []string
	Nonce       string
	Challenge   string // S256; plain challenges are not taken
}

// check refuses a request by which nobody can be authorized.
func (in *Request) check() error {
	wrong := models.FieldErrors{}
	if !slices.Contains(in.Client.Redirects(), in.RedirectURI) {
		wrong.Add("redirect_uri", "oidc.error.redirect_uri")
	}
	if !challenge(in.Challenge) {
		wrong.Add("code_challenge", "oidc.error.challenge")
	}
	if len(in.Nonce) > 500 {
		wrong.Add("nonce", "oidc.error.nonce")
	}
	in.Scopes = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(in.Scopes))), func(s string) bool { return !slices.Contains(Scopes, s) })
	if !slices.Contains(in.Scopes, OpenID) {
		wrong.Add("scope", "oidc.error.scope")
	}
	return wrong.Err()
}

// grantable are the scopes that are given to who works as the answer tells: a
// visitor gets none that no visitor may exercise.
func grantable(scopes []string, now access.Answer) []string {
	if !now.Actor.Visiting() {
		return scopes
	}
	return slices.DeleteFunc(slices.Clone(scopes), access.DeniedScope)
}
