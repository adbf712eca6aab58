package mail

import "locum/models"

// The kinds of mail about passkeys.
const (
	PasskeyKind       Kind = "passkey"        // one came or went
	PasskeysResetKind Kind = "passkeys_reset" // somebody else took all of a person's
)

// Passkey tells a person that a passkey of his was added or removed.
type Passkey struct {
	Added   bool           `json:"added"`
	Name    string         `json:"name"`
	At      models.Instant `json:"at"`
	Address string         `json:"address,omitempty"`
}

// Kind names the mail.
func (Passkey) Kind() Kind { return PasskeyKind }

// PasskeysReset tells a person that somebody took all of his passkeys, and the
// others who could have.
type PasskeysReset struct {
	Person  string         `json:"person"`
	Email   string         `json:"email"`
	By      string         `json:"by"`
	Count   int            `json:"count"`
	At      models.Instant `json:"at"`
	ToOther bool           `json:"to_other"`
}

// Kind names the mail.
func (PasskeysReset) Kind() Kind { return PasskeysResetKind }
