package acting

import (
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/acting"
)

// ask is a link into an organization. Who works there already goes on; anyone
// else who can is asked first. It switches nothing.
func (p *Pages) ask(r *web.Request) (web.Response, error) {
	wanted := r.PathValue("organization")
	to := within(r)
	if r.Actor.Effective.Organization == wanted {
		return web.Redirect(to, ""), nil
	}
	places, err := p.sessions.Places(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	for _, place := range places {
		if place.Organization == wanted && !place.Upcoming {
			return web.Page(views.Question(views.Ask{Here: r.Actor.Effective, HereVia: r.Actor.Visiting(), There: place, To: to})), nil
		}
	}
	closed, found, err := p.closed(r, wanted)
	if err != nil || found {
		return closed, err
	}
	return web.Response{}, models.Unknown()
}

// within is the address inside the organization that the link leads to, with
// its query; the overview when it is none.
func within(r *web.Request) string {
	to := strings.TrimPrefix(r.URL.EscapedPath(), "/in/"+url.PathEscape(r.PathValue("organization")))
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	if !web.Local(to) {
		return "/"
	}
	return to
}
