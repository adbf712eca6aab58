package delegation

import (
	"context"
	"errors"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// When a host is asked about a delegation that goes on.
const (
	reviewDays = 90 // on the host's calendar, between two reviews of one without an end
	answerTime = 14 * 24 * time.Hour
	askAgain   = 3 * 24 * time.Hour // before the answer is due
)

// ReviewAt is when a delegation without an end has to be reviewed, in the
// host's zone; nil for one that has an end.
func (d Delegation) ReviewAt(zone *time.Location) *models.Instant {
	if d.EndsAt != nil {
		return nil
	}
	from := d.StartsAt.Time
	if d.ReviewedAt != nil && d.ReviewedAt.After(from) {
		from = d.ReviewedAt.Time
	}
	return at(step(from.In(zone), 0, reviewDays))
}

// Review asks hosts about delegations without an end whose review comes near,
// reminds them, and suspends what nobody answered. A host that could not be asked in
// time has its fourteen days all the same.
func (d *Delegations) Review(ctx context.Context) error {
	now := d.store.Now()
	near := models.At(now.Add(answerTime - (reviewDays-1)*24*time.Hour)) // a day less, for clocks that go forward
	always := func(Delegation, time.Time) bool { return true }
	return errors.Join(
		d.sweep(ctx, "ask for the review of a delegation", always, askReview,
			standingDelegation+" AND firm_id = '' AND ends_at IS NULL AND question = '' AND starts_at <= ? AND (reviewed_at IS NULL OR reviewed_at <= ?)", near, near),
		d.sweep(ctx, "ask again about a delegation", always, remindOfQuestion,
			standingDelegation+" AND answer_by <= ? AND asked_again_at IS NULL", models.At(now.Add(askAgain))),
		d.sweep(ctx, "suspend a delegation about which nobody answered", always, closeQuestion,
			"declined_at IS NULL AND revoked_at IS NULL AND suspended_at IS NULL AND expiry_recorded_at IS NULL AND answer_by <= ?", models.At(now)),
		d.sweepFirms(ctx, "ask for the review of a delegation to a firm", reviewFirm,
			standingFirm+" AND ends_at IS NULL AND question = '' AND starts_at <= ? AND (reviewed_at IS NULL OR reviewed_at <= ?)", near, near),
		d.sweepFirms(ctx, "ask again about a delegation to a firm", remindOfFirmQuestion,
			standingFirm+" AND answer_by <= ? AND asked_again_at IS NULL", models.At(now.Add(askAgain))),
		d.sweepFirms(ctx, "suspend a delegation to a firm about which nobody answered", closeFirmQuestion, standingFirm+" AND answer_by <= ?", models.At(now)))
}

// askReview asks for the review of a delegation that comes near. Where nobody
// is left who could answer, the delegation ends with its review.
func askReview(tx *store.Tx, d Delegation) error {
	var host tenancy.Organization
	if err := tx.Where("company_id = ? AND id = ?", d.CompanyID, d.OrganizationID).Take(&host).Error; err != nil {
		return err
	}
	due := d.ReviewAt(host.Zone())
	if due == nil || d.Question != "" || !d.stands(tx.Now()) || tx.Now().Before(due.Add(-answerTime)) {
		return nil
	}
	if tx.Now().After(due.Add(24*time.Hour - answerTime)) { // late: nobody was asked in time
		due = at(tx.Now().Add(answerTime))
	}
	none, err := nobodyToAsk(tx, d)
	if err != nil {
		return err
	}
	if none {
		return endAt(tx, d, *due)
	}
	return ask(tx, d, ReviewDue, *due)
}

// ask puts a question to the superusers of the host. It runs in a System
// transaction that holds the delegation.
func ask(tx *store.Tx, d Delegation, q Question, by models.Instant) error {
	d.Question, d.AnswerBy = q, &by
	if err := note(tx, d, map[string]any{"question": q, "answer_by": by, "asked_again_at": nil}); err != nil {
		return err
	}
	tx.Record(event.DelegationQuestioned, about(d, map[string]any{"why": q, "answer_by": by.Time}))
	return tellQuestion(tx, d, "asked", false)
}

// remindOfQuestion asks once more, shortly before the answer is due.
func remindOfQuestion(tx *store.Tx, d Delegation) error {
	if d.Question == "" || d.AskedAgainAt != nil || !d.stands(tx.Now()) || !tx.Now().Before(d.AnswerBy.Time) || tx.Now().Before(d.AnswerBy.Add(-askAgain)) {
		return nil
	}
	if err := note(tx, d, map[string]any{"asked_again_at": models.At(tx.Now())}); err != nil {
		return err
	}
	return tellQuestion(tx, d, "asked_again", true)
}

func tellQuestion(tx *store.Tx, d Delegation, kind string, again bool) error {
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	return tell(tx, d, key(kind, d), mail.Question{Delegated: f, Why: string(d.Question), AnswerBy: *d.AnswerBy, Again: again}, nil)
}

// closeQuestion suspends a delegation about which nobody answered. Where nobody
// is left to answer, one without an end has it then, and another runs out.
func closeQuestion(tx *store.Tx, d Delegation) error {
	if d.Question == "" || d.SuspendedAt != nil || d.Over(tx.Now()) || tx.Now().Before(d.AnswerBy.Time) {
		return nil
	}
	none, err := nobodyToAsk(tx, d)
	switch {
	case err != nil:
		return err
	case none && d.Question == ReviewDue:
		return endAt(tx, d, *d.AnswerBy)
	case none:
		return note(tx, d, map[string]any{"question": "", "answer_by": nil, "asked_again_at": nil})
	}
	return suspend(tx, d, d.Question.suspends())
}

// endAt gives a delegation an end that no superuser chose.
func endAt(tx *store.Tx, d Delegation, end models.Instant) error {
	d.EndsAt = &end
	if err := save(tx, &d, map[string]any{"ends_at": end, "end_set_at": models.At(tx.Now()), "question": "", "answer_by": nil, "asked_again_at": nil}); err != nil {
		return err
	}
	tx.Record(event.DelegationEndSet, about(d, nil))
	return nil
}

func nobodyToAsk(tx *store.Tx, d Delegation) (bool, error) {
	superusers, err := tenancy.Superusers(tx, d.CompanyID, d.OrganizationID)
	return len(superusers) == 0, err
}

// granterGone asks the other superusers about the delegations of one who is a
// superuser no more: they stand, for the organization granted them. It runs in
// a System transaction.
func granterGone(tx *store.Tx, about store.About) error {
	if role, _ := about.Data["role"].(string); role != tenancy.Superuser || about.Organization == "" {
		return nil
	}
	const here = "company_id = ? AND organization_id = ?"
	if err := questionFirms(tx, about.ID, here, about.Company, about.Organization); err != nil {
		return err
	}
	return questionGranted(tx, about.ID, here, about.Company, about.Organization)
}

// granterClosed is granterGone for one whose account was closed.
func granterClosed(tx *store.Tx, about store.About) error {
	const anywhere = "company_id <> ?"
	if err := questionFirms(tx, about.ID, anywhere, ""); err != nil {
		return err
	}
	return questionGranted(tx, about.ID, anywhere, "")
}

func questionGranted(tx *store.Tx, person, where string, args ...any) error {
	var granted []Delegation
	err := tx.Where("granted_by = ? AND firm_id = '' AND question = '' AND declined_at IS NULL AND revoked_at IS NULL AND suspended_at IS NULL AND expiry_recorded_at IS NULL", person).
		Where(where, args...).Order("id").Find(&granted).Error
	if err != nil {
		return err
	}
	for _, row := range granted {
		d, err := lock(tx, row.ID)
		if err != nil {
			return err
		}
		superusers, err := tenancy.Superusers(tx, d.CompanyID, d.OrganizationID)
		if err != nil {
			return err
		}
		still := false // he may have the role from another source
		for _, s := range superusers {
			still = still || s.ID == person
		}
		if still || len(superusers) == 0 || d.Question != "" || d.SuspendedAt != nil || d.Over(tx.Now()) {
			continue
		}
		if err := ask(tx, d, GranterGone, models.At(tx.Now().Add(answerTime))); err != nil {
			return err
		}
	}
	return nil
}
