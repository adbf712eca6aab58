package models

// Purpose is one part of a company's set-up that a Mandate is for.
type Purpose string

// The purposes. ForCertificate renews what is there already: the provider's
// metadata and Locum's own keys, and nothing else of a connection.
const (
	ForSingleSignOn Purpose = "single_sign_on"
	ForDirectory    Purpose = "directory"
	ForDomains      Purpose = "domains"
	ForCertificate  Purpose = "certificate"
	ForRoleMapping  Purpose = "role_mapping"
)

// Purposes are all that a mandate can be for, in the order of screens.
var Purposes = []Purpose{ForSingleSignOn, ForDirectory, ForDomains, ForCertificate, ForRoleMapping}

// Permissions are what the purpose needs; none for an unknown one.
func (p Purpose) Permissions() Permissions {
	switch p {
	case ForSingleSignOn:
		return Permissions{ManageConnections, ManageCertificates}
	case ForDirectory:
		return Permissions{ManageDirectory}
	case ForDomains:
		return Permissions{ManageDomains}
	case ForCertificate:
		return Permissions{ManageCertificates}
	case ForRoleMapping:
		return Permissions{ManageConnectors}
	}
	return nil
}

// MandateKind says to whom a company's set-up was handed over.
type MandateKind string

// The kinds of mandates: a set-up link for somebody without an account, and an
// operator who sets up on the company's behalf.
const (
	LinkMandate     MandateKind = "link"
	OperatorMandate MandateKind = "operator"
)

// Mandate is authority over a part of a company's set-up that its holder has
// for a while, without a role there. It holds at the level of the company: no
// organization is entered with it.
type Mandate struct {
	ID       string
	Kind     MandateKind
	Purposes []Purpose
	ByName   string // of who made the link; of an operator his own name
	Reason   string // an operator's
}
