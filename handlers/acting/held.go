package acting

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/views/layout"
)

// missing is the page of who may enter a host but for what it asks of visitors.
// From there he comes back to where he is asked whether to enter: a switch is
// always a POST.
func (p *Pages) missing(r *web.Request, organization string, needs []models.Need) (web.Response, error) {
	places, err := p.sessions.Places(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	for _, place := range places {
		if place.Organization == organization {
			back := "/in/" + url.PathEscape(organization) + r.Next("/")
			return web.Status(http.StatusForbidden, layout.Held(layout.Missing{Host: place.Party, Needs: needs, Back: back})), nil
		}
	}
	return web.Response{}, models.Unknown() // it ended meanwhile
}
