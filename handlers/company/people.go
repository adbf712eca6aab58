package company

import (
	"slices"
	"strings"

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
	if path, err := p.referred(r); path != "" || err != nil {
		return web.Redirect(path, ""), err
	}
	page, err := p.fitting(r)
	if err != nil {
		return web.Response{}, err
	}
	from := min(page.Page.Offset(), page.Found)
	page.List = page.List[from:min(from+page.Page.Size, page.Found)]
	return web.Page(views.PeoplePage(page)), nil
}

// referred is where a reference leads that is looked for: the page without
// access shows one, which is the account's id, and a manager wants to know why.
// It is "" for any other text, and for somebody whom the company does not know.
func (p *Pages) referred(r *web.Request) (path string, err error) {
	reference := strings.ToLower(strings.TrimSpace(r.URL.Query().Get("q")))
	if !strings.HasPrefix(reference, "acc_") {
		return "", nil
	}
	_, err = p.Connectors.KnownPerson(r.Context(), r.Actor, reference)
	if models.KindOf(err) == models.NotFound {
		_, err = p.Companies.Person(r.Context(), r.Actor, reference)
	}
	switch {
	case models.KindOf(err) == models.NotFound:
		return "", nil
	case err != nil:
		return "", err
	}
	path = "/company/people/" + reference
	if r.Actor.May(models.ManageConnectors) {
		path += "/why"
	}
	return path, nil
}

// export answers everybody who fits as a file.
func (p *Pages) export(r *web.Request) (web.Response, error) {
	page, err := p.fitting(r)
	if err != nil {
		return web.Response{}, err
	}
	content, err := views.PeopleCSV(page)
	if err != nil {
		return web.Response{}, err
	}
	return web.File("people-"+r.Now.UTC().Format("2006-01-02")+".csv", "text/csv; charset=utf-8", content), nil
}

// fitting is the list of everybody who fits the filter of an address.
func (p *Pages) fitting(r *web.Request) (page views.People, err error) {
	members, external, err := p.everyone(r)
	if err != nil {
		return page, err
	}
	sources, err := p.sources(r.Context(), r.Actor)
	if err != nil {
		return page, err
	}
	organizations, err := p.Companies.Organizations(r.Context(), r.Actor)
	if err != nil {
		return page, err
	}
	roleless, err := p.Connectors.Roleless(r.Context(), r.Actor)
	if err != nil {
		return page, err
	}
	all := views.Join(views.Gather(r.Context(), members, external, sources), roleless)
	q := r.URL.Query()
	page = views.People{Company: r.Actor.Effective.CompanyName, Groups: views.Columns(organizations, all), Page: r.Page(), All: len(all),
		Query: q.Get("q"), Kind: q.Get("kind"), Organization: q.Get("organization"), Role: q.Get("role"), Source: q.Get("source"),
		Registry: sources.Registry, Now: r.Now}
	if page.Seating, err = p.Companies.Seating(r.Context(), r.Actor); err != nil {
		return page, err
	}
	for _, one := range all {
		if !one.External {
			page.Internal++
		}
		if one.Roleless {
			page.Roleless++
		}
		if one.KeptOut {
			page.KeptOut++
		}
		if !one.Waiting.IsZero() {
			page.Waits++
		}
	}
	page.List = slices.DeleteFunc(all, func(one views.Person) bool {
		return !one.Fits(page.Kind, page.Query) || !one.Holds(page.Organization, page.Role, page.Source)
	})
	page.Found = len(page.List)
	return page, nil
}

// onePerson reads one of them. Whoever can work nowhere in the company does not
// exist here.
func (p *Pages) onePerson(r *web.Request) (one views.OnePerson, err error) {
	one = views.OnePerson{ID: r.PathValue("account"), Company: r.Actor.Effective.CompanyName,
		Audit: r.Actor.May(models.ViewCompanyActivity), Manage: r.Actor.May(models.ManagePeople), Now: r.Now}
	member, err := p.Companies.Person(r.Context(), r.Actor, one.ID)
	switch {
	case err == nil:
		one.Member = &member
		one.Removable = one.Manage && one.ID != r.Actor.Account
	case models.KindOf(err) != models.NotFound:
		return one, err
	}
	if one.Manage {
		k, err := p.Sessions.Keyholder(r.Context(), r.Actor, one.ID)
		if err != nil && models.KindOf(err) != models.NotFound {
			return one, err
		}
		one.Passkeys = k.Passkeys
	}
	external, err := p.Delegations.External(r.Context(), r.Actor)
	if err != nil {
		return one, err
	}
	one.Delegations = slices.DeleteFunc(external, func(d delegation.Details) bool { return d.AccountID != one.ID })
	if err := p.acquainted(r, &one); err != nil {
		return one, err
	}
	if one.Member == nil && len(one.Delegations) == 0 && one.Known == nil {
		return one, models.Unknown()
	}
	if one.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return one, err
	}
	if one.Fights, err = p.fights(r, one.ID); err != nil {
		return one, err
	}
	one.Organizations, err = p.Companies.Organizations(r.Context(), r.Actor)
	return one, err
}

// acquainted adds what the company knows of a person beside his roles.
func (p *Pages) acquainted(r *web.Request, one *views.OnePerson) error {
	known, err := p.Connectors.KnownPerson(r.Context(), r.Actor, one.ID)
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	one.Known = &known
	one.Removable = one.Manage && one.ID != r.Actor.Account && known.Block == nil
	if one.Manage {
		if one.Names, err = p.Federation.LinkedTo(r.Context(), r.Actor, one.ID); err != nil {
			return err
		}
	}
	if r.Actor.May(models.ManageConnectors) {
		one.Origins, err = p.Connectors.Origins(r.Context(), r.Actor, one.ID)
	}
	return err
}

func (p *Pages) person(r *web.Request) (web.Response, error) {
	one, err := p.onePerson(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.PersonPage(one)), nil
}
