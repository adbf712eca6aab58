package provisioning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Rules are the connectors of a company that are on, ready to be resolved. They
// do not change, and may be used by many at a time.
type Rules struct {
	rules   []rule
	index   index
	targets map[Target]bool // for which there is a rule
}

// rule is a compiled connector.
type rule struct {
	test    test
	id      string
	version int
	target  Target
	role    string
	family  string
}

// Compile makes connectors into Rules; those that are not on are left out. A
// connector whose condition does not pass Check is an error: leaving it out too
// would take its role from everybody.
func Compile(connectors []Connector) (*Rules, error) {
	on := make([]Connector, 0, len(connectors))
	for _, c := range connectors {
		if c.State == On {
			on = append(on, c)
		}
	}
	slices.SortStableFunc(on, before)
	r := &Rules{rules: make([]rule, len(on)), index: index{attributes: map[string]*attributeIndex{}}, targets: map[Target]bool{}}
	count := census{}
	for i := range on {
		c := &on[i]
		if err := c.Condition.Check(); err != nil {
			return nil, fmt.Errorf("provisioning: connector %s: %w", c.ID, err)
		}
		compiled, err := c.Condition.compile()
		if err != nil {
			return nil, fmt.Errorf("provisioning: connector %s: %w", c.ID, err)
		}
		count.count(&compiled)
		r.targets[c.Target] = true
		r.rules[i] = rule{test: compiled, id: c.ID, version: c.Version, target: c.Target, role: c.Role, family: c.Family}
	}
	for i := range r.rules {
		needs, ok := count.needs(&r.rules[i].test, false)
		r.index.add(int32(i), needs, ok)
	}
	return r, nil
}

// before brings together what gives the same role, and puts what decides in a
// family first: Resolve relies on both.
func before(a, b Connector) int {
	if by := cmp.Or(a.Target.compare(b.Target), strings.Compare(a.Family, b.Family)); by != 0 {
		return by
	}
	if a.Family != "" && a.Rank != b.Rank {
		return cmp.Compare(a.Rank, b.Rank)
	}
	return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.ID, b.ID))
}

// Len is the number of connectors that are on.
func (r *Rules) Len() int { return len(r.rules) }
