package scim

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/directory"
)

// request is one request of an authenticated client.
type request struct {
	*http.Request
	area   *area
	client directory.Client
	body   []byte
}

// answer is what is said to the client.
type answer struct {
	status int
	body   []byte // nil for none
	header map[string]string
	detail string // of an error, for the log
}

// ServeHTTP authenticates the client before anything of the request counts, and
// keeps what was asked and answered.
func (a *area) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	client, err := a.guard.admit(r)
	if err != nil && client.CompanyID == "" || models.KindOf(err) == models.Unauthenticated {
		a.write(w, r, a.failed(r, err))
		return
	}
	client.Address = a.app.Address(r)
	in := &request{Request: r, area: a, client: client}
	var out answer
	if err == nil {
		in.body, err = read(r)
	}
	if err == nil {
		out, err = in.handle()
	}
	if err != nil {
		out = a.failed(r, err)
	}
	a.write(w, r, out)
	exchange := directory.Exchange{Method: r.Method, Target: r.URL.RequestURI(), Status: out.status, Detail: out.detail, Body: in.body, Answer: out.body,
		UserAgent: r.UserAgent(), Took: time.Since(began)}
	if err := a.Directories.Log(r.Context(), client, exchange); err != nil {
		a.Log.ErrorContext(r.Context(), "a request of a directory could not be logged", "directory", client.ID, "error", err)
	}
}

// bearer is the token of the Authorization header (RFC 6750, section 2.1).
func bearer(r *http.Request) string {
	scheme, token, found := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// read takes the body of a request that changes something. Clients send JSON
// under many names, and some under none; what is plainly something else is
// refused.
func read(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete || r.Body == nil {
		return nil, nil
	}
	if sent := r.Header.Get("Content-Type"); sent != "" {
		kind, _, err := mime.ParseMediaType(sent)
		if err == nil && !strings.Contains(kind, "json") && kind != "application/octet-stream" && kind != "text/plain" {
			return nil, unsupported
		}
	}
	body, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, models.Fail(models.TooLarge, "directory.scim.body", "Most", tooLarge.Limit>>20)
	}
	if err != nil {
		return nil, models.Fail(models.Invalid, "directory.scim.syntax", "ScimType", "invalidSyntax").Because(err)
	}
	return body, nil
}

// handle finds the resource and the method.
func (r *request) handle() (out answer, err error) {
	defer func() {
		if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, Base), "/"), "/")
	switch name := parts[0]; {
	case strings.EqualFold(name, "Users"):
		return r.resource(parts[1:], users)
	case strings.EqualFold(name, "Groups"):
		return r.resource(parts[1:], groups)
	case strings.EqualFold(name, "Me"):
		return answer{}, me
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return answer{}, models.Unknown()
	case strings.EqualFold(name, "ServiceProviderConfig") && len(parts) == 1:
		return r.configuration()
	case strings.EqualFold(name, "ResourceTypes"):
		return r.resourceTypes(parts[1:])
	case strings.EqualFold(name, "Schemas"):
		return r.schemas(parts[1:])
	}
	return answer{}, models.Unknown()
}

// resource serves the collection or one of it.
func (r *request) resource(parts []string, k kind) (answer, error) {
	if len(parts) == 0 || parts[0] == "" {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			return r.list(k, r.query())
		case http.MethodPost:
			return r.create(k)
		}
		return answer{}, method
	}
	if len(parts) == 1 && parts[0] == ".search" && r.Method == http.MethodPost {
		return r.search(k)
	}
	if len(parts) > 1 || !utf8.ValidString(parts[0]) || strings.ContainsRune(parts[0], 0) {
		return answer{}, models.Unknown()
	}
	switch id := parts[0]; r.Method {
	case http.MethodGet, http.MethodHead:
		return r.get(k, id)
	case http.MethodPut:
		return r.replace(k, id)
	case http.MethodPatch:
		return r.patch(k, id)
	case http.MethodDelete:
		return answer{status: http.StatusNoContent}, k.remove(r, id)
	}
	return answer{}, method
}

func (a *area) write(w http.ResponseWriter, r *http.Request, out answer) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	for name, value := range out.header {
		head.Set(name, value)
	}
	if out.body != nil {
		head.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	w.WriteHeader(out.status)
	if r.Method != http.MethodHead {
		w.Write(out.body)
	}
}
