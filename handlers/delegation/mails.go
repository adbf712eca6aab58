package delegation

import (
	"net/http"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/delegation"
	"locum/views/notice"
)

// mails chooses which mails the superuser gets about a delegation.
func (p *Pages) mails(r *web.Request) (web.Response, error) {
	in := delegation.Watch{Mode: tenancy.Notify(r.PostFormValue("mode"))}
	in.Days, _ = strconv.Atoi(r.PostFormValue("days")) // none is refused for a mute, and nothing else has days
	err := p.delegations.Watch(r.Context(), r.Actor, r.PathValue("id"), in)
	wrong, rejected := web.Wrong(err)
	if err == nil || !rejected && models.KindOf(err) != models.Conflict {
		return p.changed(r, err, "notice.chosen")
	}
	page, reading := p.one(r)
	if reading != nil {
		return web.Response{}, reading
	}
	page.Mails.Chosen, page.Mails.Days, page.Mails.Wrong = in.Mode, in.Days, wrong
	if rejected {
		return web.Invalid(views.Show(page)), nil
	}
	page.Conflict = message(err)
	return web.Status(http.StatusConflict, views.Show(page)), nil
}

// hearing reads how the superusers hear of a delegation.
func (p *Pages) hearing(r *web.Request, d delegation.Details) (notice.Mails, error) {
	h, err := p.delegations.Hearing(r.Context(), r.Actor, d.ID)
	m := notice.Mails{Delegation: d.ID, Person: d.Person(), Watchers: h.Watchers, Mine: h.Mine, Fallback: h.Fallback, MayMute: h.MayMute,
		Muted: h.Muted(), Days: 7, Now: r.Now}
	if h.Mine != nil && h.Mine.Own {
		m.Chosen = h.Mine.Watch.At(r.Now, d.EndsAt == nil)
	}
	return m, err
}
