package web

import (
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"locum/models"
)

// policy is the content security policy: nothing inline, nothing from
// elsewhere. Forms may be sent to Locum and to the named origins alone.
func policy(formActions []string) string {
	return strings.Join([]string{
		"default-src 'self'",
		"img-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
		"form-action " + strings.Join(append([]string{"'self'"}, formActions...), " "),
	}, "; ")
}

// ofPages are headers that tell browsers how to treat a page, as net/http spells them.
var ofPages = [...]struct{ name, value string }{
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "same-origin"}, // the path stays within Locum, where forms need it to come back
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
}

// headersOfPages sets what stands in every response but a few.
func (a *App) headersOfPages(head http.Header) {
	maps.Copy(head, sentWithPages)
	if a.config.secure() {
		head.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// sentWithPages are the headers of ofPages and the policy, the same for every
// response; nobody changes one in place.
var sentWithPages = func() http.Header {
	head := http.Header{"Content-Security-Policy": {policy(nil)}}
	for _, h := range ofPages {
		head[h.name] = []string{h.value}
	}
	return head
}()

// guarded turns away what is not addressed to Locum, and sets the headers of every
// response, raw ones too, but for those to which no page belongs (Pageless).
func (a *App) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.pageless[r.URL.Path] {
			a.headersOfPages(w.Header())
		}
		if !a.config.secure() && !loopback(r.Host) {
			// A name that an attacker points at this machine (DNS rebinding) would
			// otherwise be a way in past the browser's same-origin rule.
			a.fail(w, r, models.Fail(models.NotFound, keyWrongHost, "Address", a.config.PublicURL.String()))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// setHeaders sets the headers of one answer. No page is kept by a cache: after
// leaving an organization the back button must show nothing of it.
func (a *App) setHeaders(head http.Header, r *Request, answer Response) {
	head.Set("Cache-Control", "no-store")
	head.Add("Vary", "HX-Request")
	head.Add("Vary", "Cookie")
	if len(answer.formActions) > 0 {
		head.Set("Content-Security-Policy", policy(origins(answer.formActions)))
	}
	for name, values := range answer.header {
		head[name] = values
	}
}

// origins takes the origin out of addresses, so that nothing else of them can
// reach the header.
func origins(addresses []string) []string {
	var list []string
	for _, address := range addresses {
		to, err := url.Parse(address)
		if err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" || strings.ContainsAny(to.Host, " ;,'") {
			continue
		}
		if origin := to.Scheme + "://" + to.Host; !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	return list
}

// loopback says whether a Host header names this machine.
func loopback(host string) bool {
	name := host
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:at]
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}
