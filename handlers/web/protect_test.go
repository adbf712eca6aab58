package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
)

func TestSomebodyWhoIsNotSignedInIsSentToSignInAndBack(t *testing.T) {
	h := newHub(t)
	b := h.browser(t)
	got := b.get("/members?page=2")
	wantStatus(t, got, http.StatusSeeOther)
	wantHeader(t, got, "Location", "/sign-in?next=%2Fmembers%3Fpage%3D2")

	b.header.Set("HX-Request", "true")
	b.header.Set("Referer", "http://localhost:8080/members")
	got = b.get("/members/part")
	wantStatus(t, got, http.StatusNotFound)
	got = b.post("/members", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusOK)
	wantHeader(t, got, "HX-Redirect", "/sign-in?next=%2Fmembers")
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
}

func TestWhoLacksThePermissionIsToldWhichRoleAndTheRefusalIsRecorded(t *testing.T) {
	var refused []models.Permission
	h := newHub(t, func(c *Config) {
		c.Refuse = func(_ context.Context, _ models.Actor, need models.Permission) error {
			refused = append(refused, need)
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(need))
		}
	})
	h.With(models.ManageDelegations, "GET /delegations", func(*Request) (Response, error) { return Page(text("all of them")), nil })
	got := h.as(t, sanne()).get("/delegations")
	wantStatus(t, got, http.StatusForbidden)
	wantText(t, got, "Delegations needs the role Superuser in Kade Consultants")
	wantNoText(t, got, "all of them")
	got = h.as(t, visiting()).get("/delegations")
	wantText(t, got, "which nobody gets through a delegation")
	if len(refused) != 2 || refused[0] != models.ManageDelegations {
		t.Errorf("recorded %v", refused)
	}
}

func TestEveryPermissionHasAName(t *testing.T) {
	all := append(append([]models.Permission{models.OwnAccount, models.OperatePlatform}, models.OrganizationPermissions...), models.CompanyPermissions...)
	for _, permission := range all {
		if !i18n.Has("web.permission." + string(permission)) {
			t.Errorf("no name for %s", permission)
		}
	}
}

func TestARequestFromAnotherSiteIsRefusedUnlessTheRouteSaysSo(t *testing.T) {
	h := newHub(t)
	h.Open("POST /saml/{connection}/acs", func(*Request) (Response, error) { return Page(text("taken")), nil }, CrossSite)
	h.Raw("POST /hook", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	b := h.as(t, sanne())
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "http://127.0.0.1:9000"},
		{"Origin": "null"},
	} {
		b.header = http.Header{}
		for name, value := range headers {
			b.header.Set(name, value)
		}
		got := b.post("/members", "epoch", "3", "name", "Noor Hendriks")
		wantStatus(t, got, http.StatusForbidden)
		wantText(t, got, "another site")
		wantStatus(t, b.post("/hook"), http.StatusForbidden)
		wantStatus(t, b.post("/saml/con_1/acs"), http.StatusOK)
	}
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	b.header = http.Header{"Origin": {"http://localhost:8080"}}
	wantStatus(t, b.post("/members", "epoch", "3"), http.StatusSeeOther)
}

func TestAPanicLeaksNothing(t *testing.T) {
	h := newHub(t)
	h.Open("GET /panic", func(*Request) (Response, error) { panic("the key is hunter2") })
	h.Open("GET /fault", func(*Request) (Response, error) { return Response{}, errors.New("dial hunter2") })
	h.Open("GET /render", func(*Request) (Response, error) { return Page(broken("hunter2")), nil })
	h.Open("GET /nothing", func(*Request) (Response, error) { return Response{}, nil })
	h.Raw("GET /raw", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("hunter2") }))
	b := h.browser(t)
	for _, path := range []string{"/panic", "/fault", "/render", "/nothing", "/raw"} {
		got := b.get(path)
		wantStatus(t, got, http.StatusInternalServerError)
		wantNoText(t, got, "hunter2", "goroutine", ".go:")
		id := got.Header().Get("X-Request-Id")
		wantText(t, got, id)
		if !strings.Contains(h.log.String(), `"id":"`+id+`"`) {
			t.Errorf("%s: the log does not know %s", path, id)
		}
	}
	if !strings.Contains(h.log.String(), "hunter2") {
		t.Error("the log does not know the cause")
	}
}

