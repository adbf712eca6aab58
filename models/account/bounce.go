package account

import (
	"context"
	"fmt"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// Bounced notes that a mail server refused an address of an account for good,
// and with which code. Only what is answered while a mail is handed over is
// known: a failure that is reported later, by mail, reaches nobody here.
func (a *Accounts) Bounced(ctx context.Context, id, email, code string) error {
	return a.store.System(ctx, "an address that mail does not reach", func(tx *store.Tx) error {
		noted := tx.Model(&Address{}).Where("account_id = ? AND email = ? AND bounced_at IS NULL", id, email).
			Updates(map[string]any{"bounced_at": models.At(tx.Now()), "bounce_code": code})
		return noteReach(tx, id, email, event.AddressBounced, noted.RowsAffected, noted.Error, map[string]any{"code": code})
	})
}

// Reached notes that a mail server took mail to an address, which takes back
// that it bounced.
func (a *Accounts) Reached(ctx context.Context, id, email string) error {
	var bounced int64
	err := a.store.SystemRead(ctx, "whether an address bounced", func(tx *store.Tx) error {
		return tx.Model(&Address{}).Where("account_id = ? AND email = ? AND bounced_at IS NOT NULL", id, email).Count(&bounced).Error
	})
	if err != nil || bounced == 0 {
		return err
	}
	return a.store.System(ctx, "an address that mail reaches again", func(tx *store.Tx) error {
		noted := tx.Model(&Address{}).Where("account_id = ? AND email = ? AND bounced_at IS NOT NULL", id, email).
			Updates(map[string]any{"bounced_at": nil, "bounce_code": ""})
		return noteReach(tx, id, email, event.AddressReached, noted.RowsAffected, noted.Error, nil)
	})
}

// noteReach records, where the person belongs, that mail reaches him or not.
func noteReach(tx *store.Tx, id, email, kind string, changed int64, err error, data map[string]any) error {
	tx.NothingToRecord() // when it was noted before
	if err != nil || changed == 0 {
		return err
	}
	p, err := Load(tx, id)
	if err != nil {
		return err
	}
	about := store.About{ID: id, Name: p.Name, Company: store.Platform, Data: map[string]any{"email": email}}
	for name, value := range data {
		about.Data[name] = value
	}
	if p.HomeCompanyID != nil && p.HomeOrganizationID != nil {
		about.Company, about.Organization = *p.HomeCompanyID, *p.HomeOrganizationID
	}
	tx.Record(kind, about)
	tx.Notify("account:" + id)
	return nil
}

// TestMail sends a mail to the actor's own address: when it arrives, the
// address does. Once a minute is enough.
func (a *Accounts) TestMail(ctx context.Context, by models.Actor) error {
	return a.store.SystemFor(ctx, by, "a person tests his own address", func(tx *store.Tx) error {
		tx.NothingToRecord()
		p, err := Load(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		minute := tx.Now().Unix() / 60
		return mail.Queue(tx, mail.Draft{Key: fmt.Sprintf("account.test.%s.%d", p.ID, minute), To: p.Recipient(), Content: mail.Test{Asked: models.At(tx.Now())}})
	})
}
