package web

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
)

func broken(cause string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half of "+cause)
		panic(cause)
	})
}

func TestLocalTakesPathsOfLocumAlone(t *testing.T) {
	for path, local := range map[string]bool{
		"/": true, "/members?page=2#top": true, "/in/org_1/members": true, "/%2Fevil.example": true,
		"": false, "members": false, "//evil.example": false, `/\evil.example`: false, `\\evil.example`: false, "https://evil.example": false,
		"/\t/evil.example": false, "/\n/evil.example": false, " /": false, "javascript:alert(1)": false, "/%zz": false, "/" + strings.Repeat("a", 2000): false,
	} {
		if Local(path) != local {
			t.Errorf("Local(%q) is %v", path, !local)
		}
	}
}

func FuzzLocal(f *testing.F) {
	for _, seed := range []string{"/", "//evil.example", `/\evil.example`, "/a?b=//c", "/\t/x"} {
		f.Add(seed)
	}
	base := "https://hub.devries.example/sign-in"
	f.Fuzz(func(t *testing.T, path string) {
		if !Local(path) {
			return
		}
		r, err := http.NewRequest(http.MethodGet, base, nil)
		if err != nil {
			t.Fatal(err)
		}
		to, err := r.URL.Parse(path)
		if err != nil || to.Host != "hub.devries.example" || to.Scheme != "https" {
			t.Errorf("%q leads to %v (%v)", path, to, err)
		}
	})
}

func TestARedirectNeverLeavesLocum(t *testing.T) {
	h := newHub(t)
	h.Open("POST /on", func(r *Request) (Response, error) { return Redirect(r.Next("/home"), ""), nil }, AnyEpoch)
	h.Open("POST /raw", func(r *Request) (Response, error) { return Redirect(r.FormValue("next"), ""), nil }, AnyEpoch)
	b := h.browser(t)
	b.header.Set("Referer", "https://evil.example/x")
	for _, to := range []string{"//evil.example", "https://evil.example", `/\evil.example`, ""} {
		wantHeader(t, b.post("/on", "next", to), "Location", "/home")
		wantHeader(t, b.post("/raw", "next", to), "Location", "/")
		wantHeader(t, b.post("/language", "language", "nl", "to", to), "Location", "/")
	}
	wantHeader(t, b.post("/on", "next", "/members?page=2"), "Location", "/members?page=2")
}

func TestTheLanguageIsTheAccountsElseTheBrowsersElseTheHeaders(t *testing.T) {
	var spoken string
	h := newHub(t, func(c *Config) {
		c.Speak = func(_ context.Context, _ models.Actor, language string) error {
			spoken = language
			return nil
		}
	})
	h.Open("GET /which", func(r *Request) (Response, error) {
		return Page(text(r.Locale.Language + " " + r.Locale.Location().String() + " " + i18n.T(r.Context(), "common.save"))), nil
	})
	b := h.browser(t)
	wantText(t, b.get("/which"), "en Europe/Amsterdam Save")
	b.header.Set("Accept-Language", "nl-BE, en;q=0.5")
	wantText(t, b.get("/which"), "nl Europe/Amsterdam Opslaan")
	b.post("/language", "language", "en")
	wantText(t, b.get("/which"), "en ")
	if spoken != "" {
		t.Errorf("nobody chose %s", spoken)
	}
	wantStatus(t, b.post("/language", "language", "xx"), http.StatusUnprocessableEntity)

	dutch := sanne()
	dutch.Language, dutch.TimeZone = "nl", "Europe/London"
	b = h.as(t, dutch)
	b.cookies["locum-language-8080"] = &http.Cookie{Name: "locum-language-8080", Value: "en"}
	wantText(t, b.get("/which"), "nl Europe/London")
	b.header.Set("Referer", "http://localhost:8080/members?page=2")
	wantHeader(t, b.post("/language", "language", "en"), "Location", "/members?page=2")
	if spoken != "en" {
		t.Errorf("the account speaks %q", spoken)
	}
}

func TestTheThemeIsKeptInTheBrowser(t *testing.T) {
	b := newHub(t).as(t, sanne())
	b.post("/account/theme", "theme", "dark")
	wantText(t, b.get("/home"), `data-theme="dark"`)
	b.post("/account/theme", "theme", "system")
	wantNoText(t, b.get("/home"), `data-theme="dark"`)
}