func TestAHouseThatCannotBeBuiltIsAnErrorPageAllTheSame(t *testing.T) {
	h := newHub(t, func(c *Config) {
		c.Places = func(context.Context, models.Actor) ([]layout.Place, error) { return nil, errors.New("hunter2") }
	})
	got := h.as(t, sanne()).get("/home")
	wantStatus(t, got, http.StatusInternalServerError)
	wantText(t, got, "Something broke on our side", got.Header().Get("X-Request-Id"))
	wantNoText(t, got, "hunter2")
}

func TestEachKindOfErrorHasItsStatus(t *testing.T) {
	for kind, status := range map[models.Kind]int{
		models.Internal: 500, models.Invalid: 422, models.NotFound: 404, models.Forbidden: 403, models.Conflict: 409,
		models.Stale: 409, models.TooMany: 429, models.TooLarge: 413, models.Unavailable: 503, models.Unauthenticated: 401,
	} {
		h := newHub(t)
		h.Open("POST /fails", func(*Request) (Response, error) { return Response{}, models.Fail(kind, "common.changed") }, AnyEpoch)
		b := h.browser(t)
		page := b.post("/fails")
		if kind == models.Unauthenticated {
			wantStatus(t, page, http.StatusSeeOther)
		} else {
			wantStatus(t, page, status)
		}
		b.header.Set("Accept", "application/json")
		machine := b.post("/fails")
		wantStatus(t, machine, status)
		wantHeader(t, machine, "Content-Type", "application/problem+json; charset=utf-8")
		wantText(t, machine, `"status":`, machine.Header().Get("X-Request-Id"))
	}
}

func TestAnUnknownPathAndAnUnknownIdAnswerAlike(t *testing.T) {
	h := newHub(t)
	h.Signed("GET /delegations/{id}", func(*Request) (Response, error) { return Response{}, models.Unknown() })
	b := h.as(t, sanne())
	one, other := b.get("/delegations/dlg_foreign"), b.get("/delegations/dlg_foreign/x")
	wantStatus(t, one, http.StatusNotFound)
	wantStatus(t, other, http.StatusNotFound)
	wantText(t, one, "does not exist in Kade Consultants")
}

func TestAMethodThatARouteDoesNotTake(t *testing.T) {
	got := newHub(t).as(t, sanne()).send(http.MethodDelete, "/members", nil)
	wantStatus(t, got, http.StatusMethodNotAllowed)
	wantHeader(t, got, "Allow", "GET, HEAD, POST")
}

func TestABodyTooLargeIsRefusedBeforeItIsRead(t *testing.T) {
	h := newHub(t, func(c *Config) { c.Limits.Body = 1000 })
	h.Signed("POST /metadata", func(r *Request) (Response, error) { return Page(text("taken")), nil }, Body(5000))
	b := h.as(t, sanne())
	wantStatus(t, b.post("/members", "epoch", "3", "name", strings.Repeat("n", 2000)), http.StatusRequestEntityTooLarge)
	wantStatus(t, b.post("/metadata", "epoch", "3", "name", strings.Repeat("n", 2000)), http.StatusOK)
	wantStatus(t, b.post("/metadata", "epoch", "3", "name", strings.Repeat("n", 6000)), http.StatusRequestEntityTooLarge)
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
}

func TestABadSessionCookieGivesANewSession(t *testing.T) {
	h := newHub(t)
	b := h.as(t, sanne())
	b.cookies["locum-session-8080"].Value = "tampered" + b.cookies["locum-session-8080"].Value
	got := b.get("/home")
	wantStatus(t, got, http.StatusSeeOther)
	if _, kept := b.cookies["locum-session-8080"]; kept {
		t.Error("the bad cookie stays")
	}
	b.post("/enter", "token", "token-ses_1")
	wantStatus(t, b.get("/home"), http.StatusOK)
}

