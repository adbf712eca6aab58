package acting

import (
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/acting"
)

// askMore is the form on which a consultant asks for more time.
func (p *Pages) askMore(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if !page.MayAsk(r.Now) {
		return web.Redirect("/offers/"+page.ID, ""), nil
	}
	return web.Page(views.AskMore(views.More{Offer: page, In: delegation.More{Period: delegation.Week}})), nil
}

func (p *Pages) more(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	in := delegation.More{Period: delegation.Period(r.PostFormValue("period")), Date: strings.TrimSpace(r.PostFormValue("date")), Reason: r.PostFormValue("reason")}
	err = p.delegations.AskMore(r.Context(), r.Actor, page.ID, in)
	if wrong, rejected := web.Wrong(err); rejected {
		return web.Invalid(views.AskMore(views.More{Offer: page, In: in, Wrong: wrong})), nil
	}
	if models.KindOf(err) == models.Conflict && page.MoreAskedAt != nil { // a second click on the same button
		return web.Redirect("/offers/"+page.ID, ""), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/offers/"+page.ID, "acting.more.asked", "Host", page.Host.Label()), nil
}
