package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// walker is somebody who tries every route.
type walker struct {
	hub   *hub
	key   string                  // of the person; "" for nobody
	ready func(models.Actor) bool // whether his session is still what it has to be
	enter func(token string)      // makes a new session that
	renew func()                  // is called before he signs in again; may be nil
	token string
}

// browser is his browser, with a new session where the last request ended what
// was needed of the old one.
func (w *walker) browser() (browser, models.Actor) {
	if w.token != "" {
		if actor := w.hub.ActorOf(w.token); !actor.Anonymous() && (w.ready == nil || w.ready(actor)) {
			return w.hub.with(w.token), actor
		}
	}
	if w.renew != nil {
		w.renew()
	}
	w.token = w.hub.SignIn(w.key)
	if w.enter != nil {
		w.enter(w.token)
	}
	return w.hub.with(w.token), w.hub.ActorOf(w.token)
}

// TestEveryRoute tries each route that the program has as everybody who has no
// business there.
func TestEveryRoute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		o := h.furnish()
		for _, part := range []struct {
			name string
			walk func(*testing.T, *hub, tenant)
		}{
			{"is known to this test", knowsEveryRoute},
			{"anonymous", walkAnonymous},
			{"another tenant", walkForeign},
			{"member", walkMember},
			{"employee", walkEmployee},
			{"edge case 12: visitor whose role claims everything", walkVisitor},
			{"no role at all", walkNobody},
			{"forms of another epoch", walkStale},
			{"other sites", walkCrossSite},
			{"owner", walkOwner},
		} {
			t.Run(part.name, func(t *testing.T) {
				outer := h.T
				h.T = t
				defer func() { h.T = outer }()
				part.walk(t, h, o)
			})
		}
	})
}

// say are words of the tenant that no stranger may read.
func say(o tenant) []string {
	return append(o.ids(), "Zonneveld", "Karin Schouten", "Ria Smeets", "zonneveld.example")
}

// silent fails the test if something of the tenant stands in an answer. What
// the request itself named may be repeated.
func silent(t *testing.T, what string, got *httptest.ResponseRecorder, o tenant, named ...string) {
	t.Helper()
	for _, secret := range say(o) {
		if strings.Contains(got.Body.String(), secret) && !slices.ContainsFunc(named, func(n string) bool { return strings.Contains(n, secret) }) {
			t.Errorf("%s tells %q:\n%s", what, secret, got.Body)
			return
		}
	}
}

func walkAnonymous(t *testing.T, h *hub, o tenant) {
	before := h.dump()
	nobody := browser{hub: h}
	dutch, machine := http.Header{"Accept-Language": {"nl"}}, http.Header{"Accept": {"application/json"}}
	for _, route := range h.routes {
		path := fill(t, route.Pattern, o, map[string]bool{})
		var sent url.Values
		if route.Method == http.MethodPost {
			sent = url.Values{}
		}
		got := nobody.send(route.Method, path, sent, dutch)
		looksRight(t, route, got, "nl")
		switch {
		case got.Code >= 500:
			t.Errorf("%s answers %d", route.Label(), got.Code)
		case route.Protection == web.RawRoute || route.Protection == web.OpenRoute:
			if !strings.HasPrefix(path, "/sign-out") && strings.HasPrefix(got.Header().Get("Location"), "/sign-in?") {
				t.Errorf("%s is open, and leads to signing in", route.Label())
			}
		case got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in?next="):
			t.Errorf("%s answers %d to %q, and not with a way to sign in", route.Label(), got.Code, got.Header().Get("Location"))
		default:
			sent = nil
			if route.Method == http.MethodPost {
				sent = form(route, o, 1)
			}
			if got := nobody.send(route.Method, path, sent, machine); got.Code != http.StatusUnauthorized ||
				!strings.HasPrefix(got.Header().Get("Content-Type"), "application/problem+json") {
				t.Errorf("%s answers %d (%s) to a machine", route.Label(), got.Code, got.Header().Get("Content-Type"))
			}
		}
		silent(t, route.Label(), got, o, path)
	}
	h.unchanged(t, "somebody without a session", before)
}

