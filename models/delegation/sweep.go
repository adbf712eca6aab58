package delegation

import (
	"context"
	"errors"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
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

// EndIdle closes visits in which nothing was done for longer than the host
// allows, and visits whose session is over. One that cannot be closed does not
// keep the others open.
func (d *Delegations) EndIdle(ctx context.Context) error {
	var over []Visit
	err := d.store.SystemRead(ctx, "visits that were left behind", func(tx *store.Tx) error {
		var open []Visit
		if err := tx.Where("left_at IS NULL").Order("last_seen_at").Limit(sweepSize * 10).Find(&open).Error; err != nil {
			return err
		}
		for _, v := range open {
			_, _, is, err := left(tx, v)
			if err != nil {
				return err
			}
			if is {
				over = append(over, v)
			}
		}
		return nil
	})
	for _, v := range over {
		err = errors.Join(err, d.store.System(ctx, "close a visit that was left behind", func(tx *store.Tx) error {
			tx.NothingToRecord() // unless End does
			why, at, still, err := left(tx, v)
			if err != nil || !still {
				return err
			}
			return End(tx, v, why, at)
		}))
	}
	return err
}

// left says whether an open visit is over in truth, why, and since when.
func left(tx *store.Tx, v Visit) (LeaveReason, time.Time, bool, error) {
	var s account.Session
	if err := tx.Where("id = ?", v.SessionID).Take(&s).Error; err != nil && !store.Missing(err) {
		return "", time.Time{}, false, err
	}
	var host tenancy.Organization
	if err := tx.Where("company_id = ? AND id = ?", v.CompanyID, v.OrganizationID).Take(&host).Error; err != nil {
		return "", time.Time{}, false, err
	}
	open, err := tenancy.Open(tx, v.CompanyID, v.OrganizationID)
	if err != nil {
		return "", time.Time{}, false, err
	}
	closed, err := accountClosed(tx, v.AccountID)
	if err != nil {
		return "", time.Time{}, false, err
	}
	now := tx.Now()
	idle := v.LastSeenAt.Add(time.Duration(host.IdleHours) * time.Hour)
	switch {
	case !open || closed:
		return Closed, now, true, nil
	case s.RevokedAt != nil:
		return SessionEnded, s.RevokedAt.Time, true, nil
	case host.IdleHours > 0 && !now.Before(idle):
		return Idle, idle, true, nil
	case !s.Live(now):
		ended := s.ExpiresAt.Time
		if silent := s.LastSeenAt.Add(account.SessionIdle); silent.Before(ended) {
			ended = silent
		}
		return SessionEnded, ended, true, nil
	}
	return "", time.Time{}, false, nil
}

func accountClosed(tx *store.Tx, id string) (bool, error) {
	var closed int64
	err := tx.Model(&account.Account{}).Where("id = ? AND deactivated_at IS NOT NULL", id).Count(&closed).Error
	return closed > 0, err
}
