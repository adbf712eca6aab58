package delegation

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// Extend gives a delegation a later end, counted from now for a period, and
// keeps its roles and history; one without an end it can give one. It grants
// what the consultant asked for, and answers what the host was asked. Where
// another superuser has to agree it is proposed, and nothing changes yet. version
// is the one that the superuser saw: when somebody changed it meanwhile, nothing
// is written.
func (d *Delegations) Extend(ctx context.Context, by models.Actor, id string, version int64, period Period, date string) error {
	_, err := d.extend(ctx, by, id, version, period, date)
	return err
}

// extend is Extend; waits says that it is only proposed.
func (d *Delegations) extend(ctx context.Context, by models.Actor, id string, version int64, period Period, date string) (waits bool, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		was, err := lock(tx, id)
		if err != nil {
			return err
		}
		if err := changeable(was, tx, version); err != nil {
			return err
		}
		host, err := hostOf(tx)
		if err != nil {
			return err
		}
		wrong := models.FieldErrors{}
		ends, ok := period.End(was.countFrom(tx.Now()), host.Zone(), date)
		switch {
		case !ok && period == UntilDate:
			wrong.Add("date", "delegation.error.date")
		case !ok:
			wrong.Add("period", "error.choice")
		case ends != nil && !ends.After(tx.Now()):
			wrong.Add("date", "delegation.error.date_past")
		case was.EndsAt == nil && ends == nil:
			wrong.Add("period", "delegation.error.endless")
		case was.EndsAt != nil && ends != nil && ends.Before(was.EndsAt.Time):
			wrong.Add("period", "delegation.error.earlier", "End", *was.EndsAt)
		}
		if err := withinFirm(tx, was, ends, wrong); err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if waits, err = lengthen(tx, was, host, period, ends); waits || err != nil {
			return err
		}
		now := was
		now.EndsAt, now.Period = ends, period
		changes := map[string]any{"ends_at": ends, "period": period, "end_set_at": models.At(tx.Now())}
		maps.Copy(changes, decided(tx.Now()))
		maps.Copy(changes, notAsking())
		if err := save(tx, &now, changes); err != nil {
			return err
		}
		tx.Record(event.DelegationExtended, about(now, map[string]any{"before": was.EndsAt}))
		return tx.Across("mails about an extension", func(tx *store.Tx) error {
			f, err := facts(tx, now)
			if err != nil {
				return err
			}
			content := mail.Extended{Delegated: f, By: tx.Actor.Name, Before: was.EndsAt}
			forHim := content
			forHim.ToConsultant = true
			return tell(tx, now, key("extended", now), content, forHim, tx.Actor.Account)
		})
	})
	return waits && err == nil, err
}

// Revoke ends a delegation now, and every visit under it. It wins over any
// change that somebody makes at the same time.
func (d *Delegations) Revoke(ctx context.Context, by models.Actor, id string) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		was, err := lock(tx, id)
		if err != nil {
			return err
		}
		if was.Over(tx.Now()) {
			return models.Fail(models.Conflict, "delegation.error.over")
		}
		return revoke(tx, was, event.DelegationRevoked)
	})
}

// revoke ends a delegation in the name of the transaction's actor.
func revoke(tx *store.Tx, d Delegation, kind string) error {
	now := models.At(tx.Now())
	d.RevokedAt, d.RevokedBy, d.RevokedByName = &now, tx.Actor.Account, tx.Actor.Name
	if d.ApprovalDue != nil {
		d.ApprovalDue, d.Unapproved = nil, WasWithdrawn
	}
	if err := save(tx, &d, map[string]any{"revoked_at": now, "revoked_by": d.RevokedBy, "revoked_by_name": d.RevokedByName,
		"approval_due": d.ApprovalDue, "unapproved": d.Unapproved}); err != nil {
		return err
	}
	if err := drop(tx, d); err != nil {
		return err
	}
	tx.Record(kind, about(d, nil))
	if err := mail.Withdraw(tx, d.CompanyID, invitationKey(d)); err != nil {
		return err
	}
	return tx.Across("the end of visits, and mails about it", func(tx *store.Tx) error {
		why := ByRevocation
		if kind == event.DelegationGivenBack {
			why = ByGivingBack
		}
		if err := endVisits(tx, d, why, tx.Now()); err != nil {
			return err
		}
		f, err := facts(tx, d)
		if err != nil {
			return err
		}
		content := mail.Revoked{Delegated: f, By: tx.Actor.Name, At: now, GivenBack: kind == event.DelegationGivenBack}
		his := content
		his.ToConsultant = true
		var forHim mail.Content
		if d.Given() { // else he never heard of it
			forHim = his
		}
		return tell(tx, d, key("revoked", d), content, forHim, tx.Actor.Account)
	})
}

