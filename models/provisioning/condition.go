package provisioning

import "strings"

// Condition is a tree. A node is one of four things: all of the conditions under
// it, any of them, not the one under it, or a comparison of an attribute with a
// value. The zero Condition is none of them, and is refused by Check.
//
// As JSON a node is an object with exactly one of these shapes; case_sensitive
// may be left out:
//
//	{"all": [node, …]}
//	{"any": [node, …]}
//	{"not": node}
//	{"attribute": "group", "operator": "is", "value": "Planning-Editors", "case_sensitive": true}
type Condition struct {
	All []Condition
	Any []Condition
	Not *Condition

	// Attribute is a name, friendly name or last part of a URI; GroupAttribute
	// means the groups, by id or by name.
	Attribute     string
	Operator      Operator
	Value         string
	CaseSensitive bool
}

// form is which of the four a node is.
type form int

const (
	none form = iota
	allOf
	anyOf
	notOf
	comparison
	mixed // more than one at a time
)

func (c *Condition) form() form {
	found := none
	for _, is := range []struct {
		so bool
		f  form
	}{
		{c.All != nil, allOf},
		{c.Any != nil, anyOf},
		{c.Not != nil, notOf},
		{c.Attribute != "" || c.Operator != "" || c.Value != "" || c.CaseSensitive, comparison},
	} {
		switch {
		case is.so && found != none:
			return mixed
		case is.so:
			found = is.f
		}
	}
	return found
}

// under are the nodes one level down.
func (c *Condition) under() []Condition {
	switch c.form() {
	case allOf:
		return c.All
	case anyOf:
		return c.Any
	case notOf:
		return []Condition{*c.Not}
	}
	return nil
}

// Tidy is the condition as it is stored: the blanks that come along with a copied
// value are gone where they can mean nothing, and every way of saying group is
// GroupAttribute.
func (c Condition) Tidy() Condition {
	switch c.form() {
	case allOf:
		c.All = tidyEach(c.All)
	case anyOf:
		c.Any = tidyEach(c.Any)
	case notOf:
		under := c.Not.Tidy()
		c.Not = &under
	case comparison:
		c.Attribute = strings.TrimSpace(c.Attribute)
		if canonical(c.Attribute) == GroupAttribute {
			c.Attribute = GroupAttribute
		}
		if c.Operator == Is || c.Operator == IsNot {
			c.Value = strings.TrimSpace(c.Value)
		}
		if !c.Operator.NeedsValue() {
			c.Value, c.CaseSensitive = "", false
		}
	}
	return c
}

func tidyEach(conditions []Condition) []Condition {
	tidy := make([]Condition, len(conditions))
	for i, c := range conditions {
		tidy[i] = c.Tidy()
	}
	return tidy
}

// Attributes are the names of the attributes the condition looks at, each once,
// in the order in which they occur.
func (c Condition) Attributes() []string {
	var names []string
	seen := map[string]bool{}
	var walk func(Condition)
	walk = func(c Condition) {
		if c.form() == comparison && !seen[canonical(c.Attribute)] {
			seen[canonical(c.Attribute)] = true
			names = append(names, c.Attribute)
		}
		for _, under := range c.under() {
			walk(under)
		}
	}
	walk(c)
	return names
}
