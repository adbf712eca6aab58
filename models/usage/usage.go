package usage

import (
	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Usage are the operations on what was used.
type Usage struct {
	store *store.Store
	calls counter
}

// New opens the usage of a store, and has each sign-in counted from now on.
func New(s *store.Store) *Usage {
	u := &Usage{store: s}
	s.ReactAll(event.SignedIn, signedIn)
	return u
}

// Scope is whose usage an operation is about: the organization's in which the actor
// works, that of every organization of his company, or for an operator what was sent
// for none at all.
type Scope string

// The scopes.
const (
	OfOrganization Scope = "organization"
	OfCompany      Scope = "company"
	OfPlatform     Scope = "platform"
)

// Scopes lists every scope.
var Scopes = []Scope{OfOrganization, OfCompany, OfPlatform}

// View is the permission to see the usage of a scope.
func (s Scope) View() models.Permission {
	switch s {
	case OfPlatform:
		return models.OperatePlatform
	case OfOrganization:
		return models.ViewUsage
	}
	return models.ViewCompanyUsage
}

// Manage is the permission to decide about what is in quarantine.
func (s Scope) Manage() models.Permission {
	switch s {
	case OfPlatform:
		return models.OperatePlatform
	case OfOrganization:
		return models.ManageUsage
	}
	return models.ManageMeters
}

// owner is whose the rows are. Of an organization's, the wall shows no others.
func (s Scope) owner(tx *store.Tx) string {
	if s == OfPlatform {
		return store.Platform
	}
	return tx.Actor.Effective.Company
}
