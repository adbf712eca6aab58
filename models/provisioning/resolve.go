package provisioning

import (
	"slices"
	"strings"
)

// Resolve gives the roles of a profile, with the evidence. It is pure: equal
// rules and profiles give equal results, in the same order.
func (r *Rules) Resolve(p Profile) Result {
	var room [64]int32
	return r.resolve(&p, r.index.candidates(&p, room[:0]))
}

// resolve evaluates the rules of these numbers, which are in order.
func (r *Rules) resolve(p *Profile, candidates []int32) Result {
	var out resolution
	for _, number := range candidates {
		rule := &r.rules[number]
		before := len(out.matches)
		if !rule.test.holds(p, false, &out.matches) {
			continue
		}
		matches := out.matches[before:len(out.matches):len(out.matches)]
		if out.evidence == nil {
			out.reserve(len(candidates))
		}
		out.add(rule, Evidence{Connector: rule.id, Version: rule.version, Matches: matches})
	}
	out.finish()
	return out.Result
}

// resolution is a Result being made. Rules come in the order of before, so only
// the last grant can be of the same role or family as the next one.
type resolution struct {
	Result
	matches  []Match
	evidence []Evidence
	first    int   // of evidence, for the last grant
	last     *rule // that made the last grant
}

func (o *resolution) reserve(most int) {
	o.evidence = make([]Evidence, 0, most)
	o.Grants = make([]Grant, 0, most)
}

func (o *resolution) add(rule *rule, e Evidence) {
	if last := o.last; last != nil && last.target == rule.target {
		switch {
		case last.role == rule.role && last.family == rule.family:
			o.evidence = append(o.evidence, e)
			return
		case rule.family != "" && last.family == rule.family:
			o.Outranked = append(o.Outranked, Outranked{Connector: rule.id, Target: rule.target, Role: rule.role, By: last.id})
			return
		}
	}
	o.close()
	o.first, o.last = len(o.evidence), rule
	o.evidence = append(o.evidence, e)
	o.Grants = append(o.Grants, Grant{Target: rule.target, Role: rule.role})
}

// close gives the last grant its evidence.
func (o *resolution) close() {
	if n := len(o.Grants); n > 0 {
		o.Grants[n-1].Evidence = o.evidence[o.first:len(o.evidence):len(o.evidence)]
	}
}

func (o *resolution) finish() {
	o.close()
	for _, e := range o.evidence {
		for _, m := range e.Matches {
			if m.Kept && !slices.Contains(o.Kept, m.Attribute) {
				o.Kept = append(o.Kept, m.Attribute)
			}
		}
	}
	slices.SortFunc(o.Kept, strings.Compare)
}