func walkForeign(t *testing.T, h *hub, o tenant) {
	marieke := &walker{hub: h, key: "marieke"}
	never := unknown(o)
	seen := &still{h: h, t: t, lines: func() []string { return about(h.dump(), o) }}
	defer seen.look()
	for _, route := range h.routes {
		path, none := fill(t, route.Pattern, o, map[string]bool{}), fill(t, route.Pattern, never, map[string]bool{})
		if route.Method != http.MethodPost {
			b, _ := marieke.browser()
			got := b.send(route.Method, path+query(o), nil, nil)
			stranger(t, route, got, o, path, query(o))
			if private(route.Pattern) {
				b, _ := marieke.browser()
				alike(t, route.Label(), b.send(route.Method, path, nil, nil), b.send(route.Method, none, nil, nil), o, never)
			}
			continue
		}
		b, actor := marieke.browser()
		seen.watch(route.Label() + " by another tenant's superuser")
		got := b.send(route.Method, path, form(route, o, actor.Epoch), nil)
		stranger(t, route, got, o, path, query(o))
		if private(route.Pattern) {
			b, actor := marieke.browser()
			alike(t, route.Label(), b.send(route.Method, path, form(route, o, actor.Epoch), nil), b.send(route.Method, none, form(route, never, actor.Epoch), nil), o, never)
		}
	}
}

// stranger checks the answer to somebody of another tenant.
func stranger(t *testing.T, route web.Route, got *httptest.ResponseRecorder, o tenant, named ...string) {
	t.Helper()
	looksRight(t, route, got, "en")
	if got.Code >= 500 {
		t.Errorf("%s answers %d: %s", route.Label(), got.Code, words(t, got))
	}
	silent(t, route.Label(), got, o, named...)
}

// alike fails the test unless a foreign id is answered as an unknown one is:
// byte for byte, but for the ids themselves and the id of the request.
func alike(t *testing.T, what string, foreign, unknown *httptest.ResponseRecorder, o, never tenant) {
	t.Helper()
	a, b := plain(foreign, o), plain(unknown, never)
	if a != b {
		t.Errorf("%s answers a foreign id otherwise than an unknown one:\n%s\n---\n%s", what, a, b)
	}
	if foreign.Code < 400 {
		t.Errorf("%s answers %d to a foreign id", what, foreign.Code)
	}
}

// plain is an answer without what differs between any two requests.
func plain(got *httptest.ResponseRecorder, o tenant) string {
	head := got.Header().Clone()
	id := head.Get("X-Request-Id")
	head.Del("X-Request-Id")
	var cookies []string
	for _, c := range got.Result().Cookies() {
		cookies = append(cookies, c.Name) // their values hold the time and chance
	}
	head["Set-Cookie"] = cookies
	var text strings.Builder
	text.WriteString(strconv.Itoa(got.Code) + "\n")
	_ = head.Write(&text)
	text.WriteString(got.Body.String())
	all := strings.ReplaceAll(text.String(), id, "REQUEST")
	for i, id := range o.ids() {
		all = strings.ReplaceAll(all, id, "ID"+strconv.Itoa(i))
	}
	return all
}

// members may look. It is written out here, so that the program's own list
// cannot grow unnoticed.
var members = []models.Permission{models.ViewOrganization, models.ViewMembers, models.ViewApplications, models.ViewActivity}

func walkMember(t *testing.T, h *hub, o tenant) {
	h.walkWithin(t, &walker{hub: h, key: "ria"}, o, members)
}

// walkEmployee is somebody who belongs to the company, and to no organization.
func walkEmployee(t *testing.T, h *hub, o tenant) {
	h.Person("eline", "Eline Peeters", "eline@zonneveld.example")
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: o.company, AccountID: h.ID("eline"), RoleID: tenancy.Employee, Source: tenancy.Manual}, "Eline Peeters")
	})
	h.walkWithin(t, &walker{hub: h, key: "eline"}, o, nil)
}

