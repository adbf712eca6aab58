package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"locum/models"
	"locum/views/layout"
	"locum/views/ui"
)

var (
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	kade   = models.Party{Company: "cmp_kade", CompanyName: "Kade Consultants", Organization: "org_kade", Name: "Kade Consultants", Hue: 1, TimeZone: "Europe/Amsterdam"}
	bakery = models.Party{Company: "cmp_zonneveld", CompanyName: "Zonneveld Bakkerijen", Organization: "org_zonneveld", Name: "Zonneveld Bakkerijen", Hue: 7, TimeZone: "Europe/Amsterdam"}
)

// sanne works at home; visiting is the same person at the bakery.
func sanne() models.Actor {
	return models.Actor{Account: "acc_sanne", Name: "Sanne Kuipers", Email: "sanne@kade.example", Language: "en", Session: "ses_1",
		Real: kade, Effective: kade, Epoch: 3, Permissions: models.Permissions{models.ViewOrganization, models.ViewMembers}}
}

func visiting() models.Actor {
	a := sanne()
	a.Effective, a.Delegation, a.Visit, a.Epoch, a.Ends = bakery, "dlg_1", "vis_1", 4, noon.Add(time.Hour)
	return a
}

// fakeSessions stands for models/access: one session per token.
type fakeSessions struct {
	mu       sync.Mutex
	actors   map[string]models.Actor
	held     int
	settled  int
	seen     int
	signals  chan string
	followed int
	broken   error
}

func (f *fakeSessions) Actor(_ context.Context, token string) (models.Actor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.actors[token], f.broken
}

func (f *fakeSessions) Hold(context.Context, models.Actor) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held++
	return nil
}

func (f *fakeSessions) Settle(_ context.Context, by models.Actor) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled++
	for token, actor := range f.actors {
		if actor.Session == by.Session {
			actor.Ended, actor.Epoch = nil, 6
			f.actors[token] = actor
		}
	}
	return nil
}

func (f *fakeSessions) Seen(context.Context, models.Actor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen++
}

func (f *fakeSessions) Follow(models.Actor) (<-chan string, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.followed++
	return f.signals, func() {}
}

func (f *fakeSessions) set(token string, actor models.Actor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actors[token] = actor
}

// hub is an App under test with a log that can be read.
type hub struct {
	*App
	sessions *fakeSessions
	log      *strings.Builder
	handler  http.Handler
	written  []string // what handlers changed
}

func newHub(t *testing.T, change ...func(*Config)) *hub {
	t.Helper()
	h := &hub{sessions: &fakeSessions{actors: map[string]models.Actor{}, signals: make(chan string)}, log: &strings.Builder{}}
	public, _ := url.Parse("http://localhost:8080")
	config := Config{
		PublicURL:  public,
		CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Sessions:   h.sessions,
		Log:        slog.New(slog.NewJSONHandler(h.log, nil)),
		Now:        func() time.Time { return noon },
		Places: func(context.Context, models.Actor) ([]layout.Place, error) {
			return []layout.Place{
				{Organization: kade.Organization, Name: kade.Name, Hue: 1, Company: kade.CompanyName, Own: true},
				{Organization: bakery.Organization, Name: bakery.Name, Hue: 7, Company: bakery.CompanyName, Via: true},
			}, nil
		},
		Limits: Limits{Requests: -1, Anonymous: -1},
	}
	for _, c := range change {
		c(&config)
	}
	var err error
	if h.App, err = New(config); err != nil {
		t.Fatal(err)
	}
	h.Open("POST /enter", func(r *Request) (Response, error) {
		return Redirect("/home", "").SignedIn(r.FormValue("token")), nil
	}, AnyEpoch)
	h.Signed("GET /home", func(*Request) (Response, error) { return Page(layout.Shell(layout.Page{Title: "Places"})), nil })
	h.With(models.ViewMembers, "GET /members", func(r *Request) (Response, error) {
		return Page(layout.Shell(layout.Page{Title: "Members of " + r.Actor.Effective.Name})), nil
	})
	h.With(models.ViewMembers, "POST /members", func(r *Request) (Response, error) {
		h.written = append(h.written, r.FormValue("name"))
		return Redirect("/members", "common.changed"), nil
	})
	return h
}

// browser keeps cookies as a browser does.
type browser struct {
	t       *testing.T
	hub     *hub
	cookies map[string]*http.Cookie
	header  http.Header // of every request
	host    string
}

func (h *hub) browser(t *testing.T) *browser {
	t.Helper()
	if h.handler == nil {
		h.handler = h.Handler()
	}
	return &browser{t: t, hub: h, cookies: map[string]*http.Cookie{}, header: http.Header{}, host: "localhost:8080"}
}

// as is a browser in which the actor is signed in.
func (h *hub) as(t *testing.T, actor models.Actor) *browser {
	t.Helper()
	h.sessions.set("token-"+actor.Session, actor)
	b := h.browser(t)
	if got := b.post("/enter", "token", "token-"+actor.Session); got.Code != http.StatusSeeOther {
		t.Fatalf("signing in answers %d: %s", got.Code, got.Body)
	}
	return b
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

func (b *browser) post(path string, fields ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) send(method, path string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Host, r.RemoteAddr = b.host, "127.0.0.1:40000"
	for name, values := range b.header {
		r.Header[name] = values
	}
	if method == http.MethodPost && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.hub.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie
		}
	}
	return w
}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

func epochOnly() templ.Component { return ui.HiddenEpoch() }

func wantStatus(t *testing.T, got *httptest.ResponseRecorder, code int) {
	t.Helper()
	if got.Code != code {
		t.Errorf("status %d, want %d: %.300s", got.Code, code, got.Body)
	}
}

func wantText(t *testing.T, got *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got.Body.String(), part) {
			t.Errorf("the page lacks %q: %s", part, got.Body)
		}
	}
}

func wantNoText(t *testing.T, got *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(got.Body.String(), part) {
			t.Errorf("the page shows %q", part)
		}
	}
}

func wantHeader(t *testing.T, got *httptest.ResponseRecorder, name, value string) {
	t.Helper()
	if have := got.Header().Get(name); have != value {
		t.Errorf("header %s is %q, want %q", name, have, value)
	}
}
