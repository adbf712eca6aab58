package provisioning

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"locum/models"
)

// MarshalJSON writes the condition in the shape that Condition documents: always
// the same text for the same condition.
func (c Condition) MarshalJSON() ([]byte, error) {
	switch c.form() {
	case allOf:
		return json.Marshal(struct {
			All []Condition `json:"all"`
		}{c.All})
	case anyOf:
		return json.Marshal(struct {
			Any []Condition `json:"any"`
		}{c.Any})
	case notOf:
		return json.Marshal(struct {
			Not *Condition `json:"not"`
		}{c.Not})
	case comparison:
		return json.Marshal(struct {
			Attribute     string   `json:"attribute"`
			Operator      Operator `json:"operator"`
			Value         string   `json:"value,omitempty"`
			CaseSensitive bool     `json:"case_sensitive,omitempty"`
		}{c.Attribute, c.Operator, c.Value, c.CaseSensitive})
	case none:
		return []byte("{}"), nil
	}
	return nil, models.Fail(models.Invalid, "provisioning.error.mixed_condition")
}

// UnmarshalJSON reads a condition. Unlike the standard decoder it is strict:
// names in the exact case, each once, none unknown, one shape to a node. It
// refuses what is too large or too deep before building it. The error is a
// *models.Error with the path of the node. What a condition says is looked at by
// Check.
func (c *Condition) UnmarshalJSON(text []byte) error {
	if len(text) > MaxConditionBytes {
		return unreadable("condition", "provisioning.error.too_large", "Most", MaxConditionBytes)
	}
	r := conditionReader{json.NewDecoder(bytes.NewReader(text))}
	read, err := r.node("condition", 1)
	if err != nil {
		return err
	}
	if _, err := r.Token(); err != io.EOF {
		return unreadable("condition", "provisioning.error.not_json")
	}
	*c = read
	return nil
}

// conditionReader reads token by token, so that depth is bounded by us and an
// error knows its place.
type conditionReader struct{ *json.Decoder }

func unreadable(path, key string, args ...any) error {
	wrong := models.FieldErrors{}
	wrong.Add(path, key, args...)
	return wrong.Err()
}

func (r conditionReader) node(path string, depth int) (Condition, error) {
	var c Condition
	if depth > MaxDepth {
		return c, unreadable(path, "provisioning.error.too_deep", "Most", MaxDepth)
	}
	if err := r.open(path, '{'); err != nil {
		return c, err
	}
	seen := map[string]bool{}
	for r.More() {
		member, err := r.text(path)
		if err != nil {
			return c, err
		}
		if seen[member] {
			return c, unreadable(path, "provisioning.error.member_twice", "Name", shorten(member))
		}
		seen[member] = true
		if err := r.member(&c, member, path, depth); err != nil {
			return c, err
		}
	}
	if err := r.close(path); err != nil {
		return c, err
	}
	groups := 0
	for _, group := range []string{"all", "any", "not"} {
		if seen[group] {
			groups++
		}
	}
	if groups > 1 || groups == 1 && len(seen) > 1 {
		return c, unreadable(path, "provisioning.error.mixed_condition")
	}
	return c, nil
}

func (r conditionReader) member(c *Condition, member, path string, depth int) (err error) {
	switch member {
	case "all":
		c.All, err = r.nodes(path, depth)
	case "any":
		c.Any, err = r.nodes(path, depth)
	case "not":
		var under Condition
		under, err = r.node(path+".0", depth+1)
		c.Not = &under
	case "attribute":
		c.Attribute, err = r.text(path + ".attribute")
	case "operator":
		var text string
		text, err = r.text(path + ".operator")
		c.Operator = Operator(text)
	case "value":
		c.Value, err = r.text(path + ".value")
	case "case_sensitive":
		c.CaseSensitive, err = r.truth(path + ".case_sensitive")
	default:
		err = unreadable(path, "provisioning.error.member_unknown", "Name", shorten(member))
	}
	return err
}

func (r conditionReader) nodes(path string, depth int) ([]Condition, error) {
	if err := r.open(path, '['); err != nil {
		return nil, err
	}
	nodes := []Condition{}
	for r.More() {
		if len(nodes) >= MaxNodes {
			return nil, unreadable(path, "provisioning.error.too_many_nodes", "Most", MaxNodes)
		}
		c, err := r.node(path+"."+strconv.Itoa(len(nodes)), depth+1)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, c)
	}
	return nodes, r.close(path)
}

func (r conditionReader) open(path string, bracket json.Delim) error {
	token, err := r.Token()
	if err != nil {
		return unreadable(path, "provisioning.error.not_json")
	}
	if token != bracket {
		return unreadable(path, "provisioning.error.member_kind")
	}
	return nil
}

func (r conditionReader) close(path string) error {
	if _, err := r.Token(); err != nil {
		return unreadable(path, "provisioning.error.not_json")
	}
	return nil
}

func (r conditionReader) text(path string) (string, error) {
	token, err := r.Token()
	if err != nil {
		return "", unreadable(path, "provisioning.error.not_json")
	}
	text, ok := token.(string)
	if !ok {
		return "", unreadable(path, "provisioning.error.member_kind")
	}
	return text, nil
}

func (r conditionReader) truth(path string) (bool, error) {
	token, err := r.Token()
	if err != nil {
		return false, unreadable(path, "provisioning.error.not_json")
	}
	truth, ok := token.(bool)
	if !ok {
		return false, unreadable(path, "provisioning.error.member_kind")
	}
	return truth, nil
}

// String is the condition for logs and tests; people read the Sentence.
func (c Condition) String() string {
	switch c.form() {
	case allOf, anyOf:
		word := " and "
		if c.form() == anyOf {
			word = " or "
		}
		parts := make([]string, 0, len(c.under()))
		for _, under := range c.under() {
			parts = append(parts, under.String())
		}
		return "(" + strings.Join(parts, word) + ")"
	case notOf:
		return "not " + c.Not.String()
	case comparison:
		return fmt.Sprintf("%s %s %q", c.Attribute, c.Operator, c.Value)
	}
	return "()"
}
