package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"locum/models"
)

// write renders the answer and sends it. Nothing is sent before the whole is
// rendered, so that a component that fails becomes an error page.
func (a *App) write(w http.ResponseWriter, r *Request, answer Response) {
	answer = a.resumed(r, answer)
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
		waiting := toShow(a.cookies.flashes(r.Request), r.Now)
		ctx, err := r.framed(waiting)
		if err != nil {
			return nil, err
		}
		if _, err := r.Cookie(a.cookies.flash); err == nil {
			r.cookies = append(r.cookies, a.cookies.afterShowing(waiting, r.Now))
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
