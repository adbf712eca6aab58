package organization_test

import (
	"testing"

	"locum/handlers/organization"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// hub is the area with De Vries Production, where Anna holds Editor in Invoice
// matching through the connector Planners, and with an application besides.
type hub struct {
	*webtest.Hub
	applications        *tenancy.Applications
	invoices, transport tenancy.Application
	editor              tenancy.Role
	connector           provisioning.Saved
}

func newHub(t *testing.T) *hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	connectors := provisioning.NewConnectors(w.Store)
	h := &hub{applications: tenancy.NewApplications(w.Store)}
	h.Hub = webtest.New(t, w, organization.New(organization.Domain{Companies: w.Companies, Members: w.Members, Applications: h.applications,
		Delegations: w.Delegations, Sessions: w.Sessions, Connectors: connectors, Trail: event.NewTrail(w.Store), Clients: w.Clients}))
	now := models.At(w.Now())
	h.invoices = tenancy.Application{ID: "app_invoices", Key: "invoices", Name: "Invoice matching", Icon: "receipt-text", CreatedAt: now}
	h.transport = tenancy.Application{ID: "app_transport", Key: "transport", Name: "Transport planning", Icon: "boxes", CreatedAt: now}
	h.editor = tenancy.Role{ID: "rol_editor", Level: models.ApplicationLevel, ApplicationID: h.invoices.ID, Key: "editor", Name: "Editor",
		Description: "Matches invoices", IsDefault: true, Sort: 1, CreatedAt: now}
	w.System(func(tx *store.Tx) error {
		for _, row := range []any{&h.invoices, &h.transport, &h.editor} {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err := h.applications.Enable(w.Ctx, w.Actor("jan"), h.invoices.ID); err != nil {
		t.Fatal(err)
	}
	h.connect(t, connectors)
	return h
}

// connect makes the connector, and the role it gives Anna.
func (h *hub) connect(t *testing.T, connectors *provisioning.Connectors) {
	t.Helper()
	rule := provisioning.Connector{Name: "Planners", State: provisioning.On, Role: h.editor.ID,
		Target:    provisioning.Target{Level: models.ApplicationLevel, Organization: h.Production.Organization, Application: h.invoices.ID},
		Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Planning-Editors"}}
	saved, err := connectors.Save(h.Ctx, h.Actor("marieke"), rule, provisioning.Publishing{})
	if err != nil {
		t.Fatal(err)
	}
	h.connector = saved.Saved
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, OrganizationID: h.Production.Organization, ApplicationID: h.invoices.ID,
			AccountID: h.ID("anna"), RoleID: h.editor.ID, Source: tenancy.Rule, SourceID: saved.Saved.ID, SourceVersion: 1,
			Evidence: `[{"attribute":"group","operator":"is","wanted":"Planning-Editors","found":"Planning-Editors","source":{"kind":"assertion","at":"2026-11-16T08:31:00Z"}}]`},
			"Anna Visser")
	})
}
