package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"locum/models"
	"locum/views/ui"
)

// shape is what a Response consists of. The zero shape is a Response that a
// Handler forgot to make.
type shape int

const (
	forgotten shape = iota
	pageShape
	fragmentShape
	redirectShape
	bytesShape
	refillShape
)

// Response says what to answer. It is a value: nothing is written before the
// Handler has returned.
type Response struct {
	shape     shape
	status    int
	component templ.Component
	bytes     []byte
	to        string
	flash     *Flash
	header    http.Header

	token       string // of a new session
	signedOut   bool
	formActions []string
}

// Page answers 200 with a whole page, which shows the notices that wait.
func Page(component templ.Component) Response { return Status(http.StatusOK, component) }

// Invalid answers 422 with the form again: what was typed, and what is wrong.
func Invalid(component templ.Component) Response {
	return Status(http.StatusUnprocessableEntity, component)
}

// Status answers a whole page with a status of its own.
func Status(code int, component templ.Component) Response {
	return Response{shape: pageShape, status: code, component: component}
}

// Fragment answers a part of a page, for htmx. It has no frame, but forms in
// it carry the epoch.
func Fragment(component templ.Component) Response {
	return Response{shape: fragmentShape, status: http.StatusOK, component: component}
}

// Redirect answers 303 to another page, or has htmx load it. When flashKey is
// not empty, the next page says its text once, and below it the text of
// flashKey + ".text" where there is one. The address must be local; see
// Response.Elsewhere.
func Redirect(to, flashKey string, args ...any) Response {
	r := Response{shape: redirectShape, status: http.StatusSeeOther, to: to}
	if !Local(to) {
		r.to = "/"
	}
	if flashKey != "" {
		r.flash = &Flash{Tone: ui.OK, Message: models.Text(flashKey, args...)}
	}
	return r
}

// Elsewhere answers 303 to another site, whose address the caller has checked.
func Elsewhere(address string) Response {
	return Response{shape: redirectShape, status: http.StatusSeeOther, to: address}
}

// File answers a file to keep.
func File(name, contentType string, content []byte) Response {
	safe := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || strings.ContainsRune(`"\/;`, c) {
			return '-'
		}
		return c
	}, name)
	return Bytes(contentType, content).Header("Content-Disposition", `attachment; filename="`+safe+`"`)
}

// Bytes answers content that the browser shows, or that a machine reads.
func Bytes(contentType string, content []byte) Response {
	return Response{shape: bytesShape, status: http.StatusOK, bytes: content}.Header("Content-Type", contentType)
}

// JSON answers a value to a machine.
func JSON(code int, value any) Response {
	content, err := json.Marshal(value)
	if err != nil { // a value that cannot be written is a fault of ours
		return Response{}
	}
	r := Bytes("application/json; charset=utf-8", content)
	r.status = code
	return r
}

// Header sets a header of the response.
func (r Response) Header(name, value string) Response {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

// Tone gives the flash of a Redirect another tone than ui.OK.
func (r Response) Tone(tone string) Response {
	if r.flash != nil {
		flash := *r.flash
		flash.Tone = tone
		r.flash = &flash
	}
	return r
}

// SignedIn gives the browser the token of a new session.
func (r Response) SignedIn(token string) Response {
	r.token = token
	return r
}

// SignedOut takes the session's cookie away.
func (r Response) SignedOut() Response {
	r.signedOut = true
	return r
}

// FormAction lets forms of this page be sent to another origin, such as an
// identity provider's, beside Locum itself.
func (r Response) FormAction(origins ...string) Response {
	r.formActions = append(append([]string(nil), r.formActions...), origins...)
	return r
}
