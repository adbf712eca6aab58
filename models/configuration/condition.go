package configuration

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"locum/models/provisioning"
)

// Condition is a condition of a connector in the form of documents: a
// comparison has its operator as a key, as in {attribute: group, is: Planners}.
type Condition struct {
	Place
	Said  bool
	Value provisioning.Condition

	places map[string]Place // by the paths of provisioning.Condition.Check
}

func (Condition) kind() string { return "condition" }

func (c *Condition) read(r *reader, n *yaml.Node) {
	places := map[string]Place{}
	before := len(r.List)
	value := r.condition(n, "condition", places)
	c.Place = placeOf(n)
	if len(r.List) == before && n.Kind != yaml.AliasNode {
		c.Said, c.Value, c.places = true, value.Tidy(), places
	}
}

// condition reads one node. What it says is looked at by Check, later.
func (r *reader) condition(n *yaml.Node, path string, places map[string]Place) (c provisioning.Condition) {
	places[path] = placeOf(n)
	if !r.is(n, yaml.MappingNode, "a condition") {
		return c
	}
	var groups, others []*yaml.Node
	before := len(r.List)
	r.pairs(n, func(key string, name, value *yaml.Node) {
		switch key {
		case "all", "any", "not":
			groups = append(groups, name)
		default:
			others = append(others, name)
		}
		r.conditionKey(&c, key, name, value, path, places)
	})
	if len(n.Content) == 0 {
		r.add(placeOf(n), "this condition says nothing: it is all, any, not, or an attribute with an operator")
	}
	if len(groups) > 1 || len(groups) == 1 && len(others) > 0 {
		r.add(placeOf(n), "a condition is one thing: all, any, not, or an attribute with an operator")
	}
	if len(groups) == 0 && len(others) > 0 && c.Operator == "" && len(r.List) == before {
		r.add(placeOf(n), "a comparison needs an operator: %s", strings.Join(operatorNames(), ", "))
	}
	return c
}

func (r *reader) conditionKey(c *provisioning.Condition, key string, name, value *yaml.Node, path string, places map[string]Place) {
	switch operator := provisioning.Operator(key); {
	case key == "all":
		c.All = r.conditions(value, path, places)
	case key == "any":
		c.Any = r.conditions(value, path, places)
	case key == "not":
		under := r.condition(value, path+".0", places)
		c.Not = &under
	case key == "attribute":
		places[path+".attribute"] = placeOf(value)
		if r.scalar(value, "!!str", "the name of an attribute") {
			c.Attribute = value.Value
		}
	case key == "case_sensitive":
		if r.scalar(value, "!!bool", "true or false") {
			c.CaseSensitive = value.Value[0] == 't' || value.Value[0] == 'T'
		}
	case !operator.Known():
		r.add(placeOf(name), "the key %q is not known in a condition; known are all, any, not, attribute, case_sensitive and the operators %s",
			shorten(key), strings.Join(operatorNames(), ", "))
	case c.Operator != "":
		r.add(placeOf(name), "a comparison has one operator, and this is its second")
	case !operator.NeedsValue():
		c.Operator = operator
		if r.scalar(value, "!!bool", "true") && value.Value[0] != 't' && value.Value[0] != 'T' {
			r.add(placeOf(value), "%s is true where it stands; put it under not for the opposite", key)
		}
	default:
		places[path+".operator"], places[path+".value"] = placeOf(name), placeOf(value)
		c.Operator = operator
		if r.scalar(value, "!!str", "a text to compare with") {
			c.Value = value.Value
		}
	}
}

func (r *reader) conditions(n *yaml.Node, path string, places map[string]Place) []provisioning.Condition {
	list := []provisioning.Condition{}
	if !r.is(n, yaml.SequenceNode, "a list of conditions") {
		return list
	}
	for i, under := range n.Content {
		list = append(list, r.condition(under, path+"."+strconv.Itoa(i), places))
	}
	return list
}

func operatorNames() (names []string) {
	for _, o := range provisioning.Operators {
		names = append(names, string(o))
	}
	return names
}

func (c Condition) write() *yaml.Node {
	if !c.Said {
		return nil
	}
	return writeCondition(c.Value)
}

func writeCondition(c provisioning.Condition) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	put := func(key string, value *yaml.Node) { n.Content = append(n.Content, say(key).write(), value) }
	list := func(conditions []provisioning.Condition) *yaml.Node {
		under := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, c := range conditions {
			under.Content = append(under.Content, writeCondition(c))
		}
		return under
	}
	truth := Truth{Said: true, Value: true}
	switch {
	case c.All != nil:
		put("all", list(c.All))
	case c.Any != nil:
		put("any", list(c.Any))
	case c.Not != nil:
		put("not", writeCondition(*c.Not))
	default:
		put("attribute", say(c.Attribute).write())
		if c.Operator.NeedsValue() {
			put(string(c.Operator), say(c.Value).write())
		} else {
			put(string(c.Operator), truth.write())
		}
		if c.CaseSensitive {
			put("case_sensitive", truth.write())
		}
	}
	return n
}

// plainName is a name that can stand without quotes.
var plainName = regexp.MustCompile(`^[\w.:/-]+$`)

// oneLine is a condition in the form of documents on one line, for a plan. No
// two conditions have the same.
func oneLine(c provisioning.Condition) string {
	list := func(conditions []provisioning.Condition) string {
		lines := make([]string, len(conditions))
		for i, under := range conditions {
			lines[i] = oneLine(under)
		}
		return "[" + strings.Join(lines, ", ") + "]"
	}
	switch {
	case c.All != nil:
		return "{all: " + list(c.All) + "}"
	case c.Any != nil:
		return "{any: " + list(c.Any) + "}"
	case c.Not != nil:
		return "{not: " + oneLine(*c.Not) + "}"
	}
	value := "true"
	if c.Operator.NeedsValue() {
		value = strconv.Quote(c.Value)
	}
	exactly := ""
	if c.CaseSensitive {
		exactly = ", case_sensitive: true"
	}
	name := c.Attribute
	if !plainName.MatchString(name) {
		name = strconv.Quote(name)
	}
	return fmt.Sprintf("{attribute: %s, %s: %s%s}", name, c.Operator, value, exactly)
}

// placesOf are where the fields of a connector's check stand.
func (c Condition) placesOf(more map[string]Place) map[string]Place {
	all := map[string]Place{}
	for path, at := range c.places {
		all[path] = at
	}
	for path, at := range more {
		all[path] = at
	}
	return all
}
