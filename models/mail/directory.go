package mail

import "locum/models"

// The kinds of mail about a company's directory.
const (
	DirectoryHeldKind   Kind = "directory_held"
	DirectoryKeptKind   Kind = "directory_kept"
	DirectoryTokenKind  Kind = "directory_token"
	DirectorySilentKind Kind = "directory_silent"
)

// Directory names a directory and its company.
type Directory struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Company Place  `json:"company"`
}

// DirectoryHeld tells a company's manager that removals of a directory wait for
// him, because there were too many within an hour.
type DirectoryHeld struct {
	Directory `json:"of"`
	Lost      int            `json:"lost"`    // people who lost roles before it was held
	Waiting   int            `json:"waiting"` // people whose removal waits
	At        models.Instant `json:"at"`
}

// DirectoryKept tells a company's manager that a directory removed somebody who
// keeps a role, since nobody else who can sign in has it.
type DirectoryKept struct {
	Directory `json:"of"`
	Person    string         `json:"person"`
	Role      string         `json:"role"`            // display name
	Where     string         `json:"where,omitempty"` // the organization; empty for the company
	At        models.Instant `json:"at"`
}

// DirectoryToken warns a company's manager that a token of a directory ends, or
// that one is used that has ended.
type DirectoryToken struct {
	Directory `json:"of"`
	Suffix    string         `json:"suffix"` // its last characters
	Ends      models.Instant `json:"ends"`
	Ended     bool           `json:"ended"` // and is used all the same
}

// DirectorySilent tells a company's manager that a directory sends nothing any
// more, though it used to.
type DirectorySilent struct {
	Directory `json:"of"`
	Last      models.Instant `json:"last"`  // request
	Hours     int            `json:"hours"` // after which the company wants to know
}

func (DirectoryHeld) Kind() Kind   { return DirectoryHeldKind }
func (DirectoryKept) Kind() Kind   { return DirectoryKeptKind }
func (DirectoryToken) Kind() Kind  { return DirectoryTokenKind }
func (DirectorySilent) Kind() Kind { return DirectorySilentKind }
