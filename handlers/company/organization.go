package company

import (
	"cmp"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/company"
)

func (p *Pages) organizations(r *web.Request) (web.Response, error) {
	list, err := p.Companies.Census(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	o := views.Organizations{Company: r.Actor.Effective.CompanyName, List: list, Here: r.Actor.Effective.Organization,
		New: r.Actor.May(models.ManageOrganizations), Places: map[string]bool{}}
	self, err := p.Companies.Person(r.Context(), r.Actor, r.Actor.Account)
	if err != nil && models.KindOf(err) != models.NotFound {
		return web.Response{}, err
	}
	for _, g := range self.Grants {
		if g.ApplicationID == "" {
			o.Places[g.OrganizationID] = true
		}
	}
	return web.Page(views.OrganizationsPage(o)), nil
}

func (p *Pages) newForm(r *web.Request) (web.Response, error) {
	zone := cmp.Or(r.Actor.Effective.TimeZone, r.Actor.TimeZone)
	return web.Page(views.NewOrganizationPage(views.NewOrganization{Company: r.Actor.Effective.CompanyName, TimeZone: zone})), nil
}

func (p *Pages) make(r *web.Request) (web.Response, error) {
	name, zone := r.FormValue("name"), r.FormValue("time_zone")
	made, err := p.Companies.NewOrganization(r.Context(), r.Actor, name, zone)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.NewOrganizationPage(views.NewOrganization{Company: r.Actor.Effective.CompanyName, Name: name, TimeZone: zone, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/organizations", "company.made", "Name", made.Name), nil
}
