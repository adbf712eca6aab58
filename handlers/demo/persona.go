package demo

import (
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
)

// Tenant is one company at the identity provider: its own entity id, metadata
// and people, signed with the provider's one key.
type Tenant struct {
	// Key stands in the addresses: /idp/{Key}/metadata.
	Key string
	// Name is shown above its sign-in page.
	Name string
	// EntityID is the SAML entity id. Empty takes the address of the metadata;
	// a fixed one survives a run on another port.
	EntityID string
	// Personas are the people who can be chosen.
	Personas []Persona
	// AttributeNames gives the Name on the wire for a friendly name, such as
	// "email" -> "urn:oid:0.9.2342.19200300.100.1.3". Friendly names that are
	// not in it are sent as their own Name.
	AttributeNames map[string]string
}

// Persona is somebody to sign in as.
type Persona struct {
	// Name and Email are shown, and sent as displayName and email unless
	// Attributes holds those.
	Name, Email string
	// NameID is the persistent identifier. Empty derives one from the tenant
	// and the address, the same in every run.
	NameID string
	// Note is one line on the page that says who this is in the story.
	Note string
	// Attributes are by friendly name, with all their values. A key without
	// values is sent as an empty attribute; a missing key is not sent.
	Attributes map[string][]string
}

// standardAttributes are offered for every persona, in this order.
var standardAttributes = []string{
	"email", "displayName", "givenName", "surname", "department", "country", "jobTitle", "employeeNumber", "groups",
}

// completed fills what a persona leaves out.
func (p Persona) completed(tenant string) Persona {
	if p.NameID == "" {
		sum := sha256.Sum256([]byte(tenant + "\n" + strings.ToLower(p.Email)))
		p.NameID = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15])
	}
	attributes := map[string][]string{"email": {p.Email}, "displayName": {p.Name}}
	maps.Copy(attributes, p.Attributes)
	p.Attributes = attributes
	return p
}

// names are the friendly names that this persona sends, the standard ones
// first.
func (p Persona) names() []string {
	var names []string
	for _, name := range standardAttributes {
		if _, sent := p.Attributes[name]; sent {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		if !slices.Contains(standardAttributes, name) {
			names = append(names, name)
		}
	}
	return names
}

// find is the persona with this address.
func (t Tenant) find(email string) (Persona, bool) {
	for _, p := range t.Personas {
		if strings.EqualFold(p.Email, email) {
			return p, true
		}
	}
	return Persona{}, false
}

// wireName is the Name under which a friendly name is sent.
func (t Tenant) wireName(friendly string) string {
	if name, given := t.AttributeNames[friendly]; given {
		return name
	}
	return friendly
}
