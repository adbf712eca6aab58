package delegation

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/modelstest"
	"locum/views/layout"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// hub is the area over a real store, with the people of modelstest.
type hub struct {
	*modelstest.World
	t       testing.TB
	handler http.Handler
}

// past are sessions without the cache: the world's clock stands still, so that
// what is cached would never grow old.
type past struct{ *access.Sessions }

func (p past) Actor(ctx context.Context, token string) (models.Actor, error) {
	return p.Fresh(ctx, token)
}

func newHub(t testing.TB) *hub {
	t.Helper()
	h := &hub{World: modelstest.New(t, "sqlite"), t: t}
	public, _ := url.Parse("http://localhost:8080")
	app, err := web.New(web.Config{
		PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Sessions: past{h.Sessions}, Refuse: h.Sessions.Check,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: h.Now, Limits: web.Limits{Requests: -1, Anonymous: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	New(h.Delegations, h.Trail, h.Outbox, h.Sessions).Mount(app)
	app.Open("POST /enter", func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.FormValue("token")), nil
	}, web.AnyEpoch)
	app.Signed("GET /{$}", func(r *web.Request) (web.Response, error) {
		return web.Page(layout.Shell(layout.Page{Title: "Overview of " + r.Actor.Effective.Label()})), nil
	})
	h.handler = app.Handler()
	return h
}

// browser keeps cookies as a browser does, and knows who is signed in.
type browser struct {
	*hub
	token   string
	cookies map[string]*http.Cookie
	header  http.Header
}

// as is a browser of a person, in his first session.
func (h *hub) as(person string) *browser { return h.with(h.Token(person)) }

func (h *hub) with(token string) *browser {
	h.t.Helper()
	b := h.anonymous()
	b.token = token
	if got := b.post("/enter", "token", token); got.Code != http.StatusSeeOther {
		h.t.Fatalf("signing in answers %d: %s", got.Code, got.Body)
	}
	return b
}

func (h *hub) anonymous() *browser {
	return &browser{hub: h, cookies: map[string]*http.Cookie{}, header: http.Header{}}
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

// post sends a form as a page of this moment does: with the session's epoch,
// unless the fields name one.
func (b *browser) post(path string, fields ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	if !form.Has("epoch") && path != "/enter" {
		form.Set("epoch", strconv.FormatInt(b.ActorOf(b.token).Epoch, 10))
	}
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) send(method, path string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	for name, values := range b.header {
		r.Header[name] = values
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie
		}
	}
	return w
}

// leadsTo fails the test unless the answer is a redirect, and follows it.
func (b *browser) leadsTo(got *httptest.ResponseRecorder, to string) *httptest.ResponseRecorder {
	b.t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		b.t.Fatalf("answered %d %q, want a redirect to %q\n%s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
	return b.get(to)
}

// page is what an answer shows, by selector.
func (b *browser) page(got *httptest.ResponseRecorder, status int) uitest.Page {
	b.t.Helper()
	if got.Code != status {
		b.t.Fatalf("status %d, want %d: %s", got.Code, status, got.Body)
	}
	return uitest.Parse(b.t, got.Body.String())
}

// says fails the test unless the page has the status and every one of the texts.
func (b *browser) says(got *httptest.ResponseRecorder, status int, texts ...string) {
	b.t.Helper()
	words := strings.Join(strings.Fields(uitest.Words(b.page(got, status).Root)), " ")
	for _, text := range texts {
		if !strings.Contains(words, text) {
			b.t.Errorf("the page lacks %q: %s", text, words)
		}
	}
}

func (b *browser) silent(got *httptest.ResponseRecorder, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(got.Body.String()), text) {
			b.t.Errorf("the page says %q", text)
		}
	}
}
