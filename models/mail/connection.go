package mail

import (
	"locum/models"
)

// Certificate warns a company's manager that nobody can sign in through a
// connection once its provider's last certificate has ended.
type Certificate struct {
	Connection  string         `json:"connection"` // id
	Name        string         `json:"name"`       // of the connection
	Company     Place          `json:"company"`
	Ends        models.Instant `json:"ends"`
	Fingerprint string         `json:"fingerprint"` // SHA-256 in hex
	ByAddress   bool           `json:"by_address"`  // the metadata is read each day
	Failing     bool           `json:"failing"`     // and could not be, the last time
}

// Held tells somebody that the rules would take his role, and that he keeps it:
// nobody else who can sign in has it.
type Held struct {
	Place        Place          `json:"place"`        // the organization, or the company
	Organization bool           `json:"organization"` // it is an organization
	Role         string         `json:"role"`         // display name
	At           models.Instant `json:"at"`
}

// Silence tells a company's manager that nobody comes in through a connection
// any more, though people used to.
type Silence struct {
	Connection string         `json:"connection"` // id
	Name       string         `json:"name"`       // of the connection
	Company    Place          `json:"company"`
	Last       models.Instant `json:"last"`  // sign-in
	Hours      int            `json:"hours"` // after which the company wants to know
}

// RunHeld tells a company's manager that a run waits for a decision: it would do
// more than the company lets pass.
type RunHeld struct {
	Run     string `json:"run"`  // id
	Name    string `json:"name"` // of what changed
	Company Place  `json:"company"`
	Left    int    `json:"left"` // people whom it has not come to
}
