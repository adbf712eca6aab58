package company_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"locum/handlers/company"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func newHub(t *testing.T) *webtest.Hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	connectors := provisioning.NewConnectors(w.Store)
	return webtest.New(t, w, company.New(company.Domain{Companies: w.Companies, Delegations: w.Delegations, Sessions: w.Sessions,
		Connectors: connectors, Federation: federation.New(w.Store, w.Keys, nil), Directories: directory.New(w.Store, connectors), Trail: w.Trail, Clients: w.Clients, OpenID: w.OpenID}))
}

func operator(h *webtest.Hub, key string) {
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID(key)).Update("operator", true).Error
	})
}

func TestCompanyIsForItsManagers(t *testing.T) {
	h := newHub(t)
	for _, path := range []string{"/company", "/company/organizations", "/company/organizations/new", "/company/people", "/company/people/" + h.ID("anna"), "/company/roles", "/platform"} {
		h.As("").Get(path).Wants(http.StatusSeeOther)
		h.As("jan").Get(path).Wants(http.StatusForbidden) // superuser of one organization
	}
	h.As("jan").Post("/company/organizations", "name", "Eigen hoekje", "time_zone", "Europe/Amsterdam").Wants(http.StatusForbidden)
	h.As("marieke").Get("/platform").Wants(http.StatusForbidden)
}

func TestCompanyIsClosedDuringAVisit(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "marieke", delegation.Week)
	h.Switch("marieke", h.Zonneveld)
	for _, path := range []string{"/company", "/company/people", "/company/roles"} {
		h.As("marieke").Get(path).Wants(http.StatusForbidden)
	}
}

func TestOverviewCountsPeopleFromInsideAndOutside(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	overview := h.As("marieke").Get("/company")
	overview.Says("De Vries Production", "De Vries Acceptance", "1 from outside", "not set up", "3 members")
	overview.Hides("Zonneveld")
}

func TestPeopleShowRolesInEveryOrganization(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	answer := h.As("marieke").Get("/company/people")
	page := answer.Page(http.StatusOK)
	matrix := page.One("table.matrix")
	words := uitest.Words(matrix)
	for _, text := range []string{"De Vries Production", "De Vries Acceptance", "Anna Visser", "Sanne Kuipers External", "Kade Consultants"} {
		if !strings.Contains(words, text) {
			t.Errorf("nothing says %q in %q", text, words)
		}
	}
	answer.Hides("Karin Schouten", "Thomas Bakker", "zonneveld.example")
}

func TestPeopleAreNarrowed(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	for query, want := range map[string]int{"": 4, "kind=internal": 3, "kind=external": 1, "q=VISSER": 1, "q=kade": 1, "q=nobody": 0,
		"role=" + tenancy.Superuser: 2, "role=" + tenancy.Superuser + "&organization=" + h.Acceptance.Organization: 1, "source=delegation": 1,
		"source=rule": 0, "source=manual&kind=external": 0, "organization=" + h.Acceptance.Organization: 1, "organization=" + h.Zonneveld.Organization: 0} {
		page := h.As("marieke").Get("/company/people?" + query).Page(http.StatusOK)
		rows := 0
		for _, body := range page.All("tbody") {
			rows += len(uitest.Inside(body, "tr"))
		}
		if rows != want {
			t.Errorf("?%s shows %d people, want %d", query, rows, want)
		}
	}
}

func TestPeopleComeInPages(t *testing.T) {
	h := newHub(t)
	for i := range models.PageSize {
		h.Join(fmt.Sprint("m", i), fmt.Sprintf("Member %02d", i), fmt.Sprintf("m%d@devries.example", i), h.Production, tenancy.Member)
	}
	h.As("marieke").Get("/company/people").Says("1 to 50 of 53 people")
	h.As("marieke").Get("/company/people?page=2").Says("51 to 53 of 53 people")
	h.As("marieke").Get("/company/people?page=99").Wants(http.StatusOK)
}

func TestPersonShowsEveryRoleAndItsSource(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	marieke := h.As("marieke")
	marieke.Get("/company/people/"+h.ID("marieke")).Says("De Vries Logistiek", "De Vries Production", "De Vries Acceptance", "Manager", "Superuser", "Given by hand by Marieke de Vries")
	marieke.Get("/company/people/"+h.ID("sanne")).Says("External", "Delegation for De Vries Production", "Kade Consultants", "Jan-Willem Hoekstra")
	for _, id := range []string{h.ID("karin"), h.ID("thomas"), "acc_unknown"} {
		marieke.Get("/company/people/" + id).Wants(http.StatusNotFound)
	}
}

func TestPersonOfARevokedDelegationIsGone(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("jan", "sanne", delegation.Week)
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("jan"), d.ID); err != nil {
		t.Fatal(err)
	}
	h.As("marieke").Get("/company/people/" + h.ID("sanne")).Wants(http.StatusNotFound)
}

