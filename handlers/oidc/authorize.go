package oidc

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/openid"
	views "locum/views/oidc"
)

// authorize lets an application know who sits at the browser that it sent here.
func (a *area) authorize(r *web.Request) (web.Response, error) {
	return a.proceed(r, r.URL.RawQuery, r.Now, "")
}

// resume goes on with a request for which its person signed in meanwhile.
func (a *area) resume(r *web.Request) (web.Response, error) {
	kept, err := a.Provider.Kept(r.Context(), r.PathValue("id"), r.BrowserHash())
	if models.KindOf(err) == models.NotFound && err != nil {
		return web.Status(http.StatusNotFound, views.Wrong(models.Text("oidc.wrong.late"))), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return a.proceed(r, kept.Query, kept.CreatedAt.Time, kept.ID)
}

// authorizeByPost takes a request that a form of the application's sent. It comes
// without the session's cookie, and goes on as if it had been a link. Any site can
// have a browser send it: nothing is kept of it, and no cookie is touched.
func (a *area) authorizeByPost(r *web.Request) (web.Response, error) {
	_, err := a.read(r.PostForm, a.registered(r))
	if refused := (refusal{}); err != nil && !errors.As(err, &refused) { // the application is told of its own faults by what follows
		return a.faulty(err)
	}
	return asLink(authorizePath, r.PostForm)
}

// asLink goes on with what a form sent as if it had been a link: longer than the
// addresses that lead from one page of the hub to another, but not without end.
func asLink(path string, sent url.Values) (web.Response, error) {
	text := sent.Encode()
	if len(text) > openid.MostQuery {
		return web.Response{}, models.Fail(models.TooLarge, "web.too_large")
	}
	return web.Elsewhere(path + "?" + text), nil
}

// registered finds clients for a request.
func (a *area) registered(r *web.Request) func(id string) (client.Client, error) {
	return func(id string) (client.Client, error) { return a.Clients.ByID(r.Context(), id) }
}

// faulty answers the person about a request of which the application may learn
// nothing.
func (a *area) faulty(err error) (web.Response, error) {
	if models.KindOf(err) != models.Invalid {
		return web.Response{}, err
	}
	return web.Status(http.StatusBadRequest, views.Wrong(models.Text(models.KeyOf(err)))), nil
}

// proceed answers a request that was made at a moment; kept is its id where it
// waits already.
func (a *area) proceed(r *web.Request, text string, made time.Time, kept string) (web.Response, error) {
	query, err := url.ParseQuery(text)
	if err != nil {
		return web.Status(http.StatusBadRequest, views.Wrong(models.Text("oidc.wrong.request"))), nil
	}
	in, err := a.read(query, a.registered(r))
	if refused := (refusal{}); errors.As(err, &refused) {
		return a.leave(r, in, a.refusing(in, refused)), nil
	}
	if err != nil {
		return a.faulty(err)
	}
	if r.Actor.Account == "" {
		return a.first(r, in, text, kept, "/sign-in")
	}
	if !in.fresh(r.Actor.AuthTime, made, r.Now) {
		return a.first(r, in, text, kept, "/account/step-up")
	}
	code, told, err := a.Provider.Authorize(r.Context(), r.Actor, in.Request)
	if fields, ok := web.Wrong(err); ok {
		return a.leave(r, in, a.refusing(in, wrong(fields))), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if told.Denied != "" {
		return a.denied(r, in, told, text, kept)
	}
	return a.leave(r, in, a.answer(in, "code", code)), nil
}

// first sends somebody to show who he is, and lets the request wait for him.
func (a *area) first(r *web.Request, in asked, text, kept, to string) (web.Response, error) {
	if in.silent() {
		return a.leave(r, in, a.refusing(in, refusal{"login_required", ""})), nil
	}
	back, err := a.waiting(r, text, kept)
	if err != nil {
		return web.Response{}, err
	}
	address := to + "?next=" + url.QueryEscape(back)
	if in.hint != "" && len(in.hint) <= 254 {
		address += "&email=" + url.QueryEscape(in.hint)
	}
	return web.Redirect(address, ""), nil
}

// waiting is where a request goes on.
func (a *area) waiting(r *web.Request, text, kept string) (string, error) {
	if kept != "" {
		r.BrowserHash() // the browser goes on being the one that asked
		return authorizePath + "/" + kept, nil
	}
	id, err := a.Provider.Keep(r.Context(), text, r.BrowserHash())
	return authorizePath + "/" + id, err
}

// denied tells somebody why he may not use the application where he works now, and
// what to do; the way back tells the application that he may not. It never goes
// back by itself: applications would send him here again.
func (a *area) denied(r *web.Request, in asked, told access.Answer, text, kept string) (web.Response, error) {
	back := a.refusing(in, refusal{"access_denied", string(told.Denied)})
	if in.silent() {
		return a.leave(r, in, back), nil
	}
	again, err := a.waiting(r, text, kept)
	if err != nil {
		return web.Response{}, err
	}
	name, err := a.Provider.NameOf(r.Context(), in.Client.ApplicationID)
	if err != nil {
		return web.Response{}, err
	}
	place := told.Actor.Effective.Label()
	if told.Actor.Ended != nil {
		place = told.Actor.Ended.Organization
		if err := r.Told(); err != nil {
			return web.Response{}, err
		}
	}
	return web.Status(http.StatusForbidden, views.Denied(views.DeniedProps{Application: name, Place: place, Why: told.Denied, Back: back, Again: again})), nil
}

// leave sends the browser to the application. Where a form of the hub led here, a
// redirect would still belong to that form, and the content security policy lets
// it lead nowhere else: a page does it then.
func (a *area) leave(r *web.Request, in asked, address string) web.Response {
	if a.fromForm(r) {
		name, err := a.Provider.NameOf(r.Context(), in.Client.ApplicationID)
		if err == nil {
			return web.Page(views.Leaving(name, address))
		}
	}
	return web.Elsewhere(address)
}

// fromForm says whether a page of the hub itself led here. Browsers that do not say
// so (Fetch Metadata) send the page in Referer.
func (a *area) fromForm(r *web.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	from, err := url.Parse(r.Referer())
	return err == nil && from.Host != "" && from.Scheme+"://"+from.Host == a.issuer
}
