package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"locum/models"
	"locum/views/layout"
	"locum/views/ui"
)

// serve is a route's Handler as net/http wants it.
func (a *App) serve(route Route, handle Handler) http.Handler {
	label := route.Label()
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		exchangeOf(hr.Context()).route = label
		if err := a.before(w, hr, route); err != nil {
			a.fail(w, hr, err)
			return
		}
		if !route.live && a.config.Limits.Time > 0 {
			ctx, cancel := context.WithTimeout(hr.Context(), a.config.Limits.Time)
			defer cancel()
			hr = hr.WithContext(ctx)
		}
		r := a.receive(hr)
		r.route = route
		answer, err := a.answer(r, route, handle)
		if err != nil {
			answer = a.problem(r, err)
		} else if !route.live && !r.refreshes() && !r.Actor.Anonymous() {
			a.config.Sessions.Seen(hr.Context(), r.Actor)
		}
		if answer.shape == refillShape {
			a.refill(w, r, answer)
			return
		}
		a.write(w, r, answer)
	})
}

// answer asks the guards and then the Handler. A panic is an internal error.
func (a *App) answer(r *Request, route Route, handle Handler) (answer Response, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(cause)
		}
	}()
	early, err := a.admit(r, route)
	if err != nil {
		return Response{}, err
	}
	if early != nil {
		return *early, nil
	}
	return handle(r)
}

func panicked(cause any) error {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	return models.Fail(models.Internal, "").Because(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
}

// before are the checks that need no session: the size, the rate and where the
// request came from.
func (a *App) before(w http.ResponseWriter, r *http.Request, route Route) error {
	if limit := max(a.config.Limits.Body, route.body); a.config.Limits.Body > 0 && r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
	}
	if !route.Unlimited {
		if err := a.limits.check(w, r, a.address(r), a.changesUnknown(r, route)); err != nil {
			return err
		}
	}
	if !route.CrossSite {
		if err := a.origin.Check(r); err != nil {
			return models.Fail(models.Forbidden, keyCrossSite).Because(err)
		}
	}
	return nil
}

// changesUnknown says that a request wants to change something, or costs as
// much, and carries no session that Locum signed. What comes from other sites
// carries none ever, and what machines bring a token for neither: there the
// handler knows who asks.
func (a *App) changesUnknown(r *http.Request, route Route) bool {
	if route.CrossSite || route.ByToken || safe(r.Method) && !route.Counted {
		return false
	}
	token, _ := a.cookies.token(r)
	return token == ""
}

// admit is the order in which a request is let in: signed in, a visit that
// ended, the epoch of its form, the permission. A Response is an answer that
// is no error.
func (a *App) admit(r *Request, route Route) (*Response, error) {
	if r.broken != nil && (route.Protection != OpenRoute || !safe(r.Method)) {
		return nil, r.broken
	}
	if route.Protection != OpenRoute && r.Actor.Anonymous() {
		return nil, models.Fail(models.Unauthenticated, "error.unauthenticated")
	}
	if err := r.readForm(); err != nil {
		return nil, err
	}
	if err := readable(r.Request); err != nil {
		return nil, err
	}
	if route.live || r.Actor.Anonymous() {
		return nil, nil
	}
	r.Actor.Form = r.PostForm.Get(ui.FormKeyField)
	if r.Actor.Ended != nil && !route.TellsEnd && (safe(r.Method) || !route.AnyEpoch) {
		return a.tellEnded(r)
	}
	if !safe(r.Method) && !route.AnyEpoch {
		if err := r.checkEpoch(); err != nil {
			return nil, err
		}
	}
	if len(r.Actor.Needs) > 0 && !route.AnyEpoch && route.Protection != OpenRoute && area(r.URL.Path) != layout.PersonalArea {
		return a.tellHeld(r)
	}
	if route.Protection == SignedRoute && !r.Actor.May(models.OwnAccount) {
		return r.outside()
	}
	if route.Protection == PermissionRoute && !r.Actor.May(route.Permission) {
		return nil, a.refuse(r, route.Permission)
	}
	return nil, nil
}

// setUpHome is where the set-up of a company begins, for who has no other place.
const setUpHome = "/set-up"

// outside answers somebody who works by a set-up link, and asks for what belongs
// to people. His places are the set-up; all else is refused, and recorded.
func (r *Request) outside() (*Response, error) {
	if r.URL.Path == setUpHome {
		return nil, nil
	}
	if safe(r.Method) && (r.URL.Path == "/" || r.URL.Path == "/home") {
		answer := Redirect(setUpHome, "")
		return &answer, nil
	}
	return nil, r.app.refuse(r, models.OwnAccount)
}

// readForm reads the form before anything is decided, so that one that is too
// large is refused as such.
func (r *Request) readForm() error {
	if safe(r.Method) {
		return nil
	}
	err := r.ParseForm() // on its own, since ParseMultipartForm hides its error
	if err == nil {
		err = r.ParseMultipartForm(1 << 20)
	}
	if err == nil || errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return models.Fail(models.TooLarge, keyTooLarge).Because(err)
	}
	return models.Fail(models.Invalid, keyUnreadable).Because(err)
}

// refuse records that the person may not, and returns what to answer. By now he
// may, if authority changed since it was cached.
func (a *App) refuse(r *Request, need models.Permission) error {
	if a.config.Refuse != nil {
		return a.config.Refuse(r.Context(), r.Actor, need)
	}
	return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(need))
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// fail answers a request that reached no Handler.
func (a *App) fail(w http.ResponseWriter, hr *http.Request, err error) {
	a.headersOfPages(w.Header())
	r := a.receive(hr)
	a.write(w, r, a.problem(r, err))
}
