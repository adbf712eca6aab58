package consultancy

import (
	"locum/handlers/web"
	"locum/models/delegation"
	views "locum/views/consultancy"
)

// mine is what a person has, was offered and asked for elsewhere.
func (p *Pages) mine(r *web.Request) (web.Response, error) {
	page := views.Mine{Inside: r.Actor.Delegation, Now: r.Now}
	var err error
	if page.Offered, err = p.delegations.Offers(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Held, err = p.delegations.Mine(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Asked, err = p.delegations.OwnRequests(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.MinePage(page)), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	err := p.delegations.WithdrawRequest(r.Context(), r.Actor, r.PathValue("id"))
	if _, late := conflict(err); late {
		return web.Redirect("/my-delegations", ""), nil // it was answered meanwhile
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/my-delegations", "request.withdrawn"), nil
}

// stays is a month of a consultant's visits.
func (p *Pages) stays(r *web.Request) (web.Response, error) {
	page, err := p.month(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.StaysPage(page)), nil
}

// sheet is the same as a file.
func (p *Pages) sheet(r *web.Request) (web.Response, error) {
	page, err := p.month(r)
	if err != nil {
		return web.Response{}, err
	}
	content, err := views.TimeSheet(r.Context(), page)
	if err != nil {
		return web.Response{}, err
	}
	return web.File("visits-"+page.Month.Key()+".csv", "text/csv; charset=utf-8", content), nil
}

func (p *Pages) month(r *web.Request) (page views.Stays, err error) {
	page = views.Stays{Month: delegation.MonthOf(r.URL.Query().Get("month"), r.Now, r.Locale.Location()), Now: r.Now}
	page.List, err = p.delegations.Stays(r.Context(), r.Actor, page.Month)
	return page, err
}
