package delegation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"locum/models"
	"locum/models/mail"
	"locum/models/store"
)

// The lengths by which warnings are scaled. A month has 28 days at least, and a
// day 25 hours at most.
const (
	aMonth = 28 * 24 * time.Hour
	aDay   = 25 * time.Hour
)

// warnings are how long before its end both sides are told of it, by how long a
// delegation lasts, the earliest first.
func warnings(length time.Duration) []time.Duration {
	switch {
	case length >= aMonth:
		return []time.Duration{7 * 24 * time.Hour, 24 * time.Hour}
	case length > aDay:
		return []time.Duration{24 * time.Hour}
	}
	return []time.Duration{time.Hour}
}

// warning is the warning that is due at a moment: one that a later one has
// overtaken is not, nor one that was due before the end was set.
func (d Delegation) warning(now time.Time) (before time.Duration, due bool) {
	if d.EndsAt == nil || !d.stands(now) {
		return 0, false
	}
	from := d.StartsAt.Time
	if d.EndSetAt != nil && d.EndSetAt.After(from) {
		from = d.EndSetAt.Time
	}
	for _, step := range warnings(d.EndsAt.Sub(from)) {
		if at := d.EndsAt.Add(-step); at.After(from) && !now.Before(at) {
			before, due = step, true
		}
	}
	if due && d.WarnedEnd != nil && d.WarnedEnd.Equal(d.EndsAt.Time) && d.WarnedHours <= int(before.Hours()) {
		return 0, false
	}
	return before, due
}

// Remind warns consultants, firms and superusers of delegations that end soon,
// each once. What was revoked, suspended or extended meanwhile is left alone.
func (d *Delegations) Remind(ctx context.Context) error {
	soon := models.At(d.store.Now().Add(7 * 24 * time.Hour))
	due := func(row Delegation, now time.Time) bool { _, is := row.warning(now); return is }
	return errors.Join(
		d.sweep(ctx, "warn of the end of a delegation", due, warn, standingDelegation+" AND ends_at <= ?", soon),
		d.sweepFirms(ctx, "warn of the end of a delegation to a firm", warnFirm, standingFirm+" AND ends_at <= ?", soon))
}

// warn sends the warning that is due. It runs in a System transaction that
// holds the delegation.
func warn(tx *store.Tx, d Delegation) error {
	before, due := d.warning(tx.Now())
	if !due {
		return nil
	}
	hours := int(before.Hours())
	if err := note(tx, d, map[string]any{"warned_end": d.EndsAt, "warned_hours": hours}); err != nil {
		return err
	}
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	var visits int64
	if err := tx.Model(&Visit{}).Where("company_id = ? AND delegation_id = ?", d.CompanyID, d.ID).Count(&visits).Error; err != nil {
		return err
	}
	content := mail.Expiring{Delegated: f, Visits: int(visits)}
	forHim := content
	forHim.ToConsultant = true
	return tell(tx, d, fmt.Sprintf("delegation.expiring.%s.%d.%d", d.ID, d.EndsAt.Unix(), hours), content, forHim)
}

// sweep does something with every delegation that meets a condition and is due,
// each in a transaction of its own that holds it. One that fails does not hold
// up the others. What it does must see for itself that it is still due.
func (d *Delegations) sweep(ctx context.Context, name string, due func(Delegation, time.Time) bool, do func(*store.Tx, Delegation) error, where string, args ...any) (failed error) {
	for last := ""; ; {
		var rows []Delegation
		err := d.store.SystemRead(ctx, name, func(tx *store.Tx) error {
			return tx.Where(where, args...).Where("id > ?", last).Order("id").Limit(sweepSize).Find(&rows).Error
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, row := range rows {
			if last = row.ID; !due(row, d.store.Now()) {
				continue
			}
			failed = errors.Join(failed, d.store.System(ctx, name, func(tx *store.Tx) error {
				tx.NothingToRecord() // unless it is done
				now, err := lock(tx, row.ID)
				if err != nil {
					return err
				}
				return do(tx, now)
			}))
		}
		if len(rows) < sweepSize {
			return failed
		}
	}
}
