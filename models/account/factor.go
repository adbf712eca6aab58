package account

import (
	"locum/models"
	"locum/models/store"
)

// SecondFactor is how somebody showed in a session that he holds more than his
// mailbox or his password.
type SecondFactor string

// The second factors.
const (
	ByPasskey  SecondFactor = "passkey"
	ByProvider SecondFactor = "provider" // as his identity provider says
)

// Show notes in a session that a second factor was shown, and, where it was one,
// by which passkey. It runs in a System transaction.
func Show(tx *store.Tx, session string, how SecondFactor, passkey string) error {
	tx.Notify("session:" + session)
	return tx.Model(&Session{}).Where("id = ?", session).
		Updates(map[string]any{"second_factor": how, "second_factor_at": models.At(tx.Now()), "passkey_id": passkey}).Error
}
