package web

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"locum/models"
)

// Forwarded is the request on whose behalf a proxy asks.
type Forwarded struct {
	Method  string
	Proto   string // "https" or "http"
	Host    string // in small letters, with its port where that is not the usual one
	URI     string // path and query, as the browser sent them
	Address string // of the browser
}

// Origin is the address of the host: "https://planning.example".
func (f Forwarded) Origin() string { return f.Proto + "://" + f.Host }

// Loopback says that the host is this machine, as in the demo.
func (f Forwarded) Loopback() bool { return loopback(f.Host) }

// Forwarded reads for which request a proxy asks, out of the headers
// X-Forwarded-Method, -Proto, -Host and -Uri. Only a proxy that is trusted is
// believed (models.Forbidden), and only one value of each: where there are two, one
// may be the browser's own (models.Invalid).
func (a *App) Forwarded(r *http.Request) (Forwarded, error) {
	f, err := a.ForwardedHost(r)
	if err != nil {
		return Forwarded{}, err
	}
	var clear bool
	if f.Method, clear = onlyOne(r, "X-Forwarded-Method"); !clear || !httpguts.ValidHeaderFieldName(f.Method) {
		return Forwarded{}, unclear()
	}
	if f.URI, clear = onlyOne(r, "X-Forwarded-Uri"); !clear || !strings.HasPrefix(f.URI, "/") {
		return Forwarded{}, unclear()
	}
	return f, nil
}

// ForwardedHost is Forwarded for a request that a proxy sent on rather than asks
// about: the method and the path are its own.
func (a *App) ForwardedHost(r *http.Request) (f Forwarded, err error) {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !a.trusts(plainAddress(peer)) {
		return f, models.Fail(models.Forbidden, "web.forwarded.untrusted")
	}
	proto, clear := onlyOne(r, "X-Forwarded-Proto")
	host, also := onlyOne(r, "X-Forwarded-Host")
	f = Forwarded{Method: r.Method, Proto: strings.ToLower(proto), URI: r.URL.RequestURI(), Address: a.address(r)}
	switch f.Proto {
	case "wss":
		f.Proto = "https"
	case "ws":
		f.Proto = "http"
	}
	var usable bool
	if f.Host, usable = hostOf(f.Proto, host); !clear || !also || !usable {
		return Forwarded{}, unclear()
	}
	return f, nil
}

// ForwardedTo is the request that an address stands for. It must be whole, and
// safe: https, or http on this machine.
func ForwardedTo(address string) (f Forwarded, usable bool) {
	to, err := url.Parse(address)
	if err != nil || len(address) > 4000 || to.User != nil || to.Opaque != "" || !httpguts.ValidHeaderFieldValue(address) || strings.ContainsRune(address, '\\') {
		return f, false
	}
	f = Forwarded{Method: http.MethodGet, Proto: to.Scheme, URI: to.RequestURI()}
	if f.Host, usable = hostOf(f.Proto, to.Host); !usable || f.Proto != "https" && !f.Loopback() {
		return Forwarded{}, false
	}
	return f, strings.HasPrefix(f.URI, "/")
}

func unclear() error { return models.Fail(models.Invalid, "web.forwarded.unclear") }

// onlyOne is the value of a header that is there once.
func onlyOne(r *http.Request, name string) (string, bool) {
	values := r.Header.Values(name)
	if len(values) != 1 || len(values[0]) > 8000 || !httpguts.ValidHeaderFieldValue(values[0]) {
		return "", false
	}
	return values[0], true
}

// hostOf is a host as it stands in a registration: in small letters, without the
// usual port of its scheme.
func hostOf(proto, host string) (string, bool) {
	usual := ""
	switch proto {
	case "https":
		usual = ":443"
	case "http":
		usual = ":80"
	}
	host = strings.TrimSuffix(strings.ToLower(host), usual)
	if usual != "" && plainHost(host) {
		return host, true
	}
	to, err := url.Parse("//" + host)
	if usual == "" || err != nil || host == "" || to.Host != host || to.User != nil || strings.ContainsAny(host, ", \\%/?#") {
		return "", false
	}
	return host, true
}

// plainHost says that a host is nothing but a name or an address of IPv4, with a
// port or without: by far the most are, and need no closer look.
func plainHost(host string) bool {
	name, port, numbered := strings.Cut(host, ":")
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	for _, c := range []byte(port) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return name != "" && (port != "" || !numbered)
}
