package provisioning

import (
	"errors"
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/provisioning"
)

// domains shows the domains of the company.
func (p *Pages) domains(r *web.Request) (web.Response, error) {
	return p.domainPage(r, views.Domains{}, http.StatusOK)
}

// domainPage shows the list; what was typed and what failed stay.
func (p *Pages) domainPage(r *web.Request, page views.Domains, status int) (web.Response, error) {
	var err error
	if page.List, err = p.Federation.Domains(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Proven, err = p.Federation.Proven(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Unguarded, err = p.unguarded(r, page.List); err != nil {
		return web.Response{}, err
	}
	page.Now = r.Now
	return web.Status(status, views.DomainList(page)), nil
}

func (p *Pages) addDomain(r *web.Request) (web.Response, error) {
	d, err := p.Federation.AddDomain(r.Context(), r.Actor, r.FormValue("name"))
	if fields, refused := web.Wrong(err); refused {
		return p.domainPage(r, views.Domains{Name: r.FormValue("name"), Wrong: fields}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/domains", "domain.added", "Name", d.Name), nil
}

// verifyDomain looks for the domain's record now.
func (p *Pages) verifyDomain(r *web.Request) (web.Response, error) {
	d, err := p.Federation.VerifyDomain(r.Context(), r.Actor, r.PathValue("id"), p.LookupTXT)
	if told, ok := conflict(err); ok {
		return p.domainPage(r, views.Domains{Failed: map[string]models.Message{r.PathValue("id"): told}}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/domains", "domain.proved", "Name", d.Name), nil
}

// conflict is what a person is told of an error that the state of things causes.
func conflict(err error) (models.Message, bool) {
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Conflict {
		return models.Message{}, false
	}
	return models.Message{Key: e.Key, Args: e.Args}, true
}

// askRequireSSO asks before single sign-on becomes the only way in for a domain.
func (p *Pages) askRequireSSO(r *web.Request) (web.Response, error) {
	d, err := p.domain(r)
	if err != nil {
		return web.Response{}, err
	}
	if d.SSORequired {
		return web.Redirect("/company/domains", ""), nil
	}
	ask := views.Requiring{Domain: d}
	if ask.Unguarded, err = p.nobodyNamed(r); err != nil {
		return web.Response{}, err
	}
	if r.Actor.May(models.ManageCertificates) {
		all, err := p.Federation.Connections(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		for _, c := range all {
			if c.Enabled {
				ask.Connections = append(ask.Connections, c.Name)
			}
		}
	}
	return web.Page(views.RequireSSO(ask)), nil
}

// requireSSO makes single sign-on the only way in for a domain, or no longer.
func (p *Pages) requireSSO(r *web.Request) (web.Response, error) {
	on := r.FormValue("required") == "yes"
	d, err := p.Federation.RequireSSO(r.Context(), r.Actor, r.PathValue("id"), on)
	if told, ok := conflict(err); ok {
		return p.domainPage(r, views.Domains{Failed: map[string]models.Message{r.PathValue("id"): told}}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	if on {
		return web.Redirect("/company/domains", "domain.now_required", "Name", d.Name), nil
	}
	return web.Redirect("/company/domains", "domain.now_optional", "Name", d.Name), nil
}

func (p *Pages) askRemoveDomain(r *web.Request) (web.Response, error) {
	d, err := p.domain(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RemoveDomain(d)), nil
}

// domain is the one that the request names.
func (p *Pages) domain(r *web.Request) (tenancy.Domain, error) {
	list, err := p.Federation.Domains(r.Context(), r.Actor)
	if err != nil {
		return tenancy.Domain{}, err
	}
	for _, d := range list {
		if d.ID == r.PathValue("id") {
			return d, nil
		}
	}
	return tenancy.Domain{}, models.Unknown()
}

func (p *Pages) removeDomain(r *web.Request) (web.Response, error) {
	if err := p.Federation.RemoveDomain(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/domains", "domain.removed"), nil
}
