package company_test

import (
	"net/http"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestRemovingAPersonSaysWhatGoes(t *testing.T) {
	h := newHub(t)
	marieke, anna := h.As("marieke"), "/company/people/"+h.ID("anna")+"/remove"
	h.Delegate("karin", "anna", delegation.Week)
	h.As("jan").Get(anna).Wants(http.StatusForbidden)
	h.As("jan").Post(anna).Wants(http.StatusForbidden)
	for _, nobody := range []string{h.ID("marieke"), h.ID("karin"), "acc_unknown"} {
		marieke.Get("/company/people/" + nobody + "/remove").Wants(http.StatusNotFound)
		marieke.Post("/company/people/" + nobody + "/remove").Wants(http.StatusNotFound)
	}
	ask := marieke.Get(anna)
	ask.Says("Remove Anna Visser from De Vries Logistiek?", "De Vries Production", "Member", "1 open session", "1 delegation at another company is suspended", "The account itself stays")
	ask.Hides("Zonneveld", "Connectors can give roles again")
	marieke.Post(anna).GoesTo("/company/people")
	list := marieke.Get("/company/people")
	list.Says("Anna Visser is removed from the company.")
	marieke.Get(anna).Wants(http.StatusNotFound)
	if !h.Actor("anna").Anonymous() || h.Count(models.Party{Company: h.Production.Company}, event.Offboarded) != 1 {
		t.Error("she is still signed in, or nothing tells of it")
	}
}

func TestLastSuperuserIsNotRemoved(t *testing.T) {
	h := newHub(t)
	h.System(func(tx *store.Tx) error {
		for _, g := range []tenancy.Grant{{CompanyID: h.Production.Company, AccountID: h.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Manual},
			{CompanyID: h.Production.Company, OrganizationID: h.Production.Organization, AccountID: h.ID("marieke"), RoleID: tenancy.Member, Source: tenancy.Rule, SourceID: "con_x"}} {
			if err := tenancy.Give(tx, g, "x"); err != nil {
				return err
			}
		}
		return nil
	})
	path := "/company/people/" + h.ID("marieke") + "/remove"
	h.As("jan").Get(path).Says("Connectors can give roles again")
	refused := h.As("jan").Post(path)
	refused.Wants(http.StatusConflict)
	refused.Says("This is the last superuser.", "Remove Marieke de Vries")
}
