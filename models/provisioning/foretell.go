package provisioning

import (
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

// Foretell gives what Evaluate would after a change, and counts it. It writes nothing and locks nothing.
func Foretell(tx *store.Tx, a Assumed) (effect Effect, changes []Applied, err error) {
	rules, err := Compile(a.Connectors)
	if err != nil {
		return effect, nil, err
	}
	d, err := reading(tx, a.Company, rules)
	if err != nil {
		return effect, nil, err
	}
	d.policy.Authoritative, d.policy.NoMatch = a.Ownership == tenancy.Authoritative, a.NoMatch
	given := map[string][]tenancy.Grant{}
	for _, g := range a.Grants {
		given[g.AccountID] = append(given[g.AccountID], g)
	}
	err = crowds(tx, a.Company, func(some crowd) error {
		for _, id := range some.ids {
			some.held[id] = append(some.held[id], given[id]...)
		}
		effect.Known += len(some.ids)
		d.each(some, func(done Applied, _ Plan, _ []tenancy.Grant) {
			effect.count(done, d.policy)
			if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
				changes = append(changes, done)
			}
		})
		return nil
	})
	slices.SortStableFunc(changes, func(a, b Applied) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return effect, changes, err
}
