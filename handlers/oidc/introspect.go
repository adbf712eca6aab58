package oidc

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/models"
	"locum/models/openid"
)

// inactive is the whole answer about a token that is worth nothing.
var inactive = []byte(`{"active":false}` + "\n")

// introspect tells a client what one of its own tokens is worth now (RFC 7662), or
// one that a person made for it. It may name the network address of whom it serves,
// in "address": hosts may let visitors in from some networks alone.
func (a *area) introspect(w http.ResponseWriter, r *http.Request) {
	row, err := a.slowed(r.Context(), credentialsOf(r), r, false)
	if err != nil {
		a.refused(w, r, err)
		return
	}
	text := r.PostForm.Get("token")
	if text == "" {
		refuse(w, http.StatusBadRequest, "invalid_request", "token is missing")
		return
	}
	if openid.IsOwnToken(text) {
		a.introspectOwn(w, r, row.ApplicationID, text)
		return
	}
	told, ok, err := a.Provider.TellTo(r.Context(), row.ApplicationID, text, r.PostForm.Get("address"))
	if err != nil {
		a.refused(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.Write(inactive)
		return
	}
	scopes := told.Scopes()
	c := a.claimsOf(told.Answer, scopes)
	c.Active, c.TokenType, c.Scope = true, oidc.BearerToken, joined(scopes)
	c.Expires = until(told.ExpiresAt.Time, told.Answer).Unix()
	if !told.CreatedAt.IsZero() {
		c.IssuedAt = told.CreatedAt.Unix()
	}
	json.NewEncoder(w).Encode(c)
}

// own is what a client is told of a token that it has for itself: nothing of it is
// about a person.
type own struct {
	Active    bool   `json:"active"`
	Issuer    string `json:"iss"`
	ClientID  string `json:"client_id"`
	Audience  string `json:"aud"`
	Scope     string `json:"scope"`
	TokenType string `json:"token_type"`
	IssuedAt  int64  `json:"iat"`
	Expires   int64  `json:"exp"`
}

// introspectOwn is introspect for a token that a client has for itself.
func (a *area) introspectOwn(w http.ResponseWriter, r *http.Request, application, text string) {
	row, ok, err := a.Provider.TellOwn(r.Context(), text)
	if err != nil {
		a.refused(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !ok || row.ApplicationID != application {
		w.Write(inactive)
		return
	}
	json.NewEncoder(w).Encode(own{Active: true, Issuer: a.issuer, ClientID: row.ApplicationID, Audience: a.issuer, Scope: row.Scopes, TokenType: oidc.BearerToken,
		IssuedAt: row.CreatedAt.Unix(), Expires: row.ExpiresAt.Unix()})
}

// credentialsOf reads how a client says which one it is. Both halves of a Basic
// header are encoded like a form's (RFC 6749, section 2.3.1).
func credentialsOf(r *http.Request) (in op.ClientCredentials) {
	in = op.ClientCredentials{ClientID: r.PostForm.Get("client_id"), ClientSecret: r.PostForm.Get("client_secret"),
		ClientAssertion: r.PostForm.Get("client_assertion"), ClientAssertionType: r.PostForm.Get("client_assertion_type")}
	if id, text, ok := r.BasicAuth(); ok {
		var wrong, bad error
		in.ClientID, wrong = url.QueryUnescape(id)
		in.ClientSecret, bad = url.QueryUnescape(text)
		if wrong != nil || bad != nil {
			return op.ClientCredentials{}
		}
	}
	if in.ClientAssertion != "" && in.ClientAssertionType != oidc.ClientAssertionTypeJWTAssertion {
		return op.ClientCredentials{}
	}
	return in
}

// refused answers an error of the domain.
func (a *area) refused(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch models.KindOf(err) {
	case models.Unauthenticated:
		status = http.StatusUnauthorized
	case models.TooMany:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", "60")
	}
	var told *oidc.Error
	if !errors.As(a.failed(r.Context(), err), &told) {
		told = oidc.ErrServerError()
	}
	refuse(w, status, string(told.ErrorType), "")
}
