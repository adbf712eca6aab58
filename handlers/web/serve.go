package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"locum/models"
)

// serve is a route's Handler as net/http wants it.
func (a *App) serve(route Route, handle Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		exchangeOf(hr.Context()).route = route.Label()
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
		answer, err := a.answer(r, route, handle)
		if err != nil {
			answer = a.problem(r, err)
		} else if !route.live && !r.Actor.Anonymous() {
			a.config.Sessions.Seen(hr.Context(), r.Actor)
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
	if limit := max(a.config.Limits.Body, route.body); a.config.Limits.Body > 0 && r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
	}
	if !route.Unlimited {
		if err := a.limits.check(w, r, a.address(r), a.changesUnknown(r)); err != nil {
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

// changesUnknown says that a request wants to change something and carries no
// session that Locum signed.
func (a *App) changesUnknown(r *http.Request) bool {
	if safe(r.Method) {
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
	if route.live || r.Actor.Anonymous() {
		return nil, nil
	}
	if r.Actor.Ended != nil && (safe(r.Method) || !route.AnyEpoch) {
		return a.tellEnded(r)
	}
	if !safe(r.Method) && !route.AnyEpoch {
		if err := r.checkEpoch(); err != nil {
			return nil, err
		}
	}
	if route.Protection == PermissionRoute && !r.Actor.May(route.Permission) {
		return nil, a.refuse(r, route.Permission)
	}
	return nil, nil
}

// readForm reads the form before anything is decided, so that one that is too
// large is refused as such.
func (r *Request) readForm() error {
	if safe(r.Method) {
		return nil
	}
	err := r.ParseMultipartForm(1 << 20)
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
	r := a.receive(hr)
	a.write(w, r, a.problem(r, err))
}

// write renders the answer and sends it. Nothing is sent before the whole is
// rendered, so that a component that fails becomes an error page.
func (a *App) write(w http.ResponseWriter, r *Request, answer Response) {
	body, err := a.render(r, &answer)
	if err != nil {
		r.Actor = models.Actor{} // the house around a page may be what failed
		answer = a.problem(r, err)
		if body, err = a.render(r, &answer); err != nil {
			exchangeOf(r.Context()).err = err
			answer, body = Response{shape: bytesShape, status: http.StatusInternalServerError}, nil
		}
	}
	a.setCookies(w, r, answer)
	a.setHeaders(w.Header(), r, answer)
	w.WriteHeader(answer.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader who went away is nobody's error
	}
}

// render makes the body of an answer.
func (a *App) render(r *Request, answer *Response) (body []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(cause)
		}
	}()
	var page bytes.Buffer
	switch answer.shape {
	case pageShape:
		waiting := a.cookies.flashes(r.Request)
		ctx, err := r.framed(waiting)
		if err != nil {
			return nil, err
		}
		if _, err := r.Cookie(a.cookies.flash); err == nil {
			r.cookies = append(r.cookies, a.cookies.forget(a.cookies.flash))
		}
		return rendered(&page, answer, ctx)
	case fragmentShape:
		return rendered(&page, answer, r.epochContext())
	case redirectShape:
		if r.HTMX() {
			*answer = answer.Header("HX-Redirect", answer.to)
			answer.status = http.StatusOK
		} else {
			*answer = answer.Header("Location", answer.to)
		}
		return nil, nil
	case bytesShape:
		return answer.bytes, nil
	}
	return nil, errors.New("web: a handler returned neither a response nor an error")
}

func rendered(page *bytes.Buffer, answer *Response, ctx context.Context) ([]byte, error) {
	if err := answer.component.Render(ctx, page); err != nil {
		return nil, fmt.Errorf("web: render: %w", err)
	}
	*answer = answer.Header("Content-Type", "text/html; charset=utf-8")
	return page.Bytes(), nil
}

// setCookies gives the browser what the request and the answer have for it.
func (a *App) setCookies(w http.ResponseWriter, r *Request, answer Response) {
	for _, cookie := range r.cookies {
		if cookie.Name == a.cookies.session && (answer.token != "" || answer.signedOut) {
			continue
		}
		http.SetCookie(w, cookie)
	}
	var err error
	switch {
	case answer.token != "":
		err = a.cookies.signIn(w, r.Request, answer.token)
	case answer.signedOut:
		err = a.cookies.signOut(w, r.Request)
	}
	if err != nil {
		exchangeOf(r.Context()).err = err
	}
	if answer.flash != nil {
		http.SetCookie(w, a.cookies.keep(append(a.cookies.flashes(r.Request), *answer.flash)))
	}
}
