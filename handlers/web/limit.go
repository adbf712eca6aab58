package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"locum/models"
)

// limiter counts the requests of each address in this process. It keeps one
// address from taking the whole; what protects sign-in itself is counted in
// the database.
type limiter struct {
	requests, anonymous *httprate.RateLimiter // nil without a limit
}

func newLimiter(limits Limits) limiter {
	a := limiter{}
	if limits.Requests > 0 {
		a.requests = httprate.NewRateLimiter(limits.Requests, time.Minute)
	}
	if limits.Anonymous > 0 {
		a.anonymous = httprate.NewRateLimiter(limits.Anonymous, time.Minute)
	}
	return a
}

func (l limiter) check(w http.ResponseWriter, r *http.Request, address string, anonymous bool) error {
	key := httprate.CanonicalizeIP(address)
	if l.requests != nil && l.requests.OnLimit(w, r, key) ||
		anonymous && l.anonymous != nil && l.anonymous.OnLimit(w, r, key) {
		return models.Fail(models.TooMany, keyTooMany)
	}
	return nil
}

// address is where a request came from. Only a trusted proxy is believed about
// it: of X-Forwarded-For the last address that is not a trusted proxy's counts,
// since anybody can write what stands before it.
func (a *App) address(r *http.Request) string {
	seen := exchangeOf(r.Context())
	if seen.address == "" {
		seen.address = a.addressOf(r)
	}
	return seen.address
}

func (a *App) addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address := plainAddress(host)
	rest := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for rest != "" && a.trusts(address) {
		at := strings.LastIndexByte(rest, ',')
		before, err := netip.ParseAddr(strings.TrimSpace(rest[at+1:]))
		if err != nil {
			break
		}
		address, rest = before.Unmap(), rest[:max(at, 0)]
	}
	if !address.IsValid() {
		return host
	}
	return address.String()
}

func (a *App) trusts(address netip.Addr) bool { return within(address, a.config.TrustedProxies) }

func within(address netip.Addr, prefixes []netip.Prefix) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(address) })
}

func plainAddress(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
