package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// Why an address outside is not asked, or what it answered is not taken.
var (
	ErrNotHTTPS = errors.New("web: the address is not https")
	ErrPrivate  = errors.New("web: the address leads into a private network")
	ErrRedirect = errors.New("web: the address leads on to another one")
)

// Outbound is how Locum asks addresses that people typed. A name may lead to a
// machine inside the network, and to another one from one look-up to the next,
// so what counts is the address that is dialled.
type Outbound struct {
	// Private networks that may be asked all the same.
	Private []netip.Prefix
	// Loopback lets this machine be asked, and without https: for a hub that
	// itself is served without https, which is served to this machine alone.
	Loopback bool
	// Time is the most that one question may take; 10 s when zero.
	Time time.Duration
	// TLS is for certificates beside those the machine trusts; nil for none.
	TLS *tls.Config
}

// OutboundFor is how a hub with this public address asks outside.
func OutboundFor(public *url.URL, private []netip.Prefix) Outbound {
	return Outbound{Private: private, Loopback: public != nil && public.Scheme == "http"}
}

// Client asks by the rules of o. It follows no redirect, uses no proxy and
// unpacks nothing, so that a limit on bytes holds for what was read.
func (o Outbound) Client() *http.Client {
	limit := o.Time
	if limit <= 0 {
		limit = 10 * time.Second
	}
	dialer := &net.Dialer{Timeout: limit, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return o.mayDial(address)
	}}
	transport := &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: o.TLS, TLSHandshakeTimeout: limit, ResponseHeaderTimeout: limit,
		DisableCompression: true, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true}
	return &http.Client{Timeout: limit, Transport: guard{o, transport}, CheckRedirect: func(*http.Request, []*http.Request) error { return ErrRedirect }}
}

// guard looks at the address before its name is looked up.
type guard struct {
	rules Outbound
	next  http.RoundTripper
}

// RoundTrip asks, where the scheme allows it.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" || r.URL.Scheme == "http" && g.rules.Loopback && loopback(r.URL.Host) {
		return g.next.RoundTrip(r)
	}
	return nil, fmt.Errorf("%w: %s", ErrNotHTTPS, r.URL.Redacted())
}

// mayDial refuses the addresses that a name was found to lead to, but for those
// on the public internet and those that were allowed.
func (o Outbound) mayDial(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrPrivate, address)
	}
	ip := to.Addr().WithZone("").Unmap()
	allowed := slices.ContainsFunc(o.Private, func(network netip.Prefix) bool { return network.Contains(ip) })
	if allowed || o.Loopback && ip.IsLoopback() || public(ip) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrPrivate, ip)
}

// notPublic are networks that the standard library counts as global, and that
// lead to no host of the public internet, or to an address within (RFC 6890).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(notPublic, func(network netip.Prefix) bool { return network.Contains(ip) })
}
