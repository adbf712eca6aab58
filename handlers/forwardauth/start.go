package forwardauth

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	views "locum/views/forwardauth"
)

// target is the request on an application's host that an address of the hub
// names, with the application. models.Unknown for an address of no application:
// the hub sends nobody to a stranger.
func (a *area) target(r *web.Request) (f web.Forwarded, application string, err error) {
	f, usable := web.ForwardedTo(r.URL.Query().Get("rd"))
	if !usable {
		return f, "", models.Unknown()
	}
	c, err := a.Clients.ByHost(r.Context(), f.Host)
	return f, c.ApplicationID, err
}

// start gives a signed-in browser its pass for a host: as the cookie of the parent
// domain, or by a code that the host takes.
func (a *area) start(r *web.Request) (web.Response, error) {
	f, application, err := a.target(r)
	if err != nil {
		return web.Response{}, err
	}
	to := f.Origin() + f.URI
	state := r.URL.Query().Get("state")
	switch {
	case a.shared(f):
		token, err := a.Passes.Give(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		r.SetCookie(a.makePass(f, token))
	case len(state) == tokenLength:
		code, err := a.Passes.Begin(r.Context(), r.Actor, f.Host, f.URI, state)
		if err != nil {
			return web.Response{}, err
		}
		to = f.Origin() + hostCallback + "?" + url.Values{"code": {code}}.Encode()
	} // without a state the host's proxy asks again, and the browser gets one
	name, err := a.Clients.Name(r.Context(), application)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Onward(name, to)), nil
}

// callback takes a code on the host of an application, to which the proxy sent it,
// and gives the browser its pass there.
func (a *area) callback(w http.ResponseWriter, r *http.Request) {
	f, known := a.host(w, r)
	if !known {
		return
	}
	state := cookieIn(r, cookieName(f, "state"))
	var token, path string
	var err error = models.Unknown()
	if state != "" && !a.shared(f) {
		token, path, err = a.Passes.Redeem(r.Context(), r.URL.Query().Get("code"), f.Host, stated(state))
	}
	switch {
	case models.KindOf(err) == models.NotFound && err != nil:
		a.toPage(w, failedPath, f)
	case err != nil:
		a.broken(w, r, err)
	default:
		http.SetCookie(w, a.makePass(f, token))
		http.SetCookie(w, cookieOf(f, cookieName(f, "state"), "", 0))
		w.Header().Set("Location", f.Origin()+path)
		w.WriteHeader(http.StatusSeeOther)
	}
}

// signOut takes the pass of a host back, and says at the hub what that means.
func (a *area) signOut(w http.ResponseWriter, r *http.Request) {
	f, known := a.host(w, r)
	if !known {
		return
	}
	name, host := a.passCookie(f)
	for _, token := range cookiesIn(r, name) {
		if err := a.Passes.End(r.Context(), token, host); err != nil {
			a.broken(w, r, err)
			return
		}
	}
	http.SetCookie(w, a.makePass(f, ""))
	a.toPage(w, leftPath, f)
}

// host is the application's host on which the browser asks for one of the hub's own
// paths. Where there is none, that is answered.
func (a *area) host(w http.ResponseWriter, r *http.Request) (f web.Forwarded, known bool) {
	w.Header().Set("Cache-Control", "no-store")
	f, err := a.app.ForwardedHost(r)
	if err == nil {
		_, err = a.Clients.ByHost(r.Context(), f.Host)
	}
	switch {
	case err == nil:
		return f, true
	case models.KindOf(err) == models.Internal:
		a.broken(w, r, err)
	default:
		a.Log.WarnContext(r.Context(), "what a proxy sent on was refused", "error", err, "peer", r.RemoteAddr)
		http.NotFound(w, r)
	}
	return f, false
}

// toPage sends the browser to a page of the hub about a host.
func (a *area) toPage(w http.ResponseWriter, path string, f web.Forwarded) {
	w.Header().Set("Location", a.app.Absolute(path+"?"+url.Values{"rd": {f.Origin() + "/"}}.Encode()))
	w.WriteHeader(http.StatusSeeOther)
}

func (a *area) broken(w http.ResponseWriter, r *http.Request, err error) {
	a.Log.ErrorContext(r.Context(), "what a proxy sent on could not be answered", "error", err)
	http.Error(w, "", http.StatusInternalServerError)
}

// denied says in words why somebody may not use an application, and what he can
// do. What it says is found out again: nothing of it comes from the address.
func (a *area) denied(r *web.Request) (web.Response, error) {
	f, application, err := a.target(r)
	if err != nil {
		return web.Response{}, err
	}
	name, err := a.Clients.Name(r.Context(), application)
	if err != nil {
		return web.Response{}, err
	}
	props := views.DeniedProps{Application: name, Address: f.Origin() + f.URI, Here: r.URL.RequestURI(), Place: r.Actor.Effective}
	if r.Actor.Anonymous() {
		props.Nobody = true
		return web.Page(views.Denied(props)), nil
	}
	answer, err := a.Answer(r.Context(), r.Actor.Session, application, r.Actor.Address)
	if err != nil {
		return web.Response{}, err
	}
	if props.Why = answer.Denied; props.Why == "" && answer.Actor.Visiting() {
		if c, err := a.Clients.ByHost(r.Context(), f.Host); err != nil {
			return web.Response{}, err
		} else if c.Denies(cmp.Or(r.URL.Query().Get("method"), f.Method), f.URI) {
			props.Why = access.NotForVisitors
		}
	}
	if ended := answer.Actor.Ended; ended != nil && ended.Visit != "" {
		props.Left = ended.Organization
		if err := r.Told(); err != nil {
			return web.Response{}, err
		}
		props.Place = r.Actor.Effective
	}
	if props.Why == "" {
		return web.Page(views.Denied(props)), nil
	}
	return web.Status(http.StatusForbidden, views.Denied(props)), nil
}

// failed says that a sign-in on a host did not come to its end.
func (a *area) failed(r *web.Request) (web.Response, error) {
	return a.about(r, views.Failed)
}

// left says that somebody signed out of an application, and what goes on.
func (a *area) left(r *web.Request) (web.Response, error) {
	return a.about(r, views.Left)
}

// about answers with a page about the application that the address names.
func (a *area) about(r *web.Request, page func(name, address string) templ.Component) (web.Response, error) {
	f, application, err := a.target(r)
	if err != nil {
		return web.Response{}, err
	}
	name, err := a.Clients.Name(r.Context(), application)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(page(name, f.Origin()+f.URI)), nil
}
