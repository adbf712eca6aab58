package delegation

import (
	"context"
	"errors"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// FirmLiving is what happens to a delegation to a firm between its beginning and
// its end.
type FirmLiving struct {
	EndSetAt       *models.Instant // when its end was last changed; nil: as it was granted
	WarnedEnd      *models.Instant // the end that people were last warned of
	WarnedHours    int             // how long before it that was
	OverRecordedAt *models.Instant // when it was written down that it ran out, or lapsed

	ReviewedAt    *models.Instant // when the host last said that it goes on; nil: never
	Question      Question        // what the host has to answer; empty: nothing
	AnswerBy      *models.Instant // without an answer it is suspended then
	AskedAgainAt  *models.Instant // when the host was reminded of the question
	SuspendedAt   *models.Instant
	SuspendReason string

	WantedPeriod Period          // of a later end that another superuser has to agree to
	WantedEndsAt *models.Instant // nil with WantedDue: no end at all
	WantedBy     string
	WantedByName string
	WantedDue    *models.Instant // then that proposal lapses; nil: there is none
}

// Wanted says that a later end waits for another superuser.
func (f Firm) Wanted(now time.Time) bool {
	return f.WantedDue != nil && now.Before(f.WantedDue.Time) && !f.Status(now).Over()
}

// ReviewAt is when one without an end has to be reviewed, in the host's zone; nil
// for one that has an end. It is one review for the firm and all its people.
func (f Firm) ReviewAt(zone *time.Location) *models.Instant {
	return Delegation{StartsAt: f.StartsAt, EndsAt: f.EndsAt, Living: Living{ReviewedAt: f.ReviewedAt}}.ReviewAt(zone)
}

// stands says that it was given, and that nothing keeps the firm from naming but,
// perhaps, its period.
func (f Firm) stands(now time.Time) bool {
	return f.ApprovedAt != nil && f.SuspendedAt == nil && !f.Status(now).Over()
}

// warning is the warning that is due at a moment, as for one person.
func (f Firm) warning(now time.Time) (before time.Duration, due bool) {
	if !f.stands(now) {
		return 0, false
	}
	return Delegation{StartsAt: f.StartsAt, EndsAt: f.EndsAt, AcceptedAt: f.ApprovedAt,
		Living: Living{EndSetAt: f.EndSetAt, WarnedEnd: f.WarnedEnd, WarnedHours: f.WarnedHours}}.warning(now)
}

// unwanted are the changes of one whose end nobody wants to be later.
func unwanted() map[string]any {
	return map[string]any{"wanted_period": "", "wanted_ends_at": nil, "wanted_by": "", "wanted_by_name": "", "wanted_due": nil}
}

// noteFirm writes what is nobody's decision: the version stays.
func noteFirm(tx *store.Tx, f Firm, changes map[string]any) error {
	tx.Notify("organization:" + f.OrganizationID)
	return tx.Model(&Firm{}).Where("company_id = ? AND id = ?", f.CompanyID, f.ID).Updates(changes).Error
}

// tellBoth tells the superusers of the host, but who did it, and the managers of
// the firm.
func tellBoth(tx *store.Tx, f Firm, key string, toHost, toFirm mail.Content) error {
	host := Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}
	if err := tell(tx, host, key, toHost, nil, tx.Actor.Account); err != nil {
		return err
	}
	return tellFirm(tx, f, key+".firm", toFirm)
}

// warnFirm sends the warning that is due to both sides. It runs in a System
// transaction that holds the delegation to the firm.
func warnFirm(tx *store.Tx, f Firm) error {
	before, due := f.warning(tx.Now())
	if !due {
		return nil
	}
	hours := int(before.Hours())
	if err := noteFirm(tx, f, map[string]any{"warned_end": f.EndsAt, "warned_hours": hours}); err != nil {
		return err
	}
	facts, err := firmFacts(tx, f)
	if err != nil {
		return err
	}
	named, err := namedOf(tx, f)
	if err != nil {
		return err
	}
	content := mail.FirmExpiring{FirmDelegated: facts, Named: len(named)}
	forFirm := content
	forFirm.ToFirm = true
	return tellBoth(tx, f, keyOf("firm.expiring", f, f.EndsAt.Unix(), int64(hours)), content, forFirm)
}

// firmOver writes down that the period of a delegation to a firm is over, or that
// nobody approved it in time. Its people's own delegations end by themselves.
func firmOver(tx *store.Tx, f Firm) error {
	status, by := f.Status(tx.Now()), models.System()
	if f.OverRecordedAt != nil || status != FirmExpired && status != FirmLapsed {
		return nil // somebody was here first, or it was extended
	}
	if err := refuseWanted(tx, &f, HasLapsed); err != nil {
		return err
	}
	if err := saveFirm(tx, &f, map[string]any{"over_recorded_at": models.At(tx.Now()), "question": "", "answer_by": nil, "asked_again_at": nil}); err != nil {
		return err
	}
	facts, err := firmFacts(tx, f)
	if err != nil {
		return err
	}
	a := aboutFirm(f)
	a.As = &by
	if status == FirmLapsed {
		a.At = models.AtPtr(f.Lapses().Time)
		tx.Record(event.FirmLapsed, a)
		return answerProposer(tx, f, f.GrantedBy, mail.FirmAnswered{FirmDelegated: facts, Outcome: string(HasLapsed)})
	}
	a.At = f.EndsAt
	tx.Record(event.FirmExpired, a)
	content := mail.FirmExpired{FirmDelegated: facts, At: *f.EndsAt}
	forFirm := content
	forFirm.ToFirm = true
	return tellBoth(tx, f, keyOf("firm.expired", f), content, forFirm)
}

// lapseWanted ends a proposal of a later end that nobody agreed to in time.
func lapseWanted(tx *store.Tx, f Firm) error {
	if f.WantedDue == nil || tx.Now().Before(f.WantedDue.Time) {
		return nil
	}
	return refuseWanted(tx, &f, HasLapsed)
}

// The conditions under which a sweep looks at a delegation to a firm.
const (
	openFirm     = "ended_at IS NULL AND over_recorded_at IS NULL"
	standingFirm = openFirm + " AND approved_at IS NOT NULL AND suspended_at IS NULL"
)

// sweepFirms does something with every delegation to a firm that meets a
// condition, each in a transaction of its own that holds it. One that fails does
// not hold up the others. What it does must see for itself that it is due.
func (d *Delegations) sweepFirms(ctx context.Context, name string, do func(*store.Tx, Firm) error, where string, args ...any) (failed error) {
	for last := ""; ; {
		var rows []Firm
		err := d.store.SystemRead(ctx, name, func(tx *store.Tx) error {
			return tx.Where(where, args...).Where("id > ?", last).Order("id").Limit(sweepSize).Find(&rows).Error
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, row := range rows {
			last = row.ID
			failed = errors.Join(failed, d.store.System(ctx, name, func(tx *store.Tx) error {
				tx.NothingToRecord() // unless it is done
				now, err := lockFirm(tx, row.ID)
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
