// Package delegation holds the pages on which superusers give, extend and
// revoke delegations. Each handler decodes a form, asks models/delegation for
// one thing and shows what came of it.
//
// It holds no rule of its own: who may enter, until when and with which roles
// is decided below. It must never tell whether an address has an account.
package delegation

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
)

// Pages are the pages of an organization's delegations.
type Pages struct {
	delegations *delegation.Delegations
	trail       *event.Trail
	outbox      *mail.Outbox
	sessions    *access.Sessions
}

// New makes the pages.
func New(delegations *delegation.Delegations, trail *event.Trail, outbox *mail.Outbox, sessions *access.Sessions) *Pages {
	return &Pages{delegations, trail, outbox, sessions}
}

// Mount registers the pages. All of them are for superusers, in the
// organization in which they work.
func (p *Pages) Mount(app *web.App) {
	app.With(models.ManageDelegations, "GET /delegations", p.list)
	app.With(models.ManageDelegations, "GET /delegations/new", p.form)
	app.With(models.ManageDelegations, "POST /delegations/new", p.give)
	app.With(models.ManageDelegations, "POST /delegations/preview", p.preview)
	app.With(models.ManageDelegations, "GET /delegations/bulk", p.askBulk)
	app.With(models.ManageDelegations, "POST /delegations/bulk", p.bulk)
	app.With(models.ManageDelegations, "GET /delegations/calendar", p.calendar)
	app.With(models.ManageDelegations, "GET /delegations/calendar.ics", p.calendarFile)
	app.With(models.ManageDelegations, "GET /delegations/{id}", p.show)
	app.With(models.ManageDelegations, "POST /delegations/{id}/extend", p.extend)
	app.With(models.ManageDelegations, "POST /delegations/{id}/confirm", p.confirm)
	app.With(models.ManageDelegations, "GET /delegations/{id}/change", p.changeForm)
	app.With(models.ManageDelegations, "POST /delegations/{id}/change", p.change)
	app.With(models.ManageDelegations, "POST /delegations/{id}/preview", p.previewChange)
	app.With(models.ManageDelegations, "GET /delegations/{id}/approval", p.approval)
	app.With(models.ManageDelegations, "POST /delegations/{id}/approval", p.decide)
	app.With(models.ManageDelegations, "POST /delegations/{id}/mails", p.mails)
	app.With(models.ManageDelegations, "POST /delegations/{id}/refuse-more", p.refuseMore)
	app.With(models.ManageDelegations, "GET /delegations/{id}/revoke", p.askRevoke)
	app.With(models.ManageDelegations, "POST /delegations/{id}/revoke", p.revoke)
	app.With(models.ManageDelegations, "GET /visitors", p.visitors)
	app.With(models.ManageDelegations, "GET /visitors/tokens/{token}/revoke", p.askRevokeToken)
	app.With(models.ManageDelegations, "POST /visitors/tokens/{token}/revoke", p.revokeToken)
	app.With(models.ManageDelegations, "POST /visitors/{id}/end", p.endVisit)
}
