package webhook

import (
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/feed"
	views "locum/views/webhook"
)

// tokenPath is the list of tokens.
const tokenPath = "/company/api-tokens"

func (p *Pages) mountTokens(app *web.App) {
	tokens := func(pattern string, handle web.Handler) { app.With(models.ManageTokens, pattern, handle) }
	tokens("GET /company/api-tokens", p.tokens)
	tokens("GET /company/api-tokens/new", p.tokenForm)
	tokens("POST /company/api-tokens/new", p.makeToken)
	tokens("GET /company/api-tokens/{token}/revoke", p.askRevoke)
	tokens("POST /company/api-tokens/{token}/revoke", p.revoke)
}

func (p *Pages) tokens(r *web.Request) (web.Response, error) {
	list, err := p.feed.Tokens(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Tokens(views.TokenList{List: list, Base: r.Absolute("/v1"), Now: r.Now})), nil
}

func (p *Pages) tokenForm(*web.Request) (web.Response, error) {
	return web.Page(views.NewToken(views.TokenForm{Draft: feed.Draft{Scopes: []feed.Scope{feed.ReadEvents}, Days: 90}})), nil
}

func (p *Pages) makeToken(r *web.Request) (web.Response, error) {
	in := feed.Draft{Name: r.FormValue("name")}
	in.Days, _ = strconv.Atoi(r.FormValue("days")) // what is no number is no choice
	for _, scope := range r.PostForm["scope"] {
		in.Scopes = append(in.Scopes, feed.Scope(scope))
	}
	made, text, err := p.feed.Make(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.NewToken(views.TokenForm{Draft: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.TokenMade(made, text, r.Absolute("/v1/events"))).Header("Cache-Control", "no-store"), nil
}

func (p *Pages) askRevoke(r *web.Request) (web.Response, error) {
	one, err := p.feed.Token(r.Context(), r.Actor, r.PathValue("token"))
	if err != nil {
		return web.Response{}, err
	}
	if !one.Active(r.Now) {
		return web.Redirect(tokenPath, ""), nil // another tab was quicker
	}
	return web.Page(views.RevokeToken(one)), nil
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	ended, err := p.feed.Revoke(r.Context(), r.Actor, r.PathValue("token"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(tokenPath, "token.revoked", "Name", ended.Name), nil
}
