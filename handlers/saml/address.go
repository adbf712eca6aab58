package saml

import (
	"net"
	"net/url"
	"strings"
)

// checkAddress lets an identity provider's address pass when a browser may be
// sent there: https, or http on this machine. Anything else could run script or
// carry a sign-in in the clear.
func checkAddress(address string) error {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Opaque != "" || parsed.Hostname() == "" || parsed.User != nil || strings.Contains(address, "#") {
		return refuse(MetadataWrongAddress, "address %q", address)
	}
	if parsed.Scheme == "https" || parsed.Scheme == "http" && loopback(parsed.Hostname()) {
		return nil
	}
	return refuse(MetadataWrongAddress, "address %q", address)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
