package web

import (
	"net/http"

	"locum/models"
	"locum/views/layout"
)

// tellHeld answers whose visit does not go on for want of what the host asks:
// which of its wishes it is, and what to do. Nothing of the host is shown, and
// nothing that was sent is written. The visit is not over.
func (a *App) tellHeld(r *Request) (*Response, error) {
	if err := a.config.Sessions.Hold(r.Context(), r.Actor); err != nil {
		return nil, err
	}
	if wantsJSON(r.Request) {
		answer := a.problemDocument(r, http.StatusForbidden, models.Held(r.Actor.Effective.Label(), r.Actor.Needs))
		return &answer, nil
	}
	back := r.here()
	if r.HTMX() {
		back = r.referer("/")
	}
	page := Status(http.StatusForbidden, layout.Held(layout.Missing{Host: r.Actor.Effective, Inside: true, Sent: !safe(r.Method), Needs: r.Actor.Needs, Back: back})).wholePage(r)
	return &page, nil
}
