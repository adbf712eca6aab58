package demo

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// bridgePage is the one page of the application: it looks like no other stranger.
var bridgePage = template.Must(template.ParseFS(pageFiles, "pages/bridge.html"))

// bridgeView is what the page shows.
type bridgeView struct {
	Hub    string
	Wrong  string
	Person *bridgeSession
}

// Name and Email are who he is.
func (s *bridgeSession) Name() string { return s.name }

// Email is the address under which he is known.
func (s *bridgeSession) Email() string { return s.email }

// Over is why he was signed out; empty while he is not.
func (s *bridgeSession) Over() string { return s.over }

func renderBridge(w http.ResponseWriter, status int, view bridgeView, formOrigin string) {
	var page bytes.Buffer
	if err := bridgePage.Execute(&page, view); err != nil {
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", strings.TrimSpace("default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+formOrigin))
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

// session is who sits at a browser; nil for nobody.
func (b *Bridge) session(r *http.Request) (*bridgeSession, string) {
	cookie, err := r.Cookie(bridgeCookie)
	if err != nil {
		return nil, ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions[cookie.Value], cookie.Value
}

// page shows where somebody works now. It asks the hub first, so that it is true
// without scripts too.
func (b *Bridge) page(w http.ResponseWriter, r *http.Request) {
	s, value := b.session(r)
	if s == nil {
		renderBridge(w, http.StatusOK, bridgeView{Hub: b.hub}, "")
		return
	}
	b.look(r.Context(), s)
	b.mu.Lock()
	shown := *s
	if s.over != "" {
		delete(b.sessions, value)
	}
	b.mu.Unlock()
	renderBridge(w, http.StatusOK, bridgeView{Hub: b.hub, Person: &shown}, b.hub)
}

// look asks the hub anew about somebody, and wakes his pages where something
// changed. While the hub does not answer nothing is known to have.
func (b *Bridge) look(ctx context.Context, s *bridgeSession) {
	b.mu.Lock()
	access, over := s.access, s.over
	b.mu.Unlock()
	if over != "" {
		return
	}
	now, err := b.ask(ctx, access)
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case s.over != "":
	case !now.Active:
		s.over = bridgeSeenOver
		s.wake()
	case now.Epoch != s.Epoch || now.Organization != s.Organization || !slices.Equal(now.Roles, s.Roles):
		s.standing = now
		s.wake()
	}
}

// wake tells the open pages of a person. The caller holds the lock.
func (s *bridgeSession) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// live tells an open page of each change. While it is open the hub is asked twice a
// second.
func (b *Bridge) live(w http.ResponseWriter, r *http.Request) {
	s, _ := b.session(r)
	if s == nil {
		http.Error(w, "nobody is signed in", http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	b.mu.Lock()
	seen := s.changed
	b.mu.Unlock()
	if _, err := fmt.Fprint(w, ": here\n\n"); err != nil || out.Flush() != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			b.look(r.Context(), s)
		case <-seen:
			b.mu.Lock()
			seen = s.changed
			b.mu.Unlock()
			if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil || out.Flush() != nil {
				return
			}
		}
	}
}

// signOut ends the session here, and asks the hub to end its own.
func (b *Bridge) signOut(w http.ResponseWriter, r *http.Request) {
	s, value := b.session(r)
	b.mu.Lock()
	delete(b.sessions, value)
	b.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: bridgeCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, b.hub+"/oauth/logout?"+url.Values{"id_token_hint": {s.id}, "post_logout_redirect_uri": {b.url + "/"}}.Encode(), http.StatusSeeOther)
}

// takeLogout takes the hub's word that a session is over (OpenID Connect
// Back-Channel Logout 1.0, section 2.6).
func (b *Bridge) takeLogout(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	provider, config, err := b.library(r.Context())
	if err != nil {
		http.Error(w, "the hub does not answer", http.StatusServiceUnavailable)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	token, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID, Now: b.now}).Verify(r.Context(), r.PostFormValue("logout_token"))
	var said struct {
		ID      string                    `json:"jti"`
		Session string                    `json:"sid"`
		Nonce   *string                   `json:"nonce"`
		Events  map[string]map[string]any `json:"events"`
	}
	if err == nil {
		err = token.Claims(&said)
	}
	if _, about := said.Events["http://schemas.openid.net/event/backchannel-logout"]; err != nil || !about || said.Nonce != nil || said.Session == "" {
		http.Error(w, "this is no logout token", http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.told[said.ID] {
		return
	}
	b.told[said.ID] = true
	for _, s := range b.sessions {
		if s.hub == said.Session && s.over == "" {
			s.over = bridgeToldOver
			s.wake()
		}
	}
}
