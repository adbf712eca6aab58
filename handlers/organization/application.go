package organization

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/organization"
)

// applications lists what is in use here, and for those who manage it what else
// there is.
func (p *Pages) applications(r *web.Request) (web.Response, error) {
	list, err := p.Applications.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	a := views.Applications{Place: r.Actor.Effective.Label(), List: list, Manage: r.Actor.May(models.ManageApplications)}
	if a.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Mine, err = p.self(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if a.Offer, err = p.visit(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ApplicationsPage(a)), nil
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
