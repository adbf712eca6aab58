package directory

import (
	"net/http"
	"slices"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	views "locum/views/directory"
)

func (p *Pages) tokenForm(r *web.Request) (web.Response, error) {
	return p.tokenPage(r, views.TokenForm{Days: 365}, http.StatusOK)
}

// tokenPage asks how long a token lasts, or says that two are in use.
func (p *Pages) tokenPage(r *web.Request, f views.TokenForm, status int) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	tokens, err := p.directories.Tokens(r.Context(), r.Actor, own.ID)
	if err != nil {
		return web.Response{}, err
	}
	live := slices.DeleteFunc(tokens, func(t directory.Token) bool { return !t.Live(r.Now) })
	f.Directory, f.Full = own, len(live) >= directory.MostTokens
	return web.Status(status, views.NewToken(f)), nil
}

func (p *Pages) makeToken(r *web.Request) (web.Response, error) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil {
		days = -1 // what is no number is no choice
	}
	token, err := p.directories.NewToken(r.Context(), r.Actor, r.PathValue("id"), days)
	if wrong, ok := web.Wrong(err); ok {
		return p.tokenPage(r, views.TokenForm{Days: days, Wrong: wrong}, http.StatusUnprocessableEntity)
	}
	if models.KeyOf(err) == directory.TwoTokens {
		return p.tokenPage(r, views.TokenForm{Days: days}, http.StatusConflict)
	}
	if err != nil {
		return web.Response{}, err
	}
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.TokenMade(views.Guide{Directory: own, Kind: own.Kind, Base: r.Absolute(scimPath), Token: token})).Header("Cache-Control", "no-store"), nil
}

// token finds the one of the address among those of the directory.
func (p *Pages) token(r *web.Request) (own directory.Directory, one directory.Token, err error) {
	if own, err = p.get(r); err != nil {
		return own, one, err
	}
	list, err := p.directories.Tokens(r.Context(), r.Actor, own.ID)
	if err != nil {
		return own, one, err
	}
	i := slices.IndexFunc(list, func(t directory.Token) bool { return t.ID == r.PathValue("token") })
	if i < 0 {
		return own, one, models.Unknown()
	}
	return own, list[i], nil
}

func (p *Pages) askRevoke(r *web.Request) (web.Response, error) {
	own, one, err := p.token(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RevokeToken(own, one, r.Now)), nil
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	if err := p.directories.RevokeToken(r.Context(), r.Actor, r.PathValue("id"), r.PathValue("token")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(at(r), "directory.token.revoked"), nil
}
