package provisioning

import (
	"slices"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Effect counts what a change does to the people known in a company.
type Effect struct {
	Known  int // people of whom something is known
	Gain   int // who gain a role
	Lose   int // who lose one
	Raise  int // who gain a role in the company, other than its default one, or become superuser
	Hold   int // whose role is held
	High   int // who gain or lose a role that manages others
	Weight int // who lose a role or are raised: what brakes go by
}

// count takes up what changes for one person.
func (e *Effect) count(done Applied, policy Policy) {
	raised := slices.ContainsFunc(done.Gained, policy.raises)
	add := func(to *int, so bool) {
		if so {
			*to++
		}
	}
	add(&e.Gain, len(done.Gained) > 0)
	add(&e.Lose, len(done.Lost) > 0)
	add(&e.Raise, raised)
	add(&e.Hold, len(done.Held) > 0)
	add(&e.High, slices.ContainsFunc(slices.Concat(done.Gained, done.Lost), func(c Change) bool { return policy.high[c.Role] }))
	add(&e.Weight, raised || len(done.Lost) > 0)
}

// add adds what happens to other people.
func (e *Effect) add(other Effect) {
	e.Gain += other.Gain
	e.Lose += other.Lose
	e.Raise += other.Raise
	e.Hold += other.Hold
	e.High += other.High
	e.Weight += other.Weight
}

// raises says whether gaining a role is what a brake counts.
func (p Policy) raises(gained Change) bool {
	return gained.Role == tenancy.Superuser || gained.Target.Level == models.CompanyLevel && gained.Role != p.DefaultRole
}

// mayLose and mayRaise are for how many people a change passes unasked.
func mayLose(b tenancy.Brakes, known int) int { return min(b.People, known*b.Percent/100) }

// Stops says whether a company's brakes stop a change of this effect.
func (e Effect) Stops(b tenancy.Brakes) bool {
	return e.Lose > mayLose(b, e.Known) || e.Raise > b.Raised
}

// Braked is the error of a change that a company's brakes stop until somebody
// types how many people it touches: Effect.Weight.
type Braked struct {
	Effect
	tenancy.Brakes
}

// Error is for logs.
func (b *Braked) Error() string { return b.Unwrap().Error() }

// Unwrap is what people are told where nobody asks further.
func (b *Braked) Unwrap() error {
	return models.Fail(models.Conflict, "provisioning.error.braked", "Lose", b.Lose, "Raise", b.Raise, "Known", b.Known, "Weight", b.Weight)
}

// brakeUndo is brake for undoing a run: as much as that did passes unasked.
func (e Effect) brakeUndo(b tenancy.Brakes, undone Run, confirmed int) error {
	lose, raise := undoLimits(b, undone, e.Known)
	if e.Lose <= lose && e.Raise <= raise || confirmed == e.Weight {
		return nil
	}
	return &Braked{e, b}
}

func undoLimits(b tenancy.Brakes, undone Run, known int) (lose, raise int) {
	return max(mayLose(b, known), int(undone.Gained)), max(b.Raised, int(undone.Lost))
}

// keepLinks refuses who works by a set-up link a change by which somebody gains
// or loses a role that manages others.
func (e Effect) keepLinks(by models.Actor) error {
	if !by.ByLink() || e.High == 0 {
		return nil
	}
	return models.Fail(models.Conflict, "provisioning.error.high_by_link", "Count", e.High)
}

// brake refuses what the company's brakes stop, unless the very number of people that
// it touches was confirmed: whoever types it has seen it.
func (e Effect) brake(b tenancy.Brakes, confirmed int) error {
	if !e.Stops(b) || confirmed == e.Weight {
		return nil
	}
	return &Braked{e, b}
}

// brakesOf reads how much a change of a company's rules may do unasked.
func brakesOf(tx *store.Tx, company string) (tenancy.Brakes, error) {
	var own tenancy.Company
	err := tx.Where("id = ?", company).Take(&own).Error
	return own.Brakes, err
}
