package configuration

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// part is what can stand at a key of the document.
type part interface {
	read(r *reader, n *yaml.Node)
	write() *yaml.Node // nil when the document does not say it
	kind() string      // in the words of the schema
}

// Text is a text that the document may leave out.
type Text struct {
	Place
	Said  bool
	Value string
}

func say(text string) Text { return Text{Said: true, Value: text} }

// sayUnlessEmpty leaves out what would say nothing.
func sayUnlessEmpty(text string) Text { return Text{Said: text != "", Value: text} }

// or is the text, and another where the document says none.
func (t Text) or(other string) string {
	if t.Said {
		return t.Value
	}
	return other
}

func (t *Text) read(r *reader, n *yaml.Node) {
	if r.scalar(n, "!!str", "a text") {
		*t = Text{Place: placeOf(n), Said: true, Value: n.Value}
	}
}

func (t Text) write() *yaml.Node {
	if !t.Said {
		return nil
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: t.Value}
	if slices.Contains(oldTruths, strings.ToLower(t.Value)) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// oldTruths are texts that other readers of YAML, by its version 1.1, take for
// true and false.
var oldTruths = []string{"y", "n", "yes", "no", "on", "off"}

func (Text) kind() string { return "text" }

// Truth is true or false, or left out.
type Truth struct {
	Place
	Said  bool
	Value bool
}

func (t Truth) or(other bool) bool {
	if t.Said {
		return t.Value
	}
	return other
}

func (t *Truth) read(r *reader, n *yaml.Node) {
	if r.scalar(n, "!!bool", "true or false") {
		*t = Truth{Place: placeOf(n), Said: true, Value: n.Value == "true" || n.Value == "True" || n.Value == "TRUE"}
	}
}

func (t Truth) write() *yaml.Node {
	if !t.Said {
		return nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(t.Value)}
}

func (Truth) kind() string { return "true or false" }

// Number is a whole number, or left out.
type Number struct {
	Place
	Said  bool
	Value int
}

func (v Number) or(other int) int {
	if v.Said {
		return v.Value
	}
	return other
}

func (v *Number) read(r *reader, n *yaml.Node) {
	if !r.scalar(n, "!!int", "a whole number") {
		return
	}
	value, err := strconv.Atoi(n.Value)
	if err != nil {
		r.add(placeOf(n), "%q is no whole number that is used here", shorten(n.Value))
		return
	}
	*v = Number{Place: placeOf(n), Said: true, Value: value}
}

func (v Number) write() *yaml.Node {
	if !v.Said {
		return nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(v.Value)}
}

func (Number) kind() string { return "number" }

// Texts are texts by a name that the writer of the document chooses.
type Texts struct {
	Place
	Said  bool
	Value map[string]string
}

func (t *Texts) read(r *reader, n *yaml.Node) {
	if !r.is(n, yaml.MappingNode, "names with a text each") {
		return
	}
	*t = Texts{Place: placeOf(n), Said: true, Value: map[string]string{}}
	r.pairs(n, func(key string, name, value *yaml.Node) {
		if r.scalar(value, "!!str", "a text") {
			t.Value[key] = value.Value
		}
	})
}

func (t Texts) write() *yaml.Node {
	if !t.Said {
		return nil
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, name := range sorted(t.Value) {
		n.Content = append(n.Content, say(name).write(), say(t.Value[name]).write())
	}
	return n
}

func (Texts) kind() string { return "names with a text each" }

// Section is an object that the document may leave out.
type Section[T any] struct {
	Place
	Said  bool
	Value T
}

func (s *Section[T]) read(r *reader, n *yaml.Node) {
	if r.object(n, &s.Value) {
		s.Place, s.Said = placeOf(n), true
	}
}

func (s Section[T]) write() *yaml.Node {
	if !s.Said {
		return nil
	}
	return writeObject(s.Value)
}

func (Section[T]) kind() string { return "object" }

// List is several of a thing. One that is there and empty differs from one that
// is left out.
type List[T any] struct {
	Place
	Said  bool
	Items []T
}

func (l *List[T]) read(r *reader, n *yaml.Node) {
	if !r.is(n, yaml.SequenceNode, "a list") {
		return
	}
	l.Place, l.Said, l.Items = placeOf(n), true, []T{}
	for _, under := range n.Content {
		item := new(T)
		if leaf, is := any(item).(part); is {
			before := len(r.List)
			leaf.read(r, under)
			if len(r.List) == before && under.Kind != yaml.AliasNode {
				l.Items = append(l.Items, *item)
			}
		} else if r.object(under, item) {
			l.Items = append(l.Items, *item)
		}
	}
}

func (l List[T]) write() *yaml.Node {
	if !l.Said {
		return nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if len(l.Items) == 0 {
		n.Style = yaml.FlowStyle
	}
	for _, item := range l.Items {
		if leaf, is := any(&item).(part); is {
			n.Content, n.Style = append(n.Content, leaf.write()), yaml.FlowStyle
		} else {
			n.Content = append(n.Content, writeObject(item))
		}
	}
	return n
}

func (List[T]) kind() string {
	if leaf, is := any(new(T)).(part); is {
		return "list of " + leaf.kind() + "s"
	}
	return "list of objects"
}
