package oidc_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/openid"
	"locum/models/store"
)

func TestARealClientSignsInAMemberAndIsToldWhoHeIs(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		l := h.library("profile", "email")
		token := l.signIn(h.browser(h.Token("ria")))
		said := l.verified(token)
		if said["sub"] != h.ID("ria") || said["nonce"] != "the-nonce" || said["org_id"] != h.Zonneveld.Organization || said["org_name"] != "Zonneveld Bakkerijen" ||
			said["email"] != "ria@zonneveld.example" || said["name"] != "Ria Smeets" || said["act"] != nil || said["delegation"] != nil {
			t.Errorf("the ID token says %v", said)
		}
		if amr, _ := said["amr"].([]any); len(amr) != 1 || amr[0] != "otp" {
			t.Errorf("amr %v", said["amr"])
		}
		info, err := l.provider.UserInfo(h.Ctx, oauth2.StaticTokenSource(token))
		if err != nil || info.Subject != h.ID("ria") || info.Email != "ria@zonneveld.example" || !info.EmailVerified {
			t.Errorf("userinfo: %+v, %v", info, err)
		}
		now := h.introspected(token.AccessToken)
		if now["active"] != true || now["sid"] != h.Actor("ria").Session || now["client_id"] != h.app.ID || now["aud"] != h.app.ID || now["iss"] != h.server.URL || now["username"] != "ria@zonneveld.example" {
			t.Errorf("introspection says %v", now)
		}
		if roles, _ := now["roles"].([]any); !slices.Equal(roles, []any{"planner"}) {
			t.Errorf("roles %v", now["roles"])
		}
		if token.RefreshToken != "" {
			t.Error("a refresh token that nobody asked for")
		}
	})
}

func TestASwitchIsToldByTheVeryNextIntrospection(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.Delegate("marieke", "ria", delegation.Week)
		h.enable(h.Production)
		token := h.library().signIn(h.browser(h.Token("ria")))
		before := h.introspected(token.AccessToken)
		h.Switch("ria", h.Production)
		during := h.introspected(token.AccessToken)
		act, _ := during["act"].(map[string]any)
		given, _ := during["delegation"].(map[string]any)
		if during["org_id"] != h.Production.Organization || act["org_id"] != h.Zonneveld.Organization || act["sub"] != h.ID("ria") || given["visit_id"] != h.Actor("ria").Visit ||
			given["expires_at"] == nil || during["ctx_epoch"].(float64) <= before["ctx_epoch"].(float64) || during["sub"] != h.ID("ria") {
			t.Errorf("during the visit: %v", during)
		}
		h.Switch("ria", h.Zonneveld)
		if after := h.introspected(token.AccessToken); after["org_id"] != h.Zonneveld.Organization || after["act"] != nil || after["delegation"] != nil {
			t.Errorf("back at home: %v", after)
		}
	})
}

func TestWhatWasIssuedInAVisitDiesWithIt(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		d := h.Delegate("karin", "sanne", delegation.Week)
		h.Switch("sanne", h.Zonneveld)
		l := h.library("offline_access")
		token := l.signIn(h.browser(h.Token("sanne")))
		if now := h.introspected(token.AccessToken); now["active"] != true || now["act"] == nil {
			t.Fatalf("during the visit: %v", now)
		}
		h.must(h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID))
		h.dead(token.AccessToken, "the access token after the visit")
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}}, h.app.ID, h.secret), 400, "invalid_grant", "the refresh token after the visit")
	})
}

func TestARevokedSessionIsDeadAtTheNextCall(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		l := h.library("offline_access")
		token := l.signIn(h.browser(h.Token("ria")))
		h.must(h.Sessions.SignOut(h.Ctx, h.Actor("ria")))
		got := h.post("/oauth/introspect", url.Values{"token": {token.AccessToken}}, h.app.ID, h.secret) // without a moment between
		if got.said["active"] != false || len(got.said) != 1 {
			t.Errorf("introspection: %v", got.said)
		}
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}}, h.app.ID, h.secret), 400, "invalid_grant", "the refresh token")
		if _, err := l.provider.UserInfo(h.Ctx, oauth2.StaticTokenSource(token)); err == nil {
			t.Error("userinfo answers")
		}
	})
}

