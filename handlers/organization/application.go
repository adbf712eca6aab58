package organization

import (
	"context"
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/organization"
)

// applications lists what is in use here, and for those who manage it what else
// there is.
func (p *Pages) applications(r *web.Request) (web.Response, error) {
	a := views.Applications{Place: r.Actor.Effective.Label(), Manage: r.Actor.May(models.ManageApplications), Now: r.Now}
	var err error
	if a.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Mine, err = p.self(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Offer, err = p.visit(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.List, err = p.opened(r.Context(), r.Actor, a.Offer); err != nil {
		return web.Response{}, err
	}
	if a.Here, err = p.Clients.Here(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ApplicationsPage(a)), nil
}

// opened lists the applications of an organization. Of those in use a visitor is
// shown what his delegation opens.
func (p *Pages) opened(ctx context.Context, by models.Actor, offer *delegation.Offer) ([]tenancy.Use, error) {
	list, err := p.Applications.List(ctx, by)
	if err != nil || offer == nil {
		return list, err
	}
	return slices.DeleteFunc(list, func(u tenancy.Use) bool { return u.InUse() && !offer.Opens(u.ID, offer.Roles) }), nil
}

// application shows one: how it stands here, and who may do what in it.
func (p *Pages) application(r *web.Request) (web.Response, error) {
	a := views.Application{Applications: views.Applications{Place: r.Actor.Effective.Label(), Manage: r.Actor.May(models.ManageApplications), Now: r.Now}}
	var err error
	if a.Offer, err = p.visit(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	list, err := p.opened(r.Context(), r.Actor, a.Offer)
	if err != nil {
		return web.Response{}, err
	}
	at := slices.IndexFunc(list, func(u tenancy.Use) bool { return u.ID == r.PathValue("application") })
	if at < 0 {
		return web.Response{}, models.Unknown()
	}
	a.Use = list[at]
	if a.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Mine, err = p.self(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Here, err = p.Clients.Here(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	a.ShowMembers = r.Actor.May(models.ViewMembers) && !r.Actor.Visiting()
	a.ShowVisitors = r.Actor.May(models.ManageDelegations)
	if a.Use.InUse() {
		a.Users, err = p.Clients.Users(r.Context(), r.Actor, a.Use.ID)
	}
	return web.Page(views.ApplicationPage(a)), err
}

// used finds an application that is in use here.
func (p *Pages) used(r *web.Request) (tenancy.Use, error) {
	list, err := p.Applications.List(r.Context(), r.Actor)
	if err != nil {
		return tenancy.Use{}, err
	}
	for _, u := range list {
		if u.ID == r.PathValue("application") && u.InUse() {
			return u, nil
		}
	}
	return tenancy.Use{}, models.Unknown()
}

func (p *Pages) enable(r *web.Request) (web.Response, error) {
	if err := p.Applications.Enable(r.Context(), r.Actor, r.PathValue("application")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/applications", "organization.enabled"), nil
}

func (p *Pages) disableForm(r *web.Request) (web.Response, error) {
	u, err := p.used(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.DisablePage(r.Actor.Effective.Label(), u)), nil
}

func (p *Pages) disable(r *web.Request) (web.Response, error) {
	if err := p.Applications.Disable(r.Context(), r.Actor, r.PathValue("application")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/applications", "organization.disabled"), nil
}
