package oidc

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"locum/models"
	"locum/models/client"
)

// FuzzAuthorize feeds addresses at which an application asks who sits at a browser:
// whatever they are, the answer goes to an address that is registered or nowhere,
// and nothing is taken without PKCE. Run it with -fuzzminimizetime 1x.
func FuzzAuthorize(f *testing.F) {
	const registered = "https://bridge.example/callback?kept=1"
	right := url.Values{"client_id": {"app_1"}, "redirect_uri": {registered}, "response_type": {"code"}, "scope": {"openid email"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"}, "prompt": {"login"}, "max_age": {"60"}, "login_hint": {"ria@zonneveld.example"}}
	f.Add(right.Encode())
	for name, value := range map[string]string{"redirect_uri": "https://evil.example/", "code_challenge_method": "plain", "code_challenge": "", "response_type": "token", "prompt": "none login",
		"max_age": "-1", "request": "x.y.z", "state": "a\r\nLocation: https://evil.example", "client_id": "app_2", "scope": "", "response_mode": "form_post"} {
		changed := url.Values{}
		for n, v := range right {
			changed[n] = v
		}
		changed.Set(name, value)
		f.Add(changed.Encode())
	}
	f.Add(right.Encode() + "&redirect_uri=https://evil.example/&state=2")
	a := &area{issuer: "https://hub.example"}
	of := func(id string) (client.Client, error) {
		if id != "app_1" {
			return client.Client{}, models.Unknown()
		}
		return client.Client{ApplicationID: id, Kind: client.Public, RedirectURIs: registered}, nil
	}
	f.Fuzz(func(t *testing.T, text string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		in, err := a.read(query, of)
		refused := refusal{}
		if err != nil && !errors.As(err, &refused) {
			if models.KindOf(err) != models.Invalid {
				t.Fatalf("%q: %v", text, err)
			}
			return // the person is told, and nobody else
		}
		if in.RedirectURI != registered {
			t.Fatalf("%q goes to %q", text, in.RedirectURI)
		}
		if err == nil && (in.Challenge == "" || query.Get("code_challenge_method") != "S256" || query.Get("response_type") != "code" || len(query["code_challenge"]) != 1) {
			t.Fatalf("%q is taken", text)
		}
		to, err := url.Parse(a.refusing(in, refused))
		if err != nil || to.Scheme != "https" || to.Host != "bridge.example" || to.Path != "/callback" || to.Fragment != "" || to.User != nil ||
			to.Query().Get("kept") != "1" || to.Query().Get("state") != query.Get("state") || to.Query().Get("iss") != a.issuer {
			t.Fatalf("%q is answered at %v: %v", text, to, err)
		}
		now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
		if !in.fresh(now.Add(time.Second), now, now.Add(time.Minute)) {
			t.Fatalf("%q: who signed in for it is sent to sign in again", text)
		}
	})
}
