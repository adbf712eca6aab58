package mail

import (
	"locum/models"
)

// SetUpLink hands a part of a company's set-up over to somebody without an
// account. The token in its address is derived from Mandate when the mail is
// written, and stands nowhere else. Opening it does nothing: it asks for a code.
type SetUpLink struct {
	Mandate   string         `json:"mandate"` // id
	Company   Place          `json:"company"`
	InvitedBy string         `json:"invited_by"`
	Purposes  []string       `json:"purposes"` // models.Purpose
	Expires   models.Instant `json:"expires"`
}

// SetUpOpened tells a manager that a set-up link is used for the first time.
type SetUpOpened struct {
	Mandate  string         `json:"mandate"` // id
	Company  Place          `json:"company"`
	Person   string         `json:"person,omitempty"` // name, where the link has one
	Email    string         `json:"email"`
	MadeBy   string         `json:"made_by"`
	Purposes []string       `json:"purposes"`
	At       models.Instant `json:"at"`
	Ends     models.Instant `json:"ends"`
	Address  string         `json:"address,omitempty"`
}

// SetUpBegan tells a manager that an operator sets the company up on its behalf.
type SetUpBegan struct {
	Mandate  string         `json:"mandate"` // id
	Company  Place          `json:"company"`
	Operator string         `json:"operator"`
	Email    string         `json:"email"`
	Reason   string         `json:"reason"`
	At       models.Instant `json:"at"`
	Ends     models.Instant `json:"ends"`
}
