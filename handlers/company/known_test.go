package company_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// acquaint makes somebody whom De Vries knows through its provider, in no role.
func acquaint(h *webtest.Hub) account.Person {
	daan := h.Person("daan", "Daan Mulder", "daan@devries.example")
	h.System(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		c := federation.Connection{CompanyID: h.Production.Company, ID: "con_1", Name: "De Vries login", EntityID: "https://idp.example", Certificates: []string{}, Delimiters: map[string]string{},
			Enabled: true, CreatedAt: now, UpdatedAt: now}
		if err := tx.Select("*").Create(&c).Error; err != nil {
			return err
		}
		seen := models.At(now.Add(-3 * time.Hour))
		return tx.Create(&federation.Identity{CompanyID: h.Production.Company, ConnectionID: "con_1", EntityID: "https://idp.example", NameID: "daan-1",
			AccountID: daan.ID, LastSignInAt: &seen, CreatedAt: now}).Error
	})
	return daan
}

// TestPeopleWithoutARoleAreShown with when they were last seen, in a filter of
// their own and on a page of their own.
func TestPeopleWithoutARoleAreShown(t *testing.T) {
	h := newHub(t)
	daan := acquaint(h)
	marieke := h.As("marieke")
	for query, want := range map[string]int{"": 4, "kind=internal": 4, "kind=no_role": 1, "kind=no_role&q=visser": 0, "kind=kept_out": 0, "source=manual": 3} {
		page := marieke.Get("/company/people?" + query).Page(http.StatusOK)
		rows := 0
		for _, body := range page.All("tbody") {
			rows += len(uitest.Inside(body, "tr"))
		}
		if rows != want {
			t.Errorf("?%s shows %d people, want %d", query, rows, want)
		}
	}
	marieke.Get("/company/people?kind=no_role").Says("Daan Mulder No role", "08:00")
	h.As("karin").Get("/company/people").Hides("Daan Mulder")
	marieke.Get("/company/people/"+daan.ID).Says("Known to De Vries Logistiek, without any role", "daan-1", "De Vries login", "Why and why not", "Keep out")
	h.As("karin").Get("/company/people/" + daan.ID).Wants(http.StatusNotFound)
	if file := marieke.Get("/company/people/export?kind=no_role"); !strings.Contains(file.Body, "Daan Mulder,daan@devries.example,"+daan.ID+",internal,,2026-11-16T") {
		t.Errorf("the file says\n%s", file.Body)
	}
}

// TestAReferenceLeadsToWhy in the company that knows the person, and nowhere in
// another.
func TestAReferenceLeadsToWhy(t *testing.T) {
	h := newHub(t)
	daan := acquaint(h)
	marieke := h.As("marieke")
	for _, typed := range []string{daan.ID, "%20" + daan.ID + "%20", strings.ToUpper(daan.ID)} {
		marieke.Get("/company/people?q=" + typed).GoesTo("/company/people/" + daan.ID + "/why")
	}
	marieke.Get("/company/people?q=" + h.ID("anna")).GoesTo("/company/people/" + h.ID("anna") + "/why")
	for _, typed := range []string{"acc_unknown", h.ID("ria")} {
		answer := marieke.Get("/company/people?q=" + typed)
		answer.Wants(http.StatusOK)
		answer.Says("Nobody fits these filters.")
	}
	h.As("karin").Get("/company/people?q=" + daan.ID).Says("Nobody fits these filters.")
}

// TestAPersonIsKeptOutAndLetBackIn from the screens.
func TestAPersonIsKeptOutAndLetBackIn(t *testing.T) {
	h := newHub(t)
	marieke, anna := h.As("marieke"), "/company/people/"+h.ID("anna")
	marieke.Get(anna+"/remove").Says("And keep out", "sign-ins through your identity provider are refused")
	h.As("jan").Post(anna + "/let-back-in").Wants(http.StatusForbidden)
	marieke.Post(anna + "/let-back-in").Wants(http.StatusNotFound)
	marieke.Post(anna+"/remove", "keep_out", "yes").GoesTo("/company/people")
	marieke.Get("/company/people").Says("Anna Visser is removed and kept out of the company.")
	marieke.Get("/company/people?kind=kept_out").Says("Anna Visser Kept out")
	page := marieke.Get(anna)
	page.Says("Kept out since", "by Marieke de Vries", "Let back in")
	page.Hides(anna + "/remove")
	h.As("karin").Post(anna + "/let-back-in").Wants(http.StatusNotFound)
	marieke.Post(anna + "/let-back-in").GoesTo("/company/people")
	marieke.Get("/company/people").Says("Anna Visser can sign in again. At the next sign-in connectors decide which roles.")
	marieke.Get(anna).Wants(http.StatusNotFound) // nothing ties her to the company any more
}

// TestSomebodyKnownIsLetBackInToHisPage: the provider still ties him to the
// company.
func TestSomebodyKnownIsLetBackInToHisPage(t *testing.T) {
	h := newHub(t)
	path := "/company/people/" + acquaint(h).ID
	marieke := h.As("marieke")
	marieke.Post(path+"/remove", "keep_out", "yes").GoesTo("/company/people")
	marieke.Post(path + "/let-back-in").GoesTo(path)
	marieke.Get(path).Says("Daan Mulder can sign in again.")
}

