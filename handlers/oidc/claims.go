package oidc

import (
	"slices"
	"strings"
	"time"

	"locum/models/access"
	"locum/models/openid"
)

// claims are what an application is told of a session: the same in introspection
// (RFC 7662), in ID tokens and by userinfo (OpenID Connect Core 1.0).
type claims struct {
	Active    bool     `json:"active,omitempty"` // introspection alone
	Issuer    string   `json:"iss,omitempty"`
	Subject   string   `json:"sub"`
	Username  string   `json:"username,omitempty"`
	ClientID  string   `json:"client_id,omitempty"`
	Audience  string   `json:"aud,omitempty"`
	Session   string   `json:"sid,omitempty"`
	Expires   int64    `json:"exp,omitempty"`
	IssuedAt  int64    `json:"iat,omitempty"`
	AuthTime  int64    `json:"auth_time,omitempty"`
	AMR       []string `json:"amr,omitempty"`
	TokenType string   `json:"token_type,omitempty"`
	Scope     string   `json:"scope,omitempty"`
	Nonce     string   `json:"nonce,omitempty"`
	AtHash    string   `json:"at_hash,omitempty"`

	Organization     string      `json:"org_id"`
	OrganizationName string      `json:"org_name"`
	Hue              int         `json:"org_hue,omitempty"` // its colour, 1 to 8, for who shows it as the hub does
	Roles            []string    `json:"roles"`
	Act              *act        `json:"act,omitempty"`
	Delegation       *delegation `json:"delegation,omitempty"`
	Epoch            int64       `json:"ctx_epoch"`

	Name          string `json:"name,omitempty"`
	Locale        string `json:"locale,omitempty"`
	ZoneInfo      string `json:"zoneinfo,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
}

// act is who acts in truth (RFC 8693, section 4.1), during a visit: the person
// himself, for the organization to which he belongs.
type act struct {
	Issuer       string `json:"iss"`
	Subject      string `json:"sub"`
	Organization string `json:"org_id"`
	Name         string `json:"org_name,omitempty"`
	Hue          int    `json:"org_hue,omitempty"`
}

// delegation is by what somebody visits.
type delegation struct {
	ID      string `json:"id"`
	Visit   string `json:"visit_id"`
	Expires string `json:"expires_at,omitempty"` // RFC 3339; without an end there is none
	Ticket  string `json:"ticket,omitempty"`
}

// claimsOf are what scopes let an application know of who stands behind an answer.
func (a *area) claimsOf(now access.Answer, by openid.Authorization, scopes []string) claims {
	who := now.Actor
	c := claims{Issuer: a.issuer, Subject: who.Account, Username: who.Email, ClientID: by.ApplicationID, Audience: by.ApplicationID, Session: by.SessionID,
		AuthTime: who.AuthTime.Unix(), AMR: methods(who.Method, who.SecondFactor), Organization: who.Effective.Organization, OrganizationName: who.Effective.Name, Hue: who.Effective.Hue,
		Roles: now.Roles, Epoch: who.Epoch}
	if who.Visiting() {
		c.Act = &act{a.issuer, who.Account, who.Real.Organization, who.Real.Name, who.Real.Hue}
		c.Delegation = &delegation{ID: who.Delegation, Visit: who.Visit, Ticket: now.Ticket}
		if !who.Ends.IsZero() {
			c.Delegation.Expires = who.Ends.UTC().Format(time.RFC3339)
		}
	}
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

// methods are how somebody showed who he is (RFC 8176). Of a sign-in at an
// identity provider there is no registered value but for its second factor.
func methods(method, second string) (list []string) {
	switch method {
	case "code":
		list = append(list, "otp")
	case "passkey":
		list = append(list, "pop")
	}
	if second == "passkey" && method != "passkey" {
		list = append(list, "pop")
	}
	if second != "" {
		list = append(list, "mfa")
	}
	return list
}

func joined(scopes []string) string { return strings.Join(scopes, " ") }
