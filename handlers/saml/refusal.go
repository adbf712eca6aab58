package saml

import (
	"errors"
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
	views "locum/views/saml"
)

// record leaves a refused response for the company's managers to find.
func (a area) record(r *web.Request, c federation.Connection, why error) (web.Response, error) {
	var e *Error
	if !errors.As(why, &e) {
		return web.Response{}, why
	}
	recorded := a.Federation.Refuse(r.Context(), c, (&models.Error{Kind: models.Forbidden, Key: e.Body().Key, Args: e.Body().Args}).Because(e))
	if told := (*models.Error)(nil); errors.As(recorded, &told) {
		return a.tell(r, e.Title(), e.Body(), told), nil
	}
	return web.Response{}, recorded
}

// refused is the page for a sign-in that did not work. What is no refusal is
// the web layer's to answer.
func (a area) refused(r *web.Request, why error) (web.Response, error) {
	var e *Error
	if errors.As(why, &e) {
		return a.tell(r, e.Title(), e.Body(), models.Fail(models.Forbidden, e.Body().Key).Because(e)), nil
	}
	var told *models.Error
	if !errors.As(why, &told) || told.Kind != models.Forbidden && told.Kind != models.Conflict && told.Kind != models.Invalid {
		return web.Response{}, why
	}
	return a.tell(r, models.Text("saml.refused.title"), models.Message{Key: told.Key, Args: told.Args}, told), nil
}

// tell shows a refusal. Its reference is the event's where one was recorded, or
// else the request's, which the log carries.
func (a area) tell(r *web.Request, title, body models.Message, why *models.Error) web.Response {
	reference, recorded := why.Args["Reference"].(string)
	if !recorded {
		reference = r.ID
	}
	a.Log.InfoContext(r.Context(), "sign-in refused", "reference", reference, "request", r.ID, "connection", r.PathValue("connection"), "why", why.Error())
	return web.Status(http.StatusForbidden, views.Refused(title, body, reference))
}
