package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/mandate"
	"locum/models/modelstest"
)

// purposeMay is what each purpose of a set-up link allows. It is written out
// here, so that the program's own list cannot grow unnoticed.
var purposeMay = map[models.Purpose][]models.Permission{
	models.ForSingleSignOn: {models.ManageConnections, models.ManageCertificates},
	models.ForDirectory:    {models.ManageDirectory},
	models.ForDomains:      {models.ManageDomains},
	models.ForCertificate:  {models.ManageCertificates},
	models.ForRoleMapping:  {models.ManageConnectors},
}

// byLink opens a new set-up link, made by somebody, for these purposes, and
// gives the token of the session.
func (h *hub) byLink(maker string, purposes ...models.Purpose) string {
	h.T.Helper()
	m, err := h.Mandates.Make(h.Ctx, h.ActorOf(h.SignIn(maker)), mandate.Draft{Name: "Ilse Brouwer", Email: "ilse.brouwer@it.example", Language: "en", Purposes: purposes})
	h.must(err)
	token, err := mandate.Token(h.Keys, m.ID)
	h.must(err)
	h.Advance(15 * time.Minute) // the limit on codes counts anew
	id, err := h.Entrance.AskByLink(h.Ctx, token, access.Asking{BrowserHash: "b"})
	h.must(err)
	code, err := account.Code(h.Keys, id)
	h.must(err)
	session, err := h.Entrance.EnterByLink(h.Ctx, token, access.Entering{Request: id, BrowserHash: "b", Code: code})
	h.must(err)
	return session
}

// TestEveryRouteByASetUpLink tries each route by a link for each purpose, of the
// company itself and of another one: purposes limit screens.
func TestEveryRouteByASetUpLink(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		o := h.furnish()
		for _, purpose := range models.Purposes {
			t.Run(string(purpose), func(t *testing.T) {
				outer := h.T
				h.T = t
				defer func() { h.T = outer }()
				h.walkByLink(t, o, purpose)
			})
		}
		t.Run("of another company", func(t *testing.T) {
			outer := h.T
			h.T = t
			defer func() { h.T = outer }()
			h.NewSession("marieke") // hers ended while the others walked
			h.walkByForeignLink(t, o)
		})
	})
}

// walkByLink opens what the purpose is for, and sends every form that it is not
// for: each is refused and recorded, and together they change nothing.
func (h *hub) walkByLink(t *testing.T, o tenant, purpose models.Purpose) {
	t.Helper()
	b := h.with(h.byLink("karin", purpose))
	opened, before := 0, h.dump()
	for _, route := range h.routes {
		path := fill(t, route.Pattern, o, map[string]bool{})
		writes := route.Method == http.MethodPost
		open := route.Protection == web.RawRoute || route.Protection == web.OpenRoute || route.Pattern == "/set-up"
		may := route.Protection == web.PermissionRoute && slices.Contains(purposeMay[purpose], route.Permission)
		if open || may && writes {
			continue // what she may do is shown by the tests of the areas
		}
		var sent url.Values
		if writes {
			sent = form(route, o, 1)
		}
		h.Advance(time.Minute) // one of a kind is recorded in a minute
		recorded := h.refusals()
		got := b.send(route.Method, path, sent, nil)
		looksRight(t, route, got, "en")
		switch {
		case may:
			opened++
			asks := append([]string{"GET /company/connectors/{id}/explain", // which names somebody
				"GET /company/connectors/policy",                         // which is the managers' alone
				"GET /company/directory/{id}/remove",                     // and so is that
				"GET /company/single-sign-on/{id}/explain"}, fleeting...) // which asks for connectors too
			if got.Code != http.StatusOK && !slices.Contains(asks, route.Label()) && got.Code != http.StatusSeeOther {
				t.Errorf("%s answers %d: %s", route.Label(), got.Code, words(t, got))
			}
		case route.Pattern == "/{$}" || route.Pattern == "/home":
			if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/set-up" {
				t.Errorf("%s answers %d to %q", route.Label(), got.Code, got.Header().Get("Location"))
			}
		case got.Code != http.StatusForbidden:
			t.Errorf("%s answers %d by a link for %s", route.Label(), got.Code, purpose)
		default:
			if n := h.refusals() - recorded; n != 1 {
				t.Errorf("%s records %d refusals", route.Label(), n)
			}
			silent(t, route.Label(), got, o, path, "Zonneveld", "Karin Schouten", o.company) // the page says for whom, and where
		}
	}
	h.unchanged(t, "Something by a link for "+string(purpose), before)
	if opened == 0 {
		t.Errorf("a link for %s opens nothing", purpose)
	}
}

// walkByForeignLink names what is Zonneveld's by a link of De Vries, for all
// purposes: nothing is told, and nothing changes.
func (h *hub) walkByForeignLink(t *testing.T, o tenant) {
	t.Helper()
	token := h.byLink("marieke", models.Purposes...)
	before := about(h.dump(), o)
	for _, route := range h.routes {
		if h.ActorOf(token).Anonymous() {
			token = h.byLink("marieke", models.Purposes...)
		}
		b, path := h.with(token), fill(t, route.Pattern, o, map[string]bool{})
		var sent url.Values
		if route.Method == http.MethodPost {
			sent = form(route, o, 1)
		} else {
			path += query(o)
		}
		got := b.send(route.Method, path, sent, nil)
		stranger(t, route, got, o, path, query(o))
	}
	if d := difference(before, about(h.dump(), o)); d != "" {
		t.Errorf("a link of another company changed:\n%s", d)
	}
}
