package acting

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/acting"
)

// offer is one delegation for its consultant, from the offer to its end.
func (p *Pages) offer(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if models.KindOf(err) == models.NotFound && err != nil {
		return web.Status(http.StatusNotFound, views.NotYours(r.Actor.Email)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Show(page)), nil
}

func (p *Pages) one(r *web.Request) (views.Offer, error) {
	o, err := p.delegations.Offer(r.Context(), r.Actor, r.PathValue("id"))
	return views.Offer{Offer: o, Inside: r.Actor.Delegation == o.ID && o.ID != "", Now: r.Now}, err
}

func (p *Pages) accept(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	err = p.delegations.Accept(r.Context(), r.Actor, page.ID)
	if models.KindOf(err) == models.Conflict {
		// Accepted already, by the same person: a second click on the same button.
		if again, failed := p.one(r); failed == nil && again.AcceptedAt != nil && !again.Over(r.Now) {
			return web.Redirect("/offers/"+page.ID, ""), nil
		}
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/offers/"+page.ID, "acting.accepted", "Host", page.Host.Label()), nil
}

func (p *Pages) decline(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if err := p.delegations.Decline(r.Context(), r.Actor, page.ID); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/home", "acting.declined", "Host", page.Host.Label()), nil
}

func (p *Pages) askFinish(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.AcceptedAt == nil || page.Over(r.Now) {
		return web.Redirect("/offers/"+page.ID, ""), nil
	}
	return web.Page(views.Finish(page)), nil
}

// finish gives a delegation back. Who does it from inside is told of the end of
// his visit by this, and not a second time as if the host had ended it.
func (p *Pages) finish(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if err := p.delegations.GiveBack(r.Context(), r.Actor, page.ID); err != nil {
		return web.Response{}, err
	}
	if page.Inside {
		if err := p.sessions.Settle(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	return web.Redirect("/home", "acting.given_back", "Host", page.Host.Label()), nil
}
