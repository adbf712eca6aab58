package account

import (
	"errors"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/passkey"
	views "locum/views/account"
	"locum/views/ui"
)

// newToken is the form of a token of one's own. Who has a second factor shows it
// first: the form is not to be lost to that.
func (p *Pages) newToken(r *web.Request) (web.Response, error) {
	if err := p.Sessions.MayMakeToken(r.Context(), r.Actor); err != nil {
		if showFirst(err) {
			return web.Redirect(stepUpAddress("/account/tokens/new"), passkey.KeyShowFirst).Tone(ui.Warn), nil
		}
		return noToken(err)
	}
	return p.tokenForm(r, access.TokenDraft{Days: 90}, nil)
}

// noToken goes back with the reason why there can be no token here.
func noToken(err error) (web.Response, error) {
	var e *models.Error
	if errors.As(err, &e) && e.Kind == models.Conflict && e.Key != models.FormUsed {
		return web.Redirect("/account#tokens", e.Key, pairs(e.Args)...).Tone(ui.Bad), nil
	}
	return web.Response{}, err
}

func (p *Pages) tokenForm(r *web.Request, in access.TokenDraft, wrong models.FieldErrors) (web.Response, error) {
	targets, err := p.Sessions.TokenTargets(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	form := views.TokenForm{TokenDraft: in, Actor: r.Actor, Targets: targets, Scopes: access.ScopesFor(r.Actor), Wrong: wrong}
	if wrong != nil {
		return web.Invalid(views.NewToken(form)), nil
	}
	return web.Page(views.NewToken(form)), nil
}

func (p *Pages) makeToken(r *web.Request) (web.Response, error) {
	in := access.TokenDraft{Name: r.FormValue("name"), Application: r.FormValue("application"), Scopes: r.PostForm["scope"], Follows: r.FormValue("follows") != ""}
	in.Days, _ = strconv.Atoi(r.FormValue("days")) // what is no number is no choice
	made, text, err := p.Sessions.MakeToken(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return p.tokenForm(r, in, wrong)
	}
	if showFirst(err) {
		return web.Redirect(stepUpAddress("/account/tokens/new"), passkey.KeyShowFirst).Tone(ui.Warn), nil
	}
	if err != nil {
		return noToken(err)
	}
	return web.Page(views.TokenMade(made, text, r.Actor.Effective.Label(), r.Absolute("/v1"))).Header("Cache-Control", "no-store"), nil
}

// ownToken is the token of an address.
func (p *Pages) ownToken(r *web.Request) (access.OwnToken, error) {
	list, err := p.Sessions.OwnTokens(r.Context(), r.Actor)
	if err != nil {
		return access.OwnToken{}, err
	}
	for _, one := range list {
		if one.ID == r.PathValue("token") {
			return one, nil
		}
	}
	return access.OwnToken{}, models.Unknown()
}

func (p *Pages) askRevokeToken(r *web.Request) (web.Response, error) {
	one, err := p.ownToken(r)
	if err != nil {
		return web.Response{}, err
	}
	if !one.Active(r.Now) {
		return web.Redirect("/account#tokens", ""), nil // another tab was quicker
	}
	return web.Page(views.RevokeToken(one)), nil
}

func (p *Pages) revokeToken(r *web.Request) (web.Response, error) {
	ended, err := p.Sessions.RevokeOwnToken(r.Context(), r.Actor, r.PathValue("token"))
	if err != nil && models.KeyOf(err) != access.KeyTokenOver { // a second click
		return web.Response{}, err
	}
	return web.Redirect("/account#tokens", "own_token.revoked", "Name", ended.Name), nil
}
