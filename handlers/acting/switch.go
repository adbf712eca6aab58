package acting

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/views/layout"
)

// switchTo makes another organization the one in which this session works.
func (p *Pages) switchTo(r *web.Request) (web.Response, error) {
	wanted := r.PostFormValue("organization")
	a, err := p.sessions.Switch(r.Context(), r.Actor, wanted)
	if needs := models.NeedsOf(err); len(needs) > 0 {
		return p.missing(r, wanted, needs)
	}
	if kind := models.KindOf(err); err != nil && (kind == models.NotFound || kind == models.Forbidden) {
		if closed, found, err := p.closed(r, wanted); found || err != nil {
			return closed, err
		}
	}
	if err != nil {
		return web.Response{}, err
	}
	to := r.Next(overview(a.Place))
	answer := web.Redirect(to, "acting.switched", "Organization", a.Place.Label())
	switch {
	case a.Already:
		answer = web.Redirect(to, "")
	case a.Via:
		answer = web.Redirect(to, "acting.entered", "Organization", a.Place.Label(), "Count", a.Told)
	case r.Actor.Visiting():
		answer = web.Redirect(to, "acting.left", "Place", a.Place.Label(), "Left", r.Actor.Effective.Label())
	}
	return r.Refilled(answer), nil
}

// leave ends the visit, or an operator's mandate, and goes back to the person's own organization.
func (p *Pages) leave(r *web.Request) (web.Response, error) {
	out, err := p.sessions.Leave(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if r.Actor.Mandate != nil {
		return web.Redirect("/platform", "setup.stopped", "Company", out.Left), nil
	}
	if out.Left == "" { // the visit was over already, which the next page tells
		return web.Redirect(overview(out.Place), ""), nil
	}
	return web.Redirect(overview(out.Place), "acting.left", "Place", out.Place.Label(), "Left", out.Left), nil
}

// overview is the first page of a party.
func overview(p models.Party) string {
	switch {
	case p.None():
		return "/home"
	case p.Organization == "":
		return "/company"
	}
	return "/"
}

// closed is the page that says why a host cannot be entered that once could, or
// later can. To anyone without a delegation there, the host does not exist.
func (p *Pages) closed(r *web.Request, organization string) (web.Response, bool, error) {
	mine, err := p.delegations.Mine(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, false, err
	}
	for _, o := range mine { // the newest first
		if o.OrganizationID == organization {
			title, text := whyClosed(r, o)
			return web.Status(http.StatusForbidden, layout.Refused(http.StatusForbidden, title, text)), true, nil
		}
	}
	return web.Response{}, false, nil
}

func whyClosed(r *web.Request, o delegation.Offer) (title, text models.Message) {
	gone, later := models.Text("acting.gone.title", "Organization", o.Host.Label()), models.Text("acting.gone.not_now", "Organization", o.Host.Label())
	switch status := o.Status(r.Now); {
	case o.GivenBack():
		return gone, models.Text("acting.gone.given_back", "When", *o.RevokedAt, "Name", o.GrantedByName)
	case status == delegation.Revoked:
		return gone, models.Text("acting.gone.revoked", "When", *o.RevokedAt, "Name", o.GrantedByName)
	case status == delegation.Expired:
		return gone, models.Text("acting.gone.expired", "When", *o.EndsAt, "Name", o.GrantedByName)
	case status == delegation.Upcoming:
		return later, models.Text("acting.gone.upcoming", "When", o.StartsAt)
	case status == delegation.Suspended:
		return later, models.Text("acting.gone.suspended", "Name", o.GrantedByName)
	}
	return later, models.Text("acting.gone.closed")
}
