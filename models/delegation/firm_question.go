package delegation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// A question about a delegation to a firm is asked once, for the firm and
// everybody whom it named: their own delegations are asked nothing.

// keyOf names a mail about a delegation to a firm.
func keyOf(kind string, f Firm, more ...int64) string {
	key := kind + "." + f.ID
	for _, n := range more {
		key += fmt.Sprintf(".%d", n)
	}
	return key
}

// reviewFirm asks for the review of one without an end that comes near. Where
// nobody is left who could answer, it ends with its review.
func reviewFirm(tx *store.Tx, f Firm) error {
	var host tenancy.Organization
	if err := tx.Where("company_id = ? AND id = ?", f.CompanyID, f.OrganizationID).Take(&host).Error; err != nil {
		return err
	}
	due := f.ReviewAt(host.Zone())
	if due == nil || f.Question != "" || !f.stands(tx.Now()) || tx.Now().Before(due.Add(-answerTime)) {
		return nil
	}
	if tx.Now().Add(answerTime).After(due.Time) { // late: nobody was asked in time
		due = at(tx.Now().Add(answerTime))
	}
	superusers, err := tenancy.Superusers(tx, f.CompanyID, f.OrganizationID)
	if err != nil {
		return err
	}
	if len(superusers) == 0 {
		return endFirmAt(tx, f, *due)
	}
	return askFirm(tx, f, ReviewDue, *due)
}

// askFirm puts a question to the superusers of the host.
func askFirm(tx *store.Tx, f Firm, q Question, by models.Instant) error {
	f.Question, f.AnswerBy = q, &by
	if err := noteFirm(tx, f, map[string]any{"question": q, "answer_by": by, "asked_again_at": nil}); err != nil {
		return err
	}
	a := aboutFirm(f)
	a.Data["why"], a.Data["answer_by"] = q, by.Time
	tx.Record(event.FirmQuestioned, a)
	return tellFirmQuestion(tx, f, false)
}

func tellFirmQuestion(tx *store.Tx, f Firm, again bool) error {
	facts, err := firmFacts(tx, f)
	if err != nil {
		return err
	}
	kind := "firm.asked"
	if again {
		kind = "firm.asked_again"
	}
	return tell(tx, Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}, keyOf(kind, f, f.AnswerBy.Unix()),
		mail.FirmQuestion{FirmDelegated: facts, Why: string(f.Question), AnswerBy: *f.AnswerBy, Again: again}, nil)
}

// remindOfFirmQuestion asks once more, shortly before the answer is due.
func remindOfFirmQuestion(tx *store.Tx, f Firm) error {
	if f.Question == "" || f.AskedAgainAt != nil || !f.stands(tx.Now()) || !tx.Now().Before(f.AnswerBy.Time) || tx.Now().Before(f.AnswerBy.Add(-askAgain)) {
		return nil
	}
	if err := noteFirm(tx, f, map[string]any{"asked_again_at": models.At(tx.Now())}); err != nil {
		return err
	}
	return tellFirmQuestion(tx, f, true)
}

// closeFirmQuestion suspends one about which nobody answered, with everybody whom
// the firm named. Where nobody is left to answer, one without an end has it then,
// and another runs out.
func closeFirmQuestion(tx *store.Tx, f Firm) error {
	if f.Question == "" || !f.stands(tx.Now()) || tx.Now().Before(f.AnswerBy.Time) {
		return nil
	}
	superusers, err := tenancy.Superusers(tx, f.CompanyID, f.OrganizationID)
	switch {
	case err != nil:
		return err
	case len(superusers) == 0 && f.Question == ReviewDue:
		return endFirmAt(tx, f, *f.AnswerBy)
	case len(superusers) == 0:
		return noteFirm(tx, f, map[string]any{"question": "", "answer_by": nil, "asked_again_at": nil})
	}
	now := models.At(tx.Now())
	f.SuspendedAt, f.SuspendReason = &now, f.Question.suspends()
	if err := saveFirm(tx, &f, map[string]any{"suspended_at": now, "suspend_reason": f.SuspendReason}); err != nil {
		return err
	}
	a := aboutFirm(f)
	a.Data["why"] = f.SuspendReason
	tx.Record(event.FirmSuspended, a)
	named, err := namedOf(tx, f)
	if err != nil {
		return err
	}
	for _, one := range named {
		if one.SuspendedAt != nil {
			continue
		}
		if err := suspend(tx, one, f.SuspendReason); err != nil {
			return err
		}
	}
	facts, err := firmFacts(tx, f)
	if err != nil {
		return err
	}
	content := mail.FirmHeld{FirmDelegated: facts, Why: f.SuspendReason}
	forFirm := content
	forFirm.ToFirm = true
	return tellBoth(tx, f, keyOf("firm.suspended", f, f.Version), content, forFirm)
}

