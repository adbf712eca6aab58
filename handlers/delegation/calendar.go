package delegation

import (
	"locum/handlers/web"
	views "locum/views/delegation"
)

// calendar is what happens to the delegations when.
func (p *Pages) calendar(r *web.Request) (web.Response, error) {
	dates, err := p.delegations.Calendar(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ShowCalendar(views.Calendar{Host: r.Actor.Effective, Dates: dates, Now: r.Now})), nil
}

// calendarFile is the same for other calendars (RFC 5545).
func (p *Pages) calendarFile(r *web.Request) (web.Response, error) {
	dates, err := p.delegations.Calendar(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	page := views.Calendar{Host: r.Actor.Effective, Dates: dates, Now: r.Now}
	return web.File("delegations.ics", "text/calendar; charset=utf-8", []byte(page.ICS(r.Locale))), nil
}
