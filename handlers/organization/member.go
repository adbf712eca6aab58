package organization

import (
	"net/http"
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
	views "locum/views/organization"
)

// list shows the members, narrowed by name, address and role.
func (p *Pages) list(r *web.Request) (web.Response, error) {
	all, err := p.Members.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	sources, err := p.sources(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	q := r.URL.Query()
	m := views.Members{Place: r.Actor.Effective.Label(), Total: len(all), Manage: r.Actor.May(models.ManageMembers), Sources: sources,
		Query: q.Get("q"), Role: q.Get("role"), Roles: sources.Registry.At(models.OrganizationLevel, ""), Now: r.Now}
	for _, one := range all {
		if one.Matches(m.Query) && (m.Role == "" || one.Has(m.Role)) {
			m.List = append(m.List, one)
		}
	}
	if m.Manage {
		if m.Invitations, err = p.Members.Invited(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(views.MembersPage(m)), nil
}

// member shows one member, with what he holds and why.
func (p *Pages) member(r *web.Request) (web.Response, error) {
	m, err := p.readMember(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.MemberPage(m)), nil
}

func (p *Pages) readMember(r *web.Request) (views.Member, error) {
	one, err := p.Members.Get(r.Context(), r.Actor, r.PathValue("account"))
	if err != nil {
		return views.Member{}, err
	}
	m := views.Member{Place: r.Actor.Effective.Label(), One: one, Self: one.Person.ID == r.Actor.Account, Manage: r.Actor.May(models.ManageMembers),
		Wanted: views.ByHand(one), Now: r.Now, Audit: r.Actor.May(models.ViewActivity)}
	if m.Sources, err = p.sources(r.Context(), r.Actor); err != nil || !m.Manage {
		return m, err
	}
	m.Offered, err = p.offered(r, m.Sources)
	return m, err
}

// offered are the roles that the reader can give by hand here.
func (p *Pages) offered(r *web.Request, s views.Sources) (o views.Offered, err error) {
	for _, role := range s.Registry.At(models.OrganizationLevel, "") {
		if role.ID != tenancy.Superuser || r.Actor.May(models.ManageSuperusers) {
			o.Organization = append(o.Organization, role)
		}
	}
	if !r.Actor.May(models.ViewApplications) {
		return o, nil
	}
	all, err := p.Applications.List(r.Context(), r.Actor)
	o.Applications = slices.DeleteFunc(all, func(u tenancy.Use) bool { return !u.InUse() })
	return o, err
}

// setRoles makes the checked roles those that the member holds by hand.
func (p *Pages) setRoles(r *web.Request) (web.Response, error) {
	id := r.PathValue("account")
	err := p.Members.SetRoles(r.Context(), r.Actor, id, r.Form["role"])
	if err == nil {
		return web.Redirect("/members/"+id, "organization.changed"), nil
	}
	wrong, invalid := web.Wrong(err)
	problem, refused := conflict(err)
	if !invalid && !refused {
		return web.Response{}, err
	}
	m, err := p.readMember(r)
	if err != nil {
		return web.Response{}, err
	}
	m.Wanted, m.Wrong, m.Problem = r.Form["role"], wrong, problem
	if refused {
		return web.Status(http.StatusConflict, views.MemberPage(m)), nil
	}
	return web.Invalid(views.MemberPage(m)), nil
}

func (p *Pages) readRemoval(r *web.Request) (views.Removal, error) {
	one, err := p.Members.Get(r.Context(), r.Actor, r.PathValue("account"))
	if err != nil {
		return views.Removal{}, err
	}
	sources, err := p.sources(r.Context(), r.Actor)
	return views.Removal{Place: r.Actor.Effective.Label(), One: one, Sources: sources}, err
}

func (p *Pages) removeForm(r *web.Request) (web.Response, error) {
	removal, err := p.readRemoval(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RemovalPage(removal)), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	removal, err := p.readRemoval(r)
	if err != nil {
		return web.Response{}, err
	}
	err = p.Members.Remove(r.Context(), r.Actor, removal.One.Person.ID)
	if problem, refused := conflict(err); refused {
		removal.Problem = problem
		return web.Status(http.StatusConflict, views.RemovalPage(removal)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/members", "organization.removed", "Name", removal.One.Person.Name), nil
}
