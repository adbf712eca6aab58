package web

import (
	"net/http"
	"time"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
	"locum/views/ui"
)

// tellEnded tells a person once that his visit, or his mandate, is over. A page he asks for
// becomes his own places with the message on top; a form he sent is refused
// with the message, because it was meant for the organization he is no longer
// in.
func (a *App) tellEnded(r *Request) (*Response, error) {
	ended := *r.Actor.Ended
	told := endedMessage(ended)
	if err := a.config.Sessions.Settle(r.Context(), r.Actor); err != nil {
		return nil, err
	}
	exchangeOf(r.Context()).ended = ended.Reason
	if safe(r.Method) {
		home := Redirect("/home", "").withFlash(Flash{Tone: ui.Warn, Message: told, Until: r.Now.Add(tabs)})
		return &home, nil
	}
	// The end raised the epoch: a page of the old one would be sent away by the
	// stream before it is read.
	if err := r.refresh(); err != nil {
		return nil, err
	}
	page := Status(http.StatusForbidden, layout.Refused(http.StatusForbidden, told, models.Text("web.ended.nothing_written")))
	if wantsJSON(r.Request) {
		page = a.problemDocument(r, http.StatusForbidden, models.Fail(models.Forbidden, told.Key, "Organization", ended.Organization))
	}
	page = page.wholePage(r)
	return &page, nil
}

// Told notes that a page of the handler's own tells a person that his visit is over
// (TellsEnd), and goes on with who he is now.
func (r *Request) Told() error {
	if r.Actor.Ended != nil {
		exchangeOf(r.Context()).ended = r.Actor.Ended.Reason
	}
	if err := r.app.config.Sessions.Settle(r.Context(), r.Actor); err != nil {
		return err
	}
	return r.refresh()
}

// tabs is how long the end of a visit is told on every page: each idle tab of
// the session is sent home by its stream within a second.
const tabs = 4 * time.Second

// endedMessage is what a person is told about the end of his visit. A reason
// without a text of its own is told as the end of the delegation.
func endedMessage(ended models.Ended) models.Message {
	key := "web.ended." + ended.Reason
	if !i18n.Has(key) {
		key = "web.ended.ended"
	}
	return models.Text(key, "Organization", ended.Organization, "At", ended.At)
}

func (r Response) withFlash(flash Flash) Response {
	r.flash = &flash
	return r
}
