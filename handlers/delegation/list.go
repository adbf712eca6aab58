package delegation

import (
	"locum/handlers/web"
	"locum/models/delegation"
	views "locum/views/delegation"
)

func (p *Pages) list(r *web.Request) (web.Response, error) {
	all, err := p.delegations.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	stuck, err := p.outbox.Stuck(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	muted, superusers, err := p.delegations.Mutes(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	asked, err := p.delegations.OpenAccessRequests(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	q := r.URL.Query()
	page := views.List{Host: r.Actor.Effective, All: all, Page: r.Page(), Stuck: stuck, Muted: muted, Superusers: superusers, Asked: len(asked), Now: r.Now,
		Filter: views.Filter{Tab: views.Tab(q.Get("tab")), Query: q.Get("q"), Role: q.Get("role")}}
	var found []delegation.Details
	for _, d := range all {
		if page.Filter.Finds(d, r.Now) {
			found = append(found, d)
		}
	}
	page.Found = len(found)
	from := min(page.Page.Offset(), len(found))
	page.Shown = found[from:min(from+page.Page.Size, len(found))]
	return web.Page(views.Overview(page)), nil
}
