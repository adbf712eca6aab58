package main

import (
	"time"

	"locum/models/vault"
)

// secrets are what De Vries keeps in Production: a token that was replaced once and
// expires soon, a key pair for a carrier, and the code of a door.
func (s *seed) secrets() []step {
	const marieke, hoekstra = "marieke@devries.example", "jw.hoekstra@devries.example"
	on := func(in time.Duration) string { return s.now.Add(in).Format(time.DateOnly) }
	var token vault.Secret
	at := func(ago time.Duration, what string, do func() error) step {
		return step{s.ago(ago), func() { s.do(what, do) }}
	}
	keep := func(by string, in vault.Draft) func() error {
		return func() error {
			_, err := s.house.Vault.Make(s.ctx, s.as(by), in)
			return err
		}
	}
	return []step{
		at(50*day, "a secret token", func() (err error) {
			token, err = s.house.Vault.Make(s.ctx, s.as(marieke), vault.Draft{Kind: vault.Token, Name: "Carrier bookings, API token", Note: "Made in the carrier’s portal under Integrations",
				Value: "crr_test_51J0fPq8WvZ2mNdK4", Date: on(-2 * day)})
			return err
		}),
		at(40*day, "a key pair", keep(hoekstra, vault.Draft{Kind: vault.Pair, Name: "Customs messages, signing key", Note: "Customs has the public half", Algorithm: vault.Ed25519})),
		at(12*day, "a door code", keep(marieke, vault.Draft{Kind: vault.Text, Name: "Gate of the Waalhaven yard", Value: "Left keypad 4471#, then the green button"})),
		at(9*day, "the token is replaced", func() (err error) {
			_, err = s.house.Vault.Replace(s.ctx, s.as(hoekstra), token.ID, 1, vault.Draft{Value: "crr_test_8Kq2LwXy7TbR0vHs9", Date: on(11 * day)})
			return err
		}),
	}
}
