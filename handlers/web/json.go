package web

import (
	"net/http"
	"strconv"
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
	Subject  string            `json:"subject,omitempty"` // the id of what stands in the way
}

// ProblemSubject is the argument of an error that says, to machines, which thing
// stands in the way: its id.
const ProblemSubject = "Subject"

// forMachines is the part of the addresses where no pages are.
const forMachines = "/v1/"

// wantsJSON says that a request asks for JSON rather than for a page.
func wantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, forMachines) {
		return true
	}
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
		content.Subject, _ = fault.Args[ProblemSubject].(string)
	}
	for field, wrong := range fault.Fields {
		if content.Errors == nil {
			content.Errors = map[string]string{}
		}
		content.Errors[field] = r.Locale.Say(wrong)
	}
	answer := JSON(status, content).Header("Content-Type", "application/problem+json; charset=utf-8")
	switch {
	case fault.Kind == models.TooMany:
		return answer.Header("Retry-After", strconv.Itoa(int(wait(fault).Seconds())))
	case fault.Kind == models.Unauthenticated && strings.HasPrefix(r.URL.Path, forMachines):
		return answer.Header("WWW-Authenticate", `Bearer realm="locum"`) // RFC 6750, section 3
	}
	return answer
}
