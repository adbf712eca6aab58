package models

import (
	"errors"
	"net/netip"
	"slices"
)

// Need is one thing that a host asks of its visitors and that a session does not
// fulfil.
type Need string

// The needs, in the order in which people are told of them.
const (
	NeedSecondFactor Need = "second_factor" // a passkey, or a second factor at his identity provider
	NeedFreshSignIn  Need = "fresh_sign_in" // a sign-in that is not too old
	NeedOwnSignOn    Need = "own_sign_on"   // a sign-in through the single sign-on of his own company
	NeedNetwork      Need = "network"       // to come from one of the host's networks
	NeedMail         Need = "mail"          // that mail can be sent now
)

// From is the actor in a request from a network address. A visit goes on only
// from the networks that its host allows.
func (a Actor) From(address string) Actor {
	a.Address = address
	if a.Visiting() && !Comes(address, a.Networks) {
		a = a.Held(NeedNetwork)
	}
	return a
}

// Held is the actor of a visit that cannot go on until he fulfils what the host
// asks. The visit is not over, and meanwhile he may do nothing in it.
func (a Actor) Held(needs ...Need) Actor {
	a.Needs = slices.Clone(a.Needs)
	for _, n := range needs {
		if !slices.Contains(a.Needs, n) {
			a.Needs = append(a.Needs, n)
		}
	}
	if len(a.Needs) > 0 {
		a.Permissions = nil
	}
	return a
}

// Whereabouts tell an open page from one of another place, and a visit that goes
// on from one that does not: what the one showed must not stay in sight.
func (a Actor) Whereabouts() string {
	if len(a.Needs) > 0 {
		return a.Effective.Place() + " held"
	}
	return a.Effective.Place()
}

// Comes says whether an address is in one of the networks, or there are none. An
// address that cannot be read is in no network.
func Comes(address string, networks []netip.Prefix) bool {
	if len(networks) == 0 {
		return true
	}
	at, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(at.Unmap().WithZone("")) })
}

// keyHeld is the key of the error of a visit that cannot go on, and of one that
// cannot begin, for want of what the host asks.
const keyHeld = "acting.error.held"

// Held is that error.
func Held(host string, needs []Need) *Error {
	return Fail(Forbidden, keyHeld, "Organization", host, "Needs", needs)
}

// NeedsOf takes out of an error what is missing for a visit; none where it is
// about something else.
func NeedsOf(err error) []Need {
	var e *Error
	if !errors.As(err, &e) || e.Key != keyHeld {
		return nil
	}
	needs, _ := e.Args["Needs"].([]Need)
	return needs
}
