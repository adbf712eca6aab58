package provisioning

import "slices"

// Grant is a role that the rules give, and why.
type Grant struct {
	Target   Target
	Role     string
	Evidence []Evidence // of each connector that gives it, never empty
}

// Evidence is why one connector gives a role. It is stored with the grant, and
// says all that is needed to explain it after the rule or the profile changed.
type Evidence struct {
	Connector string  `json:"connector"`
	Version   int     `json:"version"`
	Matches   []Match `json:"matches"`
}

// Match is a comparison that made a condition hold, with the value that did.
type Match struct {
	Attribute string   `json:"attribute"`
	Operator  Operator `json:"operator"`
	Wanted    string   `json:"wanted,omitempty"`
	// Denied says that the comparison stood under a not: it did not hold, and
	// that is what counted.
	Denied bool `json:"denied,omitempty"`
	// Found is the value that decided; where no value did, one of those there
	// are, and empty where there are none.
	Found string `json:"found,omitempty"`
	// Kept says that the value is the last known one, since the attribute was
	// left out of the last reading.
	Kept   bool   `json:"kept,omitempty"`
	Source Source `json:"source"`
}

// Outranked is a connector that matched, while another of its family decided.
type Outranked struct {
	Connector string
	Target    Target
	Role      string
	By        string // the connector that decided
}

// Result is what rules give one profile. What happens at a target for which
// there is no grant is the company's choice, and so the caller's.
type Result struct {
	Grants    []Grant // by target, from wide to narrow; each role once
	Outranked []Outranked
	Kept      []string // attributes whose last known values the grants rest on, sorted
}

// At says whether any role is given at the target.
func (r Result) At(target Target) bool {
	return slices.ContainsFunc(r.Grants, func(g Grant) bool { return g.Target == target })
}
