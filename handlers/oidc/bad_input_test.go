package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"

	"locum/models/client"
	"locum/models/delegation"
)

// asking are the parameters of a request that is right.
func (h *hub) asking(verifier string, change ...string) url.Values {
	query := url.Values{"client_id": {h.app.ID}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)}, "code_challenge_method": {"S256"}}
	for i := 0; i+1 < len(change); i += 2 {
		if change[i+1] == "" {
			query.Del(change[i])
		} else {
			query.Set(change[i], change[i+1])
		}
	}
	return query
}

func (h *hub) at(query url.Values) string { return h.server.URL + "/oauth/authorize?" + query.Encode() }

func TestNobodyIsSentToAnAddressThatIsNotRegistered(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser(h.Token("ria"))
		verifier := oauth2.GenerateVerifier()
		for _, address := range []string{"https://evil.example/callback", callback + "/", callback + "?x=1", "https://bridge.example/Callback", "https://bridge.example:443/callback", "https://bridge.example%2Fcallback",
			"https%3A%2F%2Fbridge.example%2Fcallback", callback + " https://evil.example", "https://bridge.example/callback#", "javascript:alert(1)", "//evil.example", " " + callback} {
			got := b.get(h.at(h.asking(verifier, "redirect_uri", address)))
			if got.code != http.StatusBadRequest || got.location != "" || strings.Contains(got.body, `href="https://evil`) {
				t.Errorf("%q: %d %s", address, got.code, got.location)
			}
		}
		for _, query := range []url.Values{h.asking(verifier, "redirect_uri", ""), h.asking(verifier, "client_id", "app_unknown"), h.asking(verifier, "client_id", "")} {
			if got := b.get(h.at(query)); got.code != http.StatusBadRequest || got.location != "" {
				t.Errorf("%v: %d %s", query, got.code, got.location)
			}
		}
		twice := h.asking(verifier)
		twice.Add("redirect_uri", "https://evil.example/")
		if got := b.get(h.at(twice)); got.code != http.StatusBadRequest || got.location != "" {
			t.Errorf("two addresses: %d %s", got.code, got.location)
		}
	})
}

func TestTheApplicationIsToldWhatIsWrongWithItsRequest(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser(h.Token("ria"))
		verifier := oauth2.GenerateVerifier()
		for what, c := range map[string]struct {
			change []string
			want   string
		}{
			"no PKCE":                {[]string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
			"PKCE downgraded":        {[]string{"code_challenge_method", "plain"}, "invalid_request"},
			"PKCE without a method":  {[]string{"code_challenge_method", ""}, "invalid_request"},
			"a challenge that is no": {[]string{"code_challenge", "short"}, "invalid_request"},
			"implicit":               {[]string{"response_type", "id_token"}, "unsupported_response_type"},
			"hybrid":                 {[]string{"response_type", "code token"}, "unsupported_response_type"},
			"a fragment":             {[]string{"response_mode", "fragment"}, "invalid_request"},
			"no openid":              {[]string{"scope", "email"}, "invalid_scope"},
			"no scope":               {[]string{"scope", ""}, "invalid_scope"},
			"a request object":       {[]string{"request", "x.y.z"}, "request_not_supported"},
			"a request by reference": {[]string{"request_uri", "https://evil.example/"}, "request_uri_not_supported"},
			"none and login":         {[]string{"prompt", "none login"}, "invalid_request"},
			"an age that is none":    {[]string{"max_age", "-1"}, "invalid_request"},
		} {
			got := h.answered(b.get(h.at(h.asking(verifier, c.change...))))
			if got.Get("error") != c.want || got.Get("code") != "" || got.Get("state") != "s" || got.Get("iss") != h.server.URL {
				t.Errorf("%s: %v", what, got)
			}
		}
	})
}

