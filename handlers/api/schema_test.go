package api_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/handlers/api"
)

// document is the API's document, as far as tests hold it against the handlers.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Webhooks   map[string]map[string]operation
	Components struct{ Schemas map[string]any }
}

type operation struct {
	OperationID string
	Parameters  []struct {
		Name   string
		Schema map[string]any
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema any }
	}
	RequestBody struct {
		Content map[string]struct{ Schema any }
	}
}

func read(t *testing.T) (d document) {
	t.Helper()
	if err := json.Unmarshal(api.Document, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// fits says what of a value does not fit a schema, in the part of JSON Schema
// (2020-12) that the document uses. A word that it does not know is an error, so
// that nothing is believed to be checked that is not.
func (d document) fits(value, schema any, at string) []string {
	s, ok := schema.(map[string]any)
	if !ok {
		return []string{at + ": no schema"}
	}
	var wrong []string
	for word, rule := range s {
		switch word {
		case "description", "default", "required", "additionalProperties":
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/components/schemas/")
			wrong = append(wrong, d.fits(value, d.Components.Schemas[name], at)...)
		case "type":
			if !hasType(value, rule.(string)) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is no %s", at, value, rule))
			}
		case "const":
			if !reflect.DeepEqual(value, rule) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is not %v", at, value, rule))
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is none of %v", at, value, rule))
			}
		case "pattern":
			wrong = append(wrong, pattern(value, rule.(string), at)...)
		case "format":
			if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(value)); rule != "date-time" || err != nil {
				wrong = append(wrong, fmt.Sprintf("%s: %v is no %s", at, value, rule))
			}
		case "minimum", "maximum":
			if n, _ := value.(float64); word == "minimum" && n < rule.(float64) || word == "maximum" && n > rule.(float64) {
				wrong = append(wrong, fmt.Sprintf("%s: %v is out of range", at, value))
			}
		case "items":
			list, _ := value.([]any)
			for i, one := range list {
				wrong = append(wrong, d.fits(one, rule, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "oneOf":
			wrong = append(wrong, d.oneOf(value, rule.([]any), at)...)
		case "properties":
			wrong = append(wrong, d.properties(value, s, at)...)
		default:
			wrong = append(wrong, at+": the test does not know "+word)
		}
	}
	return wrong
}

// pattern checks a text; "(?!…)" at the start, which Go has not, is a "not".
func pattern(value any, rule, at string) []string {
	not := strings.HasPrefix(rule, "^(?!")
	if not {
		rule = "^" + strings.TrimSuffix(strings.TrimPrefix(rule, "^(?!"), ")")
	}
	if regexp.MustCompile(rule).MatchString(fmt.Sprint(value)) == not {
		return []string{fmt.Sprintf("%s: %v does not look like it", at, value)}
	}
	return nil
}

func (d document) oneOf(value any, rules []any, at string) []string {
	var fit int
	var all []string
	for _, rule := range rules {
		wrong := d.fits(value, rule, at)
		if len(wrong) == 0 {
			fit++
		}
		all = append(all, wrong...)
	}
	if fit == 1 {
		return nil
	}
	return append(all, fmt.Sprintf("%s: fits %d of %d", at, fit, len(rules)))
}

func (d document) properties(value any, s map[string]any, at string) (wrong []string) {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{at + ": no object"}
	}
	known := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, there := object[name.(string)]; !there {
			wrong = append(wrong, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}
	for name, one := range object {
		if rule, there := known[name]; there {
			wrong = append(wrong, d.fits(one, rule, at+"."+name)...)
		} else if s["additionalProperties"] == false {
			wrong = append(wrong, at+": the document has no "+name)
		}
	}
	return wrong
}

func hasType(value any, name string) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}
