package delegation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Approve agrees to what another superuser proposes about a delegation. From
// then on it is offered to its consultant, or changed. A start that has passed
// meanwhile moves to now, and the period keeps its length. Of two who decide at
// once, one does: the other gets a Conflict.
func (d *Delegations) Approve(ctx context.Context, by models.Actor, id, proposal, note string) error {
	return d.decide(ctx, by, id, proposal, note, func(tx *store.Tx, row Delegation, q *Pending, note string) error {
		if err := approver(tx, row, q); err != nil {
			return err
		}
		if err := settle(tx, q, WasApproved, note); err != nil {
			return err
		}
		if q.Kind == ToAmend {
			return approveChange(tx, row, q)
		}
		return approveGrant(tx, row, q)
	})
}

// Reject refuses what another superuser proposes, and tells him.
func (d *Delegations) Reject(ctx context.Context, by models.Actor, id, proposal, note string) error {
	return d.decide(ctx, by, id, proposal, note, func(tx *store.Tx, row Delegation, q *Pending, note string) error {
		if err := approver(tx, row, q); err != nil {
			return err
		}
		if err := settle(tx, q, WasRejected, note); err != nil {
			return err
		}
		if err := endProposed(tx, &row, q); err != nil {
			return err
		}
		tx.Record(event.DelegationRejected, aboutPending(row, q))
		return tx.Across("the mail to who proposed", func(tx *store.Tx) error { return reply(tx, row, q) })
	})
}

// Withdraw takes back what the actor himself proposed.
func (d *Delegations) Withdraw(ctx context.Context, by models.Actor, id, proposal string) error {
	return d.decide(ctx, by, id, proposal, "", func(tx *store.Tx, row Delegation, q *Pending, _ string) error {
		if q.ProposedBy != tx.Actor.Account {
			return models.Fail(models.Conflict, "granting.error.not_yours", "By", q.ProposedByName)
		}
		if err := settle(tx, q, WasWithdrawn, ""); err != nil {
			return err
		}
		tx.Record(event.DelegationWithdrawn, aboutPending(row, q))
		return endProposed(tx, &row, q)
	})
}

// maxNote is the longest note of who decides, in characters.
const maxNote = 500

// decide locks a delegation and the proposal about it that the actor saw.
func (d *Delegations) decide(ctx context.Context, by models.Actor, id, proposal, note string, do func(*store.Tx, Delegation, *Pending, string) error) error {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxNote {
		wrong := models.FieldErrors{}
		wrong.Add("note", "error.too_long", "Max", maxNote)
		return wrong.Err()
	}
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		row, err := lock(tx, id)
		if err != nil {
			return err
		}
		var q Pending
		if err := tx.Where("id = ? AND delegation_id = ?", proposal, id).Take(&q).Error; err != nil {
			return unknown(err)
		}
		if err := q.read(); err != nil {
			return err
		}
		switch {
		case q.DecidedAt != nil:
			return models.Fail(models.Conflict, "granting.error.decided."+string(q.Outcome), "By", q.DecidedByName)
		case !tx.Now().Before(q.DueAt.Time):
			return models.Fail(models.Conflict, "granting.error.decided.lapsed")
		case row.Over(tx.Now()):
			return models.Fail(models.Conflict, "delegation.error.over")
		}
		return do(tx, row, &q, note)
	})
}

// approver refuses who proposed it himself, and who is no superuser of the host.
func approver(tx *store.Tx, row Delegation, q *Pending) error {
	if q.ProposedBy == tx.Actor.Account {
		return models.Fail(models.Conflict, "granting.error.own")
	}
	return superuserOf(tx, row.CompanyID, row.OrganizationID)
}

// superuserOf refuses who is no superuser of the host.
func superuserOf(tx *store.Tx, company, organization string) error {
	return tx.Across("who is a superuser of a host", func(tx *store.Tx) error {
		list, err := tenancy.Superusers(tx, company, organization)
		if err == nil && !slices.ContainsFunc(list, func(p account.Person) bool { return p.ID == tx.Actor.Account }) {
			return models.Fail(models.Forbidden, "granting.error.superuser")
		}
		return err
	})
}

// approveGrant gives what was proposed.
func approveGrant(tx *store.Tx, row Delegation, q *Pending) error {
	if why, err := unfit(tx, row.Normal); err != nil || why != "" {
		if err == nil {
			err = models.Fail(models.Conflict, why)
		}
		return err
	}
	host, err := hostOf(tx)
	if err != nil {
		return err
	}
	now := models.At(tx.Now())
	if row.StartsAt.Before(now.Time) {
		row.StartsAt = now
		if row.Period != UntilDate { // a last day stays the last
			row.EndsAt, _ = row.Period.End(now.Time, host.Zone(), "")
		}
		if cap := host.Hosting.Cap(now.Time, host.Zone()); cap != nil && (row.EndsAt == nil || row.EndsAt.After(*cap)) {
			row.EndsAt = models.AtPtr(*cap) // a month is not always as long
		}
	}
	row.ApprovalDue, row.ApprovedAt, row.ApprovedBy, row.ApprovedByName = nil, &now, tx.Actor.Account, tx.Actor.Name
	changes := map[string]any{"starts_at": row.StartsAt, "ends_at": row.EndsAt, "approval_due": nil,
		"approved_at": now, "approved_by": row.ApprovedBy, "approved_by_name": row.ApprovedByName}
	maps.Copy(changes, decided(tx.Now()))
	if err := save(tx, &row, changes); err != nil {
		return err
	}
	tx.Record(event.DelegationApproved, aboutPending(row, q))
	if err := invite(tx, row, q.ProposedBy, tx.Actor.Account); err != nil {
		return err
	}
	return tx.Across("the mail to who proposed", func(tx *store.Tx) error { return reply(tx, row, q) })
}