// TestSomebodyWithoutARoleIsKeptOut: there is nothing else to take.
func TestSomebodyWithoutARoleIsKeptOut(t *testing.T) {
	h := newHub(t)
	path := "/company/people/" + acquaint(h).ID
	marieke := h.As("marieke")
	marieke.Get(path+"/remove").Says("Keep Daan Mulder out of De Vries Logistiek?", "Keep out")
	marieke.Post(path+"/remove", "keep_out", "yes").GoesTo("/company/people")
	marieke.Get(path).Says("Kept out since")
}

// TestANameIsUnlinked after a question that says what comes of it.
func TestANameIsUnlinked(t *testing.T) {
	h := newHub(t)
	daan := acquaint(h)
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, OrganizationID: h.Production.Organization, AccountID: daan.ID, RoleID: tenancy.Member,
			Source: tenancy.Rule, SourceID: "con_x"}, daan.Name)
	})
	marieke := h.As("marieke")
	links := uitest.Inside(marieke.Get("/company/people/"+daan.ID).Page(http.StatusOK).One("#names"), "a")
	if len(links) != 1 {
		t.Fatalf("%d ways to unlink", len(links))
	}
	path := uitest.Attr(links[0], "href")
	h.As("jan").Get(path).Wants(http.StatusForbidden)
	h.As("karin").Get(path).Wants(http.StatusNotFound)
	h.As("karin").Post(path).Wants(http.StatusNotFound)
	marieke.Post(strings.Replace(path, "/names/", "/names/0", 1)).Wants(http.StatusNotFound)
	marieke.Get(path).Says("Unlink a name from Daan Mulder?", "daan-1", "De Vries login", "these roles go with it", "Member", "Roles by hand stay", "led by the e-mail address")
	marieke.Post(path).GoesTo("/company/people")
	marieke.Get("/company/people").Says("The name is unlinked from Daan Mulder.")
	marieke.Get(path).Wants(http.StatusNotFound)
}

// TestUnlinkingTheLastTieSaysSo: without a role the name is all by which the
// company knows somebody.
func TestUnlinkingTheLastTieSaysSo(t *testing.T) {
	h := newHub(t)
	at := "/company/people/" + acquaint(h).ID
	marieke := h.As("marieke")
	path := uitest.Attr(uitest.Inside(marieke.Get(at).Page(http.StatusOK).One("#names"), "a")[0], "href")
	marieke.Get(path).Says("Daan Mulder has no role here, so De Vries Logistiek no longer knows this person.")
	marieke.Post(path).GoesTo("/company/people")
	marieke.Get("/company/people").Says("The name is unlinked from Daan Mulder.")
	marieke.Get(at).Wants(http.StatusNotFound)
}

// TestTheOverviewWarnsOfADirectory that holds removals, or that is paused.
func TestTheOverviewWarnsOfADirectory(t *testing.T) {
	h := newHub(t)
	directories := directory.New(h.Store, provisioning.NewConnectors(h.Store))
	own, _, err := directories.Add(h.Ctx, h.Actor("marieke"), directory.Draft{Name: "Entra", Kind: directory.Entra})
	if err != nil {
		t.Fatal(err)
	}
	marieke := h.As("marieke")
	marieke.Get("/company").Hides(`id="warnings"`)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&directory.Directory{}).Where("id = ?", own.ID).Updates(map[string]any{"held_at": models.At(tx.Now()), "paused_at": models.At(tx.Now())}).Error
	})
	page := marieke.Get("/company")
	page.Says("Warnings 2", "Entra holds the removal of 0 people", "Entra is paused")
	page.Links("/company/directory/" + own.ID + "/held")
	h.As("karin").Get("/company").Hides("Entra")
}

// TestTheOverviewShowsEveryWarning with the way to where it is mended.
func TestTheOverviewShowsEveryWarning(t *testing.T) {
	h := newHub(t)
	acquaint(h)
	marieke := h.As("marieke")
	if body := marieke.Get("/company").Body; strings.Contains(body, `id="warnings"`) {
		t.Error("there is nothing to warn of")
	}
	h.System(func(tx *store.Tx) error {
		past := func(d time.Duration) models.Instant { return models.At(tx.Now().Add(-d)) }
		return tx.Model(&federation.Connection{}).Where("id = ?", "con_1").Updates(map[string]any{"first_success_at": past(900 * time.Hour), "last_success_at": past(80 * time.Hour),
			"success_count": 100, "clock_ahead": 75, "clock_read_at": past(80 * time.Hour), "metadata_failure": "sso.fetch.private"}).Error
	})
	page := marieke.Get("/company")
	page.Says("Warnings 3", "Nobody has signed in through De Vries login since", "The clock of De Vries login is 75 seconds ahead", "The metadata of De Vries login could not be read")
	links := uitest.Inside(page.Page(http.StatusOK).One("#warnings"), "a")
	if len(links) != 3 {
		t.Errorf("%d ways on", len(links))
	}
	for _, link := range links {
		if href := uitest.Attr(link, "href"); !strings.HasPrefix(href, "/company/single-sign-on/con_1") {
			t.Errorf("it leads to %s", href)
		}
	}
	h.As("karin").Get("/company").Hides("De Vries login")
}
