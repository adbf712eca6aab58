package web

import (
	"net/http"
	"strings"

	"locum/models"
)

// document is an error for a machine (RFC 9457).
type document struct {
	Type     string            `json:"type"`
	Title    string            `json:"title"`
	Status   int               `json:"status"`
	Detail   string            `json:"detail,omitempty"`
	Instance string            `json:"instance"`
	Errors   map[string]string `json:"errors,omitempty"`
}

// wantsJSON says that a request asks for JSON rather than for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

func (a *App) problemDocument(r *Request, status int, fault *models.Error) Response {
	content := document{
		Type:     "about:blank",
		Title:    http.StatusText(status),
		Status:   status,
		Instance: "urn:locum:request:" + r.ID,
	}
	if fault.Kind != models.Internal {
		content.Type = "urn:locum:error:" + fault.Kind.String()
		content.Detail = said(r.Locale, fault)
	}
	for field, wrong := range fault.Fields {
		if content.Errors == nil {
			content.Errors = map[string]string{}
		}
		content.Errors[field] = r.Locale.Say(wrong)
	}
	return JSON(status, content).Header("Content-Type", "application/problem+json; charset=utf-8")
}
