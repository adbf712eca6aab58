// Package usage serves what was used in an organization and in a company, what it
// comes to, what is in quarantine, and the meters and prices by which it is counted.
// What somebody may see is for models/usage; this package must never read past it.
package usage

import (
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/usage"
	"locum/views/ui"
	views "locum/views/usage"
)

// Pages are the pages of this area.
type Pages struct{ usage *usage.Usage }

// New makes the pages.
func New(u *usage.Usage) *Pages { return &Pages{u} }

// Mount registers the routes: reports of an organization and of a company, the
// quarantine of each and of the platform, and the meters of companies and platform.
func (p *Pages) Mount(app *web.App) {
	for _, s := range usage.Scopes {
		d := desk{p.usage, s}
		aside := views.AsidePath(s)
		app.With(s.View(), "GET "+aside, d.aside)
		app.With(s.Manage(), "POST "+aside+"/{record}/try", d.tryAgain)
		app.With(s.Manage(), "GET "+aside+"/{record}/dismiss", d.askDismiss)
		app.With(s.Manage(), "POST "+aside+"/{record}/dismiss", d.dismiss)
		if s != usage.OfPlatform {
			app.With(s.View(), "GET "+views.Path(s), d.report)
			app.With(s.View(), "GET "+views.Path(s)+"/charge-back", d.chargeBack)
			app.With(s.View(), "GET "+views.Path(s)+"/export", d.export)
			app.With(s.View(), "GET "+views.Path(s)+"/records", d.records)
		}
		if s != usage.OfOrganization {
			meters := views.MetersPath(s)
			app.With(s.Manage(), "GET "+meters, d.meters)
			app.With(s.Manage(), "GET "+meters+"/new", d.meterForm)
			app.With(s.Manage(), "POST "+meters+"/new", d.makeMeter)
			app.With(s.Manage(), "GET "+meters+"/{meter}/prices/new", d.priceForm)
			app.With(s.Manage(), "POST "+meters+"/{meter}/prices/new", d.setPrice)
			app.With(s.Manage(), "POST "+meters+"/{meter}/prices/{price}/withdraw", d.withdrawPrice)
		}
	}
}

// desk is the pages of one scope.
type desk struct {
	usage *usage.Usage
	scope usage.Scope
}

// period is what the address asks for: a month, any days, or else this month.
func period(r *web.Request) (p usage.Period, custom bool) {
	q := r.URL.Query()
	if p, ok := usage.Month(q.Get("month")); ok {
		return p, false
	}
	if p, ok := usage.Days(q.Get("from"), q.Get("until")); ok {
		return p, !p.IsMonth()
	}
	p, _ = usage.Month(usage.MonthOf(r.Now, r.Locale.Location()))
	return p, false
}

// dimension is what the address tells use apart by.
func (d desk) dimension(r *web.Request) usage.Dimension {
	all := views.Dimensions(d.scope)
	if by := usage.Dimension(r.URL.Query().Get("by")); slices.Contains(all, by) {
		return by
	}
	return all[0]
}

// head is the page's report without its chart.
func (d desk) head(r *web.Request) (views.Report, error) {
	p, custom := period(r)
	out := views.Report{Scope: d.scope, Place: r.Actor.Effective.Label(), Hue: r.Actor.Effective.Hue, Custom: custom, Now: r.Now}
	if d.scope == usage.OfCompany {
		out.Place, out.Hue = r.Actor.Effective.CompanyName, 0
	}
	this := usage.MonthOf(r.Now, r.Locale.Location())
	out.Months = []string{p.Earlier(), p.From[:7]}
	if later := p.Later(); later <= this {
		out.Months = append(out.Months, later)
	}
	var err error
	out.Statement, err = d.usage.ChargeBack(r.Context(), r.Actor, d.scope, p)
	return out, err
}

func (d desk) report(r *web.Request) (web.Response, error) {
	out, err := d.head(r)
	if err != nil {
		return web.Response{}, err
	}
	if before, ok := usage.Month(out.Statement.Period.Earlier()); ok && out.Statement.Period.IsMonth() {
		earlier, err := d.usage.ChargeBack(r.Context(), r.Actor, d.scope, before)
		if err != nil {
			return web.Response{}, err
		}
		out.Before = earlier.Total(nil)
	}
	out.Chart, err = d.usage.Chart(r.Context(), r.Actor, d.scope, out.Statement.Period, d.dimension(r), "")
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Page(out)), nil
}

func (d desk) chargeBack(r *web.Request) (web.Response, error) {
	out, err := d.head(r)
	if err != nil {
		return web.Response{}, err
	}
	out.By = views.Dimensions(d.scope)[0]
	return web.Page(views.ChargeBack(out)), nil
}

func (d desk) export(r *web.Request) (web.Response, error) {
	p, _ := period(r)
	s, err := d.usage.ChargeBack(r.Context(), r.Actor, d.scope, p)
	if err != nil {
		return web.Response{}, err
	}
	content, err := views.CSV(s)
	if err != nil {
		return web.Response{}, err
	}
	return web.File("usage-"+p.From+"-"+p.Until+".csv", "text/csv; charset=utf-8", content), nil
}

func (d desk) records(r *web.Request) (web.Response, error) {
	p, _ := period(r)
	page := r.Page()
	list, all, err := d.usage.Marked(r.Context(), r.Actor, d.scope, p, page)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RecordsPage(views.Records{Scope: d.scope, Period: p, List: list, All: all, Page: page, Now: r.Now})), nil
}

func (d desk) aside(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	dismissed := q.Get("dismissed") == "true"
	list, more, err := d.usage.Quarantine(r.Context(), r.Actor, d.scope, dismissed, q.Get("before"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.AsidePage(views.Aside{Scope: d.scope, List: list, More: more, Dismissed: dismissed, Paged: q.Has("before"),
		May: r.Actor.May(d.scope.Manage()), Now: r.Now})), nil
}

func (d desk) tryAgain(r *web.Request) (web.Response, error) {
	counted, _, err := d.usage.TryAgain(r.Context(), r.Actor, d.scope, r.PathValue("record"))
	if err != nil {
		return web.Response{}, err
	}
	if !counted {
		return web.Redirect(views.AsidePath(d.scope), "usage.tried").Tone(ui.Warn), nil
	}
	return web.Redirect(views.AsidePath(d.scope), "usage.counted"), nil
}

func (d desk) askDismiss(r *web.Request) (web.Response, error) {
	return d.dismissal(r, "", nil)
}

func (d desk) dismissal(r *web.Request, note string, wrong models.FieldErrors) (web.Response, error) {
	one, err := d.usage.One(r.Context(), r.Actor, d.scope, r.PathValue("record"))
	if err != nil {
		return web.Response{}, err
	}
	page := views.Dismiss(views.Dismissal{Scope: d.scope, Held: one, Note: note, Wrong: wrong, Now: r.Now})
	if wrong != nil {
		return web.Invalid(page), nil
	}
	return web.Page(page), nil
}

func (d desk) dismiss(r *web.Request) (web.Response, error) {
	note := r.FormValue("note")
	err := d.usage.Dismiss(r.Context(), r.Actor, d.scope, r.PathValue("record"), note)
	if wrong, ok := web.Wrong(err); ok {
		return d.dismissal(r, note, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.AsidePath(d.scope), "usage.was_dismissed"), nil
}
