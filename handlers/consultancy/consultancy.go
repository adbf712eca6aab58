// Package consultancy holds the pages between an organization and those who
// work for it from outside: what it is asked for, what it gives to firms, a
// consultant's own delegations and time sheet, and the managers' view of a firm.
//
// It holds no rule of its own. It must never show a firm more of a host than the
// host's name, nor anybody else's visits.
package consultancy

import (
	"errors"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
)

// Pages are the pages of this area.
type Pages struct {
	delegations *delegation.Delegations
	links       *delegation.RequestLinks
}

// New makes the pages.
func New(delegations *delegation.Delegations, links *delegation.RequestLinks) *Pages {
	return &Pages{delegations, links}
}

// Mount registers the pages: those of superusers, of managers of a firm, and of
// whoever is signed in.
func (p *Pages) Mount(app *web.App) {
	host := func(pattern string, handle web.Handler) { app.With(models.ManageDelegations, pattern, handle) }
	host("GET /delegation-requests", p.requests)
	host("POST /delegation-requests/link", p.renewLink)
	host("POST /delegation-requests/link/off", p.removeLink)
	host("GET /delegation-requests/{id}", p.request)
	host("POST /delegation-requests/{id}/refuse", p.refuse)
	host("GET /firms", p.firms)
	host("GET /firms/new", p.firmForm)
	host("POST /firms/new", p.grantFirm)
	host("POST /firms/preview", p.previewFirm)
	host("GET /firms/{id}", p.firm)
	host("POST /firms/{id}/approve", p.approveFirm)
	host("POST /firms/{id}/extend", p.extendFirm)
	host("POST /firms/{id}/refuse", p.refuseFirmExtension)
	host("POST /firms/{id}/confirm", p.confirmFirm)
	host("GET /firms/{id}/end", p.askEndFirm)
	host("POST /firms/{id}/end", p.endFirm)
	host("GET /firms/{id}/people/{account}/veto", p.askVeto)
	host("POST /firms/{id}/people/{account}/veto", p.veto)
	host("POST /firms/{id}/people/{account}/lift", p.lift)

	app.With(models.ManagePeople, "GET /company/consultants", p.customers)
	app.With(models.ManagePeople, "GET /company/consultants/firms/{id}", p.grant)
	app.With(models.ManagePeople, "POST /company/consultants/firms/{id}/name", p.name)
	app.With(models.ManagePeople, "POST /company/consultants/firms/{id}/unname", p.unname)

	app.Signed("GET /request/{token}", p.wishForm)
	app.Signed("POST /request/{token}", p.wish)
	app.Signed("GET /my-delegations", p.mine)
	app.Signed("POST /my-delegations/requests/{id}/withdraw", p.withdraw)
	app.Signed("GET /my-visits", p.stays)
	app.Signed("GET /my-visits/export", p.sheet)
}

// conflict is what the state of things does not allow, in words.
func conflict(err error) (*models.Message, bool) {
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Conflict {
		return nil, false
	}
	return &models.Message{Key: e.Key, Args: e.Args}, true
}
