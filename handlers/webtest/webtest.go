// Package webtest puts the pages of an area over a real database with the
// people of modelstest, and gives them browsers. What a test reads is what a
// person would see.
//
// It must never be imported by anything but tests.
package webtest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"locum/handlers/web"
	"locum/models/modelstest"
	"locum/views/ui/uitest"
)

// Area is a part of the program with pages of its own.
type Area interface{ Mount(*web.App) }

// Hub is areas over a database, with its people.
type Hub struct {
	*modelstest.World
	t       *testing.T
	handler http.Handler
	app     *web.App
}

// signIn is the one way in: it gives a browser the session of a person.
const signIn = "/sign-in-for-a-test"

// New makes a hub of some areas. They stand on the world's database.
func New(t *testing.T, w *modelstest.World, areas ...Area) *Hub {
	t.Helper()
	app, err := web.New(web.Config{
		PublicURL:  &url.URL{Scheme: "http", Host: "localhost:8080"},
		CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Sessions:   w.Sessions,
		Refuse:     w.Sessions.Check,
		Log:        slog.New(slog.DiscardHandler),
		Now:        w.Now,
		Limits:     web.Limits{Requests: -1, Anonymous: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, area := range areas {
		area.Mount(app)
	}
	app.Open("GET "+signIn, func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.URL.Query().Get("as")), nil
	})
	return &Hub{World: w, t: t, handler: app.Handler(), app: app}
}

// Routes are the ways into the areas.
func (h *Hub) Routes() []web.Route { return h.app.Routes() }

// Browser is the browser of one person.
type Browser struct {
	hub     *Hub
	token   string // of the session, or empty
	cookies map[string]*http.Cookie
}

// As is the browser of a person in his first session; of nobody for "".
func (h *Hub) As(key string) *Browser {
	h.t.Helper()
	if key == "" {
		return &Browser{hub: h, cookies: map[string]*http.Cookie{}}
	}
	return h.With(h.Token(key))
}

// With is a browser with a session, by its token.
func (h *Hub) With(token string) *Browser {
	h.t.Helper()
	b := &Browser{hub: h, token: token, cookies: map[string]*http.Cookie{}}
	b.Get(signIn + "?as=" + url.QueryEscape(token))
	return b
}

// Answer is what came back.
type Answer struct {
	Code     int
	Location string
	Header   http.Header
	Body     string
	t        *testing.T
}

// Get asks for a page.
func (b *Browser) Get(path string) Answer {
	b.hub.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

// Post sends a form as a page rendered now would: with the session's epoch.
// fields alternate between name and value.
func (b *Browser) Post(path string, fields ...string) Answer {
	b.hub.t.Helper()
	form := url.Values{}
	if b.token != "" {
		form.Set("epoch", strconv.FormatInt(b.hub.ActorOf(b.token).Epoch, 10))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *Browser) send(method, path string, body io.Reader) Answer {
	b.hub.t.Helper()
	b.hub.Advance(time.Second) // so that nobody trusts an authority derived before
	r := httptest.NewRequest(method, path, body)
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	if method == http.MethodPost {
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
	return Answer{w.Code, w.Header().Get("Location"), w.Header(), w.Body.String(), b.hub.t}
}

// Page is the answer as markup. It fails the test unless the status is code.
func (a Answer) Page(code int) uitest.Page {
	a.t.Helper()
	a.Wants(code)
	return uitest.Parse(a.t, a.Body)
}

// Wants fails the test unless the status is code.
func (a Answer) Wants(code int) {
	a.t.Helper()
	if a.Code != code {
		a.t.Fatalf("answered %d to %q, want %d\n%s", a.Code, a.Location, code, a.Body)
	}
}

// Says fails the test unless each text stands in the answer's words.
func (a Answer) Says(texts ...string) {
	a.t.Helper()
	words := uitest.Words(uitest.Parse(a.t, a.Body).Root)
	for _, text := range texts {
		if !strings.Contains(words, text) {
			a.t.Errorf("nothing says %q in\n%s", text, words)
		}
	}
}

// Hides fails the test if one of the texts stands in the answer.
func (a Answer) Hides(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			a.t.Errorf("%q stands in\n%s", text, a.Body)
		}
	}
}

// Links fails the test unless a link on the page leads to a path.
func (a Answer) Links(path string) {
	a.t.Helper()
	if !strings.Contains(a.Body, `href="`+path+`"`) {
		a.t.Errorf("nothing leads to %s in\n%s", path, a.Body)
	}
}

// GoesTo fails the test unless the answer leads to a path.
func (a Answer) GoesTo(path string) {
	a.t.Helper()
	if a.Code != http.StatusSeeOther || a.Location != path {
		a.t.Fatalf("answered %d to %q, want a way to %s\n%s", a.Code, a.Location, path, a.Body)
	}
}
