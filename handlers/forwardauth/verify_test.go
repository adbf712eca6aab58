package forwardauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"locum/handlers/forwardauth"
	"locum/models"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

const planning = "https://planning.example.com/board?week=47"

// wants fails the test unless the answer has a status and headers, and every header
// about a person exactly once.
func wants(t testing.TB, w *httptest.ResponseRecorder, code int, head map[string]string) {
	t.Helper()
	if w.Code != code {
		t.Fatalf("answered %d, want %d: %v", w.Code, code, w.Header())
	}
	for _, name := range forwardauth.Headers {
		if got := w.Header().Values(name); len(got) != 1 {
			t.Errorf("%s is sent %d times", name, len(got))
		} else if code != http.StatusOK && got[0] != "" {
			t.Errorf("%s tells %q to who is refused", name, got[0])
		}
	}
	if got := w.Header().Values("Cache-Control"); len(got) != 1 || got[0] != "no-store" {
		t.Errorf("may be kept: %q", got)
	}
	for name, value := range head {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// letter checks the signed header by the published keys, and gives what it says.
func (h *hub) letter(text string) (claims map[string]any) {
	h.t.Helper()
	parsed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.ES256})
	h.must(err)
	keys, err := h.Signing.Public(h.Ctx)
	h.must(err)
	payload, err := parsed.Verify(keys.Key(parsed.Signatures[0].Header.KeyID)[0])
	h.must(err)
	h.must(json.Unmarshal(payload, &claims))
	return claims
}

func TestAMemberPassesAsHimself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		let := b.asked(ask{address: planning})
		wants(t, let, 200, map[string]string{"Remote-User": w.ID("ria"), "Remote-Email": "ria@zonneveld.example", "Remote-Name": "Ria Smeets", "Remote-Groups": "planner",
			"X-Locum-Org-Id": w.Zonneveld.Organization, "X-Locum-Real-Org-Id": w.Zonneveld.Organization, "X-Locum-Delegation-Id": ""})
		says := h.letter(let.Header().Get("X-Locum-Jwt"))
		if says["aud"] != "planning.example.com" || says["iss"] != "https://hub.example.com" || says["sub"] != w.ID("ria") || says["client_id"] != h.id || says["act"] != nil || says["delegation"] != nil {
			t.Errorf("the letter says %v", says)
		}
		if life := says["exp"].(float64) - says["iat"].(float64); life != 60 {
			t.Errorf("the letter may be believed for %v s", life)
		}
	})
}

func TestAVisitorPassesOnBehalfOfHisHostUntilTheVisitIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		b := h.opened(w.Token("sanne"), planning)
		let := b.asked(ask{address: planning})
		wants(t, let, 200, map[string]string{"X-Locum-Org-Id": w.Zonneveld.Organization, "X-Locum-Real-Org-Id": w.Kade.Organization, "X-Locum-Delegation-Id": d.ID})
		epoch := func(got *httptest.ResponseRecorder) int64 {
			n, err := strconv.ParseInt(got.Header().Get("X-Locum-Context-Epoch"), 10, 64)
			h.must(err)
			return n
		}
		if now := w.Actor("sanne").Epoch; epoch(let) != now || h.letter(let.Header().Get("X-Locum-Jwt"))["ctx_epoch"] != float64(now) {
			t.Errorf("the epoch is told as %d, and is %d", epoch(let), now)
		}
		says := h.letter(let.Header().Get("X-Locum-Jwt"))
		if act, _ := says["act"].(map[string]any); act["org_id"] != w.Kade.Organization || says["org_id"] != w.Zonneveld.Organization {
			t.Errorf("the letter says %v", says)
		}
		w.Switch("sanne", w.Kade)
		wants(t, b.asked(ask{address: planning}), 403, map[string]string{"X-Locum-Deny": "app_not_enabled"})
		w.Switch("sanne", w.Zonneveld)
		again := b.asked(ask{address: planning})
		wants(t, again, 200, nil)
		if epoch(again) <= epoch(let) {
			t.Errorf("two switches later the epoch is %d, and was %d", epoch(again), epoch(let))
		}
		h.must(w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		wants(t, b.asked(ask{address: planning}), 403, map[string]string{"X-Locum-Deny": "delegation_expired"})
	})
}

func TestALetterEndsWithTheDelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		b := h.opened(w.Token("sanne"), planning)
		w.Advance(d.EndsAt.Add(-30 * time.Second).Sub(w.Now()))
		later := models.At(d.EndsAt.Add(time.Hour))
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Session{}).Where("account_id = ?", w.ID("sanne")).Updates(map[string]any{"expires_at": later, "last_seen_at": models.At(w.Now())}).Error
		})
		w.System(func(tx *store.Tx) error {
			return tx.Table("forward_passes").Where("session_id <> ?", "").Update("expires_at", later).Error
		})
		let := b.asked(ask{address: planning})
		wants(t, let, 200, nil)
		if says := h.letter(let.Header().Get("X-Locum-Jwt")); int64(says["exp"].(float64)) != d.EndsAt.Unix() {
			t.Errorf("the letter may be believed until %v, the delegation ends at %v", says["exp"], d.EndsAt.Unix())
		}
	})
}

func TestNobodyIsSentToSignIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		html := http.Header{"Accept": {"text/html"}}
		first := h.as("").asked(ask{address: planning})
		wants(t, first, 401, nil)
		to, err := url.Parse(first.Header().Get("X-Locum-Sign-In"))
		if err != nil || to.Host != "hub.example.com" || to.Path != "/auth/start" || to.Query().Get("rd") != planning || first.Header().Get("Location") != to.String() {
			t.Errorf("sent to %q", to)
		}
		wants(t, h.as("").asked(ask{address: planning, query: "?redirect=1", head: html}), 302, nil)
		wants(t, h.as("").asked(ask{address: planning, query: "?redirect=1", head: http.Header{"Sec-Fetch-Mode": {"cors"}, "Accept": {"text/html"}}}), 401, nil)
		posted := h.as("").asked(ask{method: "POST", address: planning, query: "?redirect=1", head: html})
		wants(t, posted, 401, nil)
		if to, _ := url.Parse(posted.Header().Get("X-Locum-Sign-In")); to.Query().Get("rd") != "https://planning.example.com/" {
			t.Errorf("a form would be asked for as a page: %s", to)
		}
	})
}

// What the question's own address says is the browser's: some proxies copy it.
func TestNothingInTheAddressNamesAnotherTenantOrUser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		query := "?org_id=" + w.Kade.Organization + "&user=" + w.ID("karin") + "&host=other.example.com&X-Locum-Org-Id=" + w.Kade.Organization + "&rd=https://evil.example/%zz;"
		wants(t, b.asked(ask{address: planning, query: query}), 200, map[string]string{"X-Locum-Org-Id": w.Zonneveld.Organization, "Remote-User": w.ID("ria")})
		head := http.Header{"X-Locum-Org-Id": {w.Kade.Organization}, "Remote-User": {w.ID("karin")}, "X_locum_org_id": {w.Kade.Organization}, "X-Original-Url": {"https://other.example.com/"}}
		wants(t, b.asked(ask{address: planning, head: head}), 200, map[string]string{"X-Locum-Org-Id": w.Zonneveld.Organization, "Remote-User": w.ID("ria")})
	})
}

