package delegation

import (
	"context"
	"errors"
	"maps"
	"slices"

	"locum/models"
)

// Chosen is one delegation of several, as the superuser saw it.
type Chosen struct {
	ID      string
	Version int64
}

// Result is what became of one of several delegations: Failure is nil where it
// was done, or where it Waits for another superuser.
type Result struct {
	Chosen
	Waits   bool
	Failure *models.Message
}

// mostAtOnce is how many delegations can be changed in one step.
const mostAtOnce = 200

// ExtendAll is Extend for several: each by itself, so that one that cannot be
// extended does not keep the others from it.
func (d *Delegations) ExtendAll(ctx context.Context, by models.Actor, chosen []Chosen, period Period, date string) ([]Result, error) {
	return all(chosen, func(c Chosen) (bool, error) { return d.extend(ctx, by, c.ID, c.Version, period, date) })
}

// RevokeAll is Revoke for several, each by itself.
func (d *Delegations) RevokeAll(ctx context.Context, by models.Actor, chosen []Chosen) ([]Result, error) {
	return all(chosen, func(c Chosen) (bool, error) { return false, d.Revoke(ctx, by, c.ID) })
}

// all does something to each, and says what became of it. What is wrong with
// the input itself, with the actor or with the database ends it.
func all(chosen []Chosen, do func(Chosen) (waits bool, err error)) (list []Result, err error) {
	if len(chosen) > mostAtOnce {
		return nil, models.Fail(models.Conflict, "delegation.error.too_many", "Max", mostAtOnce)
	}
	for _, c := range chosen {
		waits, err := do(c)
		why, its := failure(err)
		if err != nil && !its {
			return list, err
		}
		list = append(list, Result{c, waits, why})
	}
	return list, nil
}

// failure is what to say of one that could not be changed; false for an error
// that is not its own.
func failure(err error) (*models.Message, bool) {
	var e *models.Error
	if !errors.As(err, &e) {
		return nil, false
	}
	switch e.Kind {
	case models.Conflict, models.NotFound:
		return &models.Message{Key: e.Key, Args: e.Args}, true
	case models.Invalid:
		_, date := e.Fields["date"]
		if date || e.Fields["period"].Key == "error.choice" || len(e.Fields) == 0 {
			return nil, false
		}
		first := e.Fields[slices.Sorted(maps.Keys(e.Fields))[0]]
		return &first, true
	}
	return nil, false
}