// suspendRedundant suspends the delegations of those who were given a role in an
// organization, and are members of it by that. It runs in a System transaction,
// which may give roles to a whole company: nearly nobody has a delegation where
// he becomes a member.
func suspendRedundant(tx *store.Tx, given []store.About) error {
	people := map[string][]string{} // by organization
	companies := map[string]string{}
	for _, about := range given {
		if about.Organization != "" {
			people[about.Organization] = append(people[about.Organization], about.ID)
			companies[about.Organization] = about.Company
		}
	}
	for _, organization := range slices.Sorted(maps.Keys(people)) {
		for part := range slices.Chunk(people[organization], 500) {
			if err := suspendRedundantOf(tx, companies[organization], organization, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func suspendRedundantOf(tx *store.Tx, company, organization string, people []string) error {
	var open []Delegation
	err := tx.Where("company_id = ? AND organization_id = ? AND account_id IN ? AND revoked_at IS NULL AND suspended_at IS NULL AND declined_at IS NULL AND expiry_recorded_at IS NULL",
		company, organization, people).Order("id").Find(&open).Error
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.Over(tx.Now()) {
			continue // the sweep writes that down
		}
		member, err := isMember(tx, d.AccountID, d)
		if err != nil {
			return err
		}
		if member {
			if err := suspend(tx, d, Redundant); err != nil {
				return err
			}
		}
	}
	return nil
}

// suspend keeps a consultant out until the host confirms. It runs in a System
// transaction.
func suspend(tx *store.Tx, d Delegation, why string) error {
	now := models.At(tx.Now())
	d.SuspendedAt, d.SuspendReason = &now, why
	if err := save(tx, &d, map[string]any{"suspended_at": now, "suspend_reason": why}); err != nil {
		return err
	}
	tx.Record(event.DelegationSuspended, about(d, map[string]any{"why": why}))
	if err := endVisits(tx, d, BySuspension, tx.Now()); err != nil {
		return err
	}
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	content := mail.Suspended{Delegated: f, At: now, Why: why}
	forHim := content
	forHim.ToConsultant = true
	return tell(tx, d, key("suspended", d), content, forHim)
}

// lock reads a delegation and holds it until the end of the transaction.
func lock(tx *store.Tx, id string) (d Delegation, err error) {
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&d).Error
	return d, unknown(err)
}

// changeable refuses to change what is over, and what somebody else changed.
func changeable(d Delegation, tx *store.Tx, version int64) error {
	switch {
	case d.RevokedAt != nil:
		return models.Fail(models.Conflict, "delegation.error.revoked", "By", d.RevokedByName)
	case d.Over(tx.Now()):
		return models.Fail(models.Conflict, "delegation.error.over")
	case d.ApprovalDue != nil:
		return models.Fail(models.Conflict, "granting.error.waits")
	case d.Version != version:
		return models.Fail(models.Conflict, "delegation.error.changed")
	}
	return nil
}

// save writes changes to a delegation whose version did not move.
func save(tx *store.Tx, d *Delegation, changes map[string]any) error {
	changes["version"] = d.Version + 1
	saved := tx.Model(&Delegation{}).Where("company_id = ? AND id = ? AND version = ?", d.CompanyID, d.ID, d.Version).Updates(changes)
	if saved.Error != nil {
		return saved.Error
	}
	if saved.RowsAffected == 0 {
		return models.Fail(models.Conflict, "delegation.error.changed")
	}
	d.Version++
	tx.Notify("organization:" + d.OrganizationID)
	if d.AccountID != "" {
		tx.Notify("account:" + d.AccountID)
	}
	return nil
}
