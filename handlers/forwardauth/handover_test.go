package forwardauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"locum/handlers/forwardauth"
	"locum/handlers/web"
	"locum/models/delegation"
	"locum/models/modelstest"
)

// begun is a browser on the way from the hub to the host: the address with the code.
func (b *browser) begun(address string) string {
	b.hub.t.Helper()
	first := b.asked(ask{address: address})
	return b.hub.onward(b.at("GET", first.Header().Get("X-Locum-Sign-In"), nil))
}

// refused fails the test unless a host answers a code by sending the browser to the
// page that says so, without a pass.
func (b *browser) refused(address string) {
	b.hub.t.Helper()
	back := b.at("GET", address, nil)
	if back.Code != http.StatusSeeOther || !strings.HasPrefix(back.Header().Get("Location"), "https://hub.example.com/auth/failed?") {
		b.hub.t.Fatalf("answered %d to %q", back.Code, back.Header().Get("Location"))
	}
	to, _ := url.Parse(address)
	if again := b.asked(ask{address: "https://" + to.Host + "/"}); again.Code != http.StatusUnauthorized {
		b.hub.t.Fatalf("the browser passes with %d", again.Code)
	}
}

func TestACodeOfTheHubIsWorthNothingInAnotherBrowser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		code := h.as(w.Token("ria")).begun(planning)
		h.as("").refused(code) // without a state
		victim := h.as("")
		victim.asked(ask{address: planning}) // with a state of its own
		victim.refused(code)
	})
}

func TestACodeServesOnceAndItsReplayEndsThePass(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.as(w.Token("ria"))
		code := b.begun(planning)
		state := b.cookies["planning.example.com"]["__Host-locum-state"]
		b.at("GET", code, nil)
		wants(t, b.asked(ask{address: planning}), 200, nil)
		b.cookies["planning.example.com"][state.Name] = state
		b.at("GET", code, nil)
		wants(t, b.asked(ask{address: planning}), 401, nil)
	})
}

func TestACodeRunsOutAndIsOfOneHost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		c := standard
		c.hosts = "planning.example.com\nboard.example.org"
		h := newHub(t, w, c)
		b := h.as(w.Token("ria"))
		late := b.begun(planning)
		w.Advance(31 * time.Second)
		b.refused(late)
		code := b.begun(planning)
		b.cookies["board.example.org"] = b.cookies["planning.example.com"] // the same state
		b.refused(strings.Replace(code, "planning.example.com", "board.example.org", 1))
		b.opens("https://board.example.org/")
		pass := b.cookies["board.example.org"]["__Host-locum-forward"]
		b.cookies["planning.example.com"] = map[string]*http.Cookie{pass.Name: pass} // a pass of another host
		wants(t, b.asked(ask{address: planning}), 401, nil)
	})
}

func TestTheHubSendsNobodyToAStranger(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.as(w.Token("ria"))
		for _, rd := range []string{"https://evil.example/", "//evil.example/", "https://planning.example.com@evil.example/", "https://evil.example\\@planning.example.com/",
			"http://planning.example.com/", "javascript:alert(1)", "https://planning.example.com.evil.example/", "https://planning.example.com:8443/", "", "/board", "https:planning.example.com",
			"https://planning.example.com%2eevil.example/", "https://planning.example.com\r\nX: y"} {
			for _, path := range []string{"/auth/start", "/auth/denied", "/auth/failed", "/auth/left"} {
				if got := b.at("GET", "https://hub.example.com"+path+"?state="+strings.Repeat("a", 43)+"&rd="+url.QueryEscape(rd), nil); got.Code != http.StatusNotFound {
					t.Errorf("%s %q is answered %d", path, rd, got.Code)
				}
			}
		}
	})
}

// Every address grows as it is handed on within others. What would be lost on the way
// leads to the host instead.
func TestALongAddressComesBackToItsHostAfterSigningIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		for address, want := range map[string]string{
			planning: planning,
			"https://planning.example.com/" + strings.Repeat("x", 1000):             "https://planning.example.com/" + strings.Repeat("x", 1000),
			"https://planning.example.com/board?q=" + strings.Repeat("%20", 300):    "https://planning.example.com/",
			"https://planning.example.com/board?q=" + strings.Repeat("a%26b=", 200): "https://planning.example.com/",
			"https://planning.example.com/" + strings.Repeat("x", 5000):             "https://planning.example.com/",
		} {
			b := h.as("")
			answer := b.at("GET", b.asked(ask{address: address}).Header().Get("X-Locum-Sign-In"), nil)
			to, err := url.Parse(answer.Header().Get("Location"))
			h.must(err)
			next, err := url.Parse(to.Query().Get("next"))
			h.must(err)
			if got := next.Query().Get("rd"); to.Path != "/sign-in" || !web.Local(next.String()) || got != want {
				t.Errorf("%.60s leads to %.80s and comes back to %.80s", address, to, got)
			}
		}
	})
}

func TestThePassDiesWithTheSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		h.must(w.Sessions.SignOut(w.Ctx, w.Actor("ria")))
		wants(t, b.asked(ask{address: planning}), 401, nil)
	})
}

