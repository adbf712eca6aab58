package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Bridge is a business application that signs people in at the hub by OpenID
// Connect, as a real one would, and asks it at each step where they work now.
type Bridge struct {
	url  string
	hub  string
	file string
	now  func() time.Time
	mux  http.Handler

	mu       sync.Mutex
	client   bridgeClient
	provider *oidc.Provider
	pending  map[string]bridgeRequest  // by state
	sessions map[string]*bridgeSession // by cookie
	told     map[string]bool           // jti of the logout tokens that were taken
}

// bridgeClient is what the hub's operator gave it.
type bridgeClient struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// bridgeRequest is a sign-in that was begun.
type bridgeRequest struct {
	browser, verifier, nonce string
	begun                    time.Time
}

// bridgeSession is somebody who is signed in here, or was until a moment ago.
type bridgeSession struct {
	hub    string // sid: his session at the hub
	name   string
	email  string
	id     string // the ID token, to sign out with
	access string
	standing
	over    string // why he was signed out; empty while he is not
	changed chan struct{}
}

// standing is what the hub tells of somebody (RFC 7662).
type standing struct {
	Active       bool     `json:"active"`
	Session      string   `json:"sid"`
	Organization string   `json:"org_name"`
	Hue          int      `json:"org_hue"`
	Roles        []string `json:"roles"`
	Act          *struct {
		Organization string `json:"org_name"`
		Hue          int    `json:"org_hue"`
	} `json:"act"`
	Delegation *struct {
		ID      string    `json:"id"`
		Expires time.Time `json:"expires_at"`
		Ticket  string    `json:"ticket"`
	} `json:"delegation"`
	Epoch int64  `json:"ctx_epoch"`
	Zone  string `json:"zoneinfo"` // the person's
}

// Until is when the delegation by which somebody visits ends, by his own clock.
func (s standing) Until() string {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	return s.Delegation.Expires.In(zone).Format("Mon 2 Jan 2006, 15:04 MST")
}

// What a person of Bridge is told once he is signed out.
const (
	bridgeToldOver = "The hub told Bridge that your session, or the visit in which you signed in, is over."
	bridgeSeenOver = "The hub says that your sign-in counts no more: the session or the visit is over, or Bridge is not for you where you work now."
)

// bridgeCookie names the cookie: those of one machine share their names over ports.
const bridgeCookie = "bridge-session"

// NewBridge makes the application at an address of its own, or reads back what an
// earlier run knew.
func NewBridge(config Config, address string) (*Bridge, error) {
	config = config.completed()
	b := &Bridge{url: strings.TrimRight(address, "/"), hub: config.Hub, now: config.Now, pending: map[string]bridgeRequest{}, sessions: map[string]*bridgeSession{}, told: map[string]bool{}}
	if config.Folder != "" {
		b.file = filepath.Join(config.Folder, "bridge.json")
	}
	if _, err := readKept(b.file, &b.client); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.page)
	mux.HandleFunc("GET /sign-in", b.signIn)
	mux.HandleFunc("GET /callback", b.callback)
	mux.HandleFunc("GET /live", b.live)
	mux.HandleFunc("POST /sign-out", b.signOut)
	mux.HandleFunc("POST /backchannel-logout", b.takeLogout)
	mux.HandleFunc("GET /assets/", serveAsset)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		renderBridge(w, http.StatusNotFound, bridgeView{Wrong: "This address leads nowhere."}, "")
	})
	b.mux = http.NewCrossOriginProtection().Handler(mux)
	return b, nil
}

// Addresses are what the hub has to know of it: where answers go, where people go
// who signed out, and where it is told that a session is over.
func (b *Bridge) Addresses() (redirect, postLogout, logout string) {
	return b.url + "/callback", b.url + "/", b.url + "/backchannel-logout"
}

// Connect tells it as which client the hub knows it.
func (b *Bridge) Connect(id, secret string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.client = bridgeClient{id, secret}
	return writeKept(b.file, b.client)
}

