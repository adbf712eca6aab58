package company

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	views "locum/views/company"
	"locum/views/ui"
)

// mountPasskeys registers what managers and operators do for who lost his passkeys.
func (p *Pages) mountPasskeys(app *web.App) {
	app.With(models.ManagePeople, "GET /company/people/{account}/passkeys", p.askReset)
	app.With(models.ManagePeople, "POST /company/people/{account}/passkeys/reset", p.reset)
	app.With(models.OperatePlatform, "GET /platform/passkeys", p.lone)
	app.With(models.OperatePlatform, "POST /platform/passkeys/reset", p.resetLone)
}

func (p *Pages) askReset(r *web.Request) (web.Response, error) {
	k, err := p.Sessions.Keyholder(r.Context(), r.Actor, r.PathValue("account"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ResetPage(views.Reset{Keyholder: k})), nil
}

func (p *Pages) reset(r *web.Request) (web.Response, error) {
	k, err := p.Sessions.Keyholder(r.Context(), r.Actor, r.PathValue("account"))
	if err != nil {
		return web.Response{}, err
	}
	page := "/company/people/" + k.ID
	err = p.Sessions.ResetPasskeys(r.Context(), r.Actor, k.ID)
	if showYourself(err) {
		return toStepUp(page + "/passkeys"), nil
	}
	if problem, late := conflict(err); late {
		return web.Status(http.StatusConflict, views.ResetPage(views.Reset{Keyholder: k, Problem: problem})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(page, "passkey.reset.done", "Name", k.Name), nil
}

// lone finds somebody whom only an operator can help.
func (p *Pages) lone(r *web.Request) (web.Response, error) {
	page := views.Lone{Email: strings.TrimSpace(r.URL.Query().Get("email"))}
	if page.Email == "" {
		return web.Page(views.LonePage(page)), nil
	}
	k, err := p.Sessions.LoneKeyholder(r.Context(), r.Actor, page.Email)
	if models.KindOf(err) == models.NotFound {
		return web.Page(views.LonePage(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	page.Found = &k
	return web.Page(views.LonePage(page)), nil
}

func (p *Pages) resetLone(r *web.Request) (web.Response, error) {
	page := views.Lone{Email: strings.TrimSpace(r.FormValue("email"))}
	k, err := p.Sessions.LoneKeyholder(r.Context(), r.Actor, page.Email)
	if err != nil {
		return web.Response{}, err
	}
	err = p.Sessions.ResetLonePasskeys(r.Context(), r.Actor, k.ID)
	if showYourself(err) {
		return toStepUp("/platform/passkeys?email=" + url.QueryEscape(page.Email)), nil
	}
	if problem, late := conflict(err); late {
		page.Found, page.Problem = &k, problem
		return web.Status(http.StatusConflict, views.LonePage(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/platform/passkeys", "passkey.reset.done", "Name", k.Name), nil
}

func showYourself(err error) bool {
	var e *models.Error
	return errors.As(err, &e) && e.Key == access.KeyShowYourself
}

// toStepUp asks the actor who he is, and then comes back.
func toStepUp(next string) web.Response {
	return web.Redirect("/account/step-up?next="+url.QueryEscape(next), access.KeyShowYourself).Tone(ui.Warn)
}

// conflict is what the state of things does not allow, in words.
func conflict(err error) (*models.Message, bool) {
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.Conflict {
		return nil, false
	}
	return &models.Message{Key: e.Key, Args: e.Args}, true
}
