package configuration

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits on documents.
const (
	MaxBytes = 10 << 20
	maxDepth = 40 // levels of lists and objects, far more than the deepest condition needs
)

// Read reads a document. It always gives one: what is wrong with it is kept
// with it, and told by Plan together with what does not fit what stands. file is
// its name in those messages.
func Read(file string, text []byte) *Document {
	d := &Document{file: file, problems: Problems{File: file}}
	if len(text) > MaxBytes {
		d.problems.add(Place{1, 1}, "the document is larger than %d MB", MaxBytes>>20)
		return d
	}
	r := &reader{&d.problems}
	root, ok := r.parse(text)
	if !ok {
		return d
	}
	if r.object(root, d) && d.Version.Said && d.Version.Value != FormatVersion {
		r.add(d.Version.Place, "version %d is not known here: it is %d", d.Version.Value, FormatVersion)
	}
	return d
}

// Wrong is what is wrong with the document by itself, a *Problems, or nil.
func (d *Document) Wrong() error {
	own := Problems{File: d.file, List: slices.Clone(d.problems.List)}
	return own.err()
}

type reader struct{ *Problems }

func placeOf(n *yaml.Node) Place { return Place{max(1, n.Line), max(1, n.Column)} }

// parse makes the text a tree, and refuses what documents do not need and could
// be used to hide things or to make a small one large.
func (r *reader) parse(text []byte) (*yaml.Node, bool) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			r.add(Place{1, 1}, "the document is empty")
		} else {
			r.syntax(err)
		}
		return nil, false
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.add(placeOf(&second), "a second document begins here: one file holds one")
	case !errors.Is(err, io.EOF):
		r.syntax(err)
		return nil, false
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		r.add(Place{1, 1}, "the document is empty")
		return nil, false
	}
	return document.Content[0], r.plain(document.Content[0], 1)
}

var lineOf = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

func (r *reader) syntax(err error) {
	text := err.Error()
	found := lineOf.FindStringSubmatch(text)
	line, wrong := strconv.Atoi(found[1])
	if wrong != nil {
		line = 1
	}
	r.add(Place{line, 1}, "this is no YAML: %s", shorten(strings.TrimPrefix(text, found[0])))
}

// plain reports anchors, aliases and tags, and whether the tree is shallow
// enough to be read.
func (r *reader) plain(n *yaml.Node, depth int) bool {
	if depth > maxDepth {
		r.add(placeOf(n), "lists and objects are nested more than %d deep", maxDepth)
		return false
	}
	switch {
	case n.Kind == yaml.AliasNode:
		r.add(placeOf(n), "aliases are not used in these documents: write the value itself")
		return true
	case n.Anchor != "":
		r.add(placeOf(n), "anchors are not used in these documents: write the value itself")
	case n.Style&yaml.TaggedStyle != 0:
		r.add(placeOf(n), "tags such as %s are not used in these documents", shorten(n.Tag))
	}
	for _, under := range n.Content {
		if !r.plain(under, depth+1) {
			return false
		}
	}
	return true
}

// is says whether a node is of a kind; an alias was reported before.
func (r *reader) is(n *yaml.Node, kind yaml.Kind, wanted string) bool {
	if n.Kind != kind && n.Kind != yaml.AliasNode {
		r.add(placeOf(n), "%s is needed here, and this is %s", wanted, nameOf(n))
	}
	return n.Kind == kind
}

func nameOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false; put it in quotes to make it a text"
	case "!!int", "!!float":
		return "a number; put it in quotes to make it a text"
	case "!!timestamp":
		return "a date; put it in quotes to make it a text"
	}
	return "a text"
}

// scalar says whether a node is a single value of a type.
func (r *reader) scalar(n *yaml.Node, tag, wanted string) bool {
	if !r.is(n, yaml.ScalarNode, wanted) {
		return false
	}
	if n.ShortTag() != tag {
		r.add(placeOf(n), "%s is needed here, and this is %s", wanted, nameOf(n))
		return false
	}
	if tag == "!!str" && !utf8.ValidString(n.Value) {
		r.add(placeOf(n), "this is no text in UTF-8")
		return false
	}
	return true
}

// pairs goes through the keys of an object, each of which may stand once.
func (r *reader) pairs(n *yaml.Node, do func(key string, name, value *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		switch {
		case name.Kind == yaml.AliasNode:
		case name.Kind != yaml.ScalarNode:
			r.add(placeOf(name), "a key is a text, and this is %s", nameOf(name))
		case seen[name.Value]:
			r.add(placeOf(name), "the key %q stands here twice", shorten(name.Value))
		default:
			seen[name.Value] = true
			do(name.Value, name, value)
		}
	}
}

// object reads a node into a struct by the tags of its fields.
func (r *reader) object(n *yaml.Node, into any) bool {
	if !r.is(n, yaml.MappingNode, "an object") {
		return false
	}
	to := reflect.ValueOf(into).Elem()
	to.FieldByName("Place").Set(reflect.ValueOf(placeOf(n)))
	fields := fieldsOf(to.Type())
	said := map[string]bool{}
	r.pairs(n, func(key string, name, value *yaml.Node) {
		at := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
		if at < 0 {
			r.unknown(key, name, fields)
			return
		}
		f := fields[at]
		said[key] = true
		leaf := to.Field(f.index).Addr().Interface().(part)
		leaf.read(r, value)
		if text, is := leaf.(*Text); is && text.Said && len(f.choices) > 0 && !slices.Contains(f.choices, text.Value) {
			r.add(text.Place, "%s is one of %s, and not %q", key, strings.Join(f.choices, ", "), shorten(text.Value))
			text.Said = false
		}
	})
	for _, f := range fields {
		if f.must && !said[f.key] {
			r.add(placeOf(n), "%s is missing", f.key)
		}
	}
	return true
}

func (r *reader) unknown(key string, name *yaml.Node, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	r.add(placeOf(name), "the key %q is not known here; known are %s", shorten(key), strings.Join(known, ", "))
}

// shorten keeps what is quoted in a message readable.
func shorten(text string) string {
	const most = 80
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