func TestNewOrganizationHasItsSuperuser(t *testing.T) {
	h := newHub(t)
	marieke := h.As("marieke")
	wrong := marieke.Post("/company/organizations", "name", " ", "time_zone", "Mars/Olympus")
	if n := len(uitest.Inside(wrong.Page(http.StatusUnprocessableEntity).One("#errors"), "li")); n != 2 {
		t.Errorf("%d things are wrong, want 2", n)
	}
	marieke.Post("/company/organizations", "name", "De Vries Belgium", "time_zone", "Europe/Brussels").GoesTo("/company/organizations")
	list := marieke.Get("/company/organizations")
	list.Says("De Vries Belgium is created.", "Europe/Brussels", "Switch to it")
	list.Hides("Zonneveld")
	found := 0
	h.System(func(tx *store.Tx) error {
		var organizations []tenancy.Organization
		err := tx.Where("company_id = ? AND name = ?", h.Production.Company, "De Vries Belgium").Find(&organizations).Error
		for _, o := range organizations {
			superusers, err := tenancy.Superusers(tx, o.CompanyID, o.ID)
			if err != nil {
				return err
			}
			found += len(superusers)
		}
		return err
	})
	if found != 1 || h.Count(h.Production, event.OrganizationCreated) != 1 {
		t.Errorf("%d superusers manage it", found)
	}
}

func TestRolesSayWhatEachMayDo(t *testing.T) {
	h := newHub(t)
	h.As("marieke").Get("/company/roles").Says("In the company", "Manager", "write connectors", "In an organization", "Superuser",
		"give, extend and revoke delegations", "Default")
}

func TestPlatformCountsCompaniesForOperators(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	platform := h.As("karin").Get("/platform")
	platform.Says("De Vries Logistiek", "Zonneveld Bakkerijen", "Kade Consultants")
	platform.Hides("Anna Visser", "devries.example")
	h.As("karin").Get("/company/people/" + h.ID("anna")).Wants(http.StatusNotFound) // an operator sees no further than his own
}

func TestPeopleAreExportedAsTheyAreNarrowed(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	h.Join("formula", `=HYPERLINK("x")`, "formula@devries.example", h.Production, tenancy.Member)
	h.As("jan").Get("/company/people/export").Wants(http.StatusForbidden)
	all := h.As("marieke").Get("/company/people/export")
	all.Wants(http.StatusOK)
	if got := all.Header.Get("Content-Disposition"); got != `attachment; filename="people-2026-11-16.csv"` {
		t.Errorf("it is kept as %s", got)
	}
	for _, want := range []string{"\uFEFFname,email,", "\"'=HYPERLINK(\"\"x\"\")\"", "Sanne Kuipers,sanne@kade.example," + h.ID("sanne") + ",external,Kade Consultants,",
		"De Vries Production," + h.Production.Organization + ",,Member," + tenancy.Member + ",delegation,"} {
		if !strings.Contains(all.Body, want) {
			t.Errorf("%q is not in\n%s", want, all.Body)
		}
	}
	all.Hides("zonneveld.example")
	h.As("marieke").Get("/company/people/export?source=delegation").Hides("anna@devries.example")
	h.As("marieke").Get("/company/people?role="+tenancy.Superuser).Says("Jan-Willem Hoekstra", "Export")
}

func TestAnOperatorVouchesForADomainAndSetsUpForACompany(t *testing.T) {
	h := newHub(t)
	f := federation.New(h.Store, h.Keys, nil)
	d, err := f.AddDomain(h.Ctx, h.Actor("marieke"), "devries.example")
	if err != nil {
		t.Fatal(err)
	}
	operator(h, "thomas")
	b, at := h.As("thomas"), "/platform/companies/"+h.Production.Company
	b.Get("/platform").Says("De Vries Logistiek")
	b.Get(at).Says("Set up on the company’s behalf", "devries.example", "Mark as verified")
	h.As("marieke").Get(at).Wants(http.StatusForbidden)
	b.Get("/platform/companies/com_none").Wants(http.StatusNotFound)
	b.Post(at + "/domains/dom_none/verify").Wants(http.StatusNotFound)
	b.Post("/platform/companies/" + h.Zonneveld.Company + "/domains/" + d.ID + "/verify").Wants(http.StatusNotFound)
	b.Post(at + "/domains/" + d.ID + "/verify").GoesTo(at)
	b.Get(at).Says("Verified by operator Thomas Bakker on")
	if events, err := h.Trail.Company(h.Ctx, h.Actor("marieke"), event.Filter{Type: event.DomainVerified}); err != nil || len(events) != 1 || events[0].AccountName != "Thomas Bakker" {
		t.Errorf("recorded %+v: %v", events, err)
	}
	theirs, err := f.AddDomain(h.Ctx, h.Actor("karin"), "devries.example")
	if err != nil {
		t.Fatal(err)
	}
	b.Post("/platform/companies/" + h.Zonneveld.Company + "/domains/" + theirs.ID + "/verify").GoesTo("/platform/companies/" + h.Zonneveld.Company)
	b.Get("/platform/companies/" + h.Zonneveld.Company).Says("is verified for another company already")

	refused := b.Post(at+"/set-up", "reason", " ")
	refused.Wants(http.StatusUnprocessableEntity)
	refused.Says("Reason: Fill this in.")
	b.Post(at+"/set-up", "reason", "Ticket 4711").GoesTo("/set-up")
	b.Get(at).Wants(http.StatusForbidden) // the platform is closed meanwhile
	if by := h.Actor("thomas"); by.Mandate == nil || by.Mandate.Reason != "Ticket 4711" || by.Effective.Company != h.Production.Company {
		t.Errorf("he is %+v", by)
	}
}
