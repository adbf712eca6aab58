package provisioning

import (
	"regexp"
	"strings"
)

// test is a compiled condition.
type test struct {
	form  form
	under []test

	attribute string // canonical
	operator  Operator
	exactly   bool   // with regard to case
	want      string // folded, unless exactly
	re        *regexp.Regexp
	found     Match // as far as it is known beforehand
}

func (c *Condition) compile() (test, error) {
	t := test{form: c.form()}
	if t.form == comparison {
		return c.compileComparison()
	}
	for _, under := range c.under() {
		compiled, err := under.compile()
		if err != nil {
			return test{}, err
		}
		t.under = append(t.under, compiled)
	}
	return t, nil
}

func (c *Condition) compileComparison() (test, error) {
	t := test{
		form:      comparison,
		attribute: canonical(c.Attribute),
		operator:  c.Operator,
		exactly:   c.CaseSensitive,
		want:      c.Value,
		found:     Match{Attribute: c.Attribute, Operator: c.Operator, Wanted: c.Value},
	}
	if t.operator == Pattern {
		re, err := c.pattern()
		if err != nil {
			return test{}, err
		}
		t.re = re
	}
	if !t.exactly {
		t.want = fold(t.want)
	}
	return t, nil
}

// holds evaluates the test, or with deny its opposite: a not is not evaluated
// but handed down to the comparisons, so that each of them can say what it saw.
// On success the comparisons that made it hold are added to matches; on failure
// matches is as it was.
func (t *test) holds(p *Profile, deny bool, matches *[]Match) bool {
	switch t.form {
	case comparison:
		return t.compare(p, deny, matches)
	case notOf:
		return t.under[0].holds(p, !deny, matches)
	case allOf, anyOf:
		if (t.form == allOf) != deny {
			return t.every(p, deny, matches)
		}
		return t.some(p, deny, matches)
	}
	return false
}

func (t *test) every(p *Profile, deny bool, matches *[]Match) bool {
	before := len(*matches)
	for i := range t.under {
		if !t.under[i].holds(p, deny, matches) {
			*matches = (*matches)[:before]
			return false
		}
	}
	return true
}

func (t *test) some(p *Profile, deny bool, matches *[]Match) bool {
	for i := range t.under {
		if t.under[i].holds(p, deny, matches) {
			return true
		}
	}
	return false
}

func (t *test) compare(p *Profile, deny bool, matches *[]Match) bool {
	f := p.field(t.attribute)
	at := t.find(f)
	if t.satisfied(at) == deny {
		return false
	}
	*matches = append(*matches, t.found)
	m := &(*matches)[len(*matches)-1]
	m.Denied = deny
	if f == nil {
		return true
	}
	m.Kept, m.Source = f.kept, f.source
	if len(f.values) == 0 {
		return true
	}
	v := &f.values[max(at, 0)]
	m.Found, m.Kept = v.shown, v.kept
	if v.source != nil {
		m.Source = *v.source
	}
	return true
}

// satisfied reads the outcome of find: IsNot wants that no value is equal.
func (t *test) satisfied(at int) bool { return (at >= 0) != (t.operator == IsNot) }

// find is the place of the first value that the operator accepts, and -1 when
// there is none. For IsNot it looks for the value that must not be there.
func (t *test) find(f *field) int {
	if f == nil {
		return -1
	}
	for i := range f.values {
		if t.accepts(&f.values[i]) {
			return i
		}
	}
	return -1
}

func (t *test) accepts(v *value) bool {
	text := v.folded
	if t.exactly {
		text = v.text
	}
	switch t.operator {
	case Is, IsNot:
		return text == t.want
	case StartsWith:
		return strings.HasPrefix(text, t.want)
	case EndsWith:
		return strings.HasSuffix(text, t.want)
	case Contains:
		return strings.Contains(text, t.want)
	case Glob:
		return globMatch(t.want, text)
	case Pattern:
		return t.re.MatchString(v.text)
	case Exists:
		return true
	}
	return false
}
