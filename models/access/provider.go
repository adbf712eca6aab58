package access

import (
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
)

// EndByProvider ends a session, and with it its visit, because the identity
// provider that opened it asked for that; in a System transaction. did is false
// for a session that was over.
func EndByProvider(tx *store.Tx, id string) (did bool, err error) {
	row, err := session(tx, "id = ?", id)
	if models.KindOf(err) == models.Unauthenticated {
		return false, nil
	}
	if err != nil || !row.Live(tx.Now()) {
		return false, err
	}
	before := tx.Actor
	defer func() { tx.Actor = before }()
	// The event carries the person whose session it was.
	if tx.Actor, err = derive(tx, row); err != nil {
		return false, err
	}
	return true, endSession(tx, row, event.SignedOut, delegation.SignedOut)
}
