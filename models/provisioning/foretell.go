package provisioning

import (
	"maps"
	"slices"
	"strings"

	"locum/models/store"
	"locum/models/tenancy"
)

// Load reads a company's connectors by name, in a System transaction or one
// confined to the company.
func Load(tx *store.Tx, company string) ([]Saved, error) {
	return load(tx, company)
}

// Assumed is how a company would stand after a change.
type Assumed struct {
	Company            string // id
	Connectors         []Connector
	Ownership, NoMatch string
	Grants             []tenancy.Grant // that the change gives by itself
}

// Foretell gives what Evaluate would after a change, and of how many people
// something is known. It writes nothing and locks nothing.
func Foretell(tx *store.Tx, a Assumed) (known int, changes []Applied, err error) {
	rules, err := Compile(a.Connectors)
	if err != nil {
		return 0, nil, err
	}
	l, err := readLedger(tx, a.Company)
	if err != nil {
		return 0, nil, err
	}
	l.policy.Authoritative, l.policy.NoMatch = a.Ownership == tenancy.Authoritative, a.NoMatch
	for _, g := range a.Grants {
		l.held[g.AccountID] = append(l.held[g.AccountID], g)
	}
	for _, id := range slices.Sorted(maps.Keys(l.profiles)) {
		done, plan, err := rules.decide(l.people[id], l.profiles[id], l.held[id], l.policy, func(c Change) (bool, error) { return l.othersHold(id, c), nil })
		if err != nil {
			return 0, nil, err
		}
		l.held[id] = plan.after()
		if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
			changes = append(changes, done)
		}
	}
	slices.SortStableFunc(changes, func(a, b Applied) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return len(l.profiles), changes, nil
}
