package provisioning

import (
	"net/http"

	"locum/handlers/web"
	"locum/models/federation"
	views "locum/views/provisioning"
)

// setUpPath is the page on which a connection is set up step by step.
func setUpPath(connection string) string {
	return "/company/single-sign-on/" + connection + "/set-up"
}

// beginSetUp asks which product the identity provider is.
func (p *Pages) beginSetUp(*web.Request) (web.Response, error) {
	return web.Page(views.BeginSetUp(views.SetUpForm{Kind: federation.Entra})), nil
}

// prepare makes the connection, so that its addresses can be told.
func (p *Pages) prepare(r *web.Request) (web.Response, error) {
	form := views.SetUpForm{Name: r.FormValue("name"), Kind: r.FormValue("kind")}
	c, err := p.Federation.Prepare(r.Context(), r.Actor, form.Name, form.Kind)
	if fields, refused := web.Wrong(err); refused {
		form.Wrong = fields
		return web.Invalid(views.BeginSetUp(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(setUpPath(c.ID), ""), nil
}

// setUp shows the steps of a connection.
func (p *Pages) setUp(r *web.Request) (web.Response, error) {
	return p.setUpPage(r, views.ConnectionForm{}, http.StatusOK)
}

func (p *Pages) setUpPage(r *web.Request, form views.ConnectionForm, status int) (web.Response, error) {
	c, err := p.Federation.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	shown, err := shownTo(r, c)
	if err != nil {
		return web.Response{}, err
	}
	if !r.Form.Has("address") {
		form.Address = c.MetadataURL
	}
	form.Saved, form.Now = &shown, r.Now
	return web.Status(status, views.SetUp(form)), nil
}

// setUpMetadata takes up the provider's metadata in the course of the set-up.
func (p *Pages) setUpMetadata(r *web.Request) (web.Response, error) {
	provider, err := p.provider(r)
	if err == nil {
		_, err = p.Federation.TakeUp(r.Context(), r.Actor, r.PathValue("id"), provider)
	}
	if fields, refused := web.Wrong(err); refused {
		return p.setUpPage(r, views.ConnectionForm{Address: r.FormValue("address"), Metadata: r.FormValue("metadata"), Wrong: fields}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(setUpPath(r.PathValue("id")), "sso.set_up.read"), nil
}

// abandon removes a connection whose set-up was not finished.
func (p *Pages) abandon(r *web.Request) (web.Response, error) {
	c, err := p.Federation.Abandon(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/single-sign-on", "sso.set_up.abandoned", "Name", c.Name), nil
}
