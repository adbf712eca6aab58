package account

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestACodeSignsIn(t *testing.T) {
	b := newHub(t).browser()
	request := b.ask("Karin@Zonneveld.example", "next", "/account?tab=1")
	b.says(b.get("/sign-in/code?request="+request), http.StatusOK, "Karin@Zonneveld.example", `autocomplete="one-time-code"`)
	code := b.code(request)
	pasted := " " + strings.ToLower(code[:4]) + "-" + code[4:] + " "
	b.leadsTo(b.enter(request, pasted), "/account?tab=1")
	b.says(b.get("/home"), http.StatusOK, "Home of Karin Schouten")
	b.leadsTo(b.get("/sign-in"), "/home")
}

func TestFiveWrongTriesSpendACode(t *testing.T) {
	b := newHub(t).browser()
	request := b.ask("karin@zonneveld.example")
	for left := 4; left > 0; left-- {
		b.says(b.enter(request, "WRONG000"), http.StatusUnprocessableEntity, `aria-invalid="true"`, `value="WRONG000"`, "Tries left: "+string(rune('0'+left)))
	}
	b.says(b.enter(request, "WRONG000"), http.StatusUnprocessableEntity, "no tries left")
	got := b.enter(request, b.code(request))
	b.says(got, http.StatusUnprocessableEntity, "no tries left", "Send a new code")
	if b.signedIn() {
		t.Fatal("the right code came too late and signed in")
	}
	again := b.request(b.post("/sign-in/code/again", "request", request))
	b.leadsTo(b.enter(again, b.code(again)), "/home")
}

func TestACodeOfAnotherBrowserIsLikeNone(t *testing.T) {
	h := newHub(t)
	mine, other := h.browser(), h.browser()
	request := mine.ask("karin@zonneveld.example")
	for _, got := range []*httptest.ResponseRecorder{
		other.get("/sign-in/code?request=" + request),
		other.enter(request, mine.code(request)),
		other.post("/sign-in/code/again", "request", request),
		other.enter("sic_nothing", "AAAAAAAA"),
		other.get("/sign-up/finish?request=" + request),
	} {
		other.says(got, http.StatusNotFound, "Ask for a new code")
		other.silent(got, "karin")
	}
	if other.signedIn() || h.codes() != 1 {
		t.Fatal("another browser got somewhere")
	}
	mine.leadsTo(mine.enter(request, mine.code(request)), "/home")
}

func TestAnOldCodeIsAskedAnew(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	request := b.ask("karin@zonneveld.example", "next", "/account")
	h.Advance(10 * time.Minute)
	b.says(b.enter(request, b.code(request)), http.StatusUnprocessableEntity, "too old")
	b.says(b.get("/sign-in/code?request="+request), http.StatusOK, "Send a new code")
	again := b.request(b.post("/sign-in/code/again", "request", request))
	b.says(b.get("/sign-in/code?request="+again), http.StatusOK, "We sent a new code")
	b.leadsTo(b.enter(again, b.code(again)), "/account")
}

func TestKnownAndUnknownAddressesGetTheSameAnswer(t *testing.T) {
	b := newHub(t).browser()
	var pages []string
	for _, email := range []string{"karin@zonneveld.example", "nobody@zonneveld.example"} {
		request := b.ask(email)
		page := b.get("/sign-in/code?request=" + request)
		wrong := b.enter(request, "WRONG000")
		text := page.Body.String() + wrong.Body.String()
		for _, own := range []string{request, email, email[:1]} {
			text = strings.ReplaceAll(text, own, "·")
		}
		pages = append(pages, strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '·' }), ""))
	}
	strip := func(s string) string { // initials and colour of the address
		return strings.NewReplacer(">K<", "><", ">N<", "><", "k", "", "n", "").Replace(s)
	}
	a, c := strip(pages[0]), strip(pages[1])
	for _, hue := range "12345678" {
		a, c = strings.ReplaceAll(a, `hue="`+string(hue), `hue="`), strings.ReplaceAll(c, `hue="`+string(hue), `hue="`)
	}
	if a != c {
		t.Errorf("the pages differ:\n%s\n%s", a, c)
	}
	if b.codes() != 2 {
		t.Errorf("%d mails went out", b.codes())
	}
}

