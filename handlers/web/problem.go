package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
	"locum/views/ui"
)

// The keys of what the web layer itself refuses.
const (
	keyCrossSite  = "web.cross_site"
	keyMethod     = "web.method"
	keyTooLarge   = "web.too_large"
	keyUnreadable = "web.unreadable"
	keyTooMany    = "web.too_many"
	keyTokenBusy  = "web.too_many_token"
	keyWrongHost  = "web.wrong_host"
)

// keyDelegationEnded is the domain's word for a visit whose end it saw inside
// the transaction, after the request had begun.
const keyDelegationEnded = "error.delegation_ended"

// retryAfter is how long somebody who came too often is asked to wait.
const retryAfter = time.Minute

// wait is how long: as the domain's counter says, or a minute.
func wait(fault *models.Error) time.Duration {
	if minutes, ok := fault.Args["Minutes"].(int); ok && minutes > 0 {
		return time.Duration(minutes) * time.Minute
	}
	return retryAfter
}

// Wrong takes the fields' errors out of an error, for a form that is shown
// again. Any other error is not for the form.
func Wrong(err error) (models.FieldErrors, bool) {
	var e *models.Error
	if errors.As(err, &e) && e.Kind == models.Invalid && len(e.Fields) > 0 {
		return e.Fields, true
	}
	return nil, false
}

// statuses is the one mapping from kinds of errors to HTTP.
var statuses = map[models.Kind]int{
	models.Internal:        http.StatusInternalServerError,
	models.Invalid:         http.StatusUnprocessableEntity,
	models.NotFound:        http.StatusNotFound,
	models.Forbidden:       http.StatusForbidden,
	models.Unauthenticated: http.StatusUnauthorized,
	models.Conflict:        http.StatusConflict,
	models.Stale:           http.StatusConflict,
	models.TooMany:         http.StatusTooManyRequests,
	models.TooLarge:        http.StatusRequestEntityTooLarge,
	models.Unavailable:     http.StatusServiceUnavailable,
}

// problem is the answer to an error. What nobody thought about is internal:
// logged under the request's id, shown without detail.
func (a *App) problem(r *Request, err error) Response {
	exchangeOf(r.Context()).err = err
	fault := asFault(err)
	status := statusOf(fault)
	if wantsJSON(r.Request) {
		return a.problemDocument(r, status, fault)
	}
	special, err := a.special(r, fault)
	if err != nil {
		fault = models.Fail(models.Internal, "").Because(err)
		status = statusOf(fault)
	} else if special != nil {
		return *special
	}
	answer := Status(status, errorPage(r, status, fault)).wholePage(r)
	if fault.Kind == models.TooMany {
		answer = answer.Header("Retry-After", strconv.Itoa(int(wait(fault).Seconds())))
	}
	return answer
}

// special is the answer to an error that says more about the session than about
// the request; nil when it is none of these.
func (a *App) special(r *Request, fault *models.Error) (*Response, error) {
	switch {
	case fault.Kind == models.Unauthenticated:
		return r.nobody()
	case fault.Kind == models.Stale && safe(r.Method):
		// A page asked for in the very moment of a switch: there is no form to keep.
		answer := Redirect("/home", "")
		return &answer, nil
	case fault.Kind == models.Stale && r.HTMX():
		// A part of a page that stands for another organization by now: the page
		// stays as it is, with what was typed, and the stream says so.
		answer := Bytes("text/plain; charset=utf-8", nil).Header("HX-Reswap", "none")
		answer.status = http.StatusConflict
		return &answer, nil
	case fault.Kind == models.Stale:
		elsewhere, err := r.stale()
		if err != nil {
			return nil, err
		}
		answer := Status(http.StatusConflict, layout.Stale(elsewhere)).wholePage(r)
		return &answer, nil
	case len(models.NeedsOf(fault)) > 0 && r.Actor.Visiting():
		// The domain saw it inside the transaction: the host asks more by now.
		if err := r.refresh(); err != nil || len(r.Actor.Needs) == 0 {
			return nil, err
		}
		return a.tellHeld(r)
	case fault.Key == keyDelegationEnded:
		if err := r.refresh(); err != nil || r.Actor.Ended == nil {
			return nil, err
		}
		return a.tellEnded(r)
	}
	return nil, nil
}

// asFault is the domain's error in err. A time that ran out is not a fault of
// the program, and says so.
func asFault(err error) *models.Error {
	var fault *models.Error
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.As(err, &tooLarge):
		return models.Fail(models.TooLarge, keyTooLarge).Because(err)
	case errors.Is(err, context.DeadlineExceeded):
		return models.Fail(models.Unavailable, "").Because(err)
	}
	return models.Fail(models.Internal, "").Because(err)
}

func statusOf(fault *models.Error) int {
	switch fault.Key {
	case keyMethod:
		return http.StatusMethodNotAllowed
	case keyWrongHost:
		return http.StatusMisdirectedRequest
	}
	return statuses[fault.Kind]
}

