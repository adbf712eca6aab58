// Package vault serves an organization's secrets to people: the list, one secret
// with its versions, and the page on which a value is shown. It decodes forms and
// shows what models answer; a value must stand in no answer but that of revealing
// it, which no cache keeps.
package vault

import (
	"net/url"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/vault"
	views "locum/views/vault"
)

// Pages are the pages of this area.
type Pages struct{ vault *vault.Vault }

// New makes the pages.
func New(v *vault.Vault) *Pages { return &Pages{v} }

// Mount registers the routes.
func (p *Pages) Mount(app *web.App) {
	for route, handle := range map[string]web.Handler{
		"GET /secrets":          p.list,
		"GET /secrets/{secret}": p.one,
	} {
		app.With(models.ViewSecrets, route, handle)
	}
	for route, handle := range map[string]web.Handler{
		"GET /secrets/{secret}/reveal":  p.askReveal,
		"POST /secrets/{secret}/reveal": p.reveal,
	} {
		app.With(models.UseSecrets, route, handle)
	}
	for route, handle := range map[string]web.Handler{
		"GET /secrets/new":                                  p.newForm,
		"POST /secrets/new":                                 p.make,
		"GET /secrets/{secret}/edit":                        p.editForm,
		"POST /secrets/{secret}/edit":                       p.edit,
		"GET /secrets/{secret}/replace":                     p.replaceForm,
		"POST /secrets/{secret}/replace":                    p.replace,
		"GET /secrets/{secret}/remove":                      p.askRemove,
		"POST /secrets/{secret}/remove":                     p.remove,
		"GET /secrets/{secret}/versions/{version}/restore":  p.askRestore,
		"POST /secrets/{secret}/versions/{version}/restore": p.restore,
		"GET /secrets/{secret}/versions/{version}/remove":   p.askRemoveVersion,
		"POST /secrets/{secret}/versions/{version}/remove":  p.removeVersion,
	} {
		app.With(models.ManageSecrets, route, handle, web.Withheld("value"))
	}
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	list, err := p.vault.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.List(views.Secrets{List: list, Manages: r.Actor.May(models.ManageSecrets), Now: r.Now})), nil
}

func (p *Pages) get(r *web.Request) (views.One, error) {
	d, err := p.vault.Get(r.Context(), r.Actor, r.PathValue("secret"))
	return views.One{Detail: d, Uses: r.Actor.May(models.UseSecrets), Manages: r.Actor.May(models.ManageSecrets), Now: r.Now}, err
}

func (p *Pages) one(r *web.Request) (web.Response, error) {
	page, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.OnePage(page)), nil
}

// number reads the number of a version; -1, which none has, for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// version finds the version that an address names.
func (p *Pages) version(r *web.Request, text string) (views.One, vault.Version, error) {
	page, err := p.get(r)
	if err != nil {
		return page, vault.Version{}, err
	}
	for _, one := range page.Versions {
		if one.Number == number(text) {
			return page, one, nil
		}
	}
	return page, vault.Version{}, models.Unknown()
}

// asked is the version that is to be revealed: the one that the address or the form
// names, or else the current one.
func (p *Pages) asked(r *web.Request) (page views.One, v vault.Version, err error) {
	if text := r.FormValue("version"); text != "" {
		return p.version(r, text)
	}
	page, err = p.get(r)
	return page, page.Current(), err
}

// askReveal says what revealing comes to. Who has to show first who he is is sent
// there, and comes back here.
func (p *Pages) askReveal(r *web.Request) (web.Response, error) {
	page, of, err := p.asked(r)
	if err != nil {
		return web.Response{}, err
	}
	err = p.vault.Ready(r.Context(), r.Actor)
	if err != nil && !vault.NeedsProof(err) {
		return web.Response{}, err
	}
	ask := views.Reveal{One: page, Of: of, Visiting: r.Actor.Visiting()}
	if err != nil {
		ask.Proof = "/account/step-up?next=" + url.QueryEscape(views.RevealPath(page.ID, of.Number))
	}
	return web.Page(views.AskReveal(ask)), nil
}

// reveal shows a value, in this answer alone.
func (p *Pages) reveal(r *web.Request) (web.Response, error) {
	given, err := p.vault.Reveal(r.Context(), r.Actor, r.PathValue("secret"), number(r.PostFormValue("version")))
	if vault.NeedsProof(err) {
		return web.Redirect(views.RevealPath(r.PathValue("secret"), number(r.PostFormValue("version"))), ""), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Revealed(given)).Header("Cache-Control", "no-store"), nil
}
