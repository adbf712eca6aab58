package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"locum/handlers/api"
	"locum/handlers/web"
	"locum/models/feed"
)

// Many machines may come from one address: one that asks without end is held up
// alone, wherever it comes from.
func TestRequestsAreLimitedPerToken(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		app, err := web.New(web.Config{PublicURL: &url.URL{Scheme: "http", Host: "localhost:8080"}, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
			Sessions: d.Sessions, Log: slog.New(slog.DiscardHandler), Now: d.Now, Limits: web.Limits{Requests: -1, Token: 2}})
		if err != nil {
			t.Fatal(err)
		}
		api.New(d.feed, d.Delegations, api.Domain{Sessions: d.Sessions, Clients: d.Clients, Vault: d.Vault}).Mount(app)
		handler := app.Handler()
		ask := func(path, from, token string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Host, r.RemoteAddr = "localhost:8080", from+":40000"
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w
		}
		busy, calm := d.token("marieke", feed.ReadEvents, feed.ReadState), d.token("marieke", feed.ReadEvents)
		for i, path := range []string{"/v1/events", "/v1/state"} {
			if got := ask(path, "192.0.2.1", busy); got.Code != http.StatusOK {
				t.Fatalf("request %d answers %d: %s", i, got.Code, got.Body)
			}
		}
		got := ask("/v1/events", "192.0.2.2", busy)
		if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" || got.Header().Get("Content-Type") != "application/problem+json; charset=utf-8" {
			t.Errorf("one too many answers %d with %v", got.Code, got.Header())
		}
		if !strings.Contains(got.Body.String(), "with this token") {
			t.Errorf("one too many is told of the network: %s", got.Body)
		}
		if got := ask("/v1/events", "192.0.2.1", calm); got.Code != http.StatusOK {
			t.Errorf("another token answers %d", got.Code)
		}
	})
}

// What machines change is not limited by their address, unless they bring no token
// that is right: and that keeps nobody out whose token is.
func TestChangesAreLimitedByTokenAndFailuresByAddress(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		app, err := web.New(web.Config{PublicURL: &url.URL{Scheme: "http", Host: "localhost:8080"}, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
			Sessions: d.Sessions, Log: slog.New(slog.DiscardHandler), Now: d.Now, Limits: web.Limits{Requests: -1, Anonymous: 3}})
		if err != nil {
			t.Fatal(err)
		}
		api.New(d.feed, d.Delegations, api.Domain{Sessions: d.Sessions, Clients: d.Clients, Vault: d.Vault}).Mount(app)
		handler := app.Handler()
		change := func(token string) int {
			r := httptest.NewRequest(http.MethodPost, "/v1/delegations/dlg_x/revoke", nil)
			r.Host, r.RemoteAddr = "localhost:8080", "192.0.2.1:40000"
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w.Code
		}
		_, token := d.ofOrganization("karin", feed.WriteDelegations)
		_, late := d.ofOrganization("pim", feed.WriteDelegations)
		if got := d.Ask("/v1/delegations", token); got.Code != http.StatusOK {
			t.Fatal(got.Body)
		}
		for range 6 {
			if got := change(token); got != http.StatusNotFound {
				t.Fatalf("a change with a token answers %d", got)
			}
		}
		for i := range 5 {
			want := http.StatusUnauthorized
			if i >= 3 {
				want = http.StatusTooManyRequests
			}
			if got := change("locum_guess"); got != want {
				t.Errorf("guess %d answers %d", i+1, got)
			}
		}
		if got := change(token); got != http.StatusNotFound {
			t.Errorf("whose token was right is kept out with %d", got)
		}
		if got := change(late); got != http.StatusTooManyRequests {
			t.Errorf("a token of which nothing is known answers %d", got)
		}
	})
}