func TestAProxyIsBelievedOnlyWhenItIsTrustedAndClear(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		wants(t, b.asked(ask{address: planning, peer: "203.0.113.9:1234"}), 403, map[string]string{"X-Locum-Deny": "proxy_not_trusted"})
		for name, values := range map[string][]string{"X-Forwarded-Host": {"planning.example.com", "other.example.com"}, "X-Forwarded-Proto": {"https", "http"},
			"X-Forwarded-Uri": {"/board", "/"}, "X-Forwarded-Method": {"GET", "POST"}} {
			wants(t, b.asked(ask{address: planning, head: http.Header{name: values}}), 403, map[string]string{"X-Locum-Deny": "request_unclear"})
			wants(t, b.asked(ask{address: planning, head: http.Header{name: nil}}), 403, map[string]string{"X-Locum-Deny": "request_unclear"})
		}
		for name, value := range map[string]string{"X-Forwarded-Host": "planning.example.com, other.example.com", "X-Forwarded-Proto": "ftp", "X-Forwarded-Uri": "https://planning.example.com/", "X-Forwarded-Method": "GE T"} {
			wants(t, b.asked(ask{address: planning, head: http.Header{name: {value}}}), 403, map[string]string{"X-Locum-Deny": "request_unclear"})
		}
		wants(t, b.asked(ask{address: planning, head: http.Header{"X-Forwarded-Host": {"PLANNING.example.com:443"}}}), 200, nil)
		wants(t, b.asked(ask{address: planning, head: http.Header{"X-Forwarded-Host": {"other.example.com"}}}), 403, map[string]string{"X-Locum-Deny": "app_unknown"})
	})
}

func TestANameCannotMakeAHeaderOfItsOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		b := h.opened(w.Token("ria"), planning)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("ria")).Update("name", "Ria Smêts\r\nX-Locum-Org-Id: "+w.Kade.Organization+" 100% ").Error
		})
		let := b.asked(ask{address: planning})
		wants(t, let, 200, map[string]string{"X-Locum-Org-Id": w.Zonneveld.Organization})
		name := let.Header().Get("Remote-Name")
		for _, c := range []byte(name) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q is no value of a header", name)
			}
		}
		if plain, err := url.PathUnescape(name); err != nil || !strings.HasPrefix(plain, "Ria Smêts\r\nX-Locum") || !strings.HasSuffix(plain, " 100% ") {
			t.Errorf("%q is read back as %q, %v", name, plain, err)
		}
	})
}

func TestAHostThatAsksForASecondFactorIsNamedSo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w, standard)
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		b := h.opened(w.Token("sanne"), planning)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("host_second_factor", true).Error
		})
		wants(t, b.asked(ask{address: planning}), 403, map[string]string{"X-Locum-Deny": "mfa_required"})
	})
}

// A rule about a method holds for who names that method elsewhere than in the request's
// first line, as some applications believe.
func TestAVisitorReachesNoMethodThatIsClosedToVisitorsByAnotherName(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	h := newHub(t, w, standard)
	h.must(h.Clients.CloseToVisitors(h.Ctx, h.operator(), h.id, client.Closing{Paths: "DELETE /orders"}))
	h.Delegate("karin", "sanne", delegation.Week)
	h.Switch("sanne", h.Zonneveld)
	visitor, member := h.as(h.Token("sanne")), h.as(h.Token("ria"))
	const at = "https://planning.example.com/orders/7"
	visitor.opens(at)
	member.opens(at)
	for name, a := range map[string]ask{
		"a header":             {head: http.Header{"X-Http-Method-Override": {"DELETE"}}, address: at},
		"the address":          {address: at + "?_method=delete"},
		"letters of any size":  {address: at + "?a=1&_Method=delete"},
		"an encoded name":      {address: at + "?%5Fmethod=delete"},
		"an address in doubt":  {address: at + "?a=1;_method=delete"},
		"the method, in small": {method: "delete", address: at},
	} {
		if a.method == "" {
			a.method = "POST"
		}
		if got := visitor.asked(a); got.Code != http.StatusForbidden || got.Header().Get("X-Locum-Deny") != "denied_to_visitors" {
			t.Errorf("by %s a visitor is answered %d %q", name, got.Code, got.Header().Get("X-Locum-Deny"))
		}
		if got := member.asked(a); got.Code != http.StatusOK {
			t.Errorf("by %s a member is answered %d", name, got.Code)
		}
	}
	if got := visitor.asked(ask{method: "POST", address: at + "?method=delete&a_method=x"}); got.Code != http.StatusOK {
		t.Errorf("what names no method is answered %d", got.Code)
	}
}
