package delegation

import (
	"context"
	"errors"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// sweepSize is how many rows one pass of a sweep takes; the next takes more.
const sweepSize = 100

// Expire writes down the delegations whose period is over: the record, the end
// of their visits, the mails. Nobody was let in meanwhile: that is asked of
// the row and the clock. Each is a transaction of its own, and one that fails
// does not hold up the others.
func (d *Delegations) Expire(ctx context.Context) error {
	var due []Delegation
	err := d.store.SystemRead(ctx, "delegations that ran out", func(tx *store.Tx) error {
		return tx.Where("ends_at <= ? AND expiry_recorded_at IS NULL AND revoked_at IS NULL AND declined_at IS NULL AND approval_due IS NULL", models.At(tx.Now())).
			Order("ends_at").Limit(sweepSize).Find(&due).Error
	})
	for _, row := range due {
		err = errors.Join(err, d.store.System(ctx, "write down an expiry", func(tx *store.Tx) error {
			now, err := lock(tx, row.ID)
			if err != nil {
				return err
			}
			if now.ExpiryRecordedAt != nil || now.RevokedAt != nil || now.DeclinedAt != nil || now.ApprovalDue != nil || now.EndsAt == nil || now.EndsAt.After(tx.Now()) {
				tx.NothingToRecord() // somebody was here first, or it was extended
				return nil
			}
			return expire(tx, now)
		}))
	}
	return errors.Join(err, d.sweepFirms(ctx, "write down that a delegation to a firm ran out", firmOver,
		openFirm+" AND approved_at IS NOT NULL AND ends_at <= ?", models.At(d.store.Now())))
}

// expire writes down that a delegation ran out, as of its end.
func expire(tx *store.Tx, d Delegation) error {
	if err := save(tx, &d, map[string]any{"expiry_recorded_at": models.At(tx.Now())}); err != nil {
		return err
	}
	if err := drop(tx, d); err != nil {
		return err
	}
	if err := endVisits(tx, d, ByExpiry, d.EndsAt.Time); err != nil {
		return err
	}
	by := models.System()
	a := about(d, nil)
	a.As, a.At = &by, d.EndsAt
	tx.Record(event.DelegationExpired, a)
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	var visits int64
	if err := tx.Model(&Visit{}).Where("company_id = ? AND delegation_id = ?", d.CompanyID, d.ID).Count(&visits).Error; err != nil {
		return err
	}
	content := mail.Expired{Delegated: f, At: *d.EndsAt, Visits: int(visits)}
	var forHim mail.Content
	if d.AcceptedAt != nil {
		his := content
		his.ToConsultant = true
		forHim = his
	}
	return tell(tx, d, key("expired", d), content, forHim)
}
