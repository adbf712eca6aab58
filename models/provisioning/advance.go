package provisioning

import (
	"context"
	"errors"
	"log/slog"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// errTooMuch stops a run that would touch more people than it may.
var errTooMuch = errors.New("provisioning: a run would do more than it may")

// Advance goes on with the runs of all companies, a part of each in turn, until
// there is none under way. It is what a sweep calls, again and again: a run that
// a restart cut off goes on where it was.
func (c *Connectors) Advance(ctx context.Context) error {
	for {
		open, err := c.underWay(ctx)
		if err != nil || len(open) == 0 {
			return err
		}
		var failed error // of one company, which does not hold up the others
		for _, r := range open {
			failed = errors.Join(failed, c.advance(ctx, r))
		}
		if failed != nil {
			return failed
		}
	}
}

// underWay are the runs that are to go on.
func (c *Connectors) underWay(ctx context.Context) (open []Run, err error) {
	err = c.store.SystemRead(ctx, "look for runs", func(tx *store.Tx) error {
		return tx.Where("state = ?", Running).Order("created_at, id").Find(&open).Error
	})
	return open, err
}

// advance does the next part of a run. Where writing the part fails, its people
// are evaluated one by one, so that one of them cannot hold up all others.
func (c *Connectors) advance(ctx context.Context, r Run) error {
	failed := c.step(ctx, r, c.part)
	if failed == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	for range c.part {
		upto, err := c.upto(ctx, r)
		if err != nil {
			return errors.Join(failed, err)
		}
		if err = c.step(ctx, r, 1); err != nil && !store.Passing(err) {
			err = c.skip(ctx, r, upto, err)
		}
		if err != nil {
			return errors.Join(failed, err)
		}
	}
	return nil
}

// upto is how far a run is.
func (c *Connectors) upto(ctx context.Context, r Run) (upto string, err error) {
	err = c.store.SystemRead(ctx, "look how far a run is", func(tx *store.Tx) error {
		return tx.Model(&Run{}).Select("upto").Where("id = ?", r.ID).Scan(&upto).Error
	})
	return upto, err
}

// inRun runs a part of a run in a transaction of its own, in the name of whom
// the run is of, if it is still under way.
func (c *Connectors) inRun(ctx context.Context, r Run, do func(*store.Tx, *Run) error) error {
	return c.store.System(ctx, "a part of a run", func(tx *store.Tx) error {
		tx.NothingToRecord() // but for the roles that change, and the end of the run
		if err := tx.LockCompany(r.CompanyID, false); err != nil {
			return err
		}
		party, err := tenancy.PartyOf(tx, r.CompanyID, "")
		if err != nil {
			return err
		}
		tx.Actor = models.Actor{Account: r.MadeBy, Name: r.MadeByName, Real: r.Acting.Real, Effective: party, Channel: models.Job,
			Mandate: r.Acting.Mandate, BreakGlass: r.Acting.BreakGlass}
		tx.Remark("run", r.ID)
		return tx.Within(r.CompanyID, func(tx *store.Tx) error {
			var now Run
			err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ? AND state = ?", r.ID, Running).Take(&now).Error
			if store.Missing(err) {
				return nil
			}
			if err != nil {
				return err
			}
			return do(tx, &now)
		})
	})
}

// step evaluates the next people of a run, writes what changes for them, and how
// far the run is: all of it or nothing. A run that would do more than it may is
// held before the part that goes too far.
func (c *Connectors) step(ctx context.Context, r Run, most int) error {
	err := c.inRun(ctx, r, func(tx *store.Tx, now *Run) error {
		// The organizations are locked before anybody is read: who is removed
		// meanwhile is read as removed.
		d, err := c.committed(tx, now.CompanyID)
		if err != nil {
			return err
		}
		people, err := readCrowd(tx, now.CompanyID, now.Upto, most)
		if err != nil {
			return err
		}
		if len(people.ids) > 0 {
			if _, err := d.part(tx, now, people); err != nil {
				return err
			}
		}
		if len(people.ids) < most {
			return finish(tx, now)
		}
		return now.save(tx)
	})
	if !errors.Is(err, errTooMuch) {
		return err
	}
	return c.inRun(ctx, r, func(tx *store.Tx, now *Run) error {
		now.State = RunHeld
		tx.Record(event.RunHeld, store.About{ID: now.ID, Name: now.SubjectName, Data: map[string]any{"done": now.Done, "known": now.Known}})
		if err := tellHeldUp(tx, now); err != nil {
			return err
		}
		return now.save(tx)
	})
}

// committed is deciding with the rules as they were committed, which are
// compiled once for all parts of a run.
func (c *Connectors) committed(tx *store.Tx, company string) (d *deciding, err error) {
	d = &deciding{limited: true}
	if d.heads, err = lockHeads(tx, company); err != nil {
		return nil, err
	}
	if d.policy, err = fullPolicyOf(tx, company); err != nil {
		return nil, err
	}
	d.rules, err = c.rules(tx, company)
	return d, err
}

// skip passes over the person after upto, who cannot be evaluated, unless another
// replica has come further meanwhile.
func (c *Connectors) skip(ctx context.Context, r Run, upto string, cause error) error {
	return c.inRun(ctx, r, func(tx *store.Tx, now *Run) error {
		if now.Upto != upto {
			return nil
		}
		people, err := readCrowd(tx, now.CompanyID, now.Upto, 1)
		if err != nil || len(people.ids) == 0 {
			return errors.Join(cause, err)
		}
		if err := fail(tx, now, people.people[people.ids[0]], cause); err != nil {
			return err
		}
		now.Done, now.Upto = now.Done+1, people.ids[0]
		return now.save(tx)
	})
}

// fail notes somebody whom a run cannot evaluate, and logs why.
func fail(tx *store.Tx, r *Run, person account.Person, cause error) error {
	f := Failure{CompanyID: r.CompanyID, RunID: r.ID, AccountID: person.ID, AccountName: person.Name, Reference: models.NewID("err"), FailedAt: models.At(tx.Now())}
	slog.ErrorContext(tx.Context(), "a run could not evaluate somebody", "id", f.Reference, "run", r.ID, "account", person.ID, "error", cause)
	r.Failed++
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&f).Error
}

