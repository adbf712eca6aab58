package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Resource is a user or a group as JSON: attributes under the names of their
// schemas, those of an extension under its URN.
type Resource map[string]any

// Limits on what one resource may hold.
const (
	maxDepth      = 12      // of JSON in JSON
	maxText       = 8 << 10 // bytes of one string
	maxResource   = 256 << 10
	maxAttributes = 200 // of one object
	maxElements   = 1000
)

// ReadJSON reads one JSON object, as clients send them. Invalid UTF-8 and
// anything after the object are refused: what is read must be what was meant.
func ReadJSON(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, badSyntax()
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if tooDeep(body) {
		return nil, badSyntax()
	}
	from := json.NewDecoder(bytes.NewReader(body))
	from.UseNumber()
	var object map[string]any
	if err := from.Decode(&object); err != nil || object == nil {
		return nil, badSyntax().Because(err)
	}
	if _, err := from.Token(); !errors.Is(err, io.EOF) {
		return nil, badSyntax()
	}
	return object, nil
}

// tooDeep counts brackets before anything is built from them.
func tooDeep(body []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// normal is a resource with the schemas' names and types: names in any case,
// dotted ones and those of extensions find their place, "True" and "False" are
// booleans, and what only the server says is left out. Attributes that no
// schema knows are kept as they came.
func (t *Type) normal(in map[string]any) (Resource, error) {
	out := Resource{}
	if len(in) > maxAttributes {
		return nil, badValue(t.Name)
	}
	return out, t.setAll(out, "", in)
}

// cast brings a value into the type of its attribute. nil is an attribute
// without a value (RFC 7643, section 2.5).
func cast(a *Attribute, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	if !a.Multi {
		return castOne(a, value)
	}
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	if len(list) > maxElements {
		return nil, badValue(a.Name)
	}
	out := make([]any, 0, len(list))
	for _, element := range list {
		one, err := castOne(a, element)
		if err != nil {
			return nil, err
		}
		if one != nil {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func castOne(a *Attribute, value any) (any, error) {
	switch a.Kind {
	case Boolean:
		return castBoolean(a.Name, value)
	case Complex:
		return castComplex(a, value)
	}
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return v, plain(a.Name, v)
	case json.Number:
		return v.String(), nil // employee numbers come so
	}
	return nil, badValue(a.Name)
}

// castBoolean takes what Entra ID writes for booleans.
func castBoolean(name string, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case bool:
		return v, nil
	case string:
		switch {
		case strings.EqualFold(v, "true"):
			return true, nil
		case strings.EqualFold(v, "false"):
			return false, nil
		}
	}
	return nil, badValue(name)
}

// castComplex takes a text for the value alone, as clients send managers.
func castComplex(a *Attribute, value any) (any, error) {
	if s, is := value.(string); is && find(a.Sub, "value") != nil {
		if s == "" {
			return nil, nil
		}
		value = map[string]any{"value": s}
	}
	object, is := value.(map[string]any)
	if !is || len(object) > maxAttributes {
		return nil, badValue(a.Name)
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		sub := find(a.Sub, name)
		if sub == nil {
			if err := whole(name, object[name]); err != nil {
				return nil, err
			}
			if object[name] != nil {
				out[name] = object[name]
			}
			continue
		}
		one, err := cast(sub, object[name])
		if err != nil {
			return nil, err
		}
		if one != nil {
			out[sub.Name] = one
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// plain refuses texts that are too long, and NUL, which PostgreSQL cannot keep.
func plain(name, s string) error {
	if len(s) > maxText || strings.ContainsRune(s, 0) {
		return badValue(name)
	}
	return nil
}

// whole is plain for values that no schema describes.
func whole(name string, value any) error {
	if err := plain(name, name); err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		return plain(name, v)
	case []any:
		for _, one := range v {
			if err := whole(name, one); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, one := range v {
			if err := whole(key, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// copied is a deep copy, so that a failed change leaves the original alone.
func copied(value any) any {
	switch v := value.(type) {
	case Resource:
		return Resource(copied(map[string]any(v)).(map[string]any))
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, one := range v {
			out[name] = copied(one)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = copied(one)
		}
		return out
	}
	return value
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// texts is a string attribute's value, or "".
func (r Resource) text(name string) string {
	s, _ := r[name].(string)
	return s
}

// take removes an attribute and gives its value.
func (r Resource) take(name string) any {
	value := r[name]
	delete(r, name)
	return value
}

// stored is the resource as text for its column.
func (r Resource) stored() (string, error) {
	out, err := json.Marshal(r)
	if err == nil && len(out) > maxResource {
		return "", wrong("invalidValue", "directory.scim.large", "Most", maxResource>>10)
	}
	return string(out), err
}

func restored(text string) (Resource, error) {
	from := json.NewDecoder(strings.NewReader(text))
	from.UseNumber()
	r := Resource{}
	return r, from.Decode(&r)
}
