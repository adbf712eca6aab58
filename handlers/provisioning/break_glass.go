package provisioning

import (
	"context"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/provisioning"
)

// breakGlassPath is the page with the list; without its anchor, so that what was
// done is in sight.
const breakGlassPath = "/company/single-sign-on"

// nameBreakGlass lets a manager come in by a code when single sign-on is down.
func (p *Pages) nameBreakGlass(r *web.Request) (web.Response, error) {
	return p.changeBreakGlass(r, p.Companies.NameBreakGlass, "breakglass.named")
}

// removeBreakGlass takes that from him.
func (p *Pages) removeBreakGlass(r *web.Request) (web.Response, error) {
	return p.changeBreakGlass(r, p.Companies.RemoveBreakGlass, "breakglass.removed")
}

// askRemoveBreakGlass asks before the only one is taken off.
func (p *Pages) askRemoveBreakGlass(r *web.Request) (web.Response, error) {
	list, err := p.Companies.BreakGlass(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	for _, m := range list {
		if m.ID == r.PathValue("account") && m.Named != nil {
			return web.Page(views.RemoveBreakGlass(m, list)), nil
		}
	}
	return web.Response{}, models.Unknown()
}

func (p *Pages) changeBreakGlass(r *web.Request, change func(context.Context, models.Actor, string) error, flash string) (web.Response, error) {
	id := r.PathValue("account")
	if err := change(r.Context(), r.Actor, id); err != nil {
		return web.Response{}, err
	}
	list, err := p.Companies.BreakGlass(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	for _, m := range list {
		if m.ID == id {
			return web.Redirect(breakGlassPath, flash, "Name", m.Name), nil
		}
	}
	return web.Redirect(breakGlassPath, ""), nil
}

// unguarded says that single sign-on is required of a domain, and no manager
// could come in without it.
func (p *Pages) unguarded(r *web.Request, domains []tenancy.Domain) (bool, error) {
	if !required(domains) {
		return false, nil
	}
	return p.nobodyNamed(r)
}

// nobodyNamed says that no manager could come in without single sign-on, to who
// may know.
func (p *Pages) nobodyNamed(r *web.Request) (bool, error) {
	if !r.Actor.May(models.ManageConnections) {
		return false, nil
	}
	managers, err := p.Companies.BreakGlass(r.Context(), r.Actor)
	for _, m := range managers {
		if m.Named != nil {
			return false, err
		}
	}
	return true, err
}

func required(domains []tenancy.Domain) bool {
	for _, d := range domains {
		if d.VerifiedAt != nil && d.SSORequired {
			return true
		}
	}
	return false
}
