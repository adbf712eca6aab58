package scim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	"locum/views/i18n"
)

// Refusals of the protocol that have a status of their own.
var (
	unsupported = models.Fail(models.Invalid, "directory.scim.content_type")
	method      = models.Fail(models.Invalid, "directory.scim.method")
	me          = models.Fail(models.Invalid, "directory.scim.me")
)

// retryAfter is when a client of a paused directory may come back, in seconds.
const retryAfter = 300

// status is the HTTP status of an error (RFC 7644, section 3.12).
func status(err error) int {
	switch {
	case errors.Is(err, unsupported):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, method):
		return http.StatusMethodNotAllowed
	case errors.Is(err, me):
		return http.StatusNotImplemented
	}
	switch models.KindOf(err) {
	case models.Invalid:
		return http.StatusBadRequest
	case models.NotFound:
		return http.StatusNotFound
	case models.Unauthenticated:
		return http.StatusUnauthorized
	case models.Forbidden:
		return http.StatusForbidden
	case models.Conflict:
		return http.StatusConflict
	case models.Stale:
		return http.StatusPreconditionFailed
	case models.TooLarge:
		return http.StatusRequestEntityTooLarge
	case models.TooMany:
		return http.StatusTooManyRequests
	case models.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// failed is an error as a client is told of it: in English, and of a fault of
// ours nothing but that there was one.
func (a *area) failed(r *http.Request, err error) answer {
	out := answer{status: status(err), header: map[string]string{}}
	message := models.Text("directory.scim.internal")
	body := map[string]any{"schemas": []string{directory.ErrorMessage}, "status": strconv.Itoa(out.status)}
	var e *models.Error
	if errors.As(err, &e) && e.Kind != models.Internal {
		message = models.Message{Key: e.Key, Args: e.Args}
		if kind, said := e.Args["ScimType"].(string); said {
			body["scimType"] = kind
		}
	} else {
		a.Log.ErrorContext(r.Context(), "a request of a directory failed", "error", err)
	}
	if e != nil && e.Kind == models.NotFound {
		message.Key = "directory.scim.not_found"
	}
	out.detail = i18n.For("en", "UTC").Say(message)
	body["detail"] = out.detail
	switch out.status {
	case http.StatusUnauthorized:
		out.header["WWW-Authenticate"] = `Bearer realm="SCIM"`
	case http.StatusServiceUnavailable:
		out.header["Retry-After"] = strconv.Itoa(retryAfter)
	case http.StatusTooManyRequests:
		out.header["Retry-After"] = strconv.Itoa(int(web.Window.Seconds()))
	case http.StatusMethodNotAllowed:
		out.header["Allow"] = "GET, POST, PUT, PATCH, DELETE"
	}
	out.body, _ = json.Marshal(body) // texts always have a form in JSON
	return out
}