func TestASessionThatIsOverTakesItsCookieAway(t *testing.T) {
	h := newHub(t)
	b := h.as(t, sanne())
	h.sessions.set("token-ses_1", models.Actor{})
	wantStatus(t, b.get("/home"), http.StatusSeeOther)
	if _, kept := b.cookies["locum-session-8080"]; kept {
		t.Error("the cookie stays")
	}
}

func TestADatabaseThatIsDownDoesNotSignAnybodyOut(t *testing.T) {
	h := newHub(t)
	b := h.as(t, sanne())
	h.sessions.broken = models.Fail(models.Unavailable, "")
	wantStatus(t, b.get("/home"), http.StatusServiceUnavailable)
	h.sessions.broken = nil
	wantStatus(t, b.get("/home"), http.StatusOK)
}

func TestASessionSignedWithTheFormerKeyStillHolds(t *testing.T) {
	former := []byte("former-former-former-former-form")
	old := newHub(t, func(c *Config) { c.CookieKeys = [][]byte{former} })
	b := old.as(t, sanne())
	h := newHub(t, func(c *Config) { c.CookieKeys = append(c.CookieKeys, former) })
	h.sessions.set("token-ses_1", sanne())
	after := h.browser(t)
	after.cookies = b.cookies
	wantStatus(t, after.get("/home"), http.StatusOK)
}

func TestCookiesAreAsStrictAsTheAddressAllows(t *testing.T) {
	https, _ := url.Parse("https://hub.devries.example")
	for name, want := range map[string]struct {
		config Config
		cookie string
		secure bool
	}{
		"https":     {Config{PublicURL: https}, "__Host-locum-session", true},
		"localhost": {Config{}, "locum-session-8080", false},
	} {
		h := newHub(t, func(c *Config) {
			if want.config.PublicURL != nil {
				c.PublicURL = want.config.PublicURL
			}
		})
		h.Open("GET /ask", func(r *Request) (Response, error) { return Page(text(r.BrowserHash())), nil })
		b := h.as(t, sanne())
		b.post("/language", "language", "nl")
		b.post("/account/theme", "theme", "dark")
		b.get("/ask")
		if b.cookies[want.cookie] == nil || len(b.cookies) != 4 {
			t.Errorf("%s: cookies %v", name, b.cookies)
		}
		for _, cookie := range b.cookies {
			if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.Secure != want.secure {
				t.Errorf("%s: %s", name, cookie)
			}
		}
	}
}

func TestTheBrowserHashStaysWithTheBrowser(t *testing.T) {
	h := newHub(t)
	h.Open("GET /ask", func(r *Request) (Response, error) { return Page(text(r.BrowserHash())), nil })
	one, other := h.browser(t), h.browser(t)
	first := one.get("/ask").Body.String()
	if again := one.get("/ask").Body.String(); again != first {
		t.Errorf("it changed from %s to %s", first, again)
	}
	if other.get("/ask").Body.String() == first {
		t.Error("two browsers have the same")
	}
	if strings.Contains(first, one.cookies["locum-browser-8080"].Value) {
		t.Error("it is the cookie itself")
	}
	one.cookies["locum-browser-8080"].Value = other.cookies["locum-browser-8080"].Value + "x"
	if one.get("/ask").Body.String() == first {
		t.Error("a cookie of another browser kept the hash")
	}
}

func TestWithoutHTTPSOnlyThisMachineIsServed(t *testing.T) {
	b := newHub(t).browser(t)
	for host, status := range map[string]int{
		"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "LOCALHOST": 200, "locum.localhost:8080": 200,
		"evil.example": 421, "evil.example:8080": 421, "localhost.evil.example": 421, "10.0.0.7:8080": 421, "": 421,
	} {
		b.host = host
		got := b.get("/healthz")
		if got.Code != status {
			t.Errorf("host %q answers %d, want %d", host, got.Code, status)
		}
	}
	b.host = "evil.example"
	wantText(t, b.get("/home"), "http://localhost:8080")
}

func TestConfigurationThatWouldBeUnsafeIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"http elsewhere": func(c *Config) { c.PublicURL, _ = url.Parse("http://hub.devries.example") },
		"no address":     func(c *Config) { c.PublicURL = nil },
		"a path":         func(c *Config) { c.PublicURL, _ = url.Parse("https://hub.devries.example/locum") },
		"no key":         func(c *Config) { c.CookieKeys = nil },
		"a short key":    func(c *Config) { c.CookieKeys = [][]byte{[]byte("short")} },
		"no sessions":    func(c *Config) { c.Sessions = nil },
	} {
		public, _ := url.Parse("http://localhost:8080")
		config := Config{PublicURL: public, CookieKeys: [][]byte{make([]byte, 32)}, Sessions: &fakeSessions{}}
		change(&config)
		if _, err := New(config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	https, _ := url.Parse("https://hub.devries.example")
	h := newHub(t, func(c *Config) { c.PublicURL = https })
	h.Open("GET /go", func(*Request) (Response, error) {
		return Page(text("go")).FormAction("https://idp.devries.example/sso?x=1", "javascript:alert(1)", "https://a.example; script-src *"), nil
	})
	b := h.browser(t)
	for _, path := range []string{"/healthz", "/nowhere", "/home", "/live"} {
		got := b.get(path)
		wantHeader(t, got, "Content-Security-Policy", "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
		wantHeader(t, got, "X-Content-Type-Options", "nosniff")
		wantHeader(t, got, "Referrer-Policy", "same-origin")
		wantHeader(t, got, "Cross-Origin-Opener-Policy", "same-origin")
		wantHeader(t, got, "Strict-Transport-Security", "max-age=63072000")
	}
	wantHeader(t, b.get("/go"), "Content-Security-Policy", "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://idp.devries.example")
	wantHeader(t, newHub(t).browser(t).get("/healthz"), "Strict-Transport-Security", "")
}

func TestARouteWithoutPagesHasTheHeadersOfPagesWhenItFails(t *testing.T) {
	https, _ := url.Parse("https://hub.devries.example")
	h := newHub(t, func(c *Config) { c.PublicURL = https })
	h.Raw("/asked", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), Pageless)
	b := h.browser(t)
	got := b.get("/asked")
	wantStatus(t, got, http.StatusNoContent)
	wantHeader(t, got, "Content-Security-Policy", "")
	wantHeader(t, got, "Strict-Transport-Security", "") // it would hold for the host of whoever asked
	wantHeader(t, got, "X-Request-Id", "")
	b.header.Set("Sec-Fetch-Site", "cross-site")
	got = b.post("/asked")
	wantStatus(t, got, http.StatusForbidden)
	if got.Header().Get("X-Request-Id") == "" {
		t.Error("a refusal has no id")
	}
	wantHeader(t, got, "X-Frame-Options", "DENY")
	wantHeader(t, got, "Strict-Transport-Security", "max-age=63072000")
}

func TestEveryRouteSaysWhoMayComeAndRoutesListsThem(t *testing.T) {
	h := newHub(t)
	found := map[string]Route{}
	for _, route := range h.Routes() {
		found[route.Label()] = route
	}
	if r := found["POST /members"]; r.Protection != PermissionRoute || r.Permission != models.ViewMembers || r.AnyEpoch || r.CrossSite {
		t.Errorf("POST /members is %+v", r)
	}
	for label, protection := range map[string]Protection{"GET /home": SignedRoute, "POST /enter": OpenRoute, "GET /healthz": RawRoute, "GET /live": OpenRoute, "POST /language": OpenRoute} {
		if found[label].Protection != protection {
			t.Errorf("%s is %q, want %q", label, found[label].Protection, protection)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a route without a method was taken")
		}
	}()
	h.Signed("/any", func(*Request) (Response, error) { return Response{}, nil })
}