func TestACodeIsExchangedOnceAndAReplayEndsWhatItGave(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		l := h.library("offline_access")
		verifier := oauth2.GenerateVerifier()
		code := l.code(h.browser(h.Token("ria")), verifier)
		form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
		change := func(name, value string) url.Values {
			changed := url.Values{}
			for n, v := range form {
				changed[n] = v
			}
			if value == "" {
				changed.Del(name)
			} else {
				changed.Set(name, value)
			}
			return changed
		}
		for what, bad := range map[string]url.Values{"no verifier": change("code_verifier", ""), "another verifier": change("code_verifier", oauth2.GenerateVerifier()),
			"the challenge as verifier": change("code_verifier", oauth2.S256ChallengeFromVerifier(verifier)), "another address": change("redirect_uri", callback+"/")} {
			h.refused(h.post("/oauth/token", bad, h.app.ID, h.secret), 400, "invalid_grant", what)
		}
		other := h.register("other", client.Draft{Kind: client.BySecret, RedirectURIs: callback})
		_, text, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), other.ID)
		h.must(err)
		h.refused(h.post("/oauth/token", form, other.ID, text), 400, "invalid_grant", "another client")
		first := h.post("/oauth/token", form, h.app.ID, h.secret)
		if first.code != 200 || first.header.Get("Cache-Control") != "no-store" || first.said["token_type"] != "Bearer" {
			t.Fatalf("%d %s %v", first.code, first.body, first.header)
		}
		access, refresh := first.said["access_token"].(string), first.said["refresh_token"].(string)
		if now := h.introspected(access); now["active"] != true {
			t.Fatalf("before the replay: %v", now)
		}
		h.refused(h.post("/oauth/token", form, h.app.ID, h.secret), 400, "invalid_grant", "the code again")
		h.dead(access, "after the replay")
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}, h.app.ID, h.secret), 400, "invalid_grant", "the refresh token after the replay")
		if h.Count(h.Zonneveld, "application.token_replayed") != 1 {
			t.Error("nobody hears of the replay")
		}
	})
}

func TestACodeIsWorthNothingAfterAMinute(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		verifier := oauth2.GenerateVerifier()
		code := h.library().code(h.browser(h.Token("ria")), verifier)
		h.Advance(time.Minute)
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}, h.app.ID, h.secret), 400, "invalid_grant", "late")
	})
}

func TestARefreshTokenIsUsedOnceAndReuseEndsItsFamily(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		token := h.library("offline_access").signIn(h.browser(h.Token("ria")))
		refresh := func(text string) told {
			return h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {text}}, h.app.ID, h.secret)
		}
		second := refresh(token.RefreshToken)
		if second.code != 200 || second.said["refresh_token"] == token.RefreshToken || second.said["access_token"] == token.AccessToken {
			t.Fatalf("%d %s", second.code, second.body)
		}
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {second.said["refresh_token"].(string)}, "scope": {"openid delegations.write"}}, h.app.ID, h.secret),
			400, "invalid_scope", "more than was given")
		h.refused(refresh(token.RefreshToken), 400, "invalid_grant", "the first one again")
		h.refused(refresh(second.said["refresh_token"].(string)), 400, "invalid_grant", "the second one, of the same family")
		h.dead(second.said["access_token"].(string), "the newest access token")
	})
}

func TestAClientLearnsNothingOfAnothersToken(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		token := h.library("offline_access").signIn(h.browser(h.Token("ria")))
		other := h.register("other", client.Draft{Kind: client.BySecret, RedirectURIs: "https://other.example/callback"})
		_, text, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), other.ID)
		h.must(err)
		if got := h.post("/oauth/introspect", url.Values{"token": {token.AccessToken}}, other.ID, text); strings.TrimSpace(got.body) != `{"active":false}` {
			t.Errorf("another client is told %s", got.body)
		}
		h.post("/oauth/revoke", url.Values{"token": {token.AccessToken}}, other.ID, text)
		h.refused(h.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}}, other.ID, text), 400, "invalid_grant", "another's refresh token")
		if now := h.introspected(token.AccessToken); now["active"] != true {
			t.Error("another client took it back")
		}
		if got := h.post("/oauth/revoke", url.Values{"token": {token.RefreshToken}}, h.app.ID, h.secret); got.code != 200 {
			t.Errorf("revocation: %d %s", got.code, got.body)
		}
		h.dead(token.AccessToken, "after its refresh token was given back")
	})
}

func TestAClientShowsThatItIsTheOneOrIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		token := h.library().signIn(h.browser(h.Token("ria")))
		form := url.Values{"token": {token.AccessToken}}
		h.refused(h.post("/oauth/introspect", form, h.app.ID, "lcs_wrong"), 401, "invalid_client", "a wrong secret")
		h.refused(h.post("/oauth/introspect", form, "app_unknown", h.secret), 401, "invalid_client", "a client nobody knows")
		h.refused(h.post("/oauth/introspect", form, "", ""), 401, "invalid_client", "none")
		body := url.Values{"token": {token.AccessToken}, "client_id": {h.app.ID}, "client_secret": {h.secret}}
		if got := h.post("/oauth/introspect", body, "", ""); got.said["active"] != true {
			t.Errorf("the secret in the body: %s", got.body)
		}
		h.refused(h.post("/oauth/introspect", body, h.app.ID, h.secret), 400, "invalid_request", "in two ways")
		h.refused(h.post("/oauth/introspect?token="+token.AccessToken, form, h.app.ID, h.secret), 400, "invalid_request", "a token in the address")
		h.refused(h.post("/oauth/introspect", url.Values{"token": {token.AccessToken, "x"}}, h.app.ID, h.secret), 400, "invalid_request", "twice")
		h.must(h.Clients.Disable(h.Ctx, h.Actor("karin"), h.app.ID))
		h.refused(h.post("/oauth/introspect", form, h.app.ID, h.secret), 401, "invalid_client", "once it is disabled")
	})
}

func TestAPublicClientNeedsNoSecretAndMayNotIntrospect(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.app = h.register("phone", client.Draft{Kind: client.Public, RedirectURIs: callback})
		h.secret = ""
		l := h.library()
		l.Endpoint.AuthStyle = oauth2.AuthStyleInParams
		token := l.signIn(h.browser(h.Token("ria")))
		if said := l.verified(token); said["sub"] != h.ID("ria") {
			t.Errorf("%v", said)
		}
		h.refused(h.post("/oauth/introspect", url.Values{"token": {token.AccessToken}, "client_id": {h.app.ID}}, "", ""), 401, "invalid_client", "introspection")
	})
}

// key is a private key and the set that a client registers of it.
func key(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return private, string(set)
}

func TestAnAssertionIsForThisHubByThisClientAndTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		private, set := key(t)
		stranger, _ := key(t)
		app := h.register("ledger", client.Draft{Kind: client.ByKey, RedirectURIs: callback, JWKS: set})
		signed := func(by any, alg jose.SignatureAlgorithm, c jwt.Claims) string {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: by}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "k1"))
			h.must(err)
			text, err := jwt.Signed(signer).Claims(c).Serialize()
			h.must(err)
			return text
		}
		right := func() jwt.Claims {
			return jwt.Claims{Issuer: app.ID, Subject: app.ID, Audience: jwt.Audience{h.server.URL + "/oauth/token"}, ID: rand.Text(), IssuedAt: jwt.NewNumericDate(h.Now()), Expiry: jwt.NewNumericDate(h.Now().Add(time.Minute))}
		}
		ask := func(assertion string) told {
			return h.post("/oauth/introspect", url.Values{"token": {"loa_x"}, "client_assertion": {assertion}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}, "", "")
		}
		once := signed(private, jose.ES256, right())
		if got := ask(once); got.code != 200 {
			t.Fatalf("a right one: %d %s", got.code, got.body)
		}
		h.refused(ask(once), 401, "invalid_client", "its jti again")
		for what, spoil := range map[string]func(*jwt.Claims){
			"another audience": func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://elsewhere.example/oauth/token"} },
			"no audience":      func(c *jwt.Claims) { c.Audience = nil },
			"run out":          func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.Now().Add(-time.Minute)) },
			"no end":           func(c *jwt.Claims) { c.Expiry = nil },
			"for a year":       func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.Now().Add(365 * 24 * time.Hour)) },
			"no jti":           func(c *jwt.Claims) { c.ID = "" },
			"another subject":  func(c *jwt.Claims) { c.Subject = h.app.ID },
			"another issuer":   func(c *jwt.Claims) { c.Issuer, c.Subject = h.app.ID, h.app.ID },
		} {
			c := right()
			spoil(&c)
			h.refused(ask(signed(private, jose.ES256, c)), 401, "invalid_client", what)
		}
		h.refused(ask(signed(stranger, jose.ES256, right())), 401, "invalid_client", "signed by somebody else")
		h.refused(ask(signed([]byte("0123456789abcdef0123456789abcdef"), jose.HS256, right())), 401, "invalid_client", "signed by what everybody knows")
		h.refused(ask("x.y.z"), 401, "invalid_client", "no assertion")
		h.refused(h.post("/oauth/introspect", url.Values{"token": {"loa_x"}}, app.ID, "lcs_guess"), 401, "invalid_client", "a secret of a client that has none")
	})
}