func errorPage(r *Request, status int, fault *models.Error) templ.Component {
	switch {
	case status == http.StatusMethodNotAllowed, status == http.StatusMisdirectedRequest:
		return layout.Refused(status, models.Message{Key: fault.Key}, models.Message{Key: fault.Key + ".text", Args: fault.Args})
	case fault.Kind == models.NotFound:
		return layout.NotFound()
	case fault.Kind == models.Forbidden:
		return layout.Forbidden(why(r, fault))
	case fault.Kind == models.TooMany:
		return layout.TooMany(r.Now.Add(wait(fault)))
	case fault.Kind == models.TooLarge:
		return layout.TooLarge()
	case fault.Kind == models.Unavailable:
		return layout.Unavailable(said(r.Locale, fault))
	case fault.Key == models.FormUsed:
		return layout.Used(status, r.URL.Path, models.Text("web.form_used"), models.Text(fault.Key))
	case fault.Kind == models.Conflict, fault.Kind == models.Invalid:
		text := models.Message{Key: fault.Key, Args: fault.Args}
		if said(r.Locale, fault) == "" {
			text = models.Text("web.conflict.text")
		}
		return layout.Refused(status, models.Text("web.conflict"), text)
	}
	return layout.Broken(r.ID)
}

// said is the domain's own sentence about an error, where the catalogs have it.
func said(locale i18n.Locale, fault *models.Error) string {
	if fault.Key == "" || !i18n.Has(fault.Key) {
		return ""
	}
	return locale.Say(models.Message{Key: fault.Key, Args: fault.Args})
}

// why says which role would allow what was refused, and for a visitor that some
// things nobody gets through a delegation. Empty leaves it to the page.
func why(r *Request, fault *models.Error) string {
	named, _ := fault.Args["Permission"].(string)
	need := models.Permission(named)
	what := "web.permission." + named
	if named == "" || !i18n.Has(what) {
		return said(r.Locale, fault)
	}
	args := []any{"What", r.Locale.T(what), "Role", r.Locale.T(roleFor(need)), "Place", placeOf(r.Actor, need)}
	switch {
	case r.Actor.ByLink():
		return r.Locale.T("web.forbidden.link", "Purposes", layout.Purposes(r.Locale, r.Actor.Mandate.Purposes))
	case r.Actor.Mandate != nil:
		return r.Locale.T("web.forbidden.mandate", args...)
	case r.Actor.Visiting() && need.DeniedToVisitors():
		return r.Locale.T("web.forbidden.visiting", args...)
	case r.Actor.Visiting():
		return r.Locale.T("web.forbidden.delegated", args...)
	case slices.Contains(openToMembers, need):
		return r.Locale.T("web.forbidden.any", args...)
	}
	return r.Locale.T("web.forbidden.role", args...)
}

// openToMembers are the permissions that no built-in role of an organization
// lacks.
var openToMembers = []models.Permission{models.ViewOrganization, models.ViewMembers, models.ViewApplications}

// placeOf is where a permission would have to be held.
func placeOf(actor models.Actor, need models.Permission) string {
	switch need.Level() {
	case models.PlatformLevel:
		return "Locum"
	case models.CompanyLevel:
		return actor.Effective.CompanyName
	}
	return actor.Effective.Label()
}

// roleFor names the built-in role that always holds a permission.
func roleFor(need models.Permission) string {
	switch need.Level() {
	case models.PlatformLevel:
		return "web.role.operator"
	case models.CompanyLevel:
		return "web.role.manager"
	}
	return "web.role.superuser"
}

// signInFirst sends somebody to sign in, and afterwards back to where he was.
// What he had sent is not written, and he is told so.
func (r *Request) signInFirst() Response {
	back := r.here()
	if r.HTMX() {
		back = r.referer("/home")
	}
	answer := Redirect("/sign-in?next="+url.QueryEscape(back), "")
	if !safe(r.Method) {
		answer = answer.withFlash(Flash{Tone: ui.Warn, Message: models.Text("web.signed_out")})
	}
	return answer
}

// nobody answers who is not signed in, or is not any more: he signs in first. Who
// worked by a set-up link has nothing to sign in to, and is told that it is over.
func (r *Request) nobody() (*Response, error) {
	if r.Actor.ByLink() { // it ended while he asked
		if err := r.refresh(); err != nil {
			return nil, err
		}
	}
	if r.Actor.Anonymous() && r.Actor.Ended != nil {
		more := models.Text("web.ended.link")
		if !safe(r.Method) {
			more = models.Text("web.ended.nothing_written")
		}
		page := Status(http.StatusForbidden, layout.Refused(http.StatusForbidden, endedMessage(*r.Actor.Ended), more)).wholePage(r)
		return &page, nil
	}
	answer := r.signInFirst()
	return &answer, nil
}

// wholePage has htmx put the page in the place of the old one, rather than into
// the part it asked for.
func (r Response) wholePage(request *Request) Response {
	if !request.HTMX() {
		return r
	}
	return r.Header("HX-Retarget", "body").Header("HX-Reswap", "outerHTML").Header("HX-Push-Url", "false")
}
