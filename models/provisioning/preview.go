package provisioning

import (
	"context"
	"maps"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Preview is what saving or deleting a connector would do, over everyone known
// in the company. Making it writes nothing and locks nothing, so that it holds
// for the moment at which it was made.
type Preview struct {
	Known int // people of whom something is known
	// Before and After are how many of them the connector matches: as it stands
	// now, zero unless it is on, and as it would stand, on or not.
	Before, After int
	// Changes are those for whom a role changes or is held, by name: the same
	// that Save and Delete give.
	Changes []Foreseen
	// Kept are those whom the connector would give its role and who hold it
	// already, by name.
	Kept []Foreseen
}

// Foreseen is what would happen to one person, and what the connector's
// condition finds of him.
type Foreseen struct {
	Applied
	Trace Trace
}

// Gain and Lose count the people who would gain or lose any role.
func (p Preview) Gain() int { return p.count(func(f Foreseen) bool { return len(f.Gained) > 0 }) }

// Lose is as Gain says.
func (p Preview) Lose() int { return p.count(func(f Foreseen) bool { return len(f.Lost) > 0 }) }

func (p Preview) count(so func(Foreseen) bool) (n int) {
	for _, f := range p.Changes {
		if so(f) {
			n++
		}
	}
	return n
}

// Preview says what Save would do with a connector. It refuses what Save
// refuses.
func (c *Connectors) Preview(ctx context.Context, by models.Actor, in Connector) (p Preview, err error) {
	in.Name, in.Condition = strings.TrimSpace(in.Name), in.Condition.Tidy()
	if err := in.Check(); err != nil {
		return p, err
	}
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if err := checkTarget(tx, &in); err != nil {
			return err
		}
		if in.ID != "" {
			if _, err := find(tx, in.ID); err != nil {
				return err
			}
		}
		p, err = c.foresee(tx, in, func(list []Connector) []Connector {
			at := slices.IndexFunc(list, func(c Connector) bool { return c.ID == in.ID })
			if at < 0 {
				return append(list, in)
			}
			list[at] = in
			return list
		})
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
		p, err = c.foresee(tx, gone.Connector, func(list []Connector) []Connector {
			return slices.DeleteFunc(list, func(c Connector) bool { return c.ID == id })
		})
		p.After, p.Kept = 0, nil
		return err
	})
	return p, err
}

// foresee decides for everyone as Evaluate does, with the connectors as they
// would be.
func (c *Connectors) foresee(tx *store.Tx, about Connector, change func([]Connector) []Connector) (p Preview, err error) {
	company := tx.Actor.Effective.Company
	list, err := load(tx, company)
	if err != nil {
		return p, err
	}
	now := connectorsOf(list)
	if p.Before, err = matches(tx, now, about.ID); err != nil {
		return p, err
	}
	rules, err := Compile(change(now))
	if err != nil {
		return p, err
	}
	l, err := readLedger(tx, company)
	if err != nil {
		return p, err
	}
	p.Known = len(l.profiles)
	for _, id := range slices.Sorted(maps.Keys(l.profiles)) {
		held := l.held[id]
		done, plan, err := rules.decide(l.people[id], l.profiles[id], held, l.policy, func(c Change) (bool, error) { return l.othersHold(id, c), nil })
		if err != nil {
			return p, err
		}
		l.held[id] = plan.after()
		trace, err := Explain(about, l.profiles[id])
		if err != nil {
			return p, err
		}
		p.add(Foreseen{done, trace}, about, held)
	}
	for _, part := range [][]Foreseen{p.Changes, p.Kept} {
		slices.SortStableFunc(part, func(a, b Foreseen) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	}
	return p, nil
}

func (p *Preview) add(f Foreseen, about Connector, before []tenancy.Grant) {
	if f.Trace.Holds {
		p.After++
	}
	role := Change{about.Target, about.Role}
	if len(f.Gained)+len(f.Lost)+len(f.Held) > 0 {
		p.Changes = append(p.Changes, f)
	}
	holds := slices.ContainsFunc(before, func(g tenancy.Grant) bool { return changeOf(g) == role })
	if holds && f.Trace.Holds && about.State == On && !slices.Contains(f.Lost, role) {
		p.Kept = append(p.Kept, f)
	}
}

// matches counts whom a connector matches as it stands, if it is on.
func matches(tx *store.Tx, list []Connector, id string) (n int, err error) {
	at := slices.IndexFunc(list, func(c Connector) bool { return c.ID == id && c.State == On })
	if at < 0 {
		return 0, nil
	}
	profiles, err := everyone(tx, tx.Actor.Effective.Company)
	if err != nil {
		return 0, err
	}
	compiled, err := list[at].Condition.compile()
	if err != nil {
		return 0, err
	}
	for _, profile := range profiles {
		var found []Match
		if compiled.holds(&profile, false, &found) {
			n++
		}
	}
	return n, nil
}

// ledger is what everyone in a company holds, kept up to date in memory while a
// preview goes from one to the next: whoever gives up a role counts no more for
// those after him.
type ledger struct {
	profiles map[string]Profile
	people   map[string]account.Person
	held     map[string][]tenancy.Grant
	policy   Policy
}

func readLedger(tx *store.Tx, company string) (l ledger, err error) {
	if l.policy, err = policyOf(tx, company); err != nil {
		return l, err
	}
	if l.profiles, err = everyone(tx, company); err != nil {
		return l, err
	}
	if l.held, err = grantsByAccount(tx, company); err != nil {
		return l, err
	}
	ids := slices.Collect(maps.Keys(l.profiles))
	for id := range l.held {
		if _, known := l.profiles[id]; !known {
			ids = append(ids, id)
		}
	}
	l.people, err = account.LoadAll(tx, ids)
	return l, err
}

// othersHold is the function of that name for what would be.
func (l ledger) othersHold(person string, c Change) bool {
	for id, grants := range l.held {
		p := l.people[id]
		if id == person || p.DeactivatedAt != nil || p.Service {
			continue
		}
		if slices.ContainsFunc(grants, func(g tenancy.Grant) bool { return changeOf(g) == c && g.EndsAt == nil }) {
			return true
		}
	}
	return false
}
