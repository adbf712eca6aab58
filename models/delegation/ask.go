package delegation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// More is what a consultant asks for: a later end, and why.
type More struct {
	Period Period
	Date   string // with UntilDate
	Reason string
}

// MorePeriods lists what a consultant can ask for, in the order of the form.
var MorePeriods = []Period{FourHours, Day, Week, Month, ThreeMonths, UntilDate}

// moreTries is how often a day a consultant can ask about one delegation.
const moreTries = 3

// AskMore asks the superusers of the host for more time in the name of the
// delegation's consultant. A delegation has one open request at most.
func (d *Delegations) AskMore(ctx context.Context, by models.Actor, id string, in More) error {
	return d.store.SystemForScope(ctx, by, WriteOwn, "a consultant asks for more time", func(tx *store.Tx) error {
		if by.Epoch != tx.Actor.Epoch {
			return models.Fail(models.Stale, "error.stale")
		}
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		row, err := lock(tx, id)
		if err != nil {
			return err
		}
		if row.AccountID != tx.Actor.Account {
			return models.Unknown()
		}
		if err := row.mayAsk(tx.Now()); err != nil {
			return err
		}
		var host tenancy.Organization
		if err := tx.Where("company_id = ? AND id = ?", row.CompanyID, row.OrganizationID).Take(&host).Error; err != nil {
			return err
		}
		in.Date, in.Reason = strings.TrimSpace(in.Date), strings.TrimSpace(in.Reason)
		if err := in.check(tx.Now(), host.Zone(), row); err != nil {
			return err
		}
		if err := account.Limit(tx, "more time "+id, moreTries, 24*time.Hour); err != nil {
			return err
		}
		now := models.At(tx.Now())
		row.MoreAskedAt = &now
		changes := map[string]any{"more_asked_at": now, "more_period": in.Period, "more_date": in.Date, "more_reason": in.Reason}
		if err := save(tx, &row, changes); err != nil {
			return err
		}
		tx.Record(event.DelegationMoreAsked, about(row, map[string]any{"period": in.Period, "date": in.Date, "reason": in.Reason}))
		f, err := facts(tx, row)
		if err != nil {
			return err
		}
		ends, _ := in.Period.End(tx.Now(), host.Zone(), in.Date)
		return tell(tx, row, key("more_asked", row), mail.MoreAsked{Delegated: f, Wanted: *ends, Because: in.Reason}, nil)
	})
}

// MayAsk says whether the consultant can ask for more time now.
func (d Delegation) MayAsk(now time.Time) bool { return d.mayAsk(now) == nil }

func (d Delegation) mayAsk(now time.Time) error {
	switch {
	case d.Over(now):
		return models.Fail(models.Conflict, "delegation.error.over")
	case d.AcceptedAt == nil || d.SuspendedAt != nil:
		return models.Fail(models.Conflict, "delegation.error.not_now")
	case d.EndsAt == nil:
		return models.Fail(models.Conflict, "delegation.error.has_no_end")
	case d.MoreAskedAt != nil:
		return models.Fail(models.Conflict, "delegation.error.asked_already")
	}
	return nil
}

// check says what is wrong with a request, by field.
func (in More) check(now time.Time, zone *time.Location, d Delegation) error {
	wrong := models.FieldErrors{}
	ends, ok := in.Period.End(now, zone, in.Date)
	switch {
	case in.Period == UntilDate && (!ok || ends == nil):
		wrong.Add("date", "delegation.error.date")
	case !ok || ends == nil:
		wrong.Add("period", "error.choice")
	case !ends.After(d.EndsAt.Time):
		wrong.Add("period", "delegation.error.earlier", "End", *d.EndsAt)
	}
	switch {
	case in.Reason == "":
		wrong.Add("reason", "error.required")
	case utf8.RuneCountInString(in.Reason) > maxReason:
		wrong.Add("reason", "error.too_long", "Max", maxReason)
	}
	return wrong.Err()
}

// RefuseMore answers a request for more time with no, and a note for the
// consultant that may be empty. The delegation stays as it is. Extend grants it.
func (d *Delegations) RefuseMore(ctx context.Context, by models.Actor, id string, version int64, say string) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		was, err := lock(tx, id)
		if err != nil {
			return err
		}
		if err := changeable(was, tx, version); err != nil {
			return err
		}
		if was.MoreAskedAt == nil {
			return models.Fail(models.Conflict, "delegation.error.not_asked")
		}
		say = strings.TrimSpace(say)
		if utf8.RuneCountInString(say) > maxReason {
			wrong := models.FieldErrors{}
			wrong.Add("note", "error.too_long", "Max", maxReason)
			return wrong.Err()
		}
		if err := save(tx, &was, notAsking()); err != nil {
			return err
		}
		tx.Record(event.DelegationMoreRefused, about(was, map[string]any{"note": say}))
		return tx.Across("the answer to a consultant", func(tx *store.Tx) error {
			f, err := facts(tx, was)
			if err != nil {
				return err
			}
			to, err := consultantOf(tx, was)
			if err != nil {
				return err
			}
			return queue(tx, was, key("more_refused", was)+".consultant", to, mail.MoreRefused{Delegated: f, By: tx.Actor.Name, Note: say})
		})
	})
}
