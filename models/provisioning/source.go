package provisioning

import "locum/models"

// SourceKind is what sort of thing told us about a person.
type SourceKind string

// The sources of a profile.
const (
	FromAssertion SourceKind = "assertion" // a SAML assertion, at a sign-in
	FromDirectory SourceKind = "directory" // a request of a directory client
)

// Source says where a value comes from: the assertion's id or the directory
// request's, and when it came in.
type Source struct {
	Kind      SourceKind     `json:"kind"`
	Reference string         `json:"reference,omitempty"`
	At        models.Instant `json:"at"`
}
