package consultancy

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/consultancy"
)

// customers is where people of the manager's company work.
func (p *Pages) customers(r *web.Request) (web.Response, error) {
	list, err := p.delegations.Customers(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ConsolePage(views.Console{Company: r.Actor.Effective.CompanyName, List: list, Now: r.Now})), nil
}

func (p *Pages) given(r *web.Request) (page views.Grant, err error) {
	page = views.Grant{Company: r.Actor.Effective.CompanyName, Query: r.URL.Query().Get("q"), Now: r.Now}
	page.FirmGrant, page.Candidates, err = p.delegations.FirmGrant(r.Context(), r.Actor, r.PathValue("id"), page.Query)
	return page, err
}

func (p *Pages) grant(r *web.Request) (web.Response, error) {
	page, err := p.given(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.GrantPage(page)), nil
}

func (p *Pages) name(r *web.Request) (web.Response, error) {
	made, err := p.delegations.NamePerson(r.Context(), r.Actor, r.PathValue("id"), r.PostFormValue("person"))
	return p.named(r, made, err, "firm.named")
}

func (p *Pages) unname(r *web.Request) (web.Response, error) {
	was, err := p.delegations.UnnamePerson(r.Context(), r.Actor, r.PathValue("id"), r.PostFormValue("person"))
	return p.named(r, was, err, "firm.unnamed")
}

func (p *Pages) named(r *web.Request, d delegation.Delegation, err error, said string) (web.Response, error) {
	problem, refused := conflict(err)
	if !refused && err != nil {
		return web.Response{}, err
	}
	page, failed := p.given(r)
	switch {
	case models.KindOf(failed) == models.NotFound && refused: // it ended meanwhile
		return web.Redirect("/company/consultants", ""), nil
	case failed != nil:
		return web.Response{}, failed
	case refused:
		page.Problem = problem
		return web.Status(http.StatusConflict, views.GrantPage(page)), nil
	}
	return web.Redirect("/company/consultants/firms/"+page.ID, said, "Name", d.Person()), nil
}
