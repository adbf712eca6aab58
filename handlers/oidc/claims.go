package oidc

import (
	"slices"
	"strings"
	"time"

	"locum/models/access"
	"locum/models/openid"
)

// claims are what an application is told of a session: what access.Claims says, and
// what belongs to introspection (RFC 7662), to ID tokens and to userinfo (OpenID
// Connect Core 1.0).
type claims struct {
	access.Claims
	Active    bool   `json:"active,omitempty"` // introspection alone
	Audience  string `json:"aud,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	Scope     string `json:"scope,omitempty"`
	Nonce     string `json:"nonce,omitempty"`
	AtHash    string `json:"at_hash,omitempty"`

	Name          string `json:"name,omitempty"`
	Locale        string `json:"locale,omitempty"`
	ZoneInfo      string `json:"zoneinfo,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
}

// claimsOf are what scopes let an application know of who stands behind an answer.
func (a *area) claimsOf(now access.Answer, scopes []string) claims {
	who := now.Actor
	c := claims{Claims: now.Claims(a.issuer), Audience: who.Application}
	if slices.Contains(scopes, openid.Profile) {
		c.Name, c.Locale, c.ZoneInfo = who.Name, who.Language, who.TimeZone
	}
	if slices.Contains(scopes, openid.Email) {
		c.Email, c.EmailVerified = who.Email, true // an address counts once its owner showed that it is his
	}
	return c
}

// until is when what is told at a moment is worth nothing any more: never after
// the delegation.
func until(ends time.Time, now access.Answer) time.Time {
	if last := now.Actor.Ends; !last.IsZero() && last.Before(ends) {
		return last
	}
	return ends
}

func joined(scopes []string) string { return strings.Join(scopes, " ") }
