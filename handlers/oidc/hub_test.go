package oidc_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"locum/handlers/oidc"
	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

const (
	callback = "https://bridge.example/callback"
	goodbye  = "https://bridge.example/bye"
)

// hub is the provider on a real listener, with the application Bridge, which
// Zonneveld uses: its roles are planner (the default one) and chief.
type hub struct {
	*modelstest.World
	t       testing.TB
	server  *httptest.Server
	app     tenancy.Application
	secret  string
	handler http.Handler
}

func each(t *testing.T, test func(t *testing.T, h *hub)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(t, newHub(t, w)) })
}

func newHub(t testing.TB, w *modelstest.World) *hub {
	t.Helper()
	h := &hub{World: w, t: t}
	h.server = httptest.NewUnstartedServer(nil)
	h.handler = h.replica(w.Clients, w.OpenID)
	h.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) })
	h.server.Start()
	t.Cleanup(h.server.Close)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
	})
	h.app = h.register("bridge", client.Draft{Kind: client.BySecret, RedirectURIs: callback, PostLogoutURIs: goodbye, LogoutURI: "https://bridge.example/logout"})
	_, text, err := w.Clients.AddSecret(w.Ctx, w.Actor("karin"), h.app.ID)
	h.must(err)
	h.secret = text
	return h
}

// replica is a process that serves the provider from the hub's database.
func (h *hub) replica(clients *client.Clients, provider *openid.Provider) http.Handler {
	h.t.Helper()
	public := &url.URL{Scheme: "http", Host: h.server.Listener.Addr().String()}
	app, err := web.New(web.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Sessions: h.Sessions,
		Log: slog.New(slog.DiscardHandler), Now: h.Now, Limits: web.Limits{Requests: -1, Anonymous: -1}})
	h.must(err)
	oidc.Mount(app, oidc.Config{PublicURL: public, Provider: provider, Clients: clients, Sessions: h.Sessions, Signing: h.Signing, Now: h.Now,
		Log: slog.New(slog.NewTextHandler(h.t.Output(), nil))})
	app.Open("GET /as/{token}", func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.PathValue("token")), nil
	})
	return app.Handler()
}

// register connects an application that Zonneveld uses.
func (h *hub) register(key string, in client.Draft) tenancy.Application {
	h.t.Helper()
	by := h.Actor("karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, by, tenancy.Application{Key: key, Name: strings.ToUpper(key[:1]) + key[1:]})
	h.must(err)
	for _, role := range []string{"planner", "chief"} {
		_, err := h.Companies.RegisterRole(h.Ctx, by, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: role, Name: role})
		h.must(err)
	}
	h.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Enabled{CompanyID: h.Zonneveld.Company, OrganizationID: h.Zonneveld.Organization, ApplicationID: app.ID, EnabledAt: models.At(h.Now())}).Error
	})
	h.must(h.Clients.Connect(h.Ctx, by, app.ID, in))
	return app
}

func (h *hub) must(err error) {
	if err != nil {
		h.t.Helper()
		h.t.Fatal(err)
	}
}

// browser is somebody's browser, which stops where it would leave the hub.
type browser struct {
	hub *hub
	*http.Client
}

func (h *hub) browser(token string) *browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	b := &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if token != "" {
		b.get(h.server.URL + "/as/" + token)
	}
	return b
}

// page is what a browser got.
type page struct {
	code     int
	location string
	body     string
	header   http.Header
}

func (b *browser) get(address string) page { return b.ask(http.MethodGet, address, nil) }

func (b *browser) ask(method, address string, form url.Values, headers ...string) page {
	b.hub.t.Helper()
	b.hub.Advance(time.Second)
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	b.hub.must(err)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.Do(request)
	b.hub.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	b.hub.must(err)
	return page{answer.StatusCode, answer.Header.Get("Location"), string(body), answer.Header}
}

// answered are the parameters with which a browser was sent back to the
// application.
func (h *hub) answered(p page) url.Values {
	h.t.Helper()
	if p.code != http.StatusSeeOther || !strings.HasPrefix(p.location, callback+"?") {
		h.t.Fatalf("not sent back: %d %s\n%s", p.code, p.location, p.body)
	}
	to, err := url.Parse(p.location)
	h.must(err)
	return to.Query()
}