func TestADenialIsToldToThePersonAndNeverLoops(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser(h.Token("sanne")) // Kade does not use Bridge
		verifier := oauth2.GenerateVerifier()
		got := b.get(h.at(h.asking(verifier)))
		if got.code != http.StatusForbidden || got.location != "" || !strings.Contains(got.body, `data-denied="app_not_enabled"`) || !strings.Contains(got.body, "Kade Consultants does not use Bridge.") ||
			!strings.Contains(got.body, "error=access_denied") {
			t.Errorf("%d %s\n%s", got.code, got.location, got.body)
		}
		if back := h.answered(b.get(h.at(h.asking(verifier, "prompt", "none")))); back.Get("error") != "access_denied" {
			t.Errorf("silently: %v", back)
		}
		d := h.Delegate("karin", "sanne", delegation.Week)
		h.Switch("sanne", h.Zonneveld)
		h.must(h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID))
		got = b.get(h.at(h.asking(verifier)))
		if got.code != http.StatusForbidden || !strings.Contains(got.body, `data-denied="delegation_expired"`) || !strings.Contains(got.body, "Zonneveld Bakkerijen") {
			t.Errorf("after the visit: %d %s", got.code, got.body)
		}
		if got = b.get(h.at(h.asking(verifier))); !strings.Contains(got.body, `data-denied="app_not_enabled"`) {
			t.Errorf("once he was told: %d %s", got.code, got.body)
		}
	})
}

func TestWhoIsNotSignedInComesBackToTheApplication(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser("")
		verifier := oauth2.GenerateVerifier()
		if back := h.answered(b.get(h.at(h.asking(verifier, "prompt", "none")))); back.Get("error") != "login_required" {
			t.Errorf("silently: %v", back)
		}
		got := b.get(h.at(h.asking(verifier, "login_hint", "ria@zonneveld.example")))
		to, err := url.Parse(got.location)
		h.must(err)
		next := to.Query().Get("next")
		if to.Path != "/sign-in" || !strings.HasPrefix(next, "/oauth/authorize/arq_") || to.Query().Get("email") != "ria@zonneveld.example" {
			t.Fatalf("sent to %s", got.location)
		}
		b.get(h.server.URL + "/as/" + h.Token("ria"))
		if stranger := h.browser(h.Token("ria")).get(h.server.URL + next); stranger.code != http.StatusNotFound {
			t.Errorf("another browser goes on with it: %d %s", stranger.code, stranger.location)
		}
		if back := h.answered(b.get(h.server.URL + next)); back.Get("code") == "" {
			t.Errorf("came back with %v", back)
		}
		// A form of the hub led here: a redirect would be blocked as part of it.
		page := b.ask(http.MethodGet, h.server.URL+next, nil, "Sec-Fetch-Site", "same-origin")
		if page.code != http.StatusOK || !strings.Contains(page.body, callback) {
			t.Errorf("after a form: %d %s", page.code, page.location)
		}
	})
}

func TestWhoMustSignInAnewIsNotLetThroughByAnOldSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		b := h.browser(h.Token("ria"))
		verifier := oauth2.GenerateVerifier()
		h.Advance(10 * time.Minute)
		for _, change := range [][]string{{"prompt", "login"}, {"max_age", "300"}, {"max_age", "0"}} {
			got := b.get(h.at(h.asking(verifier, change...)))
			if !strings.HasPrefix(got.location, "/account/step-up?next=") {
				t.Errorf("%v: %d %s", change, got.code, got.location)
				continue
			}
			to, _ := url.Parse(got.location)
			next := h.server.URL + to.Query().Get("next")
			if again := b.get(next); !strings.HasPrefix(again.location, "/account/step-up") {
				t.Errorf("%v: let through without signing in: %s", change, again.location)
			}
		}
		if back := h.answered(b.get(h.at(h.asking(verifier, "max_age", "300", "prompt", "none")))); back.Get("error") != "login_required" {
			t.Errorf("silently: %v", back)
		}
		if back := h.answered(b.get(h.at(h.asking(verifier, "max_age", "3600")))); back.Get("code") == "" {
			t.Errorf("young enough: %v", back)
		}
	})
}
