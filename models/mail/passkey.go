package mail

import "locum/models"

// PasskeyKind is the mail about a passkey that came or went.
const PasskeyKind Kind = "passkey"

// Passkey tells a person that a passkey of his was added or removed.
type Passkey struct {
	Added   bool           `json:"added"`
	Name    string         `json:"name"`
	At      models.Instant `json:"at"`
	Address string         `json:"address,omitempty"`
}

// Kind names the mail.
func (Passkey) Kind() Kind { return PasskeyKind }
