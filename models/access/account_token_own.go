package access

import (
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
)

// ownScope says whether a scope is for what is a person's own as a consultant. No
// role gives it: he is who he is. It is worth something at home alone, never in a
// visit, and never through an application.
func ownScope(scope string) bool { return scope == delegation.ReadOwn || scope == delegation.WriteOwn }

// atHome says whether somebody works by his own roles, in his own name, in a session
// that a token may outlive.
func atHome(by models.Actor) bool {
	return by.Account != "" && !by.Visiting() && by.Mandate == nil && by.BreakGlass == nil
}

// forOwn says whether a token can be for what is its owner's own: one for Locum's
// API that was made at home and stays there.
func (t AccountToken) forOwn() bool {
	return t.ApplicationID == "" && !t.Follows && t.VisitID == "" && t.DelegationID == ""
}

// ownByToken is authority by the token of an account for a change of what is its
// owner's own, where a session would be locked to be changed. The operation has to
// name the scope (store.SystemForScope), which has to be one of these, and the token
// has to be for it. Anything else no token does. It holds the token until the end of
// the transaction.
func ownByToken(tx *store.Tx, by models.Actor) (models.Actor, error) {
	scope := tx.TokenScope()
	if !ownScope(scope) {
		return models.Actor{}, unauthenticated()
	}
	t, err := accountToken(tx.Clauses(clause.Locking{Strength: tx.Lock}), by.Session)
	if err != nil {
		return models.Actor{}, err
	}
	if t.AccountID != by.Account || !t.forOwn() {
		return models.Actor{}, unauthenticated()
	}
	actor, err := deriveOf(tx, t)
	if err == nil && !slices.Contains(t.For(), scope) {
		err = models.Fail(models.Forbidden, "feed.error.scope", "Scope", scope)
	}
	return actor, err
}
