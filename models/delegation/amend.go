package delegation

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Keep is the period of an amendment that leaves the end as it is.
const Keep Period = "keep"

// Amendment is a checked change of a delegation: what stands, and what would.
type Amendment struct {
	Delegation
	Host          tenancy.Organization
	Before, After Side
	Widens        bool // it lets the consultant do something that he cannot do now
	Approval      bool // another superuser has to approve it first
}

// Nothing says that the amendment would leave everything as it is.
func (a Amendment) Nothing() bool { return a.Before.equal(a.After.Terms) }

// Proposal is what stands, as one fills it in to change it: without a change it
// amends nothing. It takes what Get gives.
func (d Details) Proposal() Proposal {
	in := Proposal{Period: Keep, Reason: d.Reason, Ticket: d.Ticket, LaterApplications: d.AllApplications}
	for _, role := range d.Roles {
		if role.ID != tenancy.Member {
			in.Roles = append(in.Roles, role.ID)
		}
	}
	in.Chosen = len(in.Roles) > 0 || d.NamedApplications != "" || !d.AllApplications
	for _, a := range d.Prospect.Applications {
		if !slices.ContainsFunc(d.Roles, func(role tenancy.Role) bool { return role.ApplicationID == a.ID }) {
			in.Applications = append(in.Applications, a.ID)
		}
	}
	if !in.Chosen {
		in.Applications, in.LaterApplications = nil, false
	}
	return in
}

// Compare checks other terms for a delegation without changing it. Of the
// proposal, the address and the language do not count, and the start only as
// what a period is counted from.
func (d *Delegations) Compare(ctx context.Context, by models.Actor, id string, in Proposal) (a Amendment, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row Delegation
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		a, err = compare(tx, row, in)
		return err
	})
	return a, err
}

// Amend changes a delegation, narrower or wider. version is the one that the
// superuser saw. Where another superuser has to agree to what widens it, it is
// proposed, and waits is true.
func (d *Delegations) Amend(ctx context.Context, by models.Actor, id string, version int64, in Proposal) (waits bool, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		row, err := lock(tx, id)
		if err != nil {
			return err
		}
		if err := changeable(row, tx, version); err != nil {
			return err
		}
		a, err := compare(tx, row, in)
		if err != nil {
			return err
		}
		if a.Nothing() {
			return models.Fail(models.Conflict, "granting.error.nothing")
		}
		if waits = a.Approval; waits {
			return askToAmend(tx, a)
		}
		return amend(tx, &row, a.Before, a.After, tx.Actor.Name, tx.Actor.Account)
	})
	return waits, err
}

// askToAmend proposes an amendment to the other superusers.
func askToAmend(tx *store.Tx, a Amendment) error {
	return submit(tx, a.Delegation, Pending{Kind: ToAmend, Before: a.Before.Terms, After: a.After.Terms, DueAt: models.At(tx.Now().Add(ApprovalTime))})
}

// compare reads other terms for a delegation. What is wrong comes back by field,
// with what could be read.
func compare(tx *store.Tx, row Delegation, in Proposal) (a Amendment, err error) {
	host, err := hostOf(tx)
	if err != nil {
		return a, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return a, err
	}
	enabled, err := inUse(tx)
	if err != nil {
		return a, err
	}
	roles, err := RolesOf(tx, reg, row.ID)
	if err != nil {
		return a, err
	}
	wrong, plan := models.FieldErrors{}, Plan{Host: host}
	terms := Terms{Period: row.Period, Ends: row.EndsAt, Reason: strings.TrimSpace(in.Reason), Ticket: strings.TrimSpace(in.Ticket)}
	if in.Period != Keep {
		terms.Period, terms.Ends = in.Period, in.end(row.countFrom(in.start(tx.Now(), host.Zone(), wrong)), host, wrong)
	}
	if asGood(terms.Ends, row.EndsAt) { // the same choice, made some seconds later
		terms.Period, terms.Ends = row.Period, row.EndsAt
	}
	if later(terms.Ends, row.EndsAt) {
		checkCap(host, in.Period, row.StartsAt.Time, terms.Ends, wrong)
	}
	if err := withinFirm(tx, row, terms.Ends, wrong); err != nil {
		return a, err
	}
	in.checkWhy(host, wrong)
	in.scope(enabled, reg, &plan, wrong)
	next := plan.draft()
	next.Period, next.EndsAt, next.Reason, next.Ticket = terms.Period, terms.Ends, terms.Reason, terms.Ticket
	a = Amendment{Delegation: row, Host: host, Before: side(termsOf(row, roles[row.ID]), row, reg, enabled), After: side(termsOf(next, plan.Roles), row, reg, enabled)}
	a.Widens = widens(a.Before, a.After)
	if a.Widens {
		if err := a.needsApproval(tx, wrong); err != nil {
			return a, err
		}
	}
	return a, wrong.Err()
}

