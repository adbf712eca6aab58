package provisioning

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// A need is something a profile must have for a condition to hold. The index
// files each rule under needs of which a matching profile has at least one, and
// a profile visits only the rules filed under what it has. Needs may be wider
// than the condition, never narrower: visited rules are still evaluated.
type need struct {
	kind      needKind
	attribute string // canonical
	text      string // folded
}

// needKind orders needs from selective to wide.
type needKind int

const (
	needEqual  needKind = iota // a value that is the text
	needPrefix                 // a value that starts with it
	needSuffix                 // a value that ends with it
	needPart                   // a value that has its three bytes somewhere
	needAny                    // any value
)

// partLength is how many bytes a needPart has. Shorter texts say too little.
const partLength = 3

// weight is how many profiles have a need of this kind, roughly and relatively.
func (k needKind) weight() int { return [...]int{1, 4, 4, 8, 64}[k] }

// census counts in how many places of a set of rules each need occurs, so that a
// rule is filed under what sets it apart: where each rule asks for the same
// country and a group of its own, under the group.
type census map[need]int

func (c census) count(t *test) {
	for i := range t.under {
		c.count(&t.under[i])
	}
	if t.form == comparison {
		for _, n := range t.literals() {
			c[n]++
		}
	}
}

func (c census) cost(needs []need) int {
	cost := 0
	for _, n := range needs {
		cost += n.kind.weight() * max(c[n], 1)
	}
	return cost
}

// needs are the alternatives of which one must be there for the test to hold, or
// for its opposite with deny. It is not ok where there are none, as for a
// condition that somebody without any attribute satisfies.
func (c census) needs(t *test, deny bool) (needs []need, ok bool) {
	switch t.form {
	case notOf:
		return c.needs(&t.under[0], !deny)
	case comparison:
		if deny != (t.operator == IsNot) {
			return nil, false
		}
		return t.required(), true
	}
	if (t.form == allOf) != deny {
		return c.cheapest(t.under, deny)
	}
	for i := range t.under {
		under, ok := c.needs(&t.under[i], deny)
		if !ok {
			return nil, false
		}
		needs = append(needs, under...)
	}
	return needs, len(needs) > 0
}

// cheapest: where all must hold, the needs of any one of them will do.
func (c census) cheapest(tests []test, deny bool) (best []need, ok bool) {
	least := 0
	for i := range tests {
		needs, has := c.needs(&tests[i], deny)
		if !has {
			continue
		}
		if cost := c.cost(needs); !ok || cost < least {
			best, least, ok = needs, cost, true
		}
	}
	return best, ok
}

// required are the needs of a comparison: its literals, and where it has none
// any value at all.
func (t *test) required() []need {
	if literals := t.literals(); len(literals) > 0 {
		return literals
	}
	return []need{{kind: needAny, attribute: t.attribute}}
}

// literals are the needs that a comparison's value spells out.
func (t *test) literals() []need {
	want := fold(t.want)
	switch t.operator {
	case Is, IsNot:
		return []need{{needEqual, t.attribute, want}}
	case StartsWith:
		return []need{{needPrefix, t.attribute, want}}
	case EndsWith:
		return []need{{needSuffix, t.attribute, want}}
	case Contains:
		return t.part(want)
	case Glob:
		return t.outer(globLiterals(want))
	case Pattern:
		return t.outer(patternLiterals(t.found.Wanted))
	}
	return nil
}

// part takes the last bytes of a text: in names the end tells more apart than
// the beginning.
func (t *test) part(text string) []need {
	if len(text) < partLength {
		return nil
	}
	return []need{{needPart, t.attribute, text[len(text)-partLength:]}}
}

// outer chooses from the texts that a match holds in this order, of which the
// first begins it and the last ends it: the longer of those two, and otherwise
// a part of the longest between them.
func (t *test) outer(parts []string) []need {
	switch {
	case len(parts) == 0:
		return nil
	case len(parts) == 1:
		return []need{{needEqual, t.attribute, parts[0]}}
	}
	first, last := parts[0], parts[len(parts)-1]
	switch {
	case first != "" && len(first) >= len(last):
		return []need{{needPrefix, t.attribute, first}}
	case last != "":
		return []need{{needSuffix, t.attribute, last}}
	}
	return t.part(slices.MaxFunc(parts, func(a, b string) int { return len(a) - len(b) }))
}

// patternLiterals finds in a pattern that is compared with a whole value what
// globLiterals finds in a glob. It knows sequences of texts and other things,
// which is what people write; of anything else it says nothing.
func patternLiterals(pattern string) []string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	sequence := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		sequence = tree.Sub
	}
	parts := []string{""}
	for _, item := range sequence {
		switch item.Op {
		case syntax.OpLiteral:
			parts[len(parts)-1] += fold(string(item.Rune))
		case syntax.OpBeginText, syntax.OpEndText, syntax.OpEmptyMatch:
			// takes no text: what is on both sides of it stays together
		default:
			parts = append(parts, "")
		}
	}
	if len(parts) == 1 && strings.TrimSpace(parts[0]) == "" {
		return nil
	}
	return parts
}
