package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
)

// TestOutboundDialsPublicAddressesAlone holds for the address that a name was
// found to lead to, however it is written.
func TestOutboundDialsPublicAddressesAlone(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1:443", "[::1]:443", "10.1.2.3:443", "172.16.0.1:443", "192.168.1.1:443", "169.254.169.254:80", "[fe80::1%eth0]:443",
		"[fd00::1]:443", "0.0.0.0:443", "[::]:443", "100.64.0.1:443", "224.0.0.1:443", "255.255.255.255:443", "[::ffff:10.1.2.3]:443",
		"[::10.1.2.3]:443", "[64:ff9b::a01:203]:443", "[2002:a01:203::1]:443", "198.18.0.1:443", "no address",
	} {
		if err := (Outbound{}).mayDial(address); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s may be dialled (%v)", address, err)
		}
	}
	for _, address := range []string{"93.184.216.34:443", "[2606:2800:220:1::1]:443"} {
		if err := (Outbound{}).mayDial(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	some := Outbound{Private: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	if err := some.mayDial("10.1.2.3:443"); err != nil {
		t.Errorf("an allowed network: %v", err)
	}
	if err := some.mayDial("[::ffff:10.1.2.3]:443"); err != nil {
		t.Errorf("an allowed network in its IPv6 form: %v", err)
	}
	if err := some.mayDial("10.2.2.3:443"); !errors.Is(err, ErrPrivate) {
		t.Errorf("a network beside the allowed one: %v", err)
	}
}

func TestOutboundAsksWithoutHTTPSOnThisMachineAlone(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer server.Close()
	of := func(public string, private ...netip.Prefix) Outbound {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		return OutboundFor(u, private)
	}
	asks := func(o Outbound, address string) error {
		answer, err := o.Client().Get(address)
		if err == nil {
			answer.Body.Close()
		}
		return err
	}
	if err := asks(of("http://localhost:8080"), server.URL); err != nil {
		t.Errorf("the demo asks its own machine: %v", err)
	}
	if err := asks(of("http://localhost:8080"), "http://login.devries.example/"); !errors.Is(err, ErrNotHTTPS) {
		t.Errorf("another machine without https: %v", err)
	}
	if err := asks(of("https://hub.example", netip.MustParsePrefix("127.0.0.0/8")), server.URL); !errors.Is(err, ErrNotHTTPS) {
		t.Errorf("a hub with https asks without: %v", err)
	}
	if err := asks(of("http://localhost:8080"), server.URL+"/elsewhere"); !errors.Is(err, ErrRedirect) {
		t.Errorf("a redirect: %v", err)
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	// A name that leads to this machine is as good as its address.
	if err := asks(of("https://hub.example"), "https://localhost:"+secure.URL[len("https://127.0.0.1:"):]); !errors.Is(err, ErrPrivate) {
		t.Errorf("a name that leads to this machine: %v", err)
	}
}