func TestOnlyATrustedProxyIsBelievedAboutTheAddress(t *testing.T) {
	h := newHub(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:1", "rubbish", "10.0.0.1"},
		{"10.0.0.1:1", "6.6.6.6, rubbish, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"[2001:db8::1]:1", "", "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
	} {
		r, _ := http.NewRequest(http.MethodGet, "http://localhost/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := h.address(r); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestTooManyRequestsAreRefusedSoonerWithoutASession(t *testing.T) {
	h := newHub(t, func(c *Config) { c.Limits = Limits{Requests: 8, Anonymous: 3} })
	b := h.browser(t)
	for range 3 {
		wantStatus(t, b.post("/enter", "token", "x"), http.StatusSeeOther)
		b.cookies = map[string]*http.Cookie{}
	}
	got := b.post("/enter", "token", "x")
	wantStatus(t, got, http.StatusTooManyRequests)
	wantHeader(t, got, "Retry-After", "60")
	for range 4 {
		wantStatus(t, b.get("/home"), http.StatusSeeOther)
	}
	wantStatus(t, b.get("/home"), http.StatusTooManyRequests)
	wantStatus(t, b.get("/healthz"), http.StatusOK)
}

func TestHTMXGetsAFullRedirectAndErrorsAsAWholePage(t *testing.T) {
	b := newHub(t).as(t, sanne())
	b.header.Set("HX-Request", "true")
	got := b.post("/members", "epoch", "3", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusOK)
	wantHeader(t, got, "HX-Redirect", "/members")
	got = b.post("/crash", "epoch", "3")
	wantHeader(t, got, "HX-Retarget", "body")
	if vary := strings.Join(got.Header().Values("Vary"), ","); !strings.Contains(vary, "HX-Request") {
		t.Errorf("Vary is %q", vary)
	}
}

func TestWrongTakesTheFieldsOfARejectedForm(t *testing.T) {
	fields := models.FieldErrors{}
	fields.Add("email", "error.required")
	if wrong, ok := Wrong(fields.Err()); !ok || wrong["email"].Key != "error.required" {
		t.Errorf("%v, %v", wrong, ok)
	}
	for _, err := range []error{nil, io.EOF, models.Unknown(), models.Fail(models.Invalid, "error.invalid")} {
		if _, ok := Wrong(err); ok {
			t.Errorf("%v was taken for a form's", err)
		}
	}
}

func TestARejectedFormAnswers422(t *testing.T) {
	h := newHub(t)
	h.Signed("POST /new", func(*Request) (Response, error) { return Invalid(text("the form")), nil })
	got := h.as(t, sanne()).post("/new", "epoch", "3")
	wantStatus(t, got, http.StatusUnprocessableEntity)
	wantText(t, got, "the form")
}

func TestAFileIsOfferedUnderASafeName(t *testing.T) {
	h := newHub(t)
	h.Signed("GET /export", func(*Request) (Response, error) {
		return File("mem\"bers\r\n.csv", "text/csv; charset=utf-8", []byte("a,b\n")), nil
	})
	got := h.as(t, sanne()).get("/export")
	wantHeader(t, got, "Content-Disposition", `attachment; filename="mem-bers--.csv"`)
	wantHeader(t, got, "Content-Type", "text/csv; charset=utf-8")
}

func TestSigningOutTakesTheCookieAway(t *testing.T) {
	h := newHub(t)
	h.Signed("POST /sign-out", func(*Request) (Response, error) { return Redirect("/sign-in", "").SignedOut(), nil }, AnyEpoch)
	b := h.as(t, sanne())
	wantStatus(t, b.post("/sign-out"), http.StatusSeeOther)
	if _, kept := b.cookies["locum-session-8080"]; kept {
		t.Error("the cookie stays")
	}
	wantStatus(t, b.get("/home"), http.StatusSeeOther)
}

func TestTheAreaOfAPageFollowsItsPath(t *testing.T) {
	for path, want := range map[string]layout.Area{
		"/": layout.OrganizationArea, "/members": layout.OrganizationArea, "/company": layout.CompanyArea, "/company/people": layout.CompanyArea,
		"/companyx": layout.OrganizationArea, "/platform": layout.PlatformArea, "/home": layout.PersonalArea, "/offers/dlg_1": layout.PersonalArea,
	} {
		if got := area(path); got != want {
			t.Errorf("%s is in %s, want %s", path, got, want)
		}
	}
}

func TestOneLineInTheLogSaysWhoDidWhatWhere(t *testing.T) {
	h := newHub(t)
	b := h.as(t, visiting())
	h.log.Reset()
	b.get("/members?token=hunter2")
	line := h.log.String()
	for _, part := range []string{`"route":"GET /members"`, `"status":200`, `"account":"acc_sanne"`, `"organization":"org_zonneveld"`, `"visit":"vis_1"`, `"address":"127.0.0.1"`} {
		if !strings.Contains(line, part) {
			t.Errorf("the line lacks %s: %s", part, line)
		}
	}
	if strings.Count(line, "\n") != 1 || strings.Contains(line, "hunter2") {
		t.Errorf("the line is %s", line)
	}
}

func TestMetricsHaveBoundedLabelsAndAreForThisMachine(t *testing.T) {
	h := newHub(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	b := h.as(t, sanne())
	b.get("/members?page=7")
	b.get("/no/such/path")
	got := b.get("/metrics")
	wantStatus(t, got, http.StatusOK)
	wantText(t, got, `locum_http_requests_total{route="GET /members",status="2xx"} 1`, `locum_http_requests_total{route="none",status="4xx"} 1`)
	wantNoText(t, got, "/no/such")
	b.header.Set("X-Forwarded-For", "203.0.113.9")
	wantStatus(t, b.get("/metrics"), http.StatusNotFound)
}

func TestReadyzSaysNothingOfTheCause(t *testing.T) {
	var down error
	h := newHub(t, func(c *Config) { c.Ready = func(context.Context) error { return down } })
	b := h.browser(t)
	wantStatus(t, b.get("/readyz"), http.StatusOK)
	down = io.ErrUnexpectedEOF
	got := b.get("/readyz")
	wantStatus(t, got, http.StatusServiceUnavailable)
	wantNoText(t, got, "EOF")
}
