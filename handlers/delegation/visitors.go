package delegation

import (
	"locum/handlers/web"
	"locum/models"
	views "locum/views/delegation"
)

// visitors is the page of those who are inside now.
func (p *Pages) visitors(r *web.Request) (web.Response, error) {
	here, err := p.delegations.Visitors(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Visitors(views.Here{Host: r.Actor.Effective, Visits: here, Now: r.Now})), nil
}

func (p *Pages) askEndVisit(r *web.Request) (web.Response, error) {
	here, err := p.delegations.Visitor(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.AskEndVisit(r.Actor.Effective, here)), nil
}

// endVisit ends one visit. Who had left before is no error: he is gone.
func (p *Pages) endVisit(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	here, err := p.delegations.Visitor(r.Context(), r.Actor, id)
	said := "delegation.visitors.ended"
	if err == nil || models.KindOf(err) == models.NotFound {
		err = p.delegations.EndVisit(r.Context(), r.Actor, id)
	}
	if models.KindOf(err) == models.Conflict {
		return web.Redirect("/visitors", "delegation.visitors.gone", "Name", nameIn(err)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/visitors", said, "Name", here.AccountName), nil
}

// nameIn is of whom an error of the domain tells.
func nameIn(err error) string {
	if m := message(err); m != nil {
		name, _ := m.Args["Name"].(string)
		return name
	}
	return ""
}
