package account

import (
	"net/http"
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/account"
)

// invitation shows what the person is invited to. One to another address is
// answered like one that never was.
func (p *Pages) invitation(r *web.Request) (web.Response, error) {
	offers, err := p.Members.Offers(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	at := slices.IndexFunc(offers, func(o tenancy.Offer) bool { return o.ID == r.PathValue("invitation") })
	if at < 0 {
		return invitationGone(r, models.Unknown())
	}
	return web.Page(views.Invitation(offers[at])), nil
}

func invitationGone(r *web.Request, err error) (web.Response, error) {
	if models.KindOf(err) != models.NotFound {
		return web.Response{}, err
	}
	return web.Status(http.StatusNotFound, views.InvitationGone(r.URL.Path)), nil
}

// accept makes the person a member.
func (p *Pages) accept(r *web.Request) (web.Response, error) {
	host, err := p.Members.Accept(r.Context(), r.Actor, r.PathValue("invitation"))
	if err != nil {
		return invitationGone(r, err)
	}
	return web.Redirect(home, "account.invitation.accepted", "Organization", host.Label()), nil
}

// noAccess is for who is signed in and may open nothing. His account's id is
// what a manager finds him by.
func (p *Pages) noAccess(r *web.Request) (web.Response, error) {
	if works(r.Actor) { // by now he does
		return web.Redirect(home, ""), nil
	}
	awaits, err := p.Awaits(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if len(awaits) > 0 {
		return web.Status(http.StatusForbidden, views.Waiting(views.WaitingProps{Awaits: awaits})), nil
	}
	company, err := p.KnownBy(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Status(http.StatusForbidden, views.NoAccess(company, r.Actor.Account)), nil
}