// walkVisitor is a consultant whose role holds every permission there is: what
// is denied to visitors is denied whatever it says.
func walkVisitor(t *testing.T, h *hub, o tenant) {
	sanne := &walker{hub: h, key: "sanne", ready: models.Actor.Visiting, enter: func(token string) {
		_, err := h.Sessions.Switch(h.Ctx, h.ActorOf(token), o.organization)
		h.must(err)
	}}
	h.walkWithin(t, sanne, o, append(slices.Clone(members), models.ManageApplications, models.ViewSecrets, models.UseSecrets, models.ViewUsage))
}

func walkNobody(t *testing.T, h *hub, o tenant) {
	h.Person("hugo", "Hugo Brandt", "hugo@elsewhere.example")
	h.walkWithin(t, &walker{hub: h, key: "hugo"}, o, nil)
}

// closed are the areas that are shut to everybody who walks within: to who has
// no role there, and to visitors whatever their roles say.
var closed = []string{"company", "platform", "delegations", "visitors"}

// walkWithin tries every route as somebody who may do little where he works.
// What needs another permission is refused, recorded once and changes nothing.
func (h *hub) walkWithin(t *testing.T, who *walker, o tenant, may []models.Permission) {
	t.Helper()
	seen := h.still(t)
	defer seen.look()
	who.renew = seen.look
	for _, route := range h.routes {
		path := fill(t, route.Pattern, o, map[string]bool{})
		writes := route.Method == http.MethodPost
		refused := route.Protection == web.PermissionRoute && !slices.Contains(may, route.Permission)
		if !refused && slices.Contains(closed, strings.Split(route.Pattern, "/")[1]) {
			t.Errorf("%s asks for %q alone", route.Label(), route.Permission)
		}
		if writes && !refused {
			continue // what he may do is shown by the tests of the areas
		}
		if !refused {
			seen.look() // what he may look at is noted as seen
		}
		b, actor := who.browser()
		var sent url.Values
		if writes {
			sent = form(route, o, actor.Epoch)
		}
		if refused {
			seen.watch(route.Label() + ", refused")
			h.Advance(time.Minute) // one of a kind is recorded in a minute
		}
		recorded := h.refusals()
		got := b.send(route.Method, path, sent, nil)
		looksRight(t, route, got, "en")
		switch {
		case !refused && got.Code >= 500, !refused && route.Protection == web.PermissionRoute && got.Code == http.StatusForbidden:
			t.Errorf("%s answers %d: %s", route.Label(), got.Code, words(t, got))
		case !refused:
		case got.Code != http.StatusForbidden:
			t.Errorf("%s answers %d to somebody without %s", route.Label(), got.Code, route.Permission)
		default:
			if n := h.refusals() - recorded; n != 1 {
				t.Errorf("%s records %d refusals", route.Label(), n)
			}
		}
	}
}

// walkStale sends every form without an epoch, and with that of another
// context, as somebody who may do everything.
func walkStale(t *testing.T, h *hub, o tenant) {
	seen := h.still(t)
	defer seen.look()
	karin := &walker{hub: h, key: "karin", renew: seen.look}
	for _, route := range h.routes {
		if route.Method != http.MethodPost || route.AnyEpoch {
			continue
		}
		b, actor := karin.browser()
		seen.watch(route.Label() + " of another epoch")
		path := fill(t, route.Pattern, o, map[string]bool{})
		for what, sent := range map[string]url.Values{"without an epoch": loaded(o), "of a later epoch": form(route, o, actor.Epoch+1),
			"of an earlier epoch": form(route, o, actor.Epoch-1), "of no number": {"epoch": {"one"}}} {
			got := b.send(route.Method, path, sent, nil)
			looksRight(t, route, got, "en")
			if got.Code != http.StatusConflict {
				t.Errorf("%s answers %d to a form %s", route.Label(), got.Code, what)
			}
		}
	}
}

