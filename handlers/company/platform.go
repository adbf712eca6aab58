package company

import (
	"net/http"
	"net/url"
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/company"
	"locum/views/ui"
)

// mountPlatform registers the operators' pages of one company.
func (p *Pages) mountPlatform(app *web.App) {
	app.With(models.OperatePlatform, "GET /platform/companies/{company}", p.served)
	app.With(models.OperatePlatform, "POST /platform/companies/{company}/set-up", p.beginSetUp)
	app.With(models.OperatePlatform, "POST /platform/companies/{company}/domains/{domain}/verify", p.vouch)
}

func (p *Pages) served(r *web.Request) (web.Response, error) {
	return p.servedPage(r, views.Served{}, http.StatusOK)
}

// servedPage shows a company to operators; what was typed stays.
func (p *Pages) servedPage(r *web.Request, page views.Served, status int) (web.Response, error) {
	all, err := p.Companies.All(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	at := slices.IndexFunc(all, func(c tenancy.Held) bool { return c.ID == r.PathValue("company") })
	if at < 0 {
		return web.Response{}, models.Unknown()
	}
	page.Company, page.Now = all[at], r.Now
	if page.Domains, err = p.Federation.DomainsOf(r.Context(), r.Actor, page.Company.ID); err != nil {
		return web.Response{}, err
	}
	return web.Status(status, views.ServedPage(page)), nil
}

// beginSetUp lets the operator into a company's set-up, on its behalf.
func (p *Pages) beginSetUp(r *web.Request) (web.Response, error) {
	reason := r.FormValue("reason")
	at, err := p.Sessions.BeginSetUp(r.Context(), r.Actor, r.PathValue("company"), reason)
	if wrong, ok := web.Wrong(err); ok {
		return p.servedPage(r, views.Served{Reason: reason, Wrong: wrong}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/set-up", "setup.began", "Company", at.CompanyName), nil
}

// vouch is the operator's word for a domain.
func (p *Pages) vouch(r *web.Request) (web.Response, error) {
	company := r.PathValue("company")
	list, err := p.Federation.DomainsOf(r.Context(), r.Actor, company)
	if err != nil {
		return web.Response{}, err
	}
	at := slices.IndexFunc(list, func(d tenancy.Domain) bool { return d.ID == r.PathValue("domain") })
	if at < 0 {
		return web.Response{}, models.Unknown()
	}
	d, err := p.Federation.VouchDomain(r.Context(), r.Actor, company, list[at].Name)
	back := "/platform/companies/" + url.PathEscape(company)
	if models.KindOf(err) == models.Conflict {
		return web.Redirect(back, "company.served.taken", "Name", list[at].Name).Tone(ui.Bad), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(back, "company.served.vouched", "Name", d.Name), nil
}
