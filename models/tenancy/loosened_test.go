package tenancy

import (
	"slices"
	"testing"
)

func TestLoosenedIsOnlyWhatProtectedBefore(t *testing.T) {
	strict := Hosting{Approval: true, LongestDays: 30, SecondFactor: true, SignInMinutes: 60, OwnSignOn: true, Networks: "192.0.2.0/24\n2001:db8::/32", MailNeeded: true}
	but := func(change func(*Hosting)) Hosting { h := strict; change(&h); return h }
	for name, c := range map[string]struct {
		was, now Hosting
		want     []Loosening
	}{
		"nothing changed":       {strict, strict, nil},
		"all of it":             {strict, Hosting{}, []Loosening{LooseApproval, LooseCap, LooseSecondFactor, LooseSignIn, LooseOwnSignOn, LooseNetworks, LooseMail}},
		"stricter":              {Hosting{}, strict, nil},
		"a longer cap":          {strict, but(func(h *Hosting) { h.LongestDays = 31 }), []Loosening{LooseCap}},
		"a shorter cap":         {strict, but(func(h *Hosting) { h.LongestDays = 29 }), nil},
		"an older sign-in":      {strict, but(func(h *Hosting) { h.SignInMinutes = 61 }), []Loosening{LooseSignIn}},
		"a network within one":  {strict, but(func(h *Hosting) { h.Networks = "192.0.2.16/28" }), nil},
		"a network beside them": {strict, but(func(h *Hosting) { h.Networks = "192.0.2.0/24\n198.51.100.0/24" }), []Loosening{LooseNetworks}},
		"a network around one":  {strict, but(func(h *Hosting) { h.Networks = "192.0.0.0/16" }), []Loosening{LooseNetworks}},
		"a ticket is no guard":  {Hosting{TicketRequired: true}, Hosting{}, nil},
	} {
		if got := Loosened(c.was, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
