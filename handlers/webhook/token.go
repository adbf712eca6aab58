package webhook

import (
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/feed"
	views "locum/views/webhook"
)

// shelf is the pages of the tokens of a company, or of one of its organizations.
type shelf struct {
	*Pages
	views.Shelf
}

func (p *Pages) mountTokens(app *web.App) {
	shelf{p, views.CompanyTokens}.mount(app, models.ManageTokens)
	shelf{p, views.OrganizationTokens}.mount(app, models.ManageDelegations)
}

func (p shelf) mount(app *web.App, need models.Permission) {
	tokens := func(method, below string, handle web.Handler) { app.With(need, method+" "+p.Path+below, handle) }
	tokens("GET", "", p.tokens)
	tokens("GET", "/new", p.tokenForm)
	tokens("POST", "/new", p.makeToken)
	tokens("GET", "/{token}/revoke", p.askRevoke)
	tokens("POST", "/{token}/revoke", p.revoke)
}

func (p shelf) tokens(r *web.Request) (web.Response, error) {
	list, err := p.feed.Tokens(r.Context(), r.Actor, p.OfOrganization)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Tokens(views.TokenList{Shelf: p.Shelf, List: list, Base: r.Absolute("/v1"), Now: r.Now})), nil
}

func (p shelf) tokenForm(*web.Request) (web.Response, error) {
	return web.Page(views.NewToken(views.TokenForm{Shelf: p.Shelf, Draft: feed.Draft{Scopes: p.Scopes[:1], Days: 90}})), nil
}

func (p shelf) makeToken(r *web.Request) (web.Response, error) {
	in := feed.Draft{OfOrganization: p.OfOrganization, Name: r.FormValue("name")}
	in.Days, _ = strconv.Atoi(r.FormValue("days")) // what is no number is no choice
	for _, scope := range r.PostForm["scope"] {
		in.Scopes = append(in.Scopes, feed.Scope(scope))
	}
	made, text, err := p.feed.Make(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.NewToken(views.TokenForm{Shelf: p.Shelf, Draft: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.TokenMade(p.Shelf, made, text, r.Absolute(p.Example))).Header("Cache-Control", "no-store"), nil
}

func (p shelf) askRevoke(r *web.Request) (web.Response, error) {
	one, err := p.feed.Token(r.Context(), r.Actor, p.OfOrganization, r.PathValue("token"))
	if err != nil {
		return web.Response{}, err
	}
	if !one.Active(r.Now) {
		return web.Redirect(p.Path, ""), nil // another tab was quicker
	}
	return web.Page(views.RevokeToken(p.Shelf, one)), nil
}

func (p shelf) revoke(r *web.Request) (web.Response, error) {
	ended, err := p.feed.Revoke(r.Context(), r.Actor, p.OfOrganization, r.PathValue("token"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.Path, "token.revoked", "Name", ended.Name), nil
}
