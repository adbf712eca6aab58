package company_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func choice(at models.Party, role string) string { return at.Organization + "||" + role }

func TestRoleIsGivenByHandAndTaken(t *testing.T) {
	h := newHub(t)
	marieke, anna := h.As("marieke"), "/company/people/"+h.ID("anna")
	h.As("jan").Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member)).Wants(http.StatusForbidden)
	h.As("jan").Post(anna + "/take").Wants(http.StatusForbidden)
	marieke.Get(anna+"/give").Says("Give Anna Visser a role", "De Vries Logistiek · Manager", "De Vries Acceptance · Member", "A connector leaves a role with an end until then.")
	marieke.Get("/company/people/" + h.ID("karin") + "/give").Wants(http.StatusNotFound)

	marieke.Post(anna+"/give", "role", "").Page(http.StatusUnprocessableEntity).One("#role-error")
	marieke.Post(anna+"/give", "role", choice(h.Zonneveld, tenancy.Member)).Wants(http.StatusNotFound)
	for _, date := range []string{"31 never", "1-1-2020"} {
		marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "date", date).Page(http.StatusUnprocessableEntity).One("#date-error")
	}
	marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "date", "20-11-2026").GoesTo(anna)
	page := marieke.Get(anna)
	page.Says("Anna Visser has the role now.", "De Vries Acceptance", "Given by hand by Marieke de Vries", "Until Fri 20 Nov 2026")
	marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "date", "20-11-2026").Page(http.StatusUnprocessableEntity).One("#role-error")

	one, err := h.Companies.Person(h.Ctx, h.Actor("marieke"), h.ID("anna"))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range one.Grants {
		if g.OrganizationID == h.Acceptance.Organization {
			marieke.Post(anna+"/take", "grant", g.ID).GoesTo(anna)
		}
	}
	marieke.Get(anna).Says("The role is taken away.")
	if h.Count(h.Acceptance, event.RoleGranted) == 0 || h.Count(h.Acceptance, event.RoleRemoved) != 1 {
		t.Error("the trail does not tell of it")
	}
}

func TestLastManagerIsNotTaken(t *testing.T) {
	h := newHub(t)
	one, err := h.Companies.Person(h.Ctx, h.Actor("marieke"), h.ID("marieke"))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range one.Grants {
		if g.RoleID == tenancy.Manager {
			h.As("marieke").Post("/company/people/"+h.ID("marieke")+"/take", "grant", g.ID).Wants(http.StatusConflict)
		}
	}
}

func staff(h *webtest.Hub) {
	_, err := provisioning.NewConnectors(h.Store).Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: "Staff", State: provisioning.On, Role: tenancy.Member,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: h.Acceptance.Organization},
		Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Staff"}}, provisioning.Publishing{})
	if err != nil {
		h.T.Fatal(err)
	}
}

func TestRoleThatAConnectorWouldTakeAsksFirst(t *testing.T) {
	h := newHub(t)
	staff(h)
	marieke, anna := h.As("marieke"), "/company/people/"+h.ID("anna")
	asked := marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member))
	asked.Says("A connector will take this role", "Give it anyway")
	asked.Wants(http.StatusOK)
	marieke.Get(anna).Hides("De Vries Acceptance</h2>")
	marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "sure", choice(h.Acceptance, tenancy.Superuser)).Says("Give it anyway") // he chose another
	marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "sure", choice(h.Acceptance, tenancy.Member)).GoesTo(anna)
	page := marieke.Get(anna)
	page.Says("fights a rule", "It goes at the next sign-in")
	// With an end a connector leaves it alone: nothing is asked, nothing fights.
	marieke.Post(anna+"/give", "role", choice(h.Acceptance, tenancy.Member), "date", "2026-12-01").GoesTo(anna)
	if strings.Contains(uitest.Words(marieke.Get(anna).Page(http.StatusOK).Root), "fights a rule") {
		t.Error("a role with an end is said to fight")
	}
}

func TestNothingIsGivenToPeopleFromOutside(t *testing.T) {
	h := newHub(t)
	h.Delegate("jan", "sanne", delegation.Week)
	sanne := "/company/people/" + h.ID("sanne")
	h.As("marieke").Get(sanne).Hides("/give")
	h.As("marieke").Post(sanne+"/give", "role", choice(h.Acceptance, tenancy.Member)).Wants(http.StatusNotFound)
}
