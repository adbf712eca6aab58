package account

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	views "locum/views/account"
)

// setupForm is the one-use page of an empty installation.
func (p *Pages) setupForm(r *web.Request) (web.Response, error) {
	if err := p.Entrance.SetupOpen(r.Context(), r.PathValue("token")); err != nil {
		return setupGone(err)
	}
	return web.Page(views.Setup(views.SetupProps{Action: r.URL.Path})), nil
}

// setupGone is the answer to a set-up address that does not work any more, or
// never did.
func setupGone(err error) (web.Response, error) {
	if models.KindOf(err) != models.NotFound {
		return web.Response{}, err
	}
	return web.Status(http.StatusNotFound, views.SetupGone()), nil
}

// setup makes the first operator, with company and organization.
func (p *Pages) setup(r *web.Request) (web.Response, error) {
	in := access.Founding{Token: r.PathValue("token"), Name: r.FormValue("name"), Email: r.FormValue("email"), Company: r.FormValue("company"),
		Organization: r.FormValue("organization"), Language: r.Locale.Language, TimeZone: zoneOf(r),
		UserAgent: r.UserAgent(), Address: r.Actor.Address, Instead: r.Actor.Session}
	token, err := p.Entrance.Setup(r.Context(), in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.Setup(views.SetupProps{Action: r.URL.Path, Name: in.Name, Email: in.Email, Company: in.Company,
			Organization: in.Organization, Wrong: wrong})), nil
	}
	if err != nil {
		return setupGone(err)
	}
	return web.Redirect(home, "account.setup.done").SignedIn(token), nil
}
