package provisioning

import (
	"context"
	"errors"
	"slices"
	"strings"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// MaxForeseen is how many people a preview names, of those for whom something
// changes and of those who keep what they have. It counts them all.
const MaxForeseen = 300

// Preview is what saving or deleting a connector would do, over everyone known
// in the company. Making it writes nothing and locks nothing, so that it holds
// for the moment at which it was made.
type Preview struct {
	Effect
	tenancy.Brakes
	// Before and After are how many of them the connectors match: as they stand
	// now, those that are on, and as they would stand, on or not.
	Before, After int
	// Changes are those for whom a role changes or is held, by name: the same
	// that Save and Delete give, at most MaxForeseen of Changing.
	Changes  []Foreseen
	Changing int
	// Kept are those whom a connector would give its role and who hold it
	// already, by name: at most MaxForeseen of Keep.
	Kept []Foreseen
	Keep int
	// Last is what has to be chosen since no other rule is left; nil where
	// nothing has to be.
	Last *LastRule
}

// Asks says whether a company's brakes stop the change until somebody types how
// many people it touches.
func (p Preview) Asks() bool { return p.Stops(p.Brakes) }

// Foreseen is what would happen to one person: of somebody for whom something
// changes why each role comes or goes, and of somebody who keeps what he has what
// the connector's condition finds of him.
type Foreseen struct {
	Applied
	Why   map[Change]Reason
	Trace Trace
}

// Preview says what Save would do with a connector. It refuses what Save
// refuses by itself.
func (c *Connectors) Preview(ctx context.Context, by models.Actor, in Connector) (p Preview, err error) {
	in.Name, in.Condition = strings.TrimSpace(in.Name), in.Condition.Tidy()
	if err := in.Check(); err != nil {
		return p, err
	}
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if err := checkTarget(tx, &in); err != nil {
			return err
		}
		var was *Connector
		if in.ID != "" {
			row, err := find(tx, in.ID)
			if err != nil {
				return err
			}
			s, err := row.saved()
			if err != nil {
				return err
			}
			was = &s.Connector
		}
		p, err = c.foresee(tx, []shift{{was, &in}})
		return err
	})
	return p, err
}

// PreviewDelete says what Delete would do with a connector.
func (c *Connectors) PreviewDelete(ctx context.Context, by models.Actor, id string) (p Preview, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		gone, err := row.saved()
		if err != nil {
			return err
		}
		p, err = c.foresee(tx, []shift{{was: &gone.Connector}})
		return err
	})
	return p, err
}

// PreviewEverybody says what Everybody would do.
func (c *Connectors) PreviewEverybody(ctx context.Context, by models.Actor) (p Preview, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		p, err = c.foresee(tx, nil)
		return err
	})
	return p, err
}

// foresee decides for everyone as a run does, with connectors as they would be:
// made where there was none, and gone where none is to be.
func (c *Connectors) foresee(tx *store.Tx, shifts []shift) (p Preview, err error) {
	company := tx.Actor.Effective.Company
	if p.Brakes, err = brakesOf(tx, company); err != nil {
		return p, err
	}
	list, err := load(tx, company)
	if err != nil {
		return p, err
	}
	now, err := Compile(connectorsOf(list))
	if err != nil {
		return p, err
	}
	rules, err := Compile(replace(connectorsOf(list), shifts))
	if err != nil {
		return p, err
	}
	d, err := reading(tx, company, rules)
	if err != nil {
		return p, err
	}
	look, err := lookingAt(list, shifts)
	if err != nil {
		return p, err
	}
	err = crowds(tx, company, func(some crowd) error {
		p.Known += len(some.ids)
		d.each(some, func(done Applied, plan Plan, held []tenancy.Grant) {
			done.Held = now.newlyHeld(done, held, d.policy)
			p.add(look, done, plan, d.policy, held)
		})
		return nil
	})
	if err != nil {
		return p, err
	}
	if p.Last, err = foreseenLast(tx, company, shifts); err != nil {
		return p, err
	}
	for _, part := range [][]Foreseen{p.Changes, p.Kept} {
		slices.SortStableFunc(part, func(a, b Foreseen) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	}
	return p, nil
}

// newlyHeld are those of the roles held which these rules, as they are now, do
// not hold already: a preview tells of its own change alone.
func (r *Rules) newlyHeld(done Applied, held []tenancy.Grant, policy Policy) []Change {
	if len(done.Held) == 0 {
		return nil
	}
	lost := r.Plan(held, r.Resolve(done.Profile), policy).Lost()
	return slices.DeleteFunc(slices.Clone(done.Held), func(c Change) bool { return slices.Contains(lost, c) })
}

// foreseenLast is what has to be chosen since no other rule is left somewhere.
func foreseenLast(tx *store.Tx, company string, shifts []shift) (last *LastRule, err error) {
	left, err := placesLeft(tx, company, shifts)
	if err != nil {
		return nil, err
	}
	if _, err = (publication{shifts: shifts}).lastRule(tx, left); errors.As(err, &last) {
		return last, nil
	}
	return nil, err
}

// replace puts connectors in the place of what they were.
func replace(list []Connector, shifts []shift) []Connector {
	for _, s := range shifts {
		if s.was != nil {
			list = slices.DeleteFunc(list, func(c Connector) bool { return c.ID == s.was.ID })
		}
		if s.becomes != nil {
			list = append(list, *s.becomes)
		}
	}
	return list
}

func (t *test) matches(p *Profile) bool {
	if t == nil {
		return false
	}
	var room [8]Match
	found := room[:0]
	return t.holds(p, false, &found)
}

func (p *Preview) add(l looking, done Applied, plan Plan, policy Policy, before []tenancy.Grant) {
	p.count(done, policy)
	matched, matches, keeps := l.at(&done, before)
	if matched {
		p.Before++
	}
	if matches {
		p.After++
	}
	if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
		p.Changing++
		if len(p.Changes) < MaxForeseen {
			p.Changes = append(p.Changes, Foreseen{Applied: done, Why: l.reasons(done, plan, before)})
		}
	}
	if keeps != nil {
		p.Keep++
		if len(p.Kept) < MaxForeseen {
			p.Kept = append(p.Kept, Foreseen{Applied: done, Trace: keeps.trace(done.Profile)})
		}
	}
}
