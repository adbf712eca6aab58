package web

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"locum/views/i18n"
	"locum/views/layout"
	"locum/views/ui"
)

// What a refused form hands on to the page that offers the ways on, and that page
// to the request that goes one of them: in its body alone, so that none of it
// comes into an address or a log.
const (
	keptPrefix = "kept."     // before the name of a field
	keptForm   = "kept-form" // where the form was sent
	keptMost   = 200 << 10   // bytes; of more, nothing is handed on
)

// mountRefill serves the way on that stays where the person works.
func (a *App) mountRefill() {
	a.Signed("POST /fill-in", func(r *Request) (Response, error) {
		to := r.Next("/")
		if place, said := r.PostForm[epochForField]; r.Actor.Ended == nil && said && place[0] != r.Actor.Effective.Place() {
			return r.formGone(to), nil // the page that offered it named another place
		}
		return r.Refilled(Redirect(to, "")), nil
	}, AnyEpoch) // it changes nothing, and is asked for from the page of another epoch
}

// Refilled answers with the page to which a redirect leads, and in its form what
// a refused form had handed on. Nothing is sent before the person does it. Where
// nothing was handed on it is the redirect.
func (r *Request) Refilled(answer Response) Response {
	if answer.shape == redirectShape && r.PostForm.Get(keptForm) != "" {
		answer.shape = refillShape
	}
	return answer
}

// handsOn is what a refused form hands on: the fields as they were sent, without
// secrets and what the page itself had put into it.
func (r *Request) handsOn() (list []layout.Carried) {
	size := 0
	for _, name := range fieldsOf(r.PostForm) {
		if r.held(name) {
			continue
		}
		for _, value := range r.PostForm[name] {
			size += len(name) + len(value)
			list = append(list, layout.Carried{Name: keptPrefix + name, Value: value})
		}
	}
	if len(list) == 0 || size > keptMost {
		return nil
	}
	return append(list, layout.Carried{Name: keptForm, Value: r.URL.Path})
}

// handedOn is what a form had handed on. What looks like a secret is none of it,
// whoever put it there.
func handedOn(form url.Values) url.Values {
	values := url.Values{}
	for name, list := range form {
		if field, is := strings.CutPrefix(name, keptPrefix); is && !secret(field) && !slices.Contains(ownFields, field) {
			values[field] = list
		}
	}
	return values
}

// formPage is the page that showed the form of this request: where it came from,
// or else the page at the address to which the form was sent.
func (r *Request) formPage() string {
	for _, at := range []string{r.referer(""), r.URL.Path} {
		if r.app.isPage(at) {
			return at
		}
	}
	return "/"
}

// pageAt is the route of the page at a local address.
func (a *App) pageAt(address string) (Route, bool) {
	to, err := url.Parse(address)
	if err != nil || !Local(address) {
		return Route{}, false
	}
	_, pattern := a.mux.Handler(&http.Request{Method: http.MethodGet, Host: a.config.PublicURL.Host, URL: to})
	at := slices.IndexFunc(a.routes, func(route Route) bool { return route.Label() == pattern && route.Protection != RawRoute && !route.live })
	if at < 0 {
		return Route{}, false
	}
	return a.routes[at], true
}

func (a *App) isPage(address string) bool {
	_, is := a.pageAt(address)
	return is
}

// fitsHere says whether the form of this request is one that the place where the
// person works now has as well: neither its page nor its address names a thing,
// which would be another's.
func (r *Request) fitsHere(page string) bool {
	route, there := r.app.pageAt(page)
	if !there || strings.Contains(page, "?") {
		return false
	}
	for _, one := range []Route{route, r.route} {
		if strings.Contains(strings.TrimSuffix(one.Pattern, "{$}"), "{") || one.Protection == PermissionRoute && !r.Actor.May(one.Permission) {
			return false
		}
	}
	return true
}

// refill sends the page to which an answer leads with its form filled in. Where
// that form is not there, it shows what had been filled in, to be copied.
func (a *App) refill(w http.ResponseWriter, r *Request, answer Response) {
	answer.shape = redirectShape
	if err := r.refresh(); err != nil {
		a.fail(w, r.Request, err)
		return
	}
	if r.Actor.Ended != nil { // the page would tell it in a place where nobody reads it
		a.say(r.Request, Flash{Tone: ui.Warn, Message: endedMessage(*r.Actor.Ended), Until: r.Now.Add(tabs)})
		if err := r.Told(); err != nil {
			a.fail(w, r.Request, err)
			return
		}
		a.write(w, r, r.formGone(answer.to))
		return
	}
	page := a.page(r, answer)
	if page.code == http.StatusOK && strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		if before, rest, left, found := fill(page.body.Bytes(), r.PostForm.Get(keptForm), handedOn(r.PostForm)); found {
			var notice bytes.Buffer
			if err := layout.Refilled(answer.to, kept(r.Locale, left)).Render(i18n.With(r.Context(), r.Locale), &notice); err != nil {
				a.fail(w, r.Request, err)
				return
			}
			for name, list := range page.header {
				w.Header()[name] = list
			}
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write(slices.Concat(before, notice.Bytes(), rest)) // a reader who went away is nobody's error
			return
		}
	}
	if err := r.refresh(); err != nil {
		a.fail(w, r.Request, err)
		return
	}
	if answer.flash != nil {
		a.say(r.Request, *answer.flash)
	}
	a.write(w, r, r.formGone(answer.to))
}

// formGone is the page where a form that was filled in is not to be had any more.
func (r *Request) formGone(to string) Response {
	return Status(http.StatusConflict, layout.FormGone(to, kept(r.Locale, handedOn(r.PostForm))))
}

// page is the page to which a redirect leads, as the browser would get it next.
func (a *App) page(r *Request, answer Response) *recorded {
	seen := exchangeOf(r.Context())
	route, actor := seen.route, seen.actor
	defer func() { seen.route, seen.actor = route, actor }() // the log is of the request that was made
	to := r.Request.Clone(r.Context())
	to.Method, to.Body, to.ContentLength, to.Form, to.PostForm, to.MultipartForm = http.MethodGet, http.NoBody, 0, nil, nil, nil
	for _, name := range []string{"Content-Type", "Content-Length", "Origin"} {
		to.Header.Del(name)
	}
	page := &recorded{header: http.Header{}, code: http.StatusOK}
	var err error
	if to.URL, err = url.Parse(answer.to); err != nil || !r.app.isPage(answer.to) {
		page.code = http.StatusNotFound
		return page
	}
	to.RequestURI, to.Pattern = to.URL.RequestURI(), ""
	if answer.flash != nil {
		a.say(to, *answer.flash)
	}
	a.mux.ServeHTTP(page, to)
	return page
}

// recorded is an answer that was not sent.
type recorded struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(code int)        { r.code = code }
func (r *recorded) Write(p []byte) (int, error) { return r.body.Write(p) }

// say has a request carry a flash, beside those that it carries.
func (a *App) say(r *http.Request, flash Flash) {
	said := a.cookies.keep(append(a.cookies.flashes(r), flash))
	others := r.Cookies()
	r.Header.Del("Cookie")
	for _, cookie := range others {
		if cookie.Name != a.cookies.flash {
			r.AddCookie(cookie)
		}
	}
	r.AddCookie(&http.Cookie{Name: said.Name, Value: said.Value})
}
