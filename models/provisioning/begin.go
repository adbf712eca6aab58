package provisioning

import (
	"slices"
	"strings"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// runAtOnce is for how many people a run is done in the transaction of the
// change that asks for it.
const runAtOnce = 500

// begin begins a run in a transaction that is confined to the company and holds
// its rules locked. Nobody is evaluated yet. A run that is under way is
// superseded: this one goes over everyone.
func begin(tx *store.Tx, r Run) (Run, error) {
	company := tx.Actor.Effective.Company
	now := models.At(tx.Now())
	if r.Cause == RolesOrdered { // what managers confirmed of the run that this one replaces holds on
		var open []Run
		if err := tx.Where("state = ?", Running).Find(&open).Error; err != nil {
			return r, err
		}
		for _, o := range open {
			r.MayLose, r.MayRaise = max(r.MayLose, o.MayLose), max(r.MayRaise, o.MayRaise)
		}
	}
	err := tx.Model(&Run{}).Where("state IN ?", openStates).Updates(map[string]any{"state": Superseded, "updated_at": now, "ended_at": now}).Error
	if err != nil {
		return r, err
	}
	if r.Known, err = countKnown(tx, company); err != nil {
		return r, err
	}
	r.CompanyID, r.ID, r.State, r.Reason = company, models.NewID("run"), Running, strings.TrimSpace(r.Reason)
	r.MadeBy, r.MadeByName, r.CreatedAt, r.UpdatedAt = tx.Actor.Account, tx.Actor.Name, now, now
	r.Acting = acting{tx.Actor.Real, tx.Actor.Mandate, tx.Actor.BreakGlass}
	return r, tx.Create(&r).Error
}

// uncommitted reads the rules as the transaction made them, and who is not to be
// done without, for a transaction that writes.
func (c *Connectors) uncommitted(tx *store.Tx) (*deciding, error) {
	company := tx.Actor.Effective.Company
	d := &deciding{}
	var err error
	if d.heads, err = lockHeads(tx, company); err != nil {
		return nil, err
	}
	if d.policy, err = fullPolicyOf(tx, company); err != nil {
		return nil, err
	}
	list, err := load(tx, company)
	if err != nil {
		return nil, err
	}
	// Not the ones compiled before, nor kept for later: these are not committed.
	d.rules, err = Compile(connectorsOf(list))
	return d, err
}

// run does all of a run.
func (d *deciding) run(tx *store.Tx, r *Run) (changes []Applied, err error) {
	err = crowds(tx, r.CompanyID, func(part crowd) error {
		some, err := d.part(tx, r, part)
		changes = append(changes, some...)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.Known = int(r.Known)
	slices.SortStableFunc(changes, func(a, b Applied) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return changes, finish(tx, r)
}

// part evaluates some people and writes what changes for them.
func (d *deciding) part(tx *store.Tx, r *Run, some crowd) (changes []Applied, err error) {
	w := writing{company: r.CompanyID, run: r.ID}
	var effect Effect
	for _, id := range some.ids {
		if err := some.broken[id]; err != nil {
			if err := fail(tx, r, some.people[id], err); err != nil {
				return nil, err
			}
			continue
		}
		done, plan := d.decide(some.people[id], some.profiles[id], some.held[id])
		w.add(done, plan)
		effect.count(done, d.policy)
		if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
			changes = append(changes, done)
		}
	}
	r.take(effect)
	if d.limited && (r.Lost > r.MayLose || r.Raised > r.MayRaise || r.ByLink() && effect.High > 0) {
		return nil, errTooMuch
	}
	r.Done, r.Upto = r.Done+int64(len(some.ids)), some.ids[len(some.ids)-1]
	d.Effect.add(effect)
	return changes, w.write(tx)
}

// take adds what a part did.
func (r *Run) take(e Effect) {
	r.Gained += int64(e.Gain)
	r.Lost += int64(e.Lose)
	r.Raised += int64(e.Raise)
	r.Kept += int64(e.Hold)
}

// finish writes that a run is at its end.
func finish(tx *store.Tx, r *Run) error {
	now := models.At(tx.Now())
	r.State, r.EndedAt = RunDone, &now
	switch {
	case r.Cause == RolesOrdered && r.Gained+r.Lost > 0:
		if err := recordApplied(tx, r.SubjectID, max(r.Gained, r.Lost)); err != nil {
			return err
		}
	case r.Cause != RolesOrdered && r.told():
		tx.Record(event.RunFinished, store.About{ID: r.ID, Name: r.SubjectName, Company: r.CompanyID,
			Data: map[string]any{"cause": r.Cause, "known": r.Known, "gained": r.Gained, "lost": r.Lost, "held": r.Kept, "failed": r.Failed}})
	}
	return r.save(tx)
}

// told says whether the end of a run is told by itself. That of a small one is
// told with the change that it is part of.
func (r *Run) told() bool { return r.Known > runAtOnce || r.Cause == ByHand }

// save writes how far a run is.
func (r *Run) save(tx *store.Tx) error {
	r.UpdatedAt = models.At(tx.Now())
	tx.Notify("run:" + r.ID)
	return tx.Model(&Run{}).Where("company_id = ? AND id = ?", r.CompanyID, r.ID).Updates(map[string]any{"state": r.State, "known": r.Known, "done": r.Done,
		"gained": r.Gained, "lost": r.Lost, "raised": r.Raised, "kept": r.Kept, "failed": r.Failed, "may_lose": r.MayLose, "may_raise": r.MayRaise, "leave": r.Chosen,
		"upto": r.Upto, "acting": string(r.Acting.text()), "subject_id": r.SubjectID, "left_by_hand": r.LeftByHand, "undone_by": r.UndoneBy, "updated_at": r.UpdatedAt, "ended_at": r.EndedAt}).Error
}
