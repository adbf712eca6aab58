package company

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/client"
	views "locum/views/client"
)

// mountClosing registers where operators say what of an application is closed to
// visitors.
func (p *Pages) mountClosing(app *web.App) {
	app.With(models.OperatePlatform, "GET /platform/applications/{application}/visitors", p.closing)
	app.With(models.OperatePlatform, "POST /platform/applications/{application}/visitors", p.close)
}

func (p *Pages) closing(r *web.Request) (web.Response, error) {
	form, err := p.closingForm(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Closing(form)), nil
}

func (p *Pages) closingForm(r *web.Request) (form views.ClosingForm, err error) {
	if form.Connected, err = p.Clients.Get(r.Context(), r.Actor, r.PathValue("application")); err != nil {
		return form, err
	}
	form.Closing.Whole = form.NotForVisitors
	if form.Client != nil {
		form.Closing.Paths = form.Client.DeniedPaths
	}
	return form, nil
}

func (p *Pages) close(r *web.Request) (web.Response, error) {
	id := r.PathValue("application")
	in := client.Closing{Whole: r.FormValue("whole") != "", Paths: r.FormValue("denied_paths")}
	err := p.Clients.CloseToVisitors(r.Context(), r.Actor, id, in)
	if wrong, ok := web.Wrong(err); ok {
		form, err := p.closingForm(r)
		if err != nil {
			return web.Response{}, err
		}
		form.Closing, form.Wrong = in, wrong
		return web.Invalid(views.Closing(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(applicationAddress(id)+"#visitors", "client.closing.saved"), nil
}