// library is coreos/go-oidc and x/oauth2, as an application of life uses them.
type library struct {
	hub      *hub
	provider *gooidc.Provider
	oauth2.Config
}

func (h *hub) library(scopes ...string) *library {
	h.t.Helper()
	provider, err := gooidc.NewProvider(h.Ctx, h.server.URL)
	h.must(err)
	return &library{h, provider, oauth2.Config{ClientID: h.app.ID, ClientSecret: h.secret, Endpoint: provider.Endpoint(), RedirectURL: callback, Scopes: append([]string{"openid"}, scopes...)}}
}

// code sends a browser for a code.
func (l *library) code(b *browser, verifier string) string {
	l.hub.t.Helper()
	got := l.hub.answered(b.get(l.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), gooidc.Nonce("the-nonce"))))
	if got.Get("code") == "" || got.Get("state") != "the-state" || got.Get("iss") != l.hub.server.URL {
		l.hub.t.Fatalf("came back with %v", got)
	}
	return got.Get("code")
}

// signIn is the whole of it: tokens for the person of a browser.
func (l *library) signIn(b *browser) *oauth2.Token {
	l.hub.t.Helper()
	verifier := oauth2.GenerateVerifier()
	token, err := l.Exchange(l.hub.Ctx, l.code(b, verifier), oauth2.VerifierOption(verifier))
	l.hub.must(err)
	return token
}

// verified are the claims of the ID token that came with tokens, once the library
// found nothing wrong with it.
func (l *library) verified(token *oauth2.Token) map[string]any {
	l.hub.t.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := l.provider.VerifierContext(context.WithValue(l.hub.Ctx, oauth2.HTTPClient, http.DefaultClient), &gooidc.Config{ClientID: l.ClientID, Now: l.hub.Now}).Verify(l.hub.Ctx, raw)
	l.hub.must(err)
	l.hub.must(id.VerifyAccessToken(token.AccessToken))
	var said map[string]any
	l.hub.must(id.Claims(&said))
	return said
}

// introspected is what the provider tells Bridge of a token.
func (h *hub) introspected(token string) map[string]any {
	h.t.Helper()
	h.Advance(time.Second)
	return h.post("/oauth/introspect", url.Values{"token": {token}}, h.app.ID, h.secret).said
}

// told is an answer to a machine.
type told struct {
	code   int
	said   map[string]any
	header http.Header
	body   string
}

// post sends a form as a client; without an id it brings no credentials.
func (h *hub) post(path string, form url.Values, id, text string) told {
	h.t.Helper()
	request, err := http.NewRequest(http.MethodPost, h.server.URL+path, strings.NewReader(form.Encode()))
	h.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		request.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(text))
	}
	return h.send(request)
}

func (h *hub) send(request *http.Request) told {
	h.t.Helper()
	answer, err := http.DefaultClient.Do(request)
	h.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	h.must(err)
	t := told{code: answer.StatusCode, header: answer.Header, body: string(body)}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &t.said); err != nil {
			h.t.Fatalf("%s: %s is no JSON", request.URL.Path, body)
		}
	}
	return t
}

// dead fails unless the provider tells nothing of a token.
func (h *hub) dead(token, when string) {
	h.t.Helper()
	h.Advance(time.Second)
	if got := h.post("/oauth/introspect", url.Values{"token": {token}}, h.app.ID, h.secret); got.code != 200 || strings.TrimSpace(got.body) != `{"active":false}` {
		h.t.Errorf("%s: %d %s", when, got.code, got.body)
	}
}

// refused fails unless an answer is an OAuth error.
func (h *hub) refused(got told, code int, kind, what string) {
	h.t.Helper()
	if got.code != code || got.said["error"] != kind {
		h.t.Errorf("%s: %d %s, want %d %s", what, got.code, got.body, code, kind)
	}
}

// enable has an organization use Bridge.
func (h *hub) enable(at models.Party) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Enabled{CompanyID: at.Company, OrganizationID: at.Organization, ApplicationID: h.app.ID, EnabledAt: models.At(h.Now())}).Error
	})
}
