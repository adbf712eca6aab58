package webhook

import (
	"fmt"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// tellOff mails those who can put it right that Locum switched an endpoint off: the
// managers of its company, the superusers of its organization, or the operators.
func tellOff(tx *store.Tx, e Endpoint, why string) error {
	people, place, err := concerned(tx, e)
	for _, p := range people {
		if err != nil {
			break
		}
		err = mail.Queue(tx, mail.Draft{Company: e.CompanyID, Organization: e.OrganizationID, To: p.Recipient(),
			Key: fmt.Sprintf("webhook_off:%s:%d:%s", e.ID, tx.Now().UnixMicro(), p.ID),
			Content: mail.WebhookOff{Endpoint: e.ID, Host: e.Host(), Place: place, Organization: e.OrganizationID != "",
				Why: why, Since: e.FailingSince, At: models.At(tx.Now())}})
	}
	return err
}

// concerned are those who look after an endpoint, and of which place it is; no place
// for one of the platform.
func concerned(tx *store.Tx, e Endpoint) (people []account.Person, place mail.Place, err error) {
	if e.CompanyID == store.Platform {
		people, err = account.Operators(tx)
		return people, place, err
	}
	at, err := tenancy.StandingOf(tx, e.CompanyID, e.OrganizationID)
	if err != nil {
		return nil, place, err
	}
	if e.OrganizationID != "" {
		people, err = tenancy.Superusers(tx, e.CompanyID, e.OrganizationID)
		return people, mail.PlaceOf(at.Party), err
	}
	people, err = tenancy.Managers(tx, e.CompanyID)
	return people, mail.Place{Name: at.CompanyName, Company: at.CompanyName}, err
}
