package oidc_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"locum/models/client"
	"locum/models/openid"
)

// byItself asks for a token of an application's own.
func (h *hub) byItself(id, text string, change ...string) told {
	h.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return h.post("/oauth/token", form, id, text)
}

func TestAnApplicationGetsATokenOfItsOwnBehindWhichNobodyStands(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		l := h.library()
		token, err := (&clientcredentials.Config{ClientID: h.app.ID, ClientSecret: h.secret, TokenURL: l.Endpoint.TokenURL, AuthStyle: oauth2.AuthStyleInHeader, Scopes: []string{openid.WriteUsage}}).Token(h.Ctx)
		h.must(err)
		if !strings.HasPrefix(token.AccessToken, "loc_") || token.RefreshToken != "" || token.Extra("id_token") != nil || token.Extra("scope") != openid.WriteUsage || token.TokenType != "Bearer" {
			t.Fatalf("given %+v", token)
		}
		if got := h.byItself(h.app.ID, h.secret); got.code != 200 || got.said["expires_in"] != float64(openid.TokenLife/time.Second) || got.said["scope"] != openid.WriteUsage || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("without scopes: %d %s", got.code, got.body)
		}
		now := h.introspected(token.AccessToken)
		if now["active"] != true || now["client_id"] != h.app.ID || now["scope"] != openid.WriteUsage || now["exp"] == nil {
			t.Errorf("introspection says %v", now)
		}
		for _, personal := range []string{"sub", "username", "sid", "org_id", "org_name", "roles", "act", "delegation", "ctx_epoch", "name", "email"} {
			if now[personal] != nil {
				t.Errorf("it says %s: %v", personal, now[personal])
			}
		}
		other := h.register("other", client.Draft{Kind: client.BySecret, RedirectURIs: callback})
		_, secret, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), other.ID)
		h.must(err)
		if got := h.post("/oauth/introspect", url.Values{"token": {token.AccessToken}}, other.ID, secret); strings.TrimSpace(got.body) != `{"active":false}` {
			t.Errorf("another application is told %s", got.body)
		}
		request, err := http.NewRequest(http.MethodGet, h.server.URL+"/oauth/userinfo", nil)
		h.must(err)
		request.Header.Set("Authorization", "Bearer "+token.AccessToken)
		if got := h.send(request); got.code != http.StatusUnauthorized {
			t.Errorf("userinfo tells of somebody: %d %s", got.code, got.body)
		}
		if got := h.post("/oauth/revoke", url.Values{"token": {token.AccessToken}}, h.app.ID, h.secret); got.code != 200 {
			t.Errorf("revocation: %d %s", got.code, got.body)
		}
		h.dead(token.AccessToken, "once it was given back")
	})
}

func TestWhoShowsNothingGetsNoTokenOfHisOwn(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.refused(h.byItself(h.app.ID, "lcs_wrong"), 401, "invalid_client", "a wrong secret")
		h.refused(h.byItself("", ""), 400, "invalid_request", "nobody")
		h.refused(h.byItself("", "", "client_id", h.app.ID), 401, "invalid_client", "without a secret")
		h.refused(h.byItself(h.app.ID, h.secret, "scope", "openid"), 400, "invalid_scope", "a person's scope")
		h.refused(h.byItself(h.app.ID, h.secret, "scope", "usage.write secrets.use"), 400, "invalid_scope", "one scope too many")
		public := h.register("phone", client.Draft{Kind: client.Public, RedirectURIs: callback})
		h.refused(h.byItself("", "", "client_id", public.ID), 400, "unauthorized_client", "a public client")
		h.must(h.Clients.Disable(h.Ctx, h.Actor("karin"), h.app.ID))
		h.refused(h.byItself(h.app.ID, h.secret), 401, "invalid_client", "once it is disabled")
	})
}

func TestAClientThatSignsGetsATokenOfItsOwnUntilItsKeyIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		private, set := key(t)
		_, another := key(t)
		draft := client.Draft{Kind: client.ByKey, RedirectURIs: callback, JWKS: set}
		app := h.register("ledger", draft)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "k1"))
		h.must(err)
		signed := func() []string {
			text, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: app.ID, Subject: app.ID, Audience: jwt.Audience{h.server.URL}, ID: rand.Text(), Expiry: jwt.NewNumericDate(h.Now().Add(time.Minute))}).Serialize()
			h.must(err)
			return []string{"client_assertion", text, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
		}
		got := h.byItself("", "", signed()...)
		if got.code != 200 {
			t.Fatalf("%d %s", got.code, got.body)
		}
		token, _ := got.said["access_token"].(string)
		if application, err := h.OpenID.ByOwnToken(h.Ctx, token, openid.WriteUsage); err != nil || application != app.ID {
			t.Errorf("%q, %v", application, err)
		}
		draft.JWKS = another
		h.must(h.Clients.Connect(h.Ctx, h.Actor("karin"), app.ID, draft))
		if _, ok, err := h.OpenID.TellOwn(h.Ctx, token); ok || err != nil {
			t.Errorf("once its key is withdrawn: %v, %v", ok, err)
		}
		h.refused(h.byItself("", "", signed()...), 401, "invalid_client", "signed by the key that was withdrawn")
	})
}