func TestTooManyCodesGetAPageThatSaysSo(t *testing.T) {
	b := newHub(t).browser()
	request := ""
	for range 5 {
		request = b.ask("karin@zonneveld.example")
	}
	for _, got := range []*httptest.ResponseRecorder{
		b.post("/sign-in", "email", "karin@zonneveld.example"),
		b.post("/sign-in/code/again", "request", request),
	} {
		b.says(got, http.StatusTooManyRequests, "Too many tries")
		if got.Header().Get("Retry-After") == "" {
			t.Error("nothing says when to try again")
		}
	}
	if b.codes() != 5 {
		t.Errorf("%d mails went out", b.codes())
	}
	b.ask("pim@zonneveld.example") // somebody else's mailbox is not shut by it
}

func TestSendingACodeTwiceOpensOneSession(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	request := b.ask("karin@zonneveld.example")
	code := b.code(request)
	b.leadsTo(b.enter(request, code), "/home")
	b.leadsTo(b.enter(request, code), "/home") // the cookie came already
	session := b.cookies
	b.cookies = map[string]*http.Cookie{}
	for name, cookie := range session {
		if !strings.Contains(name, "session") {
			b.cookies[name] = cookie
		}
	}
	b.says(b.enter(request, code), http.StatusNotFound, "A code works once")
	if n := h.sessions("karin@zonneveld.example"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestSigningInAgainEndsTheSessionBefore, which no cookie leads to any more.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	first, second := b.ask("karin@zonneveld.example"), b.ask("pim@zonneveld.example") // in two tabs
	b.leadsTo(b.enter(first, b.code(first)), "/home")
	b.leadsTo(b.enter(second, b.code(second)), "/home")
	if before, now := h.sessions("karin@zonneveld.example"), h.sessions("pim@zonneveld.example"); before != 0 || now != 1 {
		t.Errorf("%d sessions before, %d now", before, now)
	}
}

func TestNextLeadsNowhereOutside(t *testing.T) {
	h := newHub(t)
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "javascript:alert(1)", "/%0d//evil\t"} {
		b := h.browser()
		b.silent(b.get("/sign-in?next="+url.QueryEscape(next)), `name="next"`)
		request := b.request(b.post("/sign-in", "email", "karin@zonneveld.example", "next", next))
		b.leadsTo(b.enter(request, b.code(request)), "/home")
		b.leadsTo(b.get("/sign-in?next="+url.QueryEscape(next)), "/home") // signed in already
	}
}

func TestACompanysPeopleAreSentToItsIdentityProvider(t *testing.T) {
	b := newHub(t).browser()
	b.leadsTo(b.post("/sign-in", "email", "anna@devries.example", "next", "/members?q=a b"),
		"/saml/con_entra/start?email=anna%40devries.example")
	b.leadsTo(b.post("/sign-in", "email", "anna@devries.example", "next", "/members?q=a"),
		"/saml/con_entra/start?email=anna%40devries.example&next=%2Fmembers%3Fq%3Da")
	if b.codes() != 0 {
		t.Error("a code was sent all the same")
	}
}

func TestADomainThatRequiresItsProviderAllowsNoCode(t *testing.T) {
	h := newHub(t)
	h.requireSSO(h.Production.Company, "devries.example")
	h.requireSSO(h.Zonneveld.Company, "zonneveld.example")
	b := h.browser()
	got := b.post("/sign-up", "name", "Anna Visser", "organization", "Anna", "email", "anna@devries.example")
	b.says(got, http.StatusConflict, "devries.example signs in through its company", "/saml/con_entra/start?email=anna%40devries.example")
	got = b.post("/sign-in", "email", "karin@zonneveld.example") // its provider is switched off
	b.says(got, http.StatusConflict, "does not work now")
	b.silent(got, "/saml/")
	if h.codes() != 0 {
		t.Error("a code was sent all the same")
	}
}

func TestAnAddressThatIsNoneIsSaidAtItsField(t *testing.T) {
	b := newHub(t).browser()
	for _, email := range []string{"", "karin", "karin@"} {
		b.says(b.post("/sign-in", "email", email, "next", "/account"), http.StatusUnprocessableEntity,
			`id="errors"`, `href="#email"`, `value="`+email+`"`, `name="next" value="/account"`)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	h := newHub(t)
	b := h.browser().signIn("karin@zonneveld.example")
	kept := b.cookies["locum-session-8080"]
	b.leadsTo(b.post("/sign-out", "next", "/account"), "/sign-in?next=%2Faccount")
	b.says(b.get("/sign-in"), http.StatusOK, "You are signed out")
	b.cookies["locum-session-8080"] = kept
	if b.signedIn() || h.sessions("karin@zonneveld.example") != 0 {
		t.Error("the session goes on")
	}
	b.leadsTo(b.post("/sign-out"), "/sign-in")
}
