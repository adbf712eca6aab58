package delegation

import (
	"context"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// ShortenAll gives several delegations an earlier end, counted from now for a
// period, or one where there was none. Each is changed by itself: one that ends
// before it already does not keep the others from it. It narrows them, so
// nobody else has to agree.
func (d *Delegations) ShortenAll(ctx context.Context, by models.Actor, chosen []Chosen, period Period, date string) ([]Result, error) {
	return all(chosen, func(c Chosen) (bool, error) { return false, d.shorten(ctx, by, c, period, date) })
}

func (d *Delegations) shorten(ctx context.Context, by models.Actor, c Chosen, period Period, date string) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		row, err := lock(tx, c.ID)
		if err != nil {
			return err
		}
		if err := changeable(row, tx, c.Version); err != nil {
			return err
		}
		host, err := hostOf(tx)
		if err != nil {
			return err
		}
		ends, err := sooner(tx, row, host, period, date)
		if err != nil {
			return err
		}
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		enabled, err := inUse(tx)
		if err != nil {
			return err
		}
		roles, err := RolesOf(tx, reg, row.ID)
		if err != nil {
			return err
		}
		terms := termsOf(row, roles[row.ID])
		before := side(terms, row, reg, enabled)
		terms.Period, terms.Ends = period, ends
		return amend(tx, &row, before, side(terms, row, reg, enabled), tx.Actor.Name, tx.Actor.Account)
	})
}

// sooner reads an end that is earlier than the one a delegation has, and later
// than its start.
func sooner(tx *store.Tx, row Delegation, host tenancy.Organization, period Period, date string) (*models.Instant, error) {
	wrong := models.FieldErrors{}
	ends, ok := period.End(row.countFrom(tx.Now()), host.Zone(), date)
	switch {
	case period == UntilDate && ends == nil:
		wrong.Add("date", "delegation.error.date")
	case !ok || ends == nil:
		wrong.Add("period", "error.choice")
	case !ends.After(tx.Now()):
		wrong.Add("date", "delegation.error.date_past")
	case !ends.After(row.StartsAt.Time):
		wrong.Add("period", "delegation.error.before_start", "Start", row.StartsAt)
	case row.EndsAt != nil && !ends.Before(row.EndsAt.Time):
		wrong.Add("period", "delegation.error.not_earlier", "End", *row.EndsAt)
	}
	return ends, wrong.Err()
}
