package mail

import (
	"locum/models"
)

// BreakGlassNamed tells a company's managers who may come in by a code from now
// on, or no more. Left is how many there are then.
type BreakGlassNamed struct {
	Company Place          `json:"company"`
	Person  string         `json:"person"`
	Email   string         `json:"email"`
	By      string         `json:"by,omitempty"` // empty where a connector or the clock did it
	At      models.Instant `json:"at"`
	Named   bool           `json:"named"`
	Left    int            `json:"left"`
}

// BreakGlassEntered tells a company's managers that one came in by a code.
type BreakGlassEntered struct {
	Company Place          `json:"company"`
	Person  string         `json:"person"`
	Email   string         `json:"email"`
	Reason  string         `json:"reason"`
	Address string         `json:"address,omitempty"`
	At      models.Instant `json:"at"`
	Ends    models.Instant `json:"ends"`
}

// NoBreakGlass tells the owner of an address that it is not one for which
// break-glass sign-in is set up.
type NoBreakGlass struct{}
