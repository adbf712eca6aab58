package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

const day = 24 * time.Hour

// warnings are how long before a secret expires superusers are told, the earliest
// first. The last is when it does.
var warnings = []time.Duration{14 * day, 3 * day, 0}

// warning is the one that is due at a moment, in days before: one that a later one
// has overtaken is not, nor one that was due before the value was put there.
func (s Secret) warning(now time.Time) (days int, due bool) {
	if s.ExpiresAt == nil {
		return 0, false
	}
	for _, step := range warnings {
		if at := s.ExpiresAt.Add(-step); at.After(s.ChangedAt.Time) && !now.Before(at) {
			days, due = int(step/day), true
		}
	}
	if due && s.WarnedExpiry != nil && s.WarnedExpiry.Equal(s.ExpiresAt.Time) && s.WarnedDays <= days {
		return 0, false
	}
	return days, due
}

// Warn tells the superusers of secrets that expire, each time once.
func (v *Vault) Warn(ctx context.Context) (failed error) {
	until := models.At(v.store.Now().Add(warnings[0]))
	for last := ""; ; {
		var rows []Secret
		err := v.store.SystemRead(ctx, "secrets that expire", func(tx *store.Tx) error {
			return tx.Where("expires_at IS NOT NULL AND expires_at <= ? AND (warned_expiry IS NULL OR warned_expiry <> expires_at OR warned_days > 0) AND id > ?", until, last).
				Order("id").Limit(batch).Find(&rows).Error
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, row := range rows {
			last = row.ID
			if _, due := row.warning(v.store.Now()); due {
				failed = errors.Join(failed, v.warn(ctx, row.ID))
			}
		}
		if len(rows) < batch {
			return failed
		}
	}
}

func (v *Vault) warn(ctx context.Context, id string) error {
	return v.store.System(ctx, "warn of a secret that expires", func(tx *store.Tx) error {
		tx.NothingToRecord() // where it was replaced or removed meanwhile
		s, err := find(tx, id)
		if models.KindOf(err) == models.NotFound && err != nil {
			return nil
		}
		if err != nil {
			return err
		}
		days, due := s.warning(tx.Now())
		if !due {
			return nil
		}
		err = tx.Model(&Secret{}).Where("company_id = ? AND id = ?", s.CompanyID, s.ID).Updates(map[string]any{"warned_expiry": s.ExpiresAt, "warned_days": days}).Error
		if err != nil {
			return err
		}
		host, err := tenancy.PartyOf(tx, s.CompanyID, s.OrganizationID)
		if err != nil {
			return err
		}
		tx.Record(event.SecretExpiring, s.about(map[string]any{"ends_at": s.ExpiresAt, "days": days}))
		_, err = notice.Tell(tx, notice.News{Company: s.CompanyID, Organization: s.OrganizationID,
			Key:     fmt.Sprintf("secret.expiring.%s.%d.%d", s.ID, s.ExpiresAt.Unix(), days),
			Content: mail.SecretExpiring{Host: mail.PlaceOf(host), Secret: s.ID, Name: s.Name, Ends: *s.ExpiresAt, Over: days == 0}})
		return err
	})
}
