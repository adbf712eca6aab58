package delegation

import (
	"context"
	"maps"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// ExtendFirm gives a delegation to a firm a later end, counted from now for a
// period, and with it everybody whom the firm named and who ends with it: an
// earlier end of his own is a superuser's wish. One without an end it can give
// one. Where the host wants that another superuser agrees to what widens a
// delegation, a later end waits for him, and waits is true.
func (d *Delegations) ExtendFirm(ctx context.Context, by models.Actor, id string, version int64, period Period, date string) (waits bool, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		host, err := hostOf(tx)
		if err != nil {
			return err
		}
		switch {
		case !f.Status(tx.Now()).MayName():
			return models.Fail(models.Conflict, "firm.error.over")
		case f.Wanted(tx.Now()):
			return models.Fail(models.Conflict, "granting.error.waits")
		case f.Version != version:
			return models.Fail(models.Conflict, "delegation.error.changed")
		}
		ends, err := f.later(tx, host, period, date)
		if err != nil {
			return err
		}
		if waits = host.Hosting.Approval && later(ends, f.EndsAt); waits {
			return wantLater(tx, f, period, ends)
		}
		return extendFirm(tx, f, period, ends)
	})
	return waits, err
}

// wantLater proposes a later end, and asks the other superusers. It lapses with
// the delegation at the latest.
func wantLater(tx *store.Tx, f Firm, period Period, ends *models.Instant) error {
	due := models.At(tx.Now().Add(ApprovalTime))
	for _, sooner := range []*models.Instant{f.EndsAt, ends} {
		if sooner != nil && sooner.Before(due.Time) {
			due = *sooner
		}
	}
	f.WantedPeriod, f.WantedEndsAt, f.WantedBy, f.WantedByName, f.WantedDue = period, ends, tx.Actor.Account, tx.Actor.Name, &due
	if err := saveFirm(tx, &f, map[string]any{"wanted_period": period, "wanted_ends_at": ends, "wanted_by": f.WantedBy, "wanted_by_name": f.WantedByName, "wanted_due": due}); err != nil {
		return err
	}
	tx.Record(event.FirmExtensionProposed, aboutWanted(f))
	return tx.Across("mails about a proposal for a firm", func(tx *store.Tx) error {
		facts, err := firmFacts(tx, f)
		if err != nil {
			return err
		}
		facts.Ends = ends
		return tell(tx, Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}, keyOf("firm.wanted", f, f.Version),
			mail.FirmProposed{FirmDelegated: facts, Lapses: due, Extends: true, By: f.WantedByName, Before: f.EndsAt}, nil, f.WantedBy)
	})
}

// aboutWanted is what events of a proposed later end say.
func aboutWanted(f Firm) store.About {
	a := aboutFirm(f)
	a.Data["ends_at"], a.Data["before"], a.Data["proposed_by"] = instant(f.WantedEndsAt), instant(f.EndsAt), f.WantedByName
	return a
}

// approveLater agrees to the later end that another superuser proposed. The
// transaction holds the delegation to the firm.
func approveLater(tx *store.Tx, f Firm, version int64) error {
	switch {
	case !f.Status(tx.Now()).MayName():
		return models.Fail(models.Conflict, "firm.error.over")
	case f.WantedBy == tx.Actor.Account:
		return models.Fail(models.Conflict, "firm.error.own_proposal")
	case f.Version != version:
		return models.Fail(models.Conflict, "delegation.error.changed")
	}
	if err := superuserOf(tx, f.CompanyID, f.OrganizationID); err != nil {
		return err
	}
	host, err := hostOf(tx)
	if err != nil {
		return err
	}
	wrong := models.FieldErrors{}
	checkCap(host, f.WantedPeriod, f.StartsAt.Time, f.WantedEndsAt, wrong)
	for _, over := range wrong { // the cap is a shorter one by now
		return &models.Error{Kind: models.Conflict, Key: over.Key, Args: over.Args}
	}
	proposer, period, ends := f.WantedBy, f.WantedPeriod, f.WantedEndsAt
	if err := extendFirm(tx, f, period, ends); err != nil {
		return err
	}
	return answerWanted(tx, f, proposer, WasApproved)
}

// answerWanted tells who proposed a later end what became of it.
func answerWanted(tx *store.Tx, f Firm, proposer string, outcome Outcome) error {
	return tx.Across("what became of a proposal for a firm", func(tx *store.Tx) error {
		facts, err := firmFacts(tx, f)
		if err != nil {
			return err
		}
		facts.Ends = f.WantedEndsAt
		by := tx.Actor.Name
		if outcome == HasLapsed {
			by = ""
		}
		return answerProposer(tx, f, proposer, mail.FirmAnswered{FirmDelegated: facts, By: by, Outcome: string(outcome), Extends: true})
	})
}

