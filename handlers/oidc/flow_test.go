package oidc_test

import (
	"net/url"
	"slices"
	"testing"

	"golang.org/x/oauth2"

	"locum/models/delegation"
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
