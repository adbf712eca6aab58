package forwardauth

import (
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models/client"
	"locum/models/secret"
)

const (
	passLifetime  = 7 * 24 * time.Hour // the pass ends by the database's word
	stateLifetime = 10 * time.Minute
)

// shared says that a host is in the parent domain that the hub shares with its
// applications.
func (a *area) shared(f web.Forwarded) bool {
	name := f.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	return f.Proto == "https" && inDomain(name, a.Domain)
}

// cookieName is what a cookie is called on a host. On https it is bound to the host
// by its prefix, so that no other host of the domain can set it; on this machine
// alone, as in the demo, the port tells the applications apart.
func cookieName(f web.Forwarded, of string) string {
	if f.Proto == "https" {
		return "__Host-locum-" + of
	}
	_, port, _ := net.SplitHostPort(f.Host)
	return "locum-" + of + "-" + port
}

// passCookie is the name of the cookie that holds the pass, and the host for which
// a pass in it stands.
func (a *area) passCookie(f web.Forwarded) (name, host string) {
	if a.shared(f) {
		return "__Secure-locum-forward", client.Domain
	}
	return cookieName(f, "forward"), f.Host
}

func (a *area) makePass(f web.Forwarded, token string) *http.Cookie {
	name, _ := a.passCookie(f)
	cookie := cookieOf(f, name, token, passLifetime)
	if a.shared(f) {
		cookie.Domain = a.Domain
	}
	return cookie
}

// cookieOf is a cookie on a host; with an empty value one that takes it away.
func cookieOf(f web.Forwarded, name, value string, lifetime time.Duration) *http.Cookie {
	cookie := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(lifetime.Seconds()), Secure: f.Proto == "https", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	return cookie
}

// cookieIn is the value of a cookie that the browser sent once. Where there are
// two, another host may have set one.
func cookieIn(r *http.Request, name string) string {
	found := r.CookiesNamed(name)
	if len(found) != 1 || len(found[0].Value) != tokenLength {
		return ""
	}
	return found[0].Value
}

// cookiesIn are the values of a cookie, of which a browser can have several: other
// hosts of the parent domain can give it some under the same name.
func cookiesIn(r *http.Request, name string) (values []string) {
	for _, one := range r.CookiesNamed(name) {
		if len(one.Value) == tokenLength && !slices.Contains(values, one.Value) && len(values) < client.MostShown {
			values = append(values, one.Value)
		}
	}
	return values
}

// tokenLength is that of a secret.Token.
const tokenLength = 43

// stateOf is what ties a sign-in to the browser that asked for it, and the cookie
// in which that holds it. It stays the same while several tabs ask.
func stateOf(r *http.Request, f web.Forwarded) (value string, cookie *http.Cookie) {
	name := cookieName(f, "state")
	if value = cookieIn(r, name); value == "" {
		value = secret.Token()
	}
	return value, cookieOf(f, name, value, stateLifetime)
}

// stated is what of a state may stand in an address.
func stated(value string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(value)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