// ServeHTTP answers its pages.
func (b *Bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

// Serve serves it until the context ends.
func (b *Bridge) Serve(ctx context.Context, on net.Listener) error {
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(on) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, done := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer done()
	err := server.Shutdown(patience)
	if ended := <-ended; !errors.Is(ended, http.ErrServerClosed) {
		return errors.Join(err, ended)
	}
	return err
}

// library is how it speaks with the hub: it finds everything out by discovery.
func (b *Bridge) library(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	b.mu.Lock()
	provider, client := b.provider, b.client
	b.mu.Unlock()
	if provider == nil {
		var err error
		if provider, err = oidc.NewProvider(context.WithoutCancel(ctx), b.hub); err != nil {
			return nil, oauth2.Config{}, err
		}
		b.mu.Lock()
		b.provider = provider
		b.mu.Unlock()
	}
	return provider, oauth2.Config{ClientID: client.ID, ClientSecret: client.Secret, Endpoint: provider.Endpoint(), RedirectURL: b.url + "/callback",
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}, nil
}

// signIn sends a browser to the hub.
func (b *Bridge) signIn(w http.ResponseWriter, r *http.Request) {
	_, config, err := b.library(r.Context())
	if err != nil {
		renderBridge(w, http.StatusBadGateway, bridgeView{Wrong: "The hub does not answer. Try again in a moment."}, "")
		return
	}
	request := bridgeRequest{browser: rand.Text(), verifier: oauth2.GenerateVerifier(), nonce: rand.Text(), begun: b.now()}
	state := rand.Text()
	b.mu.Lock()
	for known, old := range b.pending {
		if b.now().Sub(old.begun) > time.Hour {
			delete(b.pending, known)
		}
	}
	b.pending[state] = request
	b.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: bridgeCookie + "-begun", Value: request.browser, Path: "/callback", MaxAge: 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, config.AuthCodeURL(state, oauth2.S256ChallengeOption(request.verifier), oidc.Nonce(request.nonce)), http.StatusSeeOther)
}

// callback takes the hub's answer.
func (b *Bridge) callback(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	b.mu.Lock()
	request, there := b.pending[query.Get("state")]
	delete(b.pending, query.Get("state"))
	b.mu.Unlock()
	begun, err := r.Cookie(bridgeCookie + "-begun")
	switch {
	case !there || err != nil || begun.Value != request.browser || query.Get("iss") != b.hub:
		renderBridge(w, http.StatusBadRequest, bridgeView{Wrong: "This sign-in was not begun here, or is over. Sign in once more."}, "")
		return
	case query.Get("error") != "":
		renderBridge(w, http.StatusForbidden, bridgeView{Wrong: "The hub did not let you in (" + query.Get("error") + ")."}, "")
		return
	}
	session, err := b.open(r.Context(), query.Get("code"), request)
	if err != nil {
		renderBridge(w, http.StatusBadGateway, bridgeView{Wrong: "The sign-in did not work. Sign in once more."}, "")
		return
	}
	value := rand.Text()
	b.mu.Lock()
	b.sessions[value] = session
	b.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: bridgeCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// open exchanges a code, and believes what is signed.
func (b *Bridge) open(ctx context.Context, code string, request bridgeRequest) (*bridgeSession, error) {
	provider, config, err := b.library(ctx)
	if err != nil {
		return nil, err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(request.verifier))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID, Now: b.now}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if id.Nonce != request.nonce {
		return nil, errors.New("another nonce")
	}
	var said struct {
		Session string `json:"sid"`
		Name    string `json:"name"`
		Email   string `json:"email"`
	}
	if err := id.Claims(&said); err != nil {
		return nil, err
	}
	s := &bridgeSession{hub: said.Session, name: said.Name, email: said.Email, id: raw, access: token.AccessToken, changed: make(chan struct{})}
	s.standing, err = b.ask(ctx, s.access)
	return s, err
}

// ask asks the hub what a token is worth now.
func (b *Bridge) ask(ctx context.Context, token string) (now standing, err error) {
	provider, config, err := b.library(ctx)
	if err != nil {
		return now, err
	}
	var where struct {
		Introspection string `json:"introspection_endpoint"`
	}
	if err := provider.Claims(&where); err != nil {
		return now, err
	}
	ctx, done := context.WithTimeout(ctx, 5*time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, where.Introspection, strings.NewReader(url.Values{"token": {token}}.Encode()))
	if err != nil {
		return now, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(config.ClientID), url.QueryEscape(config.ClientSecret))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return now, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return now, errors.New("introspection: " + answer.Status)
	}
	return now, json.NewDecoder(answer.Body).Decode(&now)
}
