package vault

import (
	"fmt"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
)

// tell puts it into the inbox and the mail of every superuser that a value was
// given away, whatever he muted, and also when it was he: a stolen session says
// nothing to its owner. What machines use again and again is told once a day for
// each token.
func tell(tx *store.Tx, given Value, used bool) error {
	by := tx.Actor
	content := mail.SecretGiven{Host: mail.PlaceOf(by.Effective), Secret: given.ID, Name: given.Name, Version: given.Of.Number, Older: given.Of.Number != given.Version,
		Used: used, Person: by.Name, Email: by.Email, Firm: mail.PlaceOf(by.Real), At: models.At(tx.Now()), Address: by.Address, Visit: by.Visit}
	key := "secret.given." + models.NewID("giv")
	if used {
		key = fmt.Sprintf("secret.used.%s.%s.%s", given.ID, by.Session, tx.Now().UTC().Format(time.DateOnly))
	}
	return tx.Across("tell superusers of a secret", func(tx *store.Tx) error {
		if by.Visiting() {
			through, err := delegation.Facts(tx, given.CompanyID, by.Delegation)
			if err != nil {
				return err
			}
			content.Through = &through
		}
		_, err := notice.Tell(tx, notice.News{Company: given.CompanyID, Organization: given.OrganizationID, Delegation: by.Delegation, Visit: by.Visit,
			Key: key, Content: content})
		return err
	})
}
