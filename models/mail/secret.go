package mail

import "locum/models"

// The kinds of mail about an organization's secrets. None holds a value.
const (
	SecretGivenKind    Kind = "secret_given"
	SecretExpiringKind Kind = "secret_expiring"
)

// SecretGiven tells a superuser that the value of a secret was revealed to
// somebody, or used by a machine in somebody's name.
type SecretGiven struct {
	Host    Place          `json:"host"`
	Secret  string         `json:"secret"` // id
	Name    string         `json:"name"`   // of the secret
	Version int            `json:"version"`
	Older   bool           `json:"older"`  // it is not the current one
	Used    bool           `json:"used"`   // through the API; else revealed on a screen
	Person  string         `json:"person"` // name
	Email   string         `json:"email"`
	Firm    Place          `json:"firm"` // where he belongs
	At      models.Instant `json:"at"`
	Address string         `json:"address,omitempty"`
	// Through is the delegation of a visitor; nil for who is no visitor.
	Through *Delegated `json:"through,omitempty"`
	Visit   string     `json:"visit,omitempty"` // id
}

// SecretExpiring tells a superuser that a secret is of no use soon, or from now on.
type SecretExpiring struct {
	Host   Place          `json:"host"`
	Secret string         `json:"secret"` // id
	Name   string         `json:"name"`
	Ends   models.Instant `json:"ends"`
	Over   bool           `json:"over"` // it is
}

func (SecretGiven) Kind() Kind    { return SecretGivenKind }
func (SecretExpiring) Kind() Kind { return SecretExpiringKind }
