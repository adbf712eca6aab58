package setup

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/mandate"
	views "locum/views/setup"
)

// path is the list of links.
const path = "/company/set-up-links"

func (p *Pages) list(r *web.Request) (web.Response, error) {
	list, err := p.mandates.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.List(views.Links{List: list, Now: r.Now})), nil
}

func (p *Pages) form(r *web.Request) (web.Response, error) {
	return web.Page(views.New(views.LinkForm{Draft: mandate.Draft{Language: r.Locale.Language}, Offered: mandate.Offered(r.Actor)})), nil
}

func (p *Pages) make(r *web.Request) (web.Response, error) {
	in := mandate.Draft{Name: r.FormValue("name"), Email: r.FormValue("email"), Language: r.FormValue("language")}
	for _, purpose := range r.PostForm["purpose"] {
		in.Purposes = append(in.Purposes, models.Purpose(purpose))
	}
	made, err := p.mandates.Make(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.New(views.LinkForm{Draft: in, Offered: mandate.Offered(r.Actor), Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path, "setup.made", "Email", made.Email), nil
}

func (p *Pages) askRevoke(r *web.Request) (web.Response, error) {
	one, err := p.mandates.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !one.Active(r.Now) {
		return web.Redirect(path, ""), nil // another tab was quicker
	}
	return web.Page(views.Revoke(one)), nil
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	ended, err := p.mandates.Revoke(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path, "setup.revoked", "Name", ended.Holder()), nil
}
