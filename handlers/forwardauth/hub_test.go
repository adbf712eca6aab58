package forwardauth_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"locum/handlers/forwardauth"
	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// hub is the area over a database with the people of modelstest, and the
// application Planning, which Zonneveld uses.
type hub struct {
	*modelstest.World
	t       testing.TB
	public  *url.URL
	app     *web.App
	handler http.Handler
	id      string // of the application
}

const signInForTests = "/sign-in-for-a-test"

// config is how a hub for tests is opened.
type config struct {
	public, domain string
	hosts          string
	trusted        []netip.Prefix
}

// standard is a hub by https that trusts this machine's proxies.
var standard = config{public: "https://hub.example.com", hosts: "planning.example.com", trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

func newHub(t testing.TB, w *modelstest.World, c config) *hub {
	t.Helper()
	public, err := url.Parse(c.public)
	if err != nil {
		t.Fatal(err)
	}
	app, err := web.New(web.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Sessions: w.Sessions, Refuse: w.Sessions.Check,
		Log: slog.New(slog.DiscardHandler), Now: w.Now, TrustedProxies: c.trusted, Limits: web.Limits{Requests: -1, Anonymous: -1}})
	if err != nil {
		t.Fatal(err)
	}
	forwardauth.Mount(app, forwardauth.Config{PublicURL: public, Domain: c.domain, Clients: w.Clients, Passes: w.Passes, Answer: w.Sessions.Answer, Deny: w.Sessions.Deny, Seen: w.Sessions.Seen,
		Sign: w.Signing.Sign, Now: w.Now, Log: slog.New(slog.DiscardHandler)})
	app.Open("GET "+signInForTests, func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.URL.Query().Get("as")), nil
	})
	h := &hub{World: w, t: t, public: public, app: app, handler: app.Handler()}
	h.connect(c.hosts)
	return h
}

func (h *hub) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// operator makes karin an operator too, and is her.
func (h *hub) operator() models.Actor {
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("karin")).Update("operator", true).Error
	})
	return h.Actor("karin")
}

// connect registers the application with the role planner, its default, and hosts.
func (h *hub) connect(hosts string) {
	h.t.Helper()
	by := h.operator()
	app, err := h.Companies.RegisterApplication(h.Ctx, by, tenancy.Application{Key: "planning", Name: "Planning"})
	h.must(err)
	_, err = h.Companies.RegisterRole(h.Ctx, by, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "planner", Name: "Planner"})
	h.must(err)
	h.must(h.Clients.Connect(h.Ctx, by, app.ID, client.Draft{Kind: client.Public, Hosts: hosts}))
	h.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Enabled{CompanyID: h.Zonneveld.Company, OrganizationID: h.Zonneveld.Organization, ApplicationID: app.ID, EnabledAt: models.At(h.Now())}).Error
	})
	h.id = app.ID
}

// browser keeps cookies by origin.
type browser struct {
	hub     *hub
	cookies map[string]map[string]*http.Cookie // by host
}

// as is a browser that is signed in at the hub; nobody for "".
func (h *hub) as(token string) *browser {
	h.t.Helper()
	b := &browser{h, map[string]map[string]*http.Cookie{}}
	if token != "" {
		b.at("GET", h.public.String()+signInForTests+"?as="+url.QueryEscape(token), nil)
	}
	return b
}

// ask is a question to the hub: what a proxy sends for a browser.
type ask struct {
	method, address string // of the browser's request
	query           string // of the question itself
	head            http.Header
	peer            string
}

// asked sends a question, with the cookies that the browser sends to the host.
func (b *browser) asked(a ask) *httptest.ResponseRecorder {
	b.hub.t.Helper()
	b.hub.Advance(time.Second) // so that nothing is answered from what was known before
	to, err := url.Parse(a.address)
	b.hub.must(err)
	r := httptest.NewRequest("GET", b.hub.public.String()+"/auth/verify"+a.query, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	if a.peer != "" {
		r.RemoteAddr = a.peer
	}
	method := a.method
	if method == "" {
		method = "GET"
	}
	r.Header.Set("X-Forwarded-Method", method)
	r.Header.Set("X-Forwarded-Proto", to.Scheme)
	r.Header.Set("X-Forwarded-Host", to.Host)
	r.Header.Set("X-Forwarded-Uri", to.RequestURI())
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	for name, values := range a.head {
		r.Header[name] = values
	}
	b.bring(r, to)
	return b.answer(r, to)
}

// at goes to an address of the hub, or of a host whose proxy sends /.locum/ on.
func (b *browser) at(method, address string, head http.Header) *httptest.ResponseRecorder {
	b.hub.t.Helper()
	b.hub.Advance(time.Second)
	to, err := url.Parse(address)
	b.hub.must(err)
	path := to.RequestURI()
	r := httptest.NewRequest(method, b.hub.public.String()+strings.Replace(path, "/.locum/", "/auth/", 1), nil)
	r.RemoteAddr = "127.0.0.1:40000"
	if to.Host != b.hub.public.Host {
		r.Header.Set("X-Forwarded-Proto", to.Scheme)
		r.Header.Set("X-Forwarded-Host", to.Host)
	}
	for name, values := range head {
		r.Header[name] = values
	}
	b.bring(r, to)
	return b.answer(r, to)
}

// bring adds the cookies of a host, and those of its parent domains.
func (b *browser) bring(r *http.Request, to *url.URL) {
	for host, list := range b.cookies {
		for _, c := range list {
			if host == to.Host || c.Domain != "" && strings.HasSuffix(to.Hostname(), "."+c.Domain) {
				r.AddCookie(c)
			}
		}
	}
}

func (b *browser) answer(r *http.Request, to *url.URL) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.hub.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[to.Host] == nil {
			b.cookies[to.Host] = map[string]*http.Cookie{}
		}
		if c.MaxAge < 0 {
			delete(b.cookies[to.Host], c.Name)
		} else {
			b.cookies[to.Host][c.Name] = c
		}
	}
	return w
}

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0; ?url=([^"]+)"`)

// onward is where a page of the hub goes on to by itself.
func (h *hub) onward(w *httptest.ResponseRecorder) string {
	h.t.Helper()
	found := refresh.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || found == nil {
		h.t.Fatalf("answered %d, and goes nowhere:\n%s", w.Code, w.Body)
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

// opened is a browser of a person that went the whole way to an address and was
// let in.
func (h *hub) opened(token, address string) *browser {
	h.t.Helper()
	b := h.as(token)
	b.opens(address)
	return b
}

// opens goes the way from the proxy's refusal to the application.
func (b *browser) opens(address string) {
	b.hub.t.Helper()
	first := b.asked(ask{address: address})
	if first.Code != http.StatusUnauthorized {
		b.hub.t.Fatalf("nobody is answered %d", first.Code)
	}
	next := b.hub.onward(b.at("GET", first.Header().Get("X-Locum-Sign-In"), nil))
	if strings.Contains(next, "/.locum/") {
		back := b.at("GET", next, nil)
		if next = back.Header().Get("Location"); back.Code != http.StatusSeeOther {
			b.hub.t.Fatalf("the host answers the code with %d", back.Code)
		}
	}
	if next != address {
		b.hub.t.Fatalf("sent to %q, want %q", next, address)
	}
	if let := b.asked(ask{address: address}); let.Code != http.StatusOK {
		b.hub.t.Fatalf("answered %d %v after signing in", let.Code, let.Header())
	}
}
