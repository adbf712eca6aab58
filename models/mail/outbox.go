package mail

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// Outbox reads queued mails and notes what became of them.
type Outbox struct{ store *store.Store }

// NewOutbox is the outbox of a store.
func NewOutbox(s *store.Store) *Outbox { return &Outbox{s} }

// Waiting gives a mail that is still to be sent; nil when it was sent or given
// up, or is not there any more.
func (o *Outbox) Waiting(ctx context.Context, job Job) (*Mail, error) {
	var m Mail
	err := o.store.SystemRead(ctx, "read a mail", func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND id = ?", job.Company, job.Mail).Take(&m).Error
	})
	if store.Missing(err) {
		return nil, nil
	}
	if err != nil || m.SentAt != nil || m.GivenUpAt != nil {
		return nil, err
	}
	return &m, nil
}

// Sent notes that a mail went out.
func (o *Outbox) Sent(ctx context.Context, m *Mail) error {
	return o.note(ctx, m, map[string]any{"sent_at": models.At(o.store.Now()), "attempts": m.Attempts + 1, "failure": ""})
}

// Failed notes that a try failed and why (for operators); final says that
// there will be no other, because the address does not exist or the tries are
// used up.
func (o *Outbox) Failed(ctx context.Context, m *Mail, why string, final bool) error {
	changes := map[string]any{"attempts": m.Attempts + 1, "failure": why}
	if final {
		changes["given_up_at"] = models.At(o.store.Now())
	}
	return o.note(ctx, m, changes)
}

func (o *Outbox) note(ctx context.Context, m *Mail, changes map[string]any) error {
	return o.store.System(ctx, "note what became of a mail", func(tx *store.Tx) error {
		tx.NothingToRecord()
		tx.Notify("mail:" + m.OrganizationID)
		return tx.Model(&Mail{}).Where("company_id = ? AND id = ?", m.CompanyID, m.ID).Updates(changes).Error
	})
}

// Stuck counts the mails of the actor's organization that could not be sent so
// far: superusers are told in the application while the mail server is down.
func (o *Outbox) Stuck(ctx context.Context, by models.Actor) (count int64, err error) {
	err = o.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		return tx.Model(&Mail{}).Where("sent_at IS NULL AND attempts > 0").Count(&count).Error
	})
	return count, err
}