// endFirmAt gives one an end that no superuser chose, and its people with it.
func endFirmAt(tx *store.Tx, f Firm, end models.Instant) error {
	named, err := namedOf(tx, f)
	if err != nil {
		return err
	}
	for _, one := range named {
		if one.EndsAt == nil {
			if err := endAt(tx, one, end); err != nil {
				return err
			}
		}
	}
	f.EndsAt = &end
	if err := saveFirm(tx, &f, map[string]any{"ends_at": end, "end_set_at": models.At(tx.Now()), "question": "", "answer_by": nil, "asked_again_at": nil}); err != nil {
		return err
	}
	tx.Record(event.FirmEndSet, aboutFirm(f))
	return nil
}

// questionFirms asks the other superusers about what somebody gave to firms who
// is a superuser no more. It runs in a System transaction, before the delegations
// of people are asked about: a firm is locked before its people.
func questionFirms(tx *store.Tx, person, where string, args ...any) error {
	var granted []Firm
	if err := tx.Where("granted_by = ? AND question = '' AND "+standingFirm, person).Where(where, args...).Order("id").Find(&granted).Error; err != nil {
		return err
	}
	for _, row := range granted {
		f, err := lockFirm(tx, row.ID)
		if err != nil {
			return err
		}
		superusers, err := tenancy.Superusers(tx, f.CompanyID, f.OrganizationID)
		if err != nil {
			return err
		}
		still := slices.ContainsFunc(superusers, func(s account.Person) bool { return s.ID == person }) // from another source
		if still || len(superusers) == 0 || f.Question != "" || !f.stands(tx.Now()) {
			continue
		}
		if err := askFirm(tx, f, GranterGone, models.At(tx.Now().Add(answerTime))); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmFirm says that a delegation to a firm goes on, by a decision of the host:
// it answers the question about it, or lifts its suspension and that of everybody
// who was suspended with it. The next review counts from now.
func (d *Delegations) ConfirmFirm(ctx context.Context, by models.Actor, id string, version int64) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		switch {
		case f.Status(tx.Now()).Over():
			return models.Fail(models.Conflict, "firm.error.over")
		case f.Version != version:
			return models.Fail(models.Conflict, "delegation.error.changed")
		case f.SuspendedAt == nil && f.Question == "":
			return models.Fail(models.Conflict, "firm.error.not_asked")
		}
		why := f.SuspendReason
		changes := decided(tx.Now())
		changes["suspended_at"], changes["suspend_reason"] = nil, ""
		lifted := f.SuspendedAt != nil
		f.SuspendedAt, f.SuspendReason, f.Question, f.AnswerBy = nil, "", "", nil
		if err := saveFirm(tx, &f, changes); err != nil {
			return err
		}
		tx.Record(event.FirmConfirmed, aboutFirm(f))
		if !lifted {
			return nil
		}
		if err := liftNamed(tx, f, why); err != nil {
			return err
		}
		return tx.Across("mails that a suspension was lifted", func(tx *store.Tx) error {
			facts, err := firmFacts(tx, f)
			if err != nil {
				return err
			}
			content := mail.FirmResumed{FirmDelegated: facts, By: tx.Actor.Name}
			forFirm := content
			forFirm.ToFirm = true
			return tellBoth(tx, f, keyOf("firm.resumed", f, f.Version), content, forFirm)
		})
	})
}

// liftNamed lifts the suspension of those who were suspended with their firm. Who
// became a member meanwhile, has another address, or left stays out until the host
// decides about him alone.
func liftNamed(tx *store.Tx, f Firm, why string) error {
	named, err := namedOf(tx, f)
	if err != nil {
		return err
	}
	for _, one := range named {
		if one.SuspendedAt == nil || one.SuspendReason != why {
			continue
		}
		changes, err := asHeIs(tx, one)
		member := false
		if err == nil && one.AccountID != "" {
			member, err = isMember(tx, one.AccountID, one)
		}
		if models.KindOf(err) == models.Conflict || err == nil && (member || len(changes) > 0) {
			continue
		}
		if err != nil {
			return err
		}
		if err := confirmed(tx, one, changes); err != nil {
			return err
		}
	}
	return nil
}

// answerProposer tells who proposed what became of it.
func answerProposer(tx *store.Tx, f Firm, proposer string, content mail.FirmAnswered) error {
	return tx.Across("the mail to who proposed", func(tx *store.Tx) error {
		p, err := account.Load(tx, proposer)
		if err != nil || p.DeactivatedAt != nil {
			return err
		}
		key := strings.Join([]string{"firm.answered", f.ID, fmt.Sprint(f.Version)}, ".")
		return mail.Queue(tx, mail.Draft{Company: f.CompanyID, Organization: f.OrganizationID, Key: key, To: p.Recipient(), Content: content})
	})
}
