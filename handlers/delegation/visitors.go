package delegation

import (
	"locum/handlers/web"
	"locum/models"
	views "locum/views/delegation"
	"locum/views/ui"
)

// visitors is the page of those who are inside now.
func (p *Pages) visitors(r *web.Request) (web.Response, error) {
	here, err := p.delegations.Visitors(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	tokens, err := p.sessions.VisitTokens(r.Context(), r.Actor, "")
	if err != nil {
		return web.Response{}, err
	}
	following, err := p.sessions.FollowingTokens(r.Context(), r.Actor, "")
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Visitors(views.Here{Host: r.Actor.Effective, Visits: here, Tokens: tokens, Following: following, Now: r.Now})), nil
}

// endVisit ends one visit. Who had left before is no error: he is gone.
func (p *Pages) endVisit(r *web.Request) (web.Response, error) {
	ended, err := p.delegations.EndVisit(r.Context(), r.Actor, r.PathValue("id"))
	if models.KindOf(err) == models.Conflict {
		return web.Redirect("/visitors", "delegation.visitors.gone", "Name", ended.AccountName).Tone(ui.Info), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/visitors", "delegation.visitors.ended", "Name", ended.AccountName), nil
}
