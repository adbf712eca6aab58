package delegation

import (
	"slices"
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/delegation"
	"locum/views/ui"
)

// askBulk is the page that asks before several delegations are changed.
func (p *Pages) askBulk(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	page, err := p.several(r, views.Do(q.Get("do")), q["id"])
	if err != nil {
		return web.Response{}, err
	}
	if len(page.Can)+len(page.Cannot) == 0 {
		return web.Redirect("/delegations", "delegation.bulk.none").Tone(ui.Warn), nil
	}
	if page.Do == views.DoNarrow {
		return p.askNarrow(r, page)
	}
	return web.Page(views.AskBulk(page)), nil
}

// several reads the chosen delegations. An id that is not this organization's
// is left out, as one that does not exist.
func (p *Pages) several(r *web.Request, do views.Do, ids []string) (views.Bulk, error) {
	if !do.Known() {
		return views.Bulk{}, models.Unknown()
	}
	page := views.Bulk{Do: do, Host: r.Actor.Effective, Now: r.Now, Extend: periods(r)}
	page.Extend.Sooner = do == views.DoShorten
	all, err := p.delegations.List(r.Context(), r.Actor)
	if err != nil {
		return page, err
	}
	for _, d := range all {
		switch {
		case !slices.Contains(ids, d.ID):
		case d.Over(r.Now):
			page.Cannot = append(page.Cannot, d)
		default:
			page.Can = append(page.Can, d)
		}
	}
	return page, nil
}

// periods is the choice of a later end.
func periods(r *web.Request) views.Periods {
	host := r.Actor.Effective
	return views.Periods{ID: "extend-", Chosen: delegation.Week, Now: r.Now,
		Host: tenancy.Organization{ID: host.Organization, Name: host.Name, TimeZone: host.TimeZone}}
}

// bulk changes several delegations, and says what became of each.
func (p *Pages) bulk(r *web.Request) (web.Response, error) {
	do, chosen := views.Do(r.PostFormValue("do")), chosen(r)
	var ids []string
	for _, c := range chosen {
		ids = append(ids, c.ID)
	}
	page, err := p.several(r, do, ids) // before they change, and by name
	if err != nil {
		return web.Response{}, err
	}
	var outcomes []delegation.Result
	switch {
	case do == views.DoNarrow && r.PostFormValue("confirm") == "":
		return p.reviewNarrow(r, page)
	case do == views.DoNarrow:
		outcomes, err = p.delegations.NarrowAll(r.Context(), r.Actor, chosen, narrowing(r))
	case do == views.DoRevoke:
		outcomes, err = p.delegations.RevokeAll(r.Context(), r.Actor, chosen)
	default:
		page.Extend.Chosen, page.Extend.Date = delegation.Period(r.PostFormValue("period")), r.PostFormValue("date")
		setEnd := p.delegations.ExtendAll
		if do == views.DoShorten {
			setEnd = p.delegations.ShortenAll
		}
		outcomes, err = setEnd(r.Context(), r.Actor, chosen, page.Extend.Chosen, page.Extend.Date)
	}
	if wrong, rejected := web.Wrong(err); rejected {
		if do == views.DoNarrow {
			return p.narrowAgain(r, page, wrong)
		}
		page.Extend.Wrong = wrong
		return web.Invalid(views.AskBulk(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	done := views.Done{Do: do}
	for _, o := range outcomes {
		result := views.Result{ID: o.ID, Waits: o.Waits, Why: o.Failure}
		for _, d := range append(page.Can, page.Cannot...) {
			if d.ID == o.ID {
				result.Name = d.Person()
			}
		}
		done.Results = append(done.Results, result)
	}
	return web.Page(views.BulkDone(done)), nil
}

// chosen reads the delegations with the versions that the superuser saw.
func chosen(r *web.Request) (list []delegation.Chosen) {
	for _, value := range r.PostForm["chosen"] {
		id, version, _ := strings.Cut(value, " ")
		n, err := strconv.ParseInt(version, 10, 64)
		if err != nil {
			n = 0 // none has it
		}
		list = append(list, delegation.Chosen{ID: id, Version: n})
	}
	return list
}
