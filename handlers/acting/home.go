package acting

import (
	"slices"
	"strings"

	"locum/handlers/web"
	"locum/models/access"
	"locum/models/delegation"
	views "locum/views/acting"
)

// home is where a person starts. Who can go nowhere is told so on a page of
// its own.
func (p *Pages) home(r *web.Request) (web.Response, error) {
	page := views.Home{Name: r.Actor.Name, Query: strings.TrimSpace(r.URL.Query().Get("q")), Operator: r.Actor.Operator, Now: r.Now}
	places, err := p.sessions.Places(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if page.Offers, err = p.delegations.Offers(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.Invitations, err = p.members.Offers(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	mine, err := p.delegations.Mine(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	for _, o := range mine {
		if o.Status(r.Now) == delegation.Suspended {
			page.Suspended = append(page.Suspended, o)
		}
	}
	if len(places)+len(page.Offers)+len(page.Invitations)+len(page.Suspended) == 0 && !page.Operator {
		return web.Redirect("/no-access", ""), nil
	}
	page.Count = len(places)
	page.Last, page.Resumable = access.Last(places)
	page.Places = slices.DeleteFunc(places, func(place access.Place) bool { return !fits(place, page.Query) })
	return web.Page(views.Places(page)), nil
}

// fits says whether a place has the words of the filter in its names.
func fits(place access.Place, query string) bool {
	text := strings.ToLower(place.Label() + "\n" + place.CompanyName + "\n" + place.Domain)
	return strings.Contains(text, strings.ToLower(query))
}
