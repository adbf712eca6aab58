// Package federation lets a company's own identity provider speak for its
// people: connections, the domains they may speak for, the sign-ins under way,
// and who each person is at his provider.
//
// It is given what a provider said after a protocol verified it, and must never
// see a message itself. It decides who somebody is, never what he may do: for
// that it calls the Resolve it was made with, in the same transaction. A
// connection speaks for the verified domains of its company and for no other.
package federation

import (
	"crypto/rsa"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// Resolve turns what a connection says of a person into his roles, within the
// transaction of the sign-in, and keeps what has to be known of it. With a
// refusal he is not let in, but what was resolved stands: whoever lost his roles
// has lost them. An error undoes the sign-in.
type Resolve func(tx *store.Tx, in Said) (refusal *models.Error, err error)

// Said is one reading of a person, as Resolve needs it.
type Said struct {
	Company    string // id
	Account    string // id
	Connection string // id
	Assertion  string // its id at the provider
	At         models.Instant
	Attributes []Attribute
	Delimiters map[string]string // of the connection, by attribute
}

// Attribute is what the provider says under one name. One that is there without
// values is empty, which differs from one that is absent.
type Attribute struct {
	Name         string   `json:"name"`
	FriendlyName string   `json:"friendly_name,omitempty"`
	Values       []string `json:"values"`
}

// Federation is the operations on connections, domains and sign-ins.
type Federation struct {
	store    *store.Store
	keys     *secret.Keys
	resolve  Resolve
	generate func() (*rsa.PrivateKey, error)
}

// New opens the federation of a store. The keys seal the private keys of
// connections.
func New(s *store.Store, keys *secret.Keys, resolve Resolve) *Federation {
	return &Federation{store: s, keys: keys, resolve: resolve, generate: generate}
}
