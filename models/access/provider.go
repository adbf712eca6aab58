package access

import (
	"locum/models"
	"locum/models/account"
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

// EndThrough ends every session that a connection opened for a person, because
// its company says so, and counts them. It runs in a System transaction.
func EndThrough(tx *store.Tx, company, connection string, person account.Person) (count int, err error) {
	rows, err := through(tx, connection, person.ID)
	if err != nil {
		return 0, err
	}
	return len(rows), revokeFor(tx, company, person.Name, rows)
}

// Through counts the live sessions that a connection opened for a person, in a
// System transaction.
func Through(tx *store.Tx, connection, person string) (int, error) {
	rows, err := through(tx, connection, person)
	return len(rows), err
}

func through(tx *store.Tx, connection, person string) (list []account.Session, err error) {
	var rows []account.Session
	err = tx.Where("account_id = ? AND connection_id = ? AND revoked_at IS NULL", person, connection).Order("id").Find(&rows).Error
	for _, row := range rows {
		if row.Live(tx.Now()) {
			list = append(list, row)
		}
	}
	return list, err
}
