package provisioning

import (
	"errors"
	"net/http"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// askPaste asks for a response to explain.
func (p *Pages) askPaste(r *web.Request) (web.Response, error) {
	page, err := p.pasting(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ExplainResponse(page)), nil
}

// pasting is the form, with the roles to choose from.
func (p *Pages) pasting(r *web.Request) (page views.Paste, err error) {
	page = views.Paste{Response: r.PostFormValue("response"), Chosen: r.FormValue("role")}
	page.Now = r.Now
	if page.Connection, err = p.Federation.Get(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return page, err
	}
	if page.Connection.Unfinished() {
		return page, models.Unknown()
	}
	if page.Connectors, err = p.Connectors.List(r.Context(), r.Actor); err != nil {
		return page, err
	}
	page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor)
	return page, err
}

// explainPaste says what a sign-in with a response would give. The response
// signs nobody in, is not spent, and is kept nowhere.
func (p *Pages) explainPaste(r *web.Request) (web.Response, error) {
	page, err := p.pasting(r)
	if err != nil {
		return web.Response{}, err
	}
	wrong := models.FieldErrors{}
	if strings.TrimSpace(page.Response) == "" {
		wrong.Add("response", "error.required")
	}
	if err = wrong.Err(); err == nil {
		page.Pasted, err = p.Inspect(r, page.Connection.ID, page.Response)
	}
	if fields, refused := web.Wrong(err); refused {
		page.Wrong = fields
		return web.Status(http.StatusUnprocessableEntity, views.ExplainResponse(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	seen, err := p.Federation.Examine(r.Context(), r.Actor, page.Connection.ID, page.Pasted.Told)
	if err != nil {
		return web.Response{}, err
	}
	page.Read = true
	page.Trial, err = p.tried(r, page.Connection, seen)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ExplainResponse(page)), nil
}

// tried is what a sign-in that said this would give and take. A reading that is
// more than is taken is told as what keeps the person out.
func (p *Pages) tried(r *web.Request, c federation.Connection, seen federation.Tested) (page views.Trial, err error) {
	page = views.Trial{Connection: c, Tested: seen, Now: r.Now}
	page.Tried, err = p.Connectors.Try(r.Context(), r.Actor, provisioning.Trial{Account: seen.Account,
		Mapping: provisioning.Mapping{Delimiters: seen.Delimiters}, Reading: readingOf(seen)})
	var told *models.Error
	if errors.As(err, &told) && told.Kind == models.Invalid {
		page.Tested.Problem, err = models.Message{Key: told.Key, Args: told.Args}, nil
	}
	return page, err
}
