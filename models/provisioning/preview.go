package provisioning

import (
	"context"
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
	// Before and After are how many of them the connector matches: as it stands
	// now, zero unless it is on, and as it would stand, on or not.
	Before, After int
	// Changes are those for whom a role changes or is held, by name: the same
	// that Save and Delete give, at most MaxForeseen of Changing.
	Changes  []Foreseen
	Changing int
	// Kept are those whom the connector would give its role and who hold it
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

// Foreseen is what would happen to one person, and what the connector's
// condition finds of him.
type Foreseen struct {
	Applied
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
		p, err = c.foresee(tx, was, &in)
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
		p, err = c.foresee(tx, &gone.Connector, nil)
		return err
	})
	return p, err
}

// PreviewEverybody says what Everybody would do.
func (c *Connectors) PreviewEverybody(ctx context.Context, by models.Actor) (p Preview, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		p, err = c.foresee(tx, nil, nil)
		return err
	})
	return p, err
}

// foresee decides for everyone as a run does, with a connector as it would be:
// made where there was none, and gone where none is to be.
func (c *Connectors) foresee(tx *store.Tx, was, becomes *Connector) (p Preview, err error) {
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
	rules, err := Compile(replace(connectorsOf(list), was, becomes))
	if err != nil {
		return p, err
	}
	d, err := reading(tx, company, rules)
	if err != nil {
		return p, err
	}
	look, err := looking(was, becomes)
	if err != nil {
		return p, err
	}
	err = crowds(tx, company, func(some crowd) error {
		p.Known += len(some.ids)
		d.each(some, func(done Applied, plan Plan, held []tenancy.Grant) {
			done.Held = now.newlyHeld(done, held, d.policy)
			p.add(look, done, d.policy, held)
		})
		return nil
	})
	if err != nil {
		return p, err
	}
	if p.Last, err = lastRule(tx, company, publication{was: was, becomes: becomes}); p.Last == nil {
		last, is := err.(*LastRule)
		if !is && err != nil {
			return p, err
		}
		p.Last = last
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

// replace puts a connector in the place of what it was.
func replace(list []Connector, was, becomes *Connector) []Connector {
	if was != nil {
		list = slices.DeleteFunc(list, func(c Connector) bool { return c.ID == was.ID })
	}
	if becomes != nil {
		list = append(list, *becomes)
	}
	return list
}

// look is what a preview looks for in each person: what the connector matches
// before and after.
type look struct {
	before, after *test
	about         *Connector // whose role it is about; nil for none
	gives         bool       // afterwards
}

func looking(was, becomes *Connector) (l look, err error) {
	compiled := func(c *Connector) (*test, error) {
		t, err := c.Condition.compile()
		return &t, err
	}
	if was != nil {
		l.about = was
		if was.State == On {
			if l.before, err = compiled(was); err != nil {
				return l, err
			}
		}
	}
	if becomes != nil {
		l.about, l.gives = becomes, becomes.State == On
		l.after, err = compiled(becomes)
	}
	return l, err
}

func (t *test) matches(p *Profile) bool {
	if t == nil {
		return false
	}
	var room [8]Match
	found := room[:0]
	return t.holds(p, false, &found)
}

func (p *Preview) add(l look, done Applied, policy Policy, before []tenancy.Grant) {
	p.count(done, policy)
	if l.before.matches(&done.Profile) {
		p.Before++
	}
	matches := l.after.matches(&done.Profile)
	if matches {
		p.After++
	}
	if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
		p.Changing++
		p.Changes = l.foreseen(p.Changes, done)
	}
	if !matches || !l.gives {
		return
	}
	role := Change{l.about.Target, l.about.Role}
	holds := slices.ContainsFunc(before, func(g tenancy.Grant) bool { return changeOf(g) == role })
	if holds && !slices.Contains(done.Lost, role) {
		p.Keep++
		p.Kept = l.foreseen(p.Kept, done)
	}
}

// foreseen adds a person to a list that is not full yet, with the reason.
func (l look) foreseen(list []Foreseen, done Applied) []Foreseen {
	if len(list) == MaxForeseen {
		return list
	}
	f := Foreseen{Applied: done}
	if l.about != nil {
		f.Trace, _ = Explain(*l.about, done.Profile) // its condition has been compiled
	}
	return append(list, f)
}
