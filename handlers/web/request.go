package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
)

// Request is an HTTP request with the person behind it. Its Context carries
// the Locale, so that components can be rendered with it.
type Request struct {
	*http.Request
	// Actor is who asks; the zero Actor when nobody is signed in. Its Channel
	// and Address are set. For reads it may be half a second old: domain
	// operations derive it again.
	Actor  models.Actor
	Locale i18n.Locale
	ID     string // of the request, as in the log
	Now    time.Time

	app     *App
	route   Route  // that it came to, where there is one
	token   string // of the session's cookie, or empty
	browser string // the value behind BrowserHash, once asked for
	cookies []*http.Cookie
	broken  error // why the actor is not known
}

// receive makes a Request: the session behind its cookie, the Actor behind
// that, and how he wants to read.
func (a *App) receive(hr *http.Request) *Request {
	r := &Request{Request: hr, ID: exchangeOf(hr.Context()).id, Now: a.config.Now(), app: a}
	r.identify()
	r.Locale = r.chooseLocale()
	r.Request = hr.WithContext(i18n.With(hr.Context(), r.Locale))
	return r
}

// identify asks who is behind the session's cookie. A cookie that is broken or
// whose session is over is taken away.
func (r *Request) identify() {
	token, bad := r.app.cookies.token(r.Request)
	if token != "" {
		r.Actor, r.broken = r.app.config.Sessions.Actor(r.Context(), token)
	}
	if r.broken != nil {
		r.Actor = models.Actor{}
	}
	if bad || token != "" && r.broken == nil && r.Actor.Anonymous() {
		r.cookies = append(r.cookies, r.app.cookies.forget(r.app.cookies.session))
		token = ""
	}
	r.token = token
	r.Actor = r.Actor.From(r.app.address(r.Request)) // what is cached is so for every address
	r.Actor.Channel = models.Browser
	actor := r.Actor // as it is now: a page that fails forgets it
	exchangeOf(r.Context()).actor = &actor
}

// HTMX says that htmx asks for a part of a page, or swaps the page itself.
func (r *Request) HTMX() bool { return r.Header.Get("HX-Request") == "true" }

// refreshes says that a page asked for a part of itself again because something
// changed, and nobody did: it is no activity of the person.
func (r *Request) refreshes() bool {
	return r.Method == http.MethodGet && r.Header.Get("Locum-Refresh") == "true"
}

// Page is the page of a list that the address asks for, in ?page=.
func (r *Request) Page() models.Page {
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return models.Of(1)
	}
	return models.Of(number)
}

// Next is where the form or the address wants to go afterwards, in "next" or
// "to"; fallback when that is no place in Locum.
func (r *Request) Next(fallback string) string {
	for _, field := range []string{"next", "to"} {
		if to := r.FormValue(field); Local(to) {
			return to
		}
	}
	return fallback
}

// BrowserHash ties something to this browser for an hour: a sign-in code, a
// SAML request. It stays the same as long as it is asked for within the hour,
// and is a hash of a value that only the browser holds.
func (r *Request) BrowserHash() string {
	if r.browser == "" {
		value, cookie := r.app.cookies.browserOf(r.Request)
		r.browser = value
		r.cookies = append(r.cookies, cookie)
	}
	return hashed(r.browser)
}

// SetCookie gives the browser a cookie with the answer, whatever that is.
func (r *Request) SetCookie(cookie *http.Cookie) { r.cookies = append(r.cookies, cookie) }

// Absolute is the address people use for a local path.
func (r *Request) Absolute(path string) string { return r.app.Absolute(path) }

// framed is the context in which a page is rendered: the house around it, with
// the notices that are said once.
func (r *Request) framed(notices []Flash) (context.Context, error) {
	frame := layout.Frame{
		Actor: r.Actor,
		Area:  area(r.URL.Path),
		Path:  r.here(),
		Theme: r.app.cookies.themeOf(r.Request),
		Now:   r.Now,
	}
	for _, notice := range notices {
		frame.Notices = append(frame.Notices, notice.props(r.Locale))
	}
	if !r.Actor.Anonymous() {
		var err error
		if frame.Places, err = r.places(); err != nil {
			return nil, err
		}
		if err := r.tellUnderway(&frame); err != nil {
			return nil, err
		}
		if frame.Bell, err = r.app.bell(r.Context(), r.Actor); err != nil {
			return nil, err
		}
		if r.app.config.Counts != nil {
			if frame.Counts, err = r.app.config.Counts(r.Context(), r.Actor); err != nil {
				return nil, err
			}
		}
	}
	if frame.Area == layout.CompanyArea && r.app.config.BreakGlass != nil && r.Actor.May(models.ViewCompany) {
		var err error
		if frame.BreakGlass, err = r.app.config.BreakGlass(r.Context(), r.Actor); err != nil {
			return nil, err
		}
	}
	return layout.With(r.Context(), frame), nil
}

// tellUnderway puts into a company's page who sets it up on its behalf.
func (r *Request) tellUnderway(frame *layout.Frame) (err error) {
	if r.app.config.Underway == nil || frame.Area != layout.CompanyArea || !r.Actor.May(models.ViewCompany) {
		return nil
	}
	frame.SetUps, err = r.app.config.Underway(r.Context(), r.Actor)
	return err
}

func (r *Request) places() ([]layout.Place, error) {
	if r.app.config.Places == nil || r.Actor.Anonymous() {
		return nil, nil
	}
	return r.app.config.Places(r.Context(), r.Actor)
}

// here is the page a person is on: of a form, the page that showed it.
func (r *Request) here() string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	return r.referer("/")
}

// referer is the page in Locum that led here, or the fallback.
func (r *Request) referer(fallback string) string {
	from, err := r.URL.Parse(r.Referer())
	if err != nil || r.Referer() == "" || from.Host != r.Host && from.Host != r.app.config.PublicURL.Host {
		return fallback
	}
	if to := from.RequestURI(); Local(to) {
		return to
	}
	return fallback
}
