package tenancy

import (
	"net/netip"
	"slices"
)

// Loosening is a wish of a host that protects it and that was loosened.
type Loosening string

// The loosenings.
const (
	LooseApproval     Loosening = "approval"      // one superuser gives delegations alone
	LooseCap          Loosening = "cap"           // delegations may be longer
	LooseSecondFactor Loosening = "second_factor" // none is asked
	LooseSignIn       Loosening = "sign_in"       // a sign-in may be older
	LooseOwnSignOn    Loosening = "own_sign_on"   // any way of signing in will do
	LooseNetworks     Loosening = "networks"      // visitors may come from more places
	LooseMail         Loosening = "mail"          // they enter although mail cannot be sent
)

// Loosened says what of a host's protection a change takes away. What it adds is
// no concern of anybody's.
func Loosened(was, now Hosting) (list []Loosening) {
	longer := func(was, now int) bool { return was > 0 && (now == 0 || now > was) } // 0: without a limit
	for _, one := range []struct {
		what Loosening
		is   bool
	}{
		{LooseApproval, was.Approval && !now.Approval},
		{LooseCap, longer(was.LongestDays, now.LongestDays)},
		{LooseSecondFactor, was.SecondFactor && !now.SecondFactor},
		{LooseSignIn, longer(was.SignInMinutes, now.SignInMinutes)},
		{LooseOwnSignOn, was.OwnSignOn && !now.OwnSignOn},
		{LooseNetworks, widened(was.Prefixes(), now.Prefixes())},
		{LooseMail, was.MailNeeded && !now.MailNeeded},
	} {
		if one.is {
			list = append(list, one.what)
		}
	}
	return list
}

// widened says whether somebody may come from where he could not.
func widened(was, now []netip.Prefix) bool {
	if len(was) == 0 {
		return false // from anywhere, before
	}
	if len(now) == 0 {
		return true
	}
	return slices.ContainsFunc(now, func(p netip.Prefix) bool {
		return !slices.ContainsFunc(was, func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Contains(p.Addr()) })
	})
}