// needsApproval says whether another superuser has to agree to what widens a
// delegation, and refuses where none can.
func (a *Amendment) needsApproval(tx *store.Tx, wrong models.FieldErrors) error {
	a.Approval = a.Host.Hosting.Approval
	all, others, err := superusers(tx, a.Host)
	checkApprovers(a.Host, all, others, wrong)
	return err
}

// lengthen checks a later end for a delegation against the host's cap. Where
// another superuser has to agree it is proposed, and waits is true.
func lengthen(tx *store.Tx, row Delegation, host tenancy.Organization, period Period, ends *models.Instant) (waits bool, err error) {
	wrong := models.FieldErrors{}
	checkCap(host, period, row.StartsAt.Time, ends, wrong)
	a := Amendment{Delegation: row, Host: host}
	if later(ends, row.EndsAt) {
		if err := a.needsApproval(tx, wrong); err != nil {
			return false, err
		}
	}
	if err := wrong.Err(); err != nil || !a.Approval {
		return false, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return false, err
	}
	roles, err := RolesOf(tx, reg, row.ID)
	if err != nil {
		return false, err
	}
	a.Before.Terms = termsOf(row, roles[row.ID])
	a.After.Terms = a.Before.Terms
	a.After.Period, a.After.Ends = period, ends
	return true, askToAmend(tx, a)
}

// amend changes a delegation from one side to the other, on the word of a
// superuser who proposed it, and tells everybody else.
func amend(tx *store.Tx, row *Delegation, before, after Side, by, proposer string) error {
	changes := changed(before, after)
	changes["widened"] = widens(before, after)
	if proposer != tx.Actor.Account {
		changes["proposed_by"] = by
	}
	next := after.on(*row)
	columns := map[string]any{"period": next.Period, "ends_at": next.EndsAt, "all_applications": next.AllApplications,
		"named_applications": next.NamedApplications, "reason": next.Reason, "ticket": next.Ticket}
	if !sameEnd(row.EndsAt, next.EndsAt) { // it answers what was asked about the end
		columns["end_set_at"] = models.At(tx.Now())
		maps.Copy(columns, notAsking())
	}
	maps.Copy(columns, decided(tx.Now()))
	if err := save(tx, &next, columns); err != nil {
		return err
	}
	*row = next
	if err := tx.Where("delegation_id = ?", row.ID).Delete(&Given{}).Error; err != nil {
		return err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	if err := give(tx, *row, after.named(reg)); err != nil {
		return err
	}
	tx.Record(event.DelegationAmended, about(*row, changes))
	return tx.Across("mails about an amendment", func(tx *store.Tx) error {
		f, err := facts(tx, *row)
		if err != nil {
			return err
		}
		content := mail.Amended{Delegated: f, By: tx.Actor.Name, Before: before.Ends, RolesBefore: before.RoleNames, Widened: changes["widened"] == true,
			Applications: after.Prospect.names(), ApplicationsBefore: before.Prospect.names()}
		forHim := content
		forHim.ToConsultant = true
		return tell(tx, *row, key("amended", *row), content, forHim, tx.Actor.Account, proposer)
	})
}

// countFrom is from when a period counts: from a moment, or from a start that is
// yet to come.
func (d Delegation) countFrom(at time.Time) time.Time {
	if d.StartsAt.After(at) {
		return d.StartsAt.Time
	}
	return at
}
