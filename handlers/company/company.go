// Package company serves a company from above: its organizations, its people
// with every role and where it comes from, and the roles there are; and the
// operators' view of the platform. It decodes forms and shows what models
// answer; it must never decide who may do what.
package company

import (
	"context"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/openid"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/activity"
	views "locum/views/company"
	"locum/views/organization"
)

// Domain is what the pages stand on.
type Domain struct {
	Companies   *tenancy.Companies
	Delegations *delegation.Delegations
	Sessions    *access.Sessions
	Connectors  *provisioning.Connectors
	Federation  *federation.Federation
	Directories *directory.Directories
	Clients     *client.Clients
	OpenID      *openid.Provider
	Trail       *event.Trail
}

// Pages are the pages of a company, and of the platform.
type Pages struct{ Domain }

// New makes the pages of a company.
func New(d Domain) *Pages { return &Pages{d} }

// Mount registers the pages.
func (p *Pages) Mount(app *web.App) {
	app.With(models.ViewCompany, "GET /company", p.overview)
	app.With(models.ViewCompany, "GET /company/organizations", p.organizations)
	app.With(models.ManageOrganizations, "GET /company/organizations/new", p.newForm)
	app.With(models.ManageOrganizations, "POST /company/organizations", p.make)
	app.With(models.ViewCompany, "GET /company/people", p.people)
	app.With(models.ViewCompany, "GET /company/people/export", p.export)
	app.With(models.ViewCompany, "GET /company/people/{account}", p.person)
	app.With(models.ManagePeople, "GET /company/people/{account}/give", p.giveForm)
	app.With(models.ManagePeople, "POST /company/people/{account}/give", p.give)
	app.With(models.ManagePeople, "POST /company/people/{account}/take", p.take)
	app.With(models.ManagePeople, "GET /company/people/{account}/remove", p.askRemove)
	app.With(models.ManagePeople, "POST /company/people/{account}/remove", p.remove)
	app.With(models.ManagePeople, "POST /company/people/{account}/let-back-in", p.letBackIn)
	app.With(models.ManagePeople, "GET /company/people/{account}/names/{name}/unlink", p.askUnlink)
	app.With(models.ManagePeople, "POST /company/people/{account}/names/{name}/unlink", p.unlink)
	app.With(models.ViewCompany, "GET /company/roles", p.roles)
	app.With(models.ManageCompany, "POST /company/break-glass/sessions/{session}/end", p.endBreakGlass)
	app.With(models.OperatePlatform, "GET /platform", p.platform)
	p.mountPlatform(app)
	p.mountPasskeys(app)
	app.With(models.OperatePlatform, "GET /platform/companies/{company}/seats", p.seats)
	app.With(models.OperatePlatform, "POST /platform/companies/{company}/seats", p.setSeats)
	p.mountClosing(app)
	p.mountRegistry(app)
	p.mountFamilies(app)
	p.mountConnections(app)
}

// sources are what roles are explained with.
func (p *Pages) sources(ctx context.Context, by models.Actor) (s organization.Sources, err error) {
	if s.Registry, err = p.Companies.Registry(ctx, by); err != nil {
		return s, err
	}
	s.Linked = by.May(models.ManageConnectors)
	s.Connectors, err = p.Connectors.Names(ctx, by)
	return s, err
}

// recent is how many events the overview shows.
const recent = 6

func (p *Pages) overview(r *web.Request) (web.Response, error) {
	o := views.Overview{Company: r.Actor.Effective.CompanyName, New: r.Actor.May(models.ManageOrganizations), Now: r.Now}
	for _, part := range []func(*web.Request, *views.Overview) error{p.count, p.provisioning, p.warn, p.recent} {
		if err := part(r, &o); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(views.OverviewPage(o)), nil
}

func (p *Pages) count(r *web.Request, o *views.Overview) (err error) {
	if o.Organizations, err = p.Companies.Census(r.Context(), r.Actor); err != nil {
		return err
	}
	members, external, err := p.everyone(r)
	for _, one := range views.Gather(r.Context(), members, external, organization.Sources{}) {
		if one.External {
			o.External++
		} else {
			o.People++
		}
	}
	return err
}

// provisioning counts connectors and the ways to sign in, for who manages them.
func (p *Pages) provisioning(r *web.Request, o *views.Overview) error {
	if r.Actor.May(models.ManageConnectors) {
		list, err := p.Connectors.List(r.Context(), r.Actor)
		if err != nil {
			return err
		}
		o.Connectors = &views.Figure{Count: len(list)}
		for _, c := range list {
			if c.State == provisioning.On {
				o.Connectors.On++
			}
		}
	}
	if !r.Actor.May(models.ManageConnections) {
		return nil
	}
	list, err := p.Federation.Connections(r.Context(), r.Actor)
	o.Connections = &views.Figure{Count: len(list)}
	for _, c := range list {
		if c.Enabled {
			o.Connections.On++
		}
		if c.LastSuccessAt != nil && c.LastSuccessAt.After(o.Connections.Last) {
			o.Connections.Last = c.LastSuccessAt.Time
		}
	}
	return err
}

// warn gathers what there is to look at, for who can do something about it.
func (p *Pages) warn(r *web.Request, o *views.Overview) (err error) {
	o.Warnings.Now = r.Now
	if r.Actor.May(models.ManageConnections) {
		if o.Warnings.Connections, err = p.Federation.Health(r.Context(), r.Actor); err != nil {
			return err
		}
	}
	if r.Actor.May(models.ManageDirectory) {
		if o.Warnings.Directories, err = p.Directories.Standings(r.Context(), r.Actor); err != nil {
			return err
		}
	}
	if r.Actor.May(models.ManageConnectors) {
		o.Warnings.Rules, err = p.Connectors.Warnings(r.Context(), r.Actor)
	}
	return err
}

func (p *Pages) recent(r *web.Request, o *views.Overview) (err error) {
	if o.ShowEvents = r.Actor.May(models.ViewCompanyActivity); !o.ShowEvents {
		return nil
	}
	sources, err := p.sources(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	here := r.Actor.Effective
	o.Names = activity.Names{Registry: sources.Registry, Connectors: sources.Connectors,
		Organizations: map[string]models.Party{"": {Company: here.Company, CompanyName: here.CompanyName}}}
	for _, one := range o.Organizations {
		o.Names.Organizations[one.ID] = models.Party{Company: one.CompanyID, Organization: one.ID, Name: one.Name, Hue: one.Hue}
	}
	o.Events, err = p.Trail.Company(r.Context(), r.Actor, event.Filter{Limit: recent})
	return err
}

func (p *Pages) roles(r *web.Request) (web.Response, error) {
	registry, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RolesPage(views.Roles{Registry: registry})), nil
}

func (p *Pages) platform(r *web.Request) (web.Response, error) {
	all, err := p.Companies.All(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.PlatformPage(views.Platform{Companies: all})), nil
}
