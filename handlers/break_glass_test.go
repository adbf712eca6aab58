package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// The whole way of a break-glass session through the program: it is marked and
// told on the company's pages, and another manager ends it with one click.
func TestABreakGlassSessionIsSeenAndEnded(t *testing.T) {
	h := newHub(t, modelstest.New(t, "sqlite"))
	o := h.furnish()
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: o.company, AccountID: h.ID("pim"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Pim Zonneveld")
	})
	token := h.breaksGlass(o.domain, "Second try")
	karin := h.with(token)
	pim := h.with(h.Token("pim"))
	says := func(b browser, path string, texts ...string) {
		t.Helper()
		got := b.send(http.MethodGet, path, nil, nil)
		for _, text := range texts {
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), text) {
				t.Errorf("%s answers %d without %q", path, got.Code, text)
			}
		}
	}
	ending := `action="/company/break-glass/sessions/`
	says(karin, "/company", `id="break-glass-mark"`, "Break-glass session, ends 12:00", "You came in by break-glass sign-in at 11:00")
	says(pim, "/company", "Karin Schouten came in by break-glass sign-in at 11:00", "Reason: Second try.", ending)
	says(pim, "/company/people", ending)
	says(pim, "/company/activity", "came in by break-glass sign-in", "Reason: Second try")
	if got := pim.send(http.MethodGet, "/members", nil, nil); strings.Contains(got.Body.String(), ending) {
		t.Error("an organization's page tells of it")
	}
	session := h.ActorOf(token).Session
	got := pim.send(http.MethodPost, "/company/break-glass/sessions/"+session+"/end", url.Values{"epoch": {"1"}, "to": {"/company/people"}}, nil)
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/company/people" {
		t.Fatalf("answers %d %s", got.Code, got.Header().Get("Location"))
	}
	if got := karin.send(http.MethodGet, "/company", nil, nil); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in") {
		t.Fatalf("she is still in: %d", got.Code)
	}
}