// walkCrossSite has other sites send every form, as a browser would do for
// them if it sent the cookie along.
func walkCrossSite(t *testing.T, h *hub, o tenant) {
	seen := h.still(t)
	defer seen.look()
	karin := &walker{hub: h, key: "karin", renew: seen.look}
	for _, route := range h.routes {
		if route.Method == http.MethodGet || route.Method == http.MethodOptions || route.CrossSite {
			continue
		}
		b, actor := karin.browser()
		seen.watch(route.Label() + " of another site")
		path := fill(t, route.Pattern, o, map[string]bool{})
		for what, header := range map[string]http.Header{
			"of another site":      {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://attacker.example"}},
			"of a sibling":         {"Sec-Fetch-Site": {"same-site"}, "Origin": {strangers}},
			"of an older browser":  {"Origin": {"https://attacker.example"}},
			"of a hidden document": {"Origin": {"null"}},
		} {
			if got := b.send(route.Method, path, form(route, o, actor.Epoch), header); got.Code != http.StatusForbidden {
				t.Errorf("%s answers %d to a form %s", route.Label(), got.Code, what)
			}
		}
	}
}

// asksOthers are routes that ask somebody outside this machine.
var asksOthers = []string{"POST /company/domains/{id}/verify", "POST /company/single-sign-on/{id}/read"} // the DNS, and the provider

// notHers are the forms that cannot be carried out for who owns everything
// else: offers to others, what is closed by now, a response that nobody signed.
// All others are, and so what was sent elsewhere in this test could have been.
var notHers = []string{"POST /setup/{token}", "POST /set-up-link/{token}", "POST /invitations/{invitation}", "POST /offers/{id}/accept", "POST /offers/{id}/decline",
	"POST /offers/{id}/give-back", "POST /offers/{id}/more", "POST /delegations/{id}/confirm", "POST /request/{token}", "POST /firms/{id}/approve",
	"POST /firms/{id}/refuse", "POST /firms/{id}/confirm", // nothing is proposed of it, or asked about it
	"POST /delegations/{id}/refuse-more", "POST /visitors/{id}/end", // nobody asks for more, and nobody is inside
	"POST /delegations/{id}/approval",                                                // nothing is proposed
	"POST /company/people/{account}/passkeys/reset", "POST /platform/passkeys/reset", // nobody there has any
	"POST /oauth/authorize", // no application is connected
	// A cookie opens nothing there.
	"POST /oauth/introspect", "POST /oauth/revoke", "POST /oauth/token", "POST /oauth/userinfo",
	"POST /v1/applications/{id}/disable", "POST /v1/applications/{id}/enable",
	"POST /v1/delegations", "POST /v1/delegations/{id}/amend", "POST /v1/delegations/{id}/approve", "POST /v1/delegations/{id}/compare", "POST /v1/delegations/{id}/confirm",
	"POST /v1/delegations/{id}/extend", "POST /v1/delegations/{id}/refuse-more", "POST /v1/delegations/{id}/reject", "POST /v1/delegations/{id}/revoke", "POST /v1/delegations/{id}/withdraw",
	"POST /v1/firm-delegations", "POST /v1/firm-delegations/{id}/approve", "POST /v1/firm-delegations/{id}/end", "POST /v1/firm-delegations/{id}/extend", "POST /v1/firm-delegations/{id}/lift",
	"POST /v1/firm-delegations/{id}/confirm", "POST /v1/firm-delegations/{id}/refuse",
	"POST /v1/firm-delegations/{id}/veto", "POST /v1/requests/{id}/refuse", "POST /v1/usage", "POST /v1/visits/{id}/end",
	"POST /v1/delegations/extend", "POST /v1/delegations/narrow", "POST /v1/delegations/revoke", "POST /v1/delegations/shorten",
	"POST /v1/request-link", "POST /v1/request-link/remove", "POST /v1/visitor-policy/compare",
	"POST /v1/consultants/firm-delegations/{id}/name", "POST /v1/consultants/firm-delegations/{id}/unname",
	"POST /v1/my-delegations/{id}/accept", "POST /v1/my-delegations/{id}/ask-more", "POST /v1/my-delegations/{id}/decline", "POST /v1/my-delegations/{id}/give-back",
	"POST /v1/my-requests", "POST /v1/my-requests/{id}/withdraw",
	"POST /v1/secrets", "POST /v1/secrets/{id}/remove", "POST /v1/secrets/{id}/replace", "POST /v1/secrets/{id}/reveal",
	"POST /company/people/{account}/remove", // she is no member by then, and nobody keeps her out
	"POST /company/people/{account}/let-back-in",
	"POST /company/break-glass/sessions/{session}/end", // it is hers, and over with her other sessions by then
	"POST /company/people/{account}/give", "POST /company/people/{account}/take", "POST /saml/{connection}/acs",
	"POST /company/runs/{run}/cancel", "POST /company/runs/{run}/resume", "POST /company/runs/{run}/undo", // it is over, and not the last
	// Under a bare network address there are no passkeys.
	"POST /sign-in/passkey/begin", "POST /account/passkeys/begin", "POST /account/passkeys", "POST /account/step-up/begin",
	"POST /company/directory/migrate", // no group of a directory has the name
	"POST /saml/{connection}/slo", "POST /company/single-sign-on/set-up", "POST /company/single-sign-on/{id}/set-up/abandon", "POST /company/single-sign-on/{id}/keys/{key}/retire"}

// fleeting are pages of what is there for a moment only, which this test has none
// of: the outcome of a test sign-in, the older of two keys, a webhook that is off,
// changes that were chosen for groups, and what waits for another superuser.
var fleeting = []string{"GET /company/webhooks/{webhook}/on", "GET /webhooks/{webhook}/on", "GET /platform/webhooks/{webhook}/on", "GET /company/directory/mapping/preview", "GET /delegations/{id}/approval",
	"GET /company/single-sign-on/{id}/test/{ticket}", "GET /company/single-sign-on/{id}/keys/{key}/retire"}

// inTheEnd puts what takes a person or a directory away after everything that is
// about them.
func inTheEnd(routes []web.Route) []web.Route {
	last := func(r web.Route) int {
		return slices.Index([]string{"POST /firms/{id}/extend", "POST /firms/{id}/end", "POST /firms/{id}/people/{account}/veto", "POST /firms/{id}/people/{account}/lift",
			"POST /secrets/{secret}/versions/{version}/remove", "POST /secrets/{secret}/remove", "POST /company/directory/{id}/remove", "POST /company/people/{account}/remove"}, r.Label())
	}
	return slices.SortedStableFunc(slices.Values(routes), func(a, b web.Route) int { return last(a) - last(b) })
}

// walkOwner opens every page of his own in Dutch, and then sends every form.
func walkOwner(t *testing.T, h *hub, o tenant) {
	h.stillHere("karin")
	h.must(h.Accounts.SetLanguage(h.Ctx, h.Actor("karin"), "nl"))
	karin := &walker{hub: h, key: "karin"}
	for _, route := range h.routes {
		if route.Method == http.MethodPost {
			continue
		}
		b, _ := karin.browser()
		for _, query := range []string{"", query(o)} {
			got := b.send(route.Method, fill(t, route.Pattern, o, map[string]bool{})+query, nil, nil)
			looksRight(t, route, got, "nl")
			opens := route.Protection == web.PermissionRoute && route.Permission != models.OperatePlatform && !slices.Contains(fleeting, route.Label())
			if got.Code >= 500 || query != "" && opens && got.Code != http.StatusOK {
				t.Errorf("%s answers %d to its owner: %s", route.Label(), got.Code, words(t, got))
			}
		}
	}
	for _, route := range inTheEnd(h.routes) {
		if route.Method != http.MethodPost || slices.Contains(asksOthers, route.Label()) {
			continue
		}
		for _, empty := range []bool{false, true} {
			b, actor := karin.browser()
			sent := form(route, o, actor.Epoch)
			if empty {
				sent = url.Values{"epoch": sent["epoch"]}
			}
			sent.Set("language", "nl")
			got := b.send(route.Method, fill(t, route.Pattern, o, map[string]bool{}), sent, nil)
			looksRight(t, route, got, "nl")
			done := got.Code == http.StatusOK || got.Code == http.StatusSeeOther
			closed := slices.Contains(notHers, route.Label()) || route.Permission == models.OperatePlatform
			if got.Code >= 500 || !empty && done == closed {
				t.Errorf("%s answers %d to its owner: %s", route.Label(), got.Code, words(t, got))
			}
		}
	}
}