func TestSigningOutOfAnApplicationTakesItsPassBackAndSaysWhatGoesOn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		pass := b.cookies["planning.example.com"]["__Host-locum-forward"]
		out := b.at("GET", "https://planning.example.com/.locum/sign-out", nil)
		if to := out.Header().Get("Location"); to != "https://hub.example.com/auth/left?rd=https%3A%2F%2Fplanning.example.com%2F" {
			t.Errorf("sent to %q", to)
		}
		b.cookies["planning.example.com"][pass.Name] = pass
		wants(t, b.asked(ask{address: planning}), 401, nil)
		if page := b.at("GET", out.Header().Get("Location"), nil).Body.String(); !strings.Contains(page, "still signed in") || !strings.Contains(page, `action="/sign-out"`) {
			t.Errorf("the hub does not say that the session goes on:\n%s", page)
		}
	})
}

func TestOneCookieCountsInAWholeParentDomain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		c := standard
		c.domain, c.hosts = "example.com", "planning.example.com\nboard.example.com\nother.example.org"
		h := newHub(t, w, c)
		b := h.opened(w.Token("ria"), planning)
		cookie := b.cookies["hub.example.com"]["__Secure-locum-forward"]
		if cookie == nil || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Domain != "example.com" {
			t.Fatalf("the cookie is %+v", cookie)
		}
		wants(t, b.asked(ask{address: "https://board.example.com/"}), 200, nil)
		b.opens("https://other.example.org/") // outside the domain a host has its own
		h.must(w.Sessions.SignOut(w.Ctx, w.Actor("ria")))
		for _, address := range []string{planning, "https://board.example.com/", "https://other.example.org/"} {
			wants(t, b.asked(ask{address: address}), 401, nil)
		}
	})
}

// A host of the domain that gives the browser a younger pass does what it could do by
// overwriting the cookie. Whoever then signs in anew is himself, and does not go round
// between hub and application.
func TestOfTwoPassesTheYoungestCounts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		c := standard
		c.domain = "example.com"
		h := newHub(t, w, c)
		b := h.opened(w.Token("ria"), planning)
		attacker := h.opened(w.Token("pim"), planning).cookies["hub.example.com"]["__Secure-locum-forward"]
		b.cookies["planning.example.com"] = map[string]*http.Cookie{"x": {Name: attacker.Name, Value: attacker.Value}}
		wants(t, b.asked(ask{address: planning}), 200, map[string]string{"Remote-User": w.ID("pim")})
		if next := h.onward(b.at("GET", "https://hub.example.com/auth/start?rd="+url.QueryEscape(planning), nil)); next != planning {
			t.Fatalf("sent to %q", next)
		}
		wants(t, b.asked(ask{address: planning}), 200, map[string]string{"Remote-User": w.ID("ria")})
	})
}

func TestThePageOfADenialFindsOutItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		thomas := h.as(w.Token("thomas"))
		page := thomas.at("GET", "https://hub.example.com/auth/denied?why=mfa_required&rd="+url.QueryEscape(planning), nil)
		if body := page.Body.String(); page.Code != 403 || !strings.Contains(body, "Kade Consultants does not use Planning") || strings.Contains(body, "second factor") {
			t.Errorf("answered %d:\n%s", page.Code, body)
		}
		if page := b.at("GET", "https://hub.example.com/auth/denied?rd="+url.QueryEscape(planning), nil); page.Code != 200 || !strings.Contains(page.Body.String(), "You may use Planning") {
			t.Errorf("answered %d:\n%s", page.Code, page.Body)
		}
		if page := h.as("").at("GET", "https://hub.example.com/auth/denied?rd="+url.QueryEscape(planning), nil); !strings.Contains(page.Body.String(), "/sign-in?next=%2Fauth%2Fdenied") {
			t.Errorf("nobody is not sent to sign in:\n%s", page.Body)
		}
	})
}

func TestThePageOfADenialTellsOnceThatAVisitIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		d := w.Delegate("karin", "thomas", delegation.Week)
		w.Switch("thomas", w.Zonneveld)
		b := h.opened(w.Token("thomas"), planning)
		h.must(w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		denied := "https://hub.example.com/auth/denied?rd=" + url.QueryEscape(planning)
		page := b.at("GET", denied, nil)
		if body := page.Body.String(); page.Code != 403 || !strings.Contains(body, `data-denied="delegation_expired"`) || !strings.Contains(body, "Your visit to Zonneveld Bakkerijen is over.") ||
			!strings.Contains(body, "Kade Consultants") {
			t.Errorf("answered %d:\n%s", page.Code, body)
		}
		if page = b.at("GET", denied, nil); !strings.Contains(page.Body.String(), "Kade Consultants does not use Planning") {
			t.Errorf("once he was told: %d\n%s", page.Code, page.Body)
		}
	})
}

func TestAParentDomainMustHoldTheHub(t *testing.T) {
	for domain, public := range map[string]string{"example.com": "https://hub.other.example", "com": "https://hub.example.com", ".example.com": "https://hub.example.com", "Example.com": "https://hub.example.com", "localhost": "http://localhost:8080"} {
		to, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		if forwardauth.Check(to, domain) == nil {
			t.Errorf("%s is taken for %s", domain, public)
		}
	}
	to, _ := url.Parse("https://hub.example.com")
	if err := forwardauth.Check(to, "example.com"); err != nil {
		t.Error(err)
	}
}
