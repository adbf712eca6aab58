package provisioning

import (
	"net/http"
	"testing"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// requires makes single sign-on the only way in for De Vries.
func (h *hub) requires() {
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		return tx.Create(&tenancy.Domain{CompanyID: h.Production.Company, ID: models.NewID("dom"), Name: "devries.example", SSORequired: true, VerifiedAt: &now, CreatedAt: now}).Error
	})
}

func TestManagersNameBreakGlassManagers(t *testing.T) {
	h := newHub(t)
	marieke := h.As("marieke")
	marieke.Post("/company/single-sign-on/new", "name", "Entra", "metadata", "idp one").GoesTo("/company/single-sign-on")
	page := marieke.Get("/company/single-sign-on")
	page.Says("Break-glass managers", "Marieke de Vries")
	page.Hides("Name a break-glass manager", "Jan-Willem Hoekstra")
	marieke.Get("/company/domains").Hides("no break-glass manager is named")
	h.requires()
	marieke.Get("/company/single-sign-on").Says("Name a break-glass manager")
	marieke.Get("/company/domains").Says("Single sign-on is required, and no break-glass manager is named")
	marieke.Post("/company/break-glass/" + h.ID("marieke") + "/name").GoesTo("/company/single-sign-on")
	page = marieke.Get("/company/single-sign-on")
	page.Says("Marieke de Vries is a break-glass manager. Every manager gets mail of it.", "Named by Marieke de Vries")
	page.Hides("Name a break-glass manager")
	marieke.Get("/company/domains").Hides("no break-glass manager is named")
	for _, stranger := range []string{"anna", "karin"} { // no managers of De Vries
		marieke.Post("/company/break-glass/" + h.ID(stranger) + "/name").Wants(http.StatusNotFound)
	}
	removing := "/company/break-glass/" + h.ID("marieke") + "/remove"
	page.Links(removing) // the only one is asked for first
	marieke.Get(removing).Says("Remove Marieke de Vries from the break-glass managers?", "Nobody else is named.")
	marieke.Get("/company/break-glass/" + h.ID("anna") + "/remove").Wants(http.StatusNotFound)
	h.As("jan").Post("/company/break-glass/" + h.ID("jan") + "/name").Wants(http.StatusForbidden)
	marieke.Post("/company/break-glass/" + h.ID("marieke") + "/remove").GoesTo("/company/single-sign-on")
	marieke.Get("/company/single-sign-on").Says("Name a break-glass manager")
}
