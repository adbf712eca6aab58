// Package activity serves what happened in an organization and in a company:
// as pages, and as a file for spreadsheets. Which events somebody sees is for
// models/event; this package must never read further than it.
package activity

import (
	"context"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/tenancy"
	views "locum/views/activity"
)

// Pages are the pages of activity.
type Pages struct {
	trail      *event.Trail
	companies  *tenancy.Companies
	connectors *provisioning.Connectors
}

// New makes the pages of activity.
func New(trail *event.Trail, companies *tenancy.Companies, connectors *provisioning.Connectors) *Pages {
	return &Pages{trail, companies, connectors}
}

// Mount registers the pages.
func (p *Pages) Mount(app *web.App) {
	app.With(models.ViewActivity, "GET /activity", p.show(p.organization()))
	app.With(models.ViewActivity, "GET /activity/export", p.export(p.organization()))
	app.With(models.ViewCompanyActivity, "GET /company/activity", p.show(p.company()))
	app.With(models.ViewCompanyActivity, "GET /company/activity/export", p.export(p.company()))
}

// scope is whose activity it is: how to read it, and what ids in it are called.
type scope struct {
	base    string
	company bool
	list    func(context.Context, models.Actor, event.Filter) ([]event.Event, error)
	names   func(context.Context, models.Actor) (views.Names, error)
}

func (s scope) place(by models.Actor) string {
	if s.company {
		return by.Effective.CompanyName
	}
	return by.Effective.Label()
}

func (p *Pages) organization() scope {
	return scope{"/activity", false, p.trail.Organization, p.namesHere}
}

func (p *Pages) company() scope {
	return scope{"/company/activity", true, p.trail.Company, p.namesInCompany}
}

// namesHere are the names for events of one organization. Who may not see its
// members is not told of connectors either.
func (p *Pages) namesHere(ctx context.Context, by models.Actor) (n views.Names, err error) {
	n.Organizations = map[string]models.Party{by.Effective.Organization: by.Effective}
	if n.Registry, err = p.companies.Registry(ctx, by); err != nil || !by.May(models.ViewMembers) {
		return n, err
	}
	n.Connectors, err = p.connectors.NamesHere(ctx, by)
	return n, err
}

func (p *Pages) namesInCompany(ctx context.Context, by models.Actor) (n views.Names, err error) {
	if n.Registry, err = p.companies.Registry(ctx, by); err != nil {
		return n, err
	}
	company := by.Effective
	company.Organization, company.Name, company.Hue = "", "", 0
	n.Organizations = map[string]models.Party{"": company}
	if !by.May(models.ViewCompany) {
		return n, nil
	}
	list, err := p.companies.Organizations(ctx, by)
	if err != nil {
		return n, err
	}
	for _, o := range list {
		n.Organizations[o.ID] = models.Party{Company: o.CompanyID, CompanyName: company.CompanyName, Organization: o.ID, Name: o.Name, Hue: o.Hue}
	}
	n.Connectors, err = p.connectors.Names(ctx, by)
	return n, err
}

// filterOf reads the filter out of an address.
func filterOf(r *web.Request) views.Filter {
	q := r.URL.Query()
	f := views.Filter{Text: q.Get("q"), Kind: q.Get("kind"), Person: q.Get("person"), Visit: q.Get("visit"), Delegation: q.Get("delegation"),
		Via: q.Get("via") == "delegation"}
	if before, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && before > 0 {
		f.Before = before
	}
	return f
}

func query(f views.Filter, limit int) event.Filter {
	return event.Filter{Text: f.Text, Types: views.TypesOf(f.Kind), Account: f.Person, Visit: f.Visit, Delegation: f.Delegation, Visits: f.Via,
		Before: f.Before, Limit: limit}
}

func (p *Pages) show(s scope) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		filter := filterOf(r)
		events, err := s.list(r.Context(), r.Actor, query(filter, models.PageSize+1))
		if err != nil {
			return web.Response{}, err
		}
		names, err := s.names(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		props := views.Props{Company: s.company, Place: s.place(r.Actor), Base: s.base, Events: events, Names: names, Filter: filter, Now: r.Now}
		if len(events) > models.PageSize {
			props.Events = events[:models.PageSize]
			props.Older = props.Events[models.PageSize-1].Position
		}
		if filter.Person != "" && len(events) > 0 {
			props.Filter.PersonName = events[0].AccountName
		}
		return web.Page(views.Page(props)), nil
	}
}

// The most rows of an export, and how many are read at once.
const (
	exportMost = 10_000
	exportPart = 1_000
)

func (p *Pages) export(s scope) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		filter := filterOf(r)
		var all []event.Event
		for len(all) < exportMost {
			part, err := s.list(r.Context(), r.Actor, query(filter, exportPart))
			if err != nil {
				return web.Response{}, err
			}
			all = append(all, part...)
			if len(part) < exportPart {
				break
			}
			filter.Before = part[len(part)-1].Position
		}
		names, err := s.names(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		content, err := views.CSV(r.Locale, all, names)
		if err != nil {
			return web.Response{}, err
		}
		return web.File("activity-"+r.Now.UTC().Format("2006-01-02")+".csv", "text/csv; charset=utf-8", content), nil
	}
}
