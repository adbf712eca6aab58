package account

import (
	"context"

	"locum/models"
	"locum/models/passkey"
	"locum/views/i18n"
)

// NewPasskeyProps is what the form for a passkey shows.
type NewPasskeyProps struct {
	Usable bool   // there can be passkeys under this address
	Name   string // as it was typed
	Next   string // where to go afterwards, or empty
	Wrong  models.FieldErrors
}

// OnePasskeyProps is what the page of one passkey shows.
type OnePasskeyProps struct {
	passkey.Passkey
	Name  string // as it is, or as it was typed
	Last  bool   // there is no other
	Wrong models.FieldErrors
}

// StepUpProps is what the page shows on which somebody shows again who he is.
type StepUpProps struct {
	Name, Email string
	Next        string
	Usable      bool // there can be passkeys under this address
	Passkeys    int
	Company     string // where he signs in through his company; empty: it has no way
}

// kept says where a passkey can be.
func kept(ctx context.Context, p passkey.Passkey) (text, icon string) {
	switch {
	case p.BackedUp:
		return i18n.T(ctx, "passkey.backed_up"), "copy"
	case p.BackupEligible:
		return i18n.T(ctx, "passkey.syncs"), "copy"
	}
	return i18n.T(ctx, "passkey.bound"), "smartphone"
}
