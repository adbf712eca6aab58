package mail

import "locum/models"

// TokenMadeKind is a token that a visitor made for a program of his.
const TokenMadeKind Kind = "token_made"

// TokenMade tells a superuser that a visitor made a token: a program works in his
// name with it for as long as the visit lasts.
type TokenMade struct {
	Delegated
	Visit       string         `json:"visit"` // id
	At          models.Instant `json:"at"`
	Address     string         `json:"address,omitempty"`
	Name        string         `json:"name"`                  // of the token, as he called it
	Suffix      string         `json:"suffix"`                // its last four characters
	Application string         `json:"application,omitempty"` // name; empty for Locum's own API
	Expires     models.Instant `json:"expires"`               // at the latest: the visit may end before
}

// Kind names the mail.
func (TokenMade) Kind() Kind { return TokenMadeKind }
