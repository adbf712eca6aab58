package company

import (
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/company"
)

// everyone reads who can work anywhere in the company: those who hold roles,
// and those whom delegations let in.
func (p *Pages) everyone(r *web.Request) ([]tenancy.Membership, []delegation.Details, error) {
	members, err := p.Companies.People(r.Context(), r.Actor)
	if err != nil {
		return nil, nil, err
	}
	external, err := p.Delegations.External(r.Context(), r.Actor)
	return members, external, err
}

func (p *Pages) people(r *web.Request) (web.Response, error) {
	members, external, err := p.everyone(r)
	if err != nil {
		return web.Response{}, err
	}
	sources, err := p.sources(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	organizations, err := p.Companies.Organizations(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	all := views.Gather(r.Context(), members, external, sources)
	q := r.URL.Query()
	page := views.People{Company: r.Actor.Effective.CompanyName, Groups: views.Columns(organizations, all), Page: r.Page(), All: len(all),
		Query: q.Get("q"), Kind: q.Get("kind"), Organization: q.Get("organization"), Registry: sources.Registry, Now: r.Now}
	fitting := slices.DeleteFunc(slices.Clone(all), func(one views.Person) bool {
		return !one.Fits(page.Kind, page.Query) || !one.In(page.Organization)
	})
	for _, one := range all {
		if !one.External {
			page.Internal++
		}
	}
	page.Found = len(fitting)
	from := min(page.Page.Offset(), len(fitting))
	page.List = fitting[from:min(from+page.Page.Size, len(fitting))]
	return web.Page(views.PeoplePage(page)), nil
}

// person shows one of them. Whoever can work nowhere in the company does not
// exist here.
func (p *Pages) person(r *web.Request) (web.Response, error) {
	one := views.OnePerson{ID: r.PathValue("account"), Company: r.Actor.Effective.CompanyName,
		Audit: r.Actor.May(models.ViewCompanyActivity), Manage: r.Actor.May(models.ManagePeople), Now: r.Now}
	member, err := p.Companies.Person(r.Context(), r.Actor, one.ID)
	switch {
	case err == nil:
		one.Member = &member
	case models.KindOf(err) != models.NotFound:
		return web.Response{}, err
	}
	external, err := p.Delegations.External(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	one.Delegations = slices.DeleteFunc(external, func(d delegation.Details) bool { return d.AccountID != one.ID })
	if one.Member == nil && len(one.Delegations) == 0 {
		return web.Response{}, models.Unknown()
	}
	if one.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if one.Fights, err = p.fights(r, one.ID); err != nil {
		return web.Response{}, err
	}
	if one.Organizations, err = p.Companies.Organizations(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.PersonPage(one)), nil
}
