package consultancy

import (
	"errors"
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/consultancy"
)

func (p *Pages) requests(r *web.Request) (web.Response, error) {
	list, err := p.delegations.AccessRequests(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	page := views.Requests{Host: r.Actor.Effective, List: list, Now: r.Now}
	link, err := p.links.Current(r.Context(), r.Actor)
	if link != nil {
		page.Link, page.Made = r.Absolute("/request/"+url.PathEscape(link.Token)), link
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RequestsPage(page)).Header("Cache-Control", "no-store"), nil
}

func (p *Pages) renewLink(r *web.Request) (web.Response, error) {
	if err := p.links.Renew(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/delegation-requests", "request.link.made"), nil
}

func (p *Pages) removeLink(r *web.Request) (web.Response, error) {
	if err := p.links.Remove(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/delegation-requests", "request.link.removed"), nil
}

func (p *Pages) request(r *web.Request) (web.Response, error) {
	one, err := p.delegations.AccessRequest(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RequestPage(views.Request{Asker: one, Host: r.Actor.Effective, Now: r.Now})), nil
}

func (p *Pages) refuse(r *web.Request) (web.Response, error) {
	note := r.PostFormValue("note")
	was, err := p.delegations.RefuseAccess(r.Context(), r.Actor, r.PathValue("id"), note)
	wrong, rejected := web.Wrong(err)
	problem, late := conflict(err)
	if rejected || late {
		one, err := p.delegations.AccessRequest(r.Context(), r.Actor, r.PathValue("id"))
		if err != nil {
			return web.Response{}, err
		}
		page := views.RequestPage(views.Request{Asker: one, Host: r.Actor.Effective, Note: note, Wrong: wrong, Problem: problem, Now: r.Now})
		if late {
			return web.Status(http.StatusConflict, page), nil
		}
		return web.Invalid(page), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/delegation-requests", "request.refused", "Name", was.AccountName), nil
}

// wishForm is where a request link leads to.
func (p *Pages) wishForm(r *web.Request) (web.Response, error) {
	page, err := p.asking(r)
	if err != nil {
		return gone(err)
	}
	return web.Page(views.WishPage(page)), nil
}

func (p *Pages) asking(r *web.Request) (views.Wish, error) {
	host, err := p.delegations.RequestHost(r.Context(), r.Actor, r.PathValue("token"))
	return views.Wish{RequestHost: host, Token: r.PathValue("token"), Email: r.Actor.Email, In: delegation.Wish{Period: delegation.Week}, Now: r.Now}, err
}

// gone is the answer to a link that does not work any more, or never did.
func gone(err error) (web.Response, error) {
	if models.KindOf(err) != models.NotFound {
		return web.Response{}, err
	}
	return web.Status(http.StatusNotFound, views.NoLink()), nil
}

func (p *Pages) wish(r *web.Request) (web.Response, error) {
	in := delegation.Wish{Period: delegation.Period(r.PostFormValue("period")), Date: r.PostFormValue("date"), Reason: r.PostFormValue("reason"), Ticket: r.PostFormValue("ticket")}
	_, err := p.delegations.RequestAccess(r.Context(), r.Actor, r.PathValue("token"), in)
	if err == nil {
		return web.Redirect("/my-delegations", "request.sent"), nil
	}
	page, failed := p.asking(r)
	if failed != nil {
		return gone(failed)
	}
	page.In = in
	var problem *models.Error
	if wrong, rejected := web.Wrong(err); rejected {
		page.Wrong = wrong
		return web.Invalid(views.WishPage(page)), nil
	}
	if !errors.As(err, &problem) {
		return web.Response{}, err
	}
	status := map[models.Kind]int{models.Conflict: http.StatusConflict, models.Forbidden: http.StatusForbidden, models.TooMany: http.StatusTooManyRequests}[problem.Kind]
	if status == 0 {
		return web.Response{}, err
	}
	page.Problem = &models.Message{Key: problem.Key, Args: problem.Args}
	return web.Status(status, views.WishPage(page)), nil
}