// approveChange changes what was proposed, unless it is no longer what stands.
func approveChange(tx *store.Tx, row Delegation, q *Pending) error {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	roles, err := RolesOf(tx, reg, row.ID)
	if err != nil {
		return err
	}
	switch {
	case !termsOf(row, roles[row.ID]).equal(q.Before):
		return models.Fail(models.Conflict, "granting.error.moved")
	case q.After.Ends != nil && !q.After.Ends.After(tx.Now()):
		return models.Fail(models.Conflict, "granting.error.ended")
	}
	host, err := hostOf(tx)
	if err != nil {
		return err
	}
	wrong := models.FieldErrors{}
	if later(q.After.Ends, row.EndsAt) {
		checkCap(host, q.After.Period, row.StartsAt.Time, q.After.Ends, wrong)
	}
	for _, over := range wrong { // the cap is a shorter one by now
		return &models.Error{Kind: models.Conflict, Key: over.Key, Args: over.Args}
	}
	enabled, err := inUse(tx)
	if err != nil {
		return err
	}
	before, after := side(q.Before, row, reg, enabled), side(q.After, row, reg, enabled)
	if err := amend(tx, &row, before, after, q.ProposedByName, q.ProposedBy); err != nil {
		return err
	}
	return tx.Across("the mail to who proposed", func(tx *store.Tx) error { return reply(tx, row, q) })
}

// endProposed ends a delegation that was only proposed; one that a change was
// proposed of stays as it is.
func endProposed(tx *store.Tx, row *Delegation, q *Pending) error {
	if q.Kind != ToGive {
		tx.Notify("organization:" + row.OrganizationID)
		return nil
	}
	row.RevokedAt, row.RevokedBy, row.RevokedByName = q.DecidedAt, q.DecidedBy, q.DecidedByName
	row.Unapproved, row.ApprovalDue = q.Outcome, nil
	return save(tx, row, map[string]any{"revoked_at": row.RevokedAt, "revoked_by": row.RevokedBy, "revoked_by_name": row.RevokedByName,
		"unapproved": row.Unapproved, "approval_due": nil})
}

// LapseProposals ends proposals about which nobody decided in time, and tells
// who made them. Nobody could approve one meanwhile: that is asked of the clock.
func (d *Delegations) LapseProposals(ctx context.Context) error {
	var due []Pending
	err := d.store.SystemRead(ctx, "proposals that nobody decided about", func(tx *store.Tx) error {
		return tx.Where("due_at <= ? AND decided_at IS NULL", models.At(tx.Now())).Order("due_at").Limit(sweepSize).Find(&due).Error
	})
	for _, q := range due {
		err = errors.Join(err, d.store.System(ctx, "end a proposal that lapsed", func(tx *store.Tx) error {
			tx.NothingToRecord() // when somebody was here first
			row, err := lock(tx, q.DelegationID)
			if err != nil {
				return err
			}
			return lapse(tx, row)
		}))
	}
	now := d.store.Now()
	return errors.Join(err,
		d.sweepFirms(ctx, "end a proposal for a firm that lapsed", firmOver, openFirm+" AND approved_at IS NULL AND (granted_at <= ? OR period = ? AND ends_at <= ?)",
			models.At(now.Add(-ApprovalTime)), UntilDate, models.At(now)),
		d.sweepFirms(ctx, "end a proposed end for a firm that lapsed", lapseWanted, openFirm+" AND wanted_due <= ?", models.At(now)))
}

// lapse ends the proposal about a delegation that is due. It runs in a System
// transaction that holds the delegation.
func lapse(tx *store.Tx, row Delegation) error {
	var q Pending
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("company_id = ? AND delegation_id = ? AND decided_at IS NULL AND due_at <= ?", row.CompanyID, row.ID, models.At(tx.Now())).Take(&q).Error
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := q.read(); err != nil {
		return err
	}
	at, by := q.DueAt, models.System()
	if err := settle(tx, &q, HasLapsed, ""); err != nil {
		return err
	}
	if err := endProposed(tx, &row, &q); err != nil {
		return err
	}
	about := aboutPending(row, &q)
	about.As, about.At = &by, &at
	tx.Record(event.DelegationLapsed, about)
	return reply(tx, row, &q)
}

// aboutPending is what events of a proposal say.
func aboutPending(d Delegation, q *Pending) store.About {
	more := map[string]any{"proposal": q.ID, "kind": q.Kind, "proposed_by": q.ProposedByName}
	if q.Note != "" {
		more["note"] = q.Note
	}
	return about(d, more)
}

// reply tells who proposed what became of it. It runs in a System transaction.
func reply(tx *store.Tx, d Delegation, q *Pending) error {
	f, err := facts(tx, q.After.on(d))
	if err != nil {
		return err
	}
	if q.Kind == ToGive { // with the period of the approval
		f.Ends = d.EndsAt
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	f.Roles = RoleNames(reg, q.After.named(reg))
	p, err := account.Load(tx, q.ProposedBy)
	if err != nil || p.DeactivatedAt != nil {
		return err
	}
	return queue(tx, d, "proposal.answered."+q.ID, p.Recipient(),
		mail.ApprovalAnswered{Delegated: f, By: q.DecidedByName, Outcome: string(q.Outcome), Note: q.Note, Amends: q.Kind == ToAmend})
}
