// Package setup serves a company's set-up handed over: the links that its people
// make for an IT admin without an account, the way in by such a link, and the
// first page of who sets a company up by a mandate. It decodes forms and shows
// what models answer; it must never tell a link that ended from one that never
// was, nor do anything when a link is merely opened.
package setup

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/mandate"
	views "locum/views/setup"
)

// Pages are the pages of this area.
type Pages struct {
	mandates *mandate.Mandates
	entrance *access.Entrance
}

// New makes the pages.
func New(mandates *mandate.Mandates, entrance *access.Entrance) *Pages {
	return &Pages{mandates, entrance}
}

// Mount registers the routes. Those of the way in take forms of any epoch: they
// belong to no session.
func (p *Pages) Mount(app *web.App) {
	app.Signed("GET /set-up", p.start)
	app.Open("GET /set-up-link/{token}", p.landing)
	app.Open("POST /set-up-link/{token}", p.ask, web.AnyEpoch)
	app.Open("GET /set-up-link/{token}/code", p.codeForm)
	app.Open("POST /set-up-link/{token}/code", p.enter, web.AnyEpoch)

	links := func(pattern string, handle web.Handler) { app.With(models.HandOverSetUp, pattern, handle) }
	links("GET /company/set-up-links", p.list)
	links("GET /company/set-up-links/new", p.form)
	links("POST /company/set-up-links/new", p.make)
	links("GET /company/set-up-links/{id}/revoke", p.askRevoke)
	links("POST /company/set-up-links/{id}/revoke", p.revoke)
}

// home is the first page of who works by a mandate.
const home = "/set-up"

// start says what may be set up, and leads there.
func (p *Pages) start(r *web.Request) (web.Response, error) {
	if r.Actor.Mandate == nil {
		return web.Redirect("/home", ""), nil
	}
	return web.Page(views.Start(r.Actor)), nil
}

// landing shows what a link is for, and to which address it is bound.
func (p *Pages) landing(r *web.Request) (web.Response, error) {
	offer, err := p.entrance.Offer(r.Context(), r.PathValue("token"))
	if err != nil {
		return gone(err)
	}
	if r.Actor.ByLink() && r.Actor.Mandate.ID == offer.ID {
		return web.Redirect(home, ""), nil
	}
	return web.Page(views.Landing(views.LinkPage{Offer: offer, Token: r.PathValue("token"), Signed: r.Actor.Name})), nil
}

// gone is the answer to a link that does not work any more, or never did.
func gone(err error) (web.Response, error) {
	if models.KindOf(err) != models.NotFound {
		return web.Response{}, err
	}
	return web.Status(http.StatusNotFound, views.Gone()), nil
}

// ask sends a code to the address of the link.
func (p *Pages) ask(r *web.Request) (web.Response, error) {
	token := r.PathValue("token")
	request, err := p.entrance.AskByLink(r.Context(), token, access.Asking{BrowserHash: r.BrowserHash(), Language: r.Locale.Language,
		TimeZone: r.Locale.Location().String(), Address: r.Actor.Address})
	if err != nil {
		return gone(err)
	}
	return web.Redirect("/set-up-link/"+url.PathEscape(token)+"/code?request="+url.QueryEscape(request), ""), nil
}

func (p *Pages) codeForm(r *web.Request) (web.Response, error) {
	return p.codePage(r, "", nil, http.StatusOK)
}

// codePage asks for the code. A request of another browser, or one that served,
// leads back to the link.
func (p *Pages) codePage(r *web.Request, typed string, wrong models.FieldErrors, status int) (web.Response, error) {
	token := r.PathValue("token")
	offer, request, err := p.entrance.RequestByLink(r.Context(), token, r.FormValue("request"), r.BrowserHash())
	if models.KindOf(err) == models.NotFound {
		return web.Redirect("/set-up-link/"+url.PathEscape(token), ""), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Status(status, views.Code(views.LinkPage{Offer: offer, Token: token, Request: r.FormValue("request"), Code: typed,
		Spent: request.Spent(r.Now), Wrong: wrong})), nil
}

// enter opens the set-up with the code.
func (p *Pages) enter(r *web.Request) (web.Response, error) {
	session, err := p.entrance.EnterByLink(r.Context(), r.PathValue("token"), access.Entering{Request: r.FormValue("request"),
		BrowserHash: r.BrowserHash(), Code: r.FormValue("code"), UserAgent: r.UserAgent(), Address: r.Actor.Address, Instead: r.Actor.Session})
	if wrong, ok := web.Wrong(err); ok {
		return p.codePage(r, r.FormValue("code"), wrong, http.StatusUnprocessableEntity)
	}
	if models.KindOf(err) == models.NotFound {
		return p.codePage(r, "", nil, http.StatusNotFound)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(home, "").SignedIn(session), nil
}
