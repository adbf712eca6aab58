package provisioning

import (
	"slices"
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/provisioning"
	"locum/models/tenancy"
	views "locum/views/provisioning"
)

// undoShown is for how long the list offers to undo the last change.
const undoShown = 7 * 24 * time.Hour

// list shows the connectors of the company.
func (p *Pages) list(r *web.Request) (web.Response, error) {
	list, err := p.Connectors.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	page := views.Connectors{Total: len(list), Now: r.Now, Decides: !r.Actor.ByLink(), Filter: views.Filter{Text: strings.TrimSpace(r.URL.Query().Get("q")),
		Organization: r.URL.Query().Get("organization"), Application: r.URL.Query().Get("application"), State: r.URL.Query().Get("state")}}
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	seen, err := p.Connectors.Seen(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if page.Company, err = p.Companies.Policy(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Open, err = p.Connectors.Unfinished(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Last, err = p.Connectors.LastPublication(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Last != nil && r.Now.Sub(page.Last.CreatedAt.Time) > undoShown {
		page.Last = nil
	}
	page.Known = seen.People
	var rows []views.Row
	for _, s := range list {
		row := views.Row{Saved: s}
		switch s.State {
		case provisioning.On:
			page.On++
			for _, never := range seen.NeverIn(s.Condition) {
				row.Never = append(row.Never, views.Doubt{Condition: never, Meant: meant(seen, never)})
			}
		case provisioning.Off:
			page.Off++
		}
		if len(row.Never) > 0 {
			page.Never++
		}
		if shows(r, page, row) {
			rows = append(rows, row)
		}
	}
	page.Groups = grouped(rows, page.Targets)
	return web.Page(views.List(page)), nil
}

// meant is what a comparison probably was meant to say, or nil.
func meant(seen provisioning.Seen, c provisioning.Condition) *provisioning.Condition {
	if other, slip := seen.Meant(c); slip {
		return &other
	}
	return nil
}

// shows says whether a row passes the filter. A text is looked for in all that
// the row says.
func shows(r *web.Request, page views.Connectors, row views.Row) bool {
	f := page.Filter
	switch {
	case f.Organization != "" && row.Target.Organization != f.Organization,
		f.Application != "" && row.Target.Application != f.Application,
		f.State != "" && string(row.State) != f.State:
		return false
	}
	sentence := provisioning.Plain(provisioning.Sentence(provisioning.Named(row.Condition, page.Targets.Groups)), func(key string) string { return r.Locale.T(key) })
	all := strings.Join([]string{row.Name, row.Note, sentence, page.Targets.Role(row.Role), page.Targets.Label(row.Target)}, "\n")
	return strings.Contains(strings.ToLower(all), strings.ToLower(f.Text))
}

// grouped brings together what is given at one target: the company first, then
// organizations and applications by name.
func grouped(rows []views.Row, targets provisioning.Targets) (groups []views.Group) {
	for _, row := range rows {
		at := slices.IndexFunc(groups, func(g views.Group) bool { return g.Target == row.Target })
		if at < 0 {
			groups, at = append(groups, views.Group{Target: row.Target}), len(groups)
		}
		groups[at].Rows = append(groups[at].Rows, row)
	}
	width := map[models.Level]int{models.OrganizationLevel: 1, models.ApplicationLevel: 2}
	slices.SortStableFunc(groups, func(a, b views.Group) int {
		if by := width[a.Target.Level] - width[b.Target.Level]; by != 0 {
			return by
		}
		return strings.Compare(targets.Label(a.Target), targets.Label(b.Target))
	})
	return groups
}

// policy shows what the company chose for all connectors together.
func (p *Pages) policy(r *web.Request) (web.Response, error) {
	if r.Actor.ByLink() { // who works by a set-up link decides nothing about all roles
		return web.Response{}, models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.ManageCompany))
	}
	own, err := p.Companies.Policy(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Policy(views.PolicyForm{Policy: own.Policy})), nil
}

func (p *Pages) setPolicy(r *web.Request) (web.Response, error) {
	form := views.PolicyForm{Policy: tenancy.Policy{Ownership: r.FormValue("ownership"), NoMatch: r.FormValue("no_match")}, Typed: map[string]string{}}
	number := func(field string) int {
		form.Typed[field] = r.FormValue(field)
		return people(form.Typed[field])
	}
	form.Brakes = tenancy.Brakes{Percent: number("brake_percent"), People: number("brake_people"), Raised: number("brake_raised")}
	err := p.Companies.SetPolicy(r.Context(), r.Actor, form.Policy)
	if fields, refused := web.Wrong(err); refused {
		form.Wrong = fields
		return web.Invalid(views.Policy(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/connectors", "policy.saved"), nil
}