// Cancel stops a run. Those whom it came to keep what they have now; the others
// get it at their next sign-in, or when it goes on.
func (c *Connectors) Cancel(ctx context.Context, by models.Actor, id string) error {
	return c.turn(ctx, by, id, func(r *Run) error {
		if r.State != Running && r.State != RunHeld {
			return models.Fail(models.Conflict, "provisioning.error.run_over")
		}
		r.State = Canceled
		return nil
	})
}

// Resume has a run go on that was canceled or held. For one that was held
// confirmed is how many people it has not come to: from then on it asks no more.
func (c *Connectors) Resume(ctx context.Context, by models.Actor, id string, confirmed int) error {
	return c.turn(ctx, by, id, func(r *Run) error {
		if by.ByLink() && (r.State == RunHeld || !r.ByLink()) {
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.ManageConnectors))
		}
		switch {
		case r.State == RunHeld && int64(confirmed) != r.Left():
			wrong := models.FieldErrors{}
			wrong.Add("confirm", "provisioning.error.confirm", "Number", r.Left())
			return wrong.Err()
		case r.State == RunHeld:
			// Whoever lets it go on answers for it.
			r.MayLose, r.MayRaise, r.Acting = r.Known, r.Known, acting{Real: by.Real}
		case r.State != Canceled:
			return models.Fail(models.Conflict, "provisioning.error.run_over")
		}
		r.State = Running
		return nil
	})
}

func (c *Connectors) turn(ctx context.Context, by models.Actor, id string, change func(*Run) error) error {
	return c.store.Write(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
			return err
		}
		r, err := findRun(tx, id)
		if err != nil {
			return err
		}
		if err := change(&r); err != nil {
			return err
		}
		kind := event.RunStarted
		if r.State == Canceled {
			kind = event.RunCanceled
		}
		tx.Record(kind, store.About{ID: r.ID, Name: r.SubjectName, Data: map[string]any{"done": r.Done, "known": r.Known}})
		return r.save(tx)
	})
}
