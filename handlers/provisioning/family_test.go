package provisioning

import (
	"net/http"
	"net/url"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	views "locum/views/provisioning"
)

// office makes superuser and member of organizations a family, with a connector
// for each in Production, and gives that of members.
func (h *hub) office() (members provisioning.Saved) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("karin")).Update("operator", true).Error
	})
	desk := h.role("desk", "Desk")
	_, err := h.Companies.RegisterFamily(h.Ctx, h.Actor("karin"), tenancy.Family{Level: models.OrganizationLevel, Name: "Office"}, []string{desk, tenancy.Member})
	if err != nil {
		h.t.Fatal(err)
	}
	members = h.saved("Staff")
	c := members.Connector
	c.ID, c.Name, c.Role, c.Version = "", "Desks", desk, 0
	c.Condition = provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Desk"}
	if _, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), c, provisioning.Publishing{}); err != nil {
		h.t.Fatal(err)
	}
	return members
}

func (h *hub) role(key, name string) string {
	h.t.Helper()
	r, err := h.Companies.RegisterRole(h.Ctx, h.Actor("karin"), tenancy.Role{Level: models.OrganizationLevel, Key: key, Name: name})
	if err != nil {
		h.t.Fatal(err)
	}
	return r.ID
}

func TestTheBuilderSaysWhatAFamilyMeans(t *testing.T) {
	h := newHub(t)
	members := h.office()
	b := h.As("marieke")
	b.Get("/company/connectors/"+members.ID).Says("Of Desk and Member somebody has one: the first that matches in this order.", "a role by hand counts beside it")
	b.Get("/company/connectors").Says("Of Desk and Member somebody has one: the first that matches in this order.")
	b.Get("/company/connectors").Hides("All rules that match apply, in any order.")
	form := filled(t, b.Get(newConnector+"?level=organization&organization="+h.Production.Organization), "connector")
	b.Post(newConnector, with(with(form, "role", tenancy.Superuser), "refresh", "1")...).Hides("somebody has one")
	b.Post(newConnector, with(with(form, "role", tenancy.Member), "refresh", "1")...).Says("Of Desk and Member somebody has one")
}

func TestThePreviewSaysWhoMovesWithinAFamily(t *testing.T) {
	h := newHub(t)
	h.office()
	h.comesIn("Daan Mulder", "Staff", "Night")
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector+"?level=organization&organization="+h.Production.Organization), "connector")
	var desk string
	reg, err := h.Companies.Registry(h.Ctx, h.Actor("marieke"))
	for _, r := range reg.Roles {
		if r.Key == "desk" {
			desk = r.ID
		}
	}
	if err != nil || desk == "" {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"name": "Night desk", "condition.0.value": "Night", "role": desk} {
		form = with(form, name, value)
	}
	b.Post(newConnector, with(form, "preview", "1")...).Says("+ 1", "− 1", "in De Vries Production, in place of Member", "in De Vries Production: Desk comes first in the family")
}

func TestWhyNotOnTheScreenSaysWhoComesFirst(t *testing.T) {
	h := newHub(t)
	members := h.office()
	h.comesIn("Daan Mulder", "Staff", "Desk")
	b, daan := h.As("marieke"), h.people["Daan Mulder"].ID
	b.Get("/company/connectors/"+members.ID+"/explain?account="+daan).Says("does not get Member in De Vries Production by this connector",
		"The condition holds, but Desk comes first in the family. The connector Desks gives it.")
	why := b.Get("/company/people/" + daan + "/why?role=" + url.QueryEscape(h.Production.Organization+views.Apart+views.Apart+tenancy.Member))
	why.Wants(http.StatusOK)
	why.Says("does not have the role Member", "A connector matches, but Desk comes first in the family.")
}
