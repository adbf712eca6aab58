package account

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/layout"
)

// hub is the area over a real store, with the people of modelstest.
type hub struct {
	*modelstest.World
	t       *testing.T
	handler http.Handler
}

func newHub(t *testing.T) *hub {
	t.Helper()
	return serve(t, modelstest.New(t, "sqlite"))
}

// newEmptyHub is an installation that was never used.
func newEmptyHub(t *testing.T) *hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	empty, err := store.Open(w.Ctx, store.Config{URL: modelstest.URL(t, "sqlite"), Derive: access.Derive, Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(empty.Close)
	w.Store, w.Entrance, w.Sessions = empty, access.NewEntrance(empty, w.Keys), access.NewSessions(empty, w.Keys)
	w.Accounts, w.Members = account.NewAccounts(empty), tenancy.NewMembers(empty)
	return serve(t, w)
}

func serve(t *testing.T, w *modelstest.World) *hub {
	t.Helper()
	h := &hub{World: w, t: t}
	public, _ := url.Parse("http://localhost:8080")
	app, err := web.New(web.Config{
		PublicURL:  public,
		CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Sessions:   h.Sessions,
		Speak:      h.Accounts.SetLanguage,
		Log:        slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now:        h.Now,
		Limits:     web.Limits{Requests: -1, Anonymous: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	New(Config{
		Entrance: h.Entrance, Sessions: h.Sessions, Accounts: h.Accounts, Members: h.Members,
		Discover: func(_ context.Context, email string) (string, error) {
			if strings.HasSuffix(email, "@devries.example") {
				return "con_entra", nil
			}
			return "", nil
		},
		Passkeys: passkey.New(w.Store), Site: passkey.SiteOf(public),
		Awaits:  h.Companies.Awaits,
		KnownBy: func(context.Context, models.Actor) (string, error) { return "De Vries Logistiek", nil },
	}).Mount(app)
	app.Signed("GET /home", func(r *web.Request) (web.Response, error) {
		return web.Page(layout.Shell(layout.Page{Title: "Home of " + r.Actor.Name})), nil
	})
	h.handler = app.Handler()
	return h
}

// browser keeps cookies as a browser does.
type browser struct {
	*hub
	cookies map[string]*http.Cookie
	agent   string
}

func (h *hub) browser() *browser {
	return &browser{hub: h, cookies: map[string]*http.Cookie{}, agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

// post sends a form as the pages do: with the epoch of the session.
func (b *browser) post(path string, fields ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := url.Values{"epoch": {"1"}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) send(method, path string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	r.Header.Set("User-Agent", b.agent)
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

// ask asks for a code and gives the request it is for.
func (b *browser) ask(email string, fields ...string) string {
	b.t.Helper()
	return b.request(b.post("/sign-in", append([]string{"email", email}, fields...)...))
}

// request is what a redirect to the page for the code asks for.
func (b *browser) request(got *httptest.ResponseRecorder) string {
	b.t.Helper()
	to, _ := url.Parse(got.Header().Get("Location"))
	if got.Code != http.StatusSeeOther || to.Path != "/sign-in/code" {
		b.t.Fatalf("no code was asked for: %d %s\n%s", got.Code, to, got.Body)
	}
	return to.Query().Get("request")
}

// code is what stands in the mail.
func (b *browser) code(request string) string {
	b.t.Helper()
	code, err := account.Code(b.Keys, request)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func (b *browser) enter(request, code string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.post("/sign-in/code", "request", request, "code", code)
}

// signIn goes the whole way.
func (b *browser) signIn(email string) *browser {
	b.t.Helper()
	request := b.ask(email)
	b.leadsTo(b.enter(request, b.code(request)), "/home")
	return b
}

func (b *browser) leadsTo(got *httptest.ResponseRecorder, to string) {
	b.t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		b.t.Fatalf("answered %d %q, want a redirect to %q\n%s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
}

// says fails the test unless the page has the status and every one of the texts.
func (b *browser) says(got *httptest.ResponseRecorder, status int, texts ...string) {
	b.t.Helper()
	if got.Code != status {
		b.t.Errorf("status %d, want %d: %s", got.Code, status, got.Body)
	}
	for _, text := range texts {
		if !strings.Contains(got.Body.String(), text) {
			b.t.Errorf("the page lacks %q: %s", text, got.Body)
		}
	}
}

func (b *browser) silent(got *httptest.ResponseRecorder, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(got.Body.String(), text) {
			b.t.Errorf("the page says %q", text)
		}
	}
}

// signedIn is who the browser is for, past every cache.
func (b *browser) signedIn() bool {
	return b.get("/home").Code == http.StatusOK
}

// sessions counts the live sessions of a person.
func (h *hub) sessions(email string) (n int64) {
	h.System(func(tx *store.Tx) error {
		person, err := account.ByEmail(tx, email)
		if err != nil {
			return err
		}
		return tx.Model(&account.Session{}).Where("account_id = ? AND revoked_at IS NULL", person.ID).Count(&n).Error
	})
	return n
}

func (h *hub) codes() int { return len(h.Mails(mail.CodeKind)) }

// requireSSO makes a domain of a company one that allows no other way in.
func (h *hub) requireSSO(company, name string) {
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		return tx.Create(&tenancy.Domain{CompanyID: company, ID: models.NewID("dom"), Name: name, SSORequired: true, VerifiedAt: &now, CreatedAt: now}).Error
	})
}

// actorOf is a person in his newest session.
func (h *hub) actorOf(email string) (actor models.Actor) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		person, err := account.ByEmail(tx, email)
		if err != nil {
			return err
		}
		var newest account.Session
		if err := tx.Where("account_id = ? AND revoked_at IS NULL", person.ID).Order("id DESC").Take(&newest).Error; err != nil {
			return err
		}
		actor, err = access.Derive(tx, models.Actor{Session: newest.ID})
		return err
	})
	return actor
}
