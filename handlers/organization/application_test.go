package organization_test

import (
	"net/http"
	"testing"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// connectInvoices registers the application of the hub as a client.
func (h *hub) connectInvoices(t *testing.T) {
	t.Helper()
	h.System(func(tx *store.Tx) error {
		return tx.Create(&client.Client{ApplicationID: h.invoices.ID, Kind: client.Public, RedirectURIs: "https://invoices.example/cb", HomeURI: "https://invoices.example/",
			CreatedAt: models.At(h.Now()), UpdatedAt: models.At(h.Now())}).Error
	})
}

func TestAnApplicationsPageSaysWhoMayUseItAndWhoCameLast(t *testing.T) {
	h := newHub(t)
	h.connectInvoices(t)
	h.Delegate("jan", "sanne", delegation.Week)
	jan, at := h.As("jan"), "/applications/"+h.invoices.ID
	jan.Get(at).Says("Connected", "Never", "Anna Visser", "Jan-Willem Hoekstra", "Sanne Kuipers", "Editor")
	jan.Get(at).Links("https://invoices.example/")
	jan.Get("/").Links("https://invoices.example/")
	h.Clients.Seen(h.Ctx, h.Production.Company, h.Production.Organization, h.invoices.ID, h.ID("anna"))
	h.Advance(10 * time.Second)
	h.Clients.Seen(h.Ctx, h.Production.Company, h.Production.Organization, h.invoices.ID, h.ID("jan")) // within the minute
	jan.Get(at).Says("Anna Visser")
	jan.Get("/applications").Says("Last used:", ", Anna Visser")
	h.Advance(2 * time.Minute)
	h.Clients.Seen(h.Ctx, h.Production.Company, h.Production.Organization, h.invoices.ID, h.ID("jan"))
	jan.Get("/applications").Says(", Jan-Willem Hoekstra")
	anna := h.As("anna").Get(at)
	anna.Wants(http.StatusOK)
	anna.Hides("/delegations/", "Take out of use")
	jan.Get("/applications/app_none").Wants(http.StatusNotFound)
	h.As("anna").Get("/applications/" + h.transport.ID).Wants(http.StatusNotFound) // not in use here
	jan.Get("/applications/" + h.transport.ID).Says("Not in use")
}

func TestAVisitorSeesOnlyTheApplicationsThatHisDelegationOpens(t *testing.T) {
	h := newHub(t)
	h.connectInvoices(t)
	if err := h.applications.Enable(h.Ctx, h.Actor("jan"), h.transport.ID); err != nil {
		t.Fatal(err)
	}
	d, err := h.Delegations.Grant(h.Ctx, h.Actor("jan"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{tenancy.Member}, Chosen: true, Applications: []string{h.invoices.ID}, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Delegations.Accept(h.Ctx, h.Actor("sanne"), d.ID); err != nil {
		t.Fatal(err)
	}
	h.Switch("sanne", h.Production)
	sanne := h.As("sanne")
	page := sanne.Get("/applications")
	page.Says("Invoice matching")
	page.Hides("Transport planning")
	sanne.Get("/").Hides("/applications/" + h.transport.ID)
	sanne.Get("/applications/" + h.transport.ID).Wants(http.StatusNotFound)
	one := sanne.Get("/applications/" + h.invoices.ID)
	one.Wants(http.StatusOK)
	one.Hides("Anna Visser", "Members who may use it", "Visitors who may use it")
}
