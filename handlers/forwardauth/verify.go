package forwardauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
)

// The denials that are about the question, and not about the person.
const (
	proxyUntrusted access.Denial = "proxy_not_trusted" // it is none of LOCUM_TRUSTED_PROXIES
	requestUnclear access.Denial = "request_unclear"   // a header lacks, is there twice, or cannot be read
	hostUnknown    access.Denial = "app_unknown"       // no application is registered for the host
)

// longest is how long an address may be that the sign-in comes back to, as it is
// written within an address within an address: it stands in a header, for which
// proxies have little room, and the hub's own pages hand on so much.
const longest = 1500

// ServeHTTP answers a proxy: 200 with who it is, 401 with where to sign in, or 403
// with why not. Whatever it cannot find out is refused.
func (a *area) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, err := a.app.Forwarded(r)
	if err != nil {
		why := requestUnclear
		if models.KindOf(err) == models.Forbidden {
			why = proxyUntrusted
		}
		clear(w.Header())
		a.Log.WarnContext(r.Context(), "a proxy's question was refused", "why", string(why), "peer", r.RemoteAddr)
		deny(w, why)
		return
	}
	answer, err := a.ask(r, f)
	if err == nil && answer.Denied == "" && !answer.Actor.Anonymous() {
		a.allow(w, r, f, answer)
		return
	}
	clear(w.Header())
	switch {
	case models.KindOf(err) == models.NotFound && err != nil:
		deny(w, hostUnknown)
	case err != nil:
		a.Log.ErrorContext(r.Context(), "a proxy's question could not be answered", "error", err)
		http.Error(w, "", http.StatusInternalServerError)
	case answer.Actor.Anonymous():
		a.signInFirst(w, r, f)
	default:
		a.refuse(w, r, f, answer.Denied)
	}
}

// ask finds out who is behind the cookie of a request, and whether he may use the
// application of its host. Nobody is the zero Answer.
func (a *area) ask(r *http.Request, f web.Forwarded) (access.Answer, error) {
	c, err := a.Clients.ByHost(r.Context(), f.Host)
	if err != nil {
		return access.Answer{}, err
	}
	name, host := a.passCookie(f)
	tokens := cookiesIn(r, name)
	if len(tokens) == 0 {
		return access.Answer{}, nil
	}
	session, err := a.Passes.Session(r.Context(), tokens, host)
	if err != nil || session == "" {
		return access.Answer{}, err
	}
	answer, err := a.Answer(r.Context(), session, c.ApplicationID, f.Address)
	if err != nil || answer.Denied != "" || !answer.Actor.Visiting() {
		return answer, err
	}
	if c.Denies(f.Method, f.URI) || c.DeniesMethods() && overrides(r, f) {
		answer.Denied = access.NotForVisitors
		err = a.Deny(r.Context(), answer.Actor)
	}
	return answer, err
}

// overrides says that a request names another method, in a header or in its address,
// or that its address cannot be read in one way. What its body names a proxy does not
// tell.
func overrides(r *http.Request, f web.Forwarded) bool {
	if r.Header.Get("X-Http-Method-Override") != "" || r.Header.Get("X-Http-Method") != "" || r.Header.Get("X-Method-Override") != "" {
		return true
	}
	_, text, _ := strings.Cut(f.URI, "?")
	query, err := url.ParseQuery(text)
	for name := range query {
		if strings.EqualFold(name, "_method") {
			return true
		}
	}
	return err != nil
}

// allow lets a request pass.
func (a *area) allow(w http.ResponseWriter, r *http.Request, f web.Forwarded, answer access.Answer) {
	jwt, err := a.letter(r.Context(), answer, f.Host)
	if err != nil {
		a.Log.ErrorContext(r.Context(), "an answer to a proxy could not be signed", "error", err)
		clear(w.Header())
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	tell(w.Header(), answer, jwt)
	if a.Seen != nil && used(r, f) {
		a.Seen(context.WithoutCancel(r.Context()), answer.Actor)
	}
	w.WriteHeader(http.StatusOK)
}

// used says that a request shows a person at work: that he went to a page, or
// changed something. What pages ask by themselves again and again does not.
func used(r *http.Request, f web.Forwarded) bool { return !safe(f.Method) || navigates(r) }

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// navigates says that a browser shows the answer as a page.
func navigates(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// back is where a browser goes on after signing in: where it wanted to go, or the
// host where that cannot be gone to again.
func back(f web.Forwarded) string {
	to := f.Origin() + f.URI
	if !safe(f.Method) || len(url.QueryEscape(url.QueryEscape(to))) > longest {
		return f.Origin() + "/"
	}
	return to
}

// redirects says that the answer goes to the browser as it is, as with Caddy and
// Traefik, and that it would follow a redirect. nginx takes no redirect here: it
// makes one of the header.
func redirects(r *http.Request, f web.Forwarded) bool {
	return r.URL.Query().Get("redirect") != "" && (f.Method == http.MethodGet || f.Method == http.MethodHead) && navigates(r)
}

// signInFirst sends somebody who is not known to the hub.
func (a *area) signInFirst(w http.ResponseWriter, r *http.Request, f web.Forwarded) {
	ask := url.Values{"rd": {back(f)}}
	if !a.shared(f) {
		value, cookie := stateOf(r, f)
		http.SetCookie(w, cookie)
		ask.Set("state", stated(value))
	}
	to := a.app.Absolute(startPath + "?" + ask.Encode())
	w.Header().Set(signInHeader, to)
	w.Header().Set("Location", to)
	code := http.StatusUnauthorized
	if redirects(r, f) {
		code = http.StatusFound
	}
	w.WriteHeader(code)
}

// refuse says why somebody who is known may not, and where that is explained.
func (a *area) refuse(w http.ResponseWriter, r *http.Request, f web.Forwarded, why access.Denial) {
	ask := url.Values{"rd": {back(f)}}
	if f.Method != http.MethodGet {
		ask.Set("method", f.Method)
	}
	to := a.app.Absolute(deniedPath + "?" + ask.Encode())
	w.Header().Set(explainHeader, to)
	w.Header().Set("Location", to)
	if redirects(r, f) {
		w.Header().Set(denyHeader, string(why))
		w.WriteHeader(http.StatusFound)
		return
	}
	deny(w, why)
}

func deny(w http.ResponseWriter, why access.Denial) {
	w.Header().Set(denyHeader, string(why))
	w.WriteHeader(http.StatusForbidden)
}