func TestKeysChangeWhileAClientGoesOnChecking(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		l := h.library()
		before := l.signIn(h.browser(h.Token("ria")))
		l.verified(before)
		h.must(h.Signing.Rotate(h.Ctx))
		waiting := l.signIn(h.browser(h.Token("ria")))
		h.Advance(11 * time.Minute)
		after := l.signIn(h.browser(h.Token("ria")))
		if kid(t, before) != kid(t, waiting) || kid(t, before) == kid(t, after) {
			t.Errorf("signed by %s, %s, %s", kid(t, before), kid(t, waiting), kid(t, after))
		}
		l.verified(after) // by keys that the client read before, or reads anew
		if out := h.browser(h.Token("ria")).get(h.server.URL + "/oauth/logout?id_token_hint=" + before.Extra("id_token").(string)); out.location != "/sign-in" {
			t.Errorf("an ID token of the old key signs out: %d %s", out.code, out.location)
		}
	})
}

// kid is the key by which an ID token was signed.
func kid(t *testing.T, token *oauth2.Token) string {
	t.Helper()
	signed, err := jose.ParseSigned(token.Extra("id_token").(string), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	return signed.Signatures[0].Header.KeyID
}

func TestSigningOutFromAnApplicationGoesBackToARegisteredAddressAlone(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser(h.Token("ria"))
		id := h.library().signIn(b).Extra("id_token").(string)
		address := func(to string) string {
			return h.server.URL + "/oauth/logout?" + url.Values{"id_token_hint": {id}, "post_logout_redirect_uri": {to}, "state": {"x"}}.Encode()
		}
		if got := b.get(address("https://evil.example/")); got.code != 400 || got.location != "" {
			t.Errorf("elsewhere: %d %s", got.code, got.location)
		}
		if got := b.get(h.server.URL + "/oauth/logout"); got.code != 200 || h.Actor("ria").Anonymous() {
			t.Errorf("without an ID token he is not asked: %d", got.code)
		}
		if got := h.browser(h.Token("karin")).get(address(goodbye)); got.code != 200 || h.Actor("karin").Anonymous() {
			t.Errorf("another session's ID token signs out: %d %s", got.code, got.location)
		}
		got := b.get(address(goodbye))
		if got.code != 303 || got.location != goodbye+"?state=x" || !h.Actor("ria").Anonymous() {
			t.Errorf("%d %s", got.code, got.location)
		}
	})
}

func TestAnotherReplicaTellsAtOnceThatASessionIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		if h.Database != "postgres" {
			return // one process alone
		}
		token := h.library().signIn(h.browser(h.Token("ria")))
		other, err := store.Open(h.Ctx, store.Config{URL: h.Address, Derive: access.Derive, Now: h.Now})
		h.must(err)
		t.Cleanup(other.Close)
		sessions, clients := access.NewSessions(other, h.Keys), client.NewClients(other)
		provider := openid.New(other, sessions, clients)
		if _, ok, err := provider.Tell(h.Ctx, token.AccessToken, ""); err != nil || !ok {
			t.Fatalf("the other replica does not know it: %v", err)
		}
		signal, done := other.Follow("session:" + h.Actor("ria").Session)
		defer done()
		h.must(h.Sessions.SignOut(h.Ctx, h.Actor("ria")))
		select {
		case <-signal:
		case <-time.After(5 * time.Second):
			t.Fatal("the other replica heard nothing")
		}
		if _, ok, err := provider.Tell(h.Ctx, token.AccessToken, ""); err != nil || ok { // the clock stands still: nothing grew old
			t.Errorf("it still tells: %v, %v", ok, err)
		}
	})
}
