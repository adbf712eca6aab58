package oidc_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"locum/models/openid"
	"locum/models/store"
)

func TestAFormOfAnotherSiteKeepsNothingAndLeavesASignInUnderWayAlone(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		waiting := func() (n int64) {
			h.System(func(tx *store.Tx) error { return tx.Model(&openid.Pending{}).Count(&n).Error })
			return n
		}
		verifier := oauth2.GenerateVerifier()
		mine := h.browser("")
		first := mine.get(h.at(h.asking(verifier))) // he signs in for this one
		to, err := url.Parse(first.location)
		h.must(err)
		was := waiting()
		// Browsers send no Lax cookie with a form of another site.
		cross := func(query url.Values) page {
			return h.browser("").ask(http.MethodPost, h.server.URL+"/oauth/authorize", query, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		}
		for what, query := range map[string]url.Values{"no client": h.asking(verifier, "client_id", "app_unknown"), "another address": h.asking(verifier, "redirect_uri", "https://evil.example/"),
			"nothing": {"x": {"y"}}} {
			if got := cross(query); got.code != http.StatusBadRequest || got.location != "" || got.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %s %v", what, got.code, got.location, got.header["Set-Cookie"])
			}
		}
		got := cross(h.asking(verifier))
		if got.code != http.StatusSeeOther || !strings.HasPrefix(got.location, "/oauth/authorize?") || got.header.Get("Set-Cookie") != "" {
			t.Errorf("a right one: %d %s %v", got.code, got.location, got.header["Set-Cookie"])
		}
		if now := waiting(); now != was {
			t.Errorf("%d requests wait, and %d did before", now, was)
		}
		if got := cross(h.asking(verifier, "nonce", strings.Repeat("x", openid.MostQuery))); got.code != http.StatusRequestEntityTooLarge {
			t.Errorf("one without end: %d", got.code)
		}
		// His browser follows the redirect as it would a link, and goes on with both.
		second := mine.get(h.server.URL + got.location)
		if !strings.HasPrefix(second.location, "/sign-in?next=") {
			t.Fatalf("sent to %s", second.location)
		}
		mine.get(h.server.URL + "/as/" + h.Token("ria"))
		if back := h.answered(mine.get(h.server.URL + to.Query().Get("next"))); back.Get("code") == "" {
			t.Errorf("the first came back with %v", back)
		}
		if back := h.answered(h.browser(h.Token("ria")).get(h.server.URL + got.location)); back.Get("code") == "" {
			t.Errorf("whoever is signed in came back with %v", back)
		}
	})
}

// What a form can hold and a link of the hub's own pages cannot: ID tokens and what
// applications remember in a state are long.
func TestALongFormOfAnApplicationGoesOn(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		verifier := oauth2.GenerateVerifier()
		long := strings.Repeat("x", 2000)
		b := h.browser(h.Token("ria"))
		got := h.browser("").ask(http.MethodPost, h.server.URL+"/oauth/authorize", h.asking(verifier, "state", long), "Sec-Fetch-Site", "cross-site")
		if !strings.HasPrefix(got.location, "/oauth/authorize?") {
			t.Fatalf("a request: %d, sent to %q", got.code, got.location)
		}
		if back := h.answered(b.get(h.server.URL + got.location)); back.Get("code") == "" || back.Get("state") != long {
			t.Errorf("it came back with %v", back)
		}
		leave := url.Values{"client_id": {h.app.ID}, "state": {long + long}}
		got = h.browser("").ask(http.MethodPost, h.server.URL+"/oauth/logout", leave, "Sec-Fetch-Site", "cross-site")
		if !strings.HasPrefix(got.location, "/oauth/logout?") {
			t.Errorf("signing out: %d, sent to %q", got.code, got.location)
		}
		leave.Set("state", strings.Repeat("x", openid.MostQuery))
		if got = h.browser("").ask(http.MethodPost, h.server.URL+"/oauth/logout", leave); got.code != http.StatusRequestEntityTooLarge {
			t.Errorf("one without end: %d", got.code)
		}
	})
}