// RefuseFirmExtension says no to the later end that another superuser proposed,
// and tells him; or takes it back, where the actor proposed it.
func (d *Delegations) RefuseFirmExtension(ctx context.Context, by models.Actor, id string, version int64) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		switch {
		case !f.Wanted(tx.Now()):
			return models.Fail(models.Conflict, "firm.error.nothing_waits")
		case f.Version != version:
			return models.Fail(models.Conflict, "delegation.error.changed")
		}
		if f.WantedBy == tx.Actor.Account {
			return refuseWanted(tx, &f, WasWithdrawn)
		}
		if err := superuserOf(tx, f.CompanyID, f.OrganizationID); err != nil {
			return err
		}
		return refuseWanted(tx, &f, WasRejected)
	})
}

// refuseWanted ends a proposal of a later end, if there is one, and writes down
// how. Who proposed it hears of it, unless he took it back or it went with its
// delegation.
func refuseWanted(tx *store.Tx, f *Firm, outcome Outcome) error {
	if f.WantedDue == nil {
		return nil
	}
	was := *f
	if err := saveFirm(tx, f, unwanted()); err != nil {
		return err
	}
	f.WantedPeriod, f.WantedEndsAt, f.WantedBy, f.WantedByName, f.WantedDue = "", nil, "", "", nil
	a, kind := aboutWanted(was), map[Outcome]string{WasRejected: event.FirmExtensionRejected, WasWithdrawn: event.FirmExtensionWithdrawn, HasLapsed: event.FirmExtensionLapsed}[outcome]
	if outcome == HasLapsed {
		by := models.System()
		a.As, a.At = &by, was.WantedDue
	}
	tx.Record(kind, a)
	if outcome == WasWithdrawn {
		return nil
	}
	return answerWanted(tx, was, was.WantedBy, outcome)
}

// extendFirm changes the end of a delegation to a firm and of its people, writes
// it down, and tells both sides.
func extendFirm(tx *store.Tx, f Firm, period Period, ends *models.Instant) error {
	if err := extendNamed(tx, f, period, ends); err != nil {
		return err
	}
	before := f.EndsAt
	f.EndsAt, f.Period = ends, period
	changes := map[string]any{"ends_at": ends, "period": period, "end_set_at": models.At(tx.Now())}
	maps.Copy(changes, unwanted())
	maps.Copy(changes, decided(tx.Now()))
	if err := saveFirm(tx, &f, changes); err != nil {
		return err
	}
	extended := aboutFirm(f)
	extended.Data["before"] = before
	tx.Record(event.FirmExtended, extended)
	return announce(tx, f, true)
}

// later reads another end for the delegation to a firm, and checks it against
// the one it has and the host's cap.
func (f Firm) later(tx *store.Tx, host tenancy.Organization, period Period, date string) (*models.Instant, error) {
	wrong := models.FieldErrors{}
	ends, ok := period.End(tx.Now(), host.Zone(), date)
	switch {
	case !ok && period == UntilDate:
		wrong.Add("date", "delegation.error.date")
	case !ok:
		wrong.Add("period", "error.choice")
	case ends != nil && !ends.After(tx.Now()):
		wrong.Add("date", "delegation.error.date_past")
	case f.EndsAt == nil && ends == nil:
		wrong.Add("period", "delegation.error.endless")
	case f.EndsAt != nil && ends != nil && ends.Before(f.EndsAt.Time):
		wrong.Add("period", "delegation.error.earlier", "End", *f.EndsAt)
	default:
		checkCap(host, period, f.StartsAt.Time, ends, wrong)
	}
	all, others, err := superusers(tx, host)
	if err != nil {
		return nil, err
	}
	checkApprovers(host, all, others, wrong)
	return ends, wrong.Err()
}

// extendNamed gives the end that a firm gets to those whom it named and who have
// the firm's so far. Each is told; the superusers are told of the firm.
func extendNamed(tx *store.Tx, f Firm, period Period, ends *models.Instant) error {
	named, err := namedOf(tx, f)
	if err != nil {
		return err
	}
	for _, one := range named {
		was := one.EndsAt
		if !sameEnd(was, f.EndsAt) {
			continue
		}
		one.EndsAt, one.Period = ends, period
		changes := map[string]any{"ends_at": ends, "period": period, "end_set_at": models.At(tx.Now())}
		maps.Copy(changes, decided(tx.Now()))
		maps.Copy(changes, notAsking())
		if err := save(tx, &one, changes); err != nil {
			return err
		}
		tx.Record(event.DelegationExtended, about(one, map[string]any{"before": was}))
		if one.AcceptedAt == nil {
			continue
		}
		err := tx.Across("the mail to who was extended with his firm", func(tx *store.Tx) error {
			facts, err := facts(tx, one)
			if err != nil {
				return err
			}
			to, err := consultantOf(tx, one)
			if err != nil {
				return err
			}
			return queue(tx, one, key("extended", one)+".consultant", to, mail.Extended{Delegated: facts, By: tx.Actor.Name, Before: was, ToConsultant: true})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
