package directory

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold is the form of a text in which case does not count.
func fold(text string) string { return norm.NFC.String(cases.Fold().String(text)) }

// matches says whether a whole resource, with id and meta, fits the filter.
func (f *Filter) matches(t *Type, r Resource) bool {
	return f.holds(func(p Path) ([]any, *Attribute) { return t.values(r, p) })
}

// of says whether one element of a multi-valued attribute fits.
func (f *Filter) of(element map[string]any, parts []Attribute) bool {
	return f.holds(func(p Path) ([]any, *Attribute) {
		name := p.Name
		a := find(parts, name)
		if a != nil {
			name = a.Name
		}
		if element[name] == nil {
			return nil, a
		}
		return []any{element[name]}, a
	})
}

func (f *Filter) holds(values func(Path) ([]any, *Attribute)) bool {
	switch {
	case len(f.Or) > 0:
		for _, one := range f.Or {
			if one.holds(values) {
				return true
			}
		}
		return false
	case len(f.And) > 0:
		for _, one := range f.And {
			if !one.holds(values) {
				return false
			}
		}
		return true
	case f.Not != nil:
		return !f.Not.holds(values)
	}
	found, a := values(f.Path)
	if f.Inside != nil {
		for _, one := range found {
			if object, is := one.(map[string]any); is && a != nil && f.Inside.of(object, a.Sub) {
				return true
			}
		}
		return false
	}
	return f.compare(found, a)
}

func (f *Filter) compare(found []any, a *Attribute) bool {
	some := false
	for _, one := range found {
		// A complex value is compared by its value (RFC 7644, section 3.4.2.2).
		part := a
		if object, is := one.(map[string]any); is && f.Op != "pr" {
			one = object["value"]
			if a != nil {
				part = find(a.Sub, "value")
			}
		}
		if one == nil {
			continue
		}
		if f.Op == "pr" {
			if s, is := one.(string); !is || s != "" {
				return true
			}
			continue
		}
		some = true
		op := f.Op
		if op == "ne" {
			op = "eq"
		}
		if compareOne(op, one, f.Value, part) {
			return f.Op != "ne"
		}
	}
	switch f.Op {
	case "ne":
		return f.Value != nil || some
	case "eq":
		return f.Value == nil && !some
	}
	return false
}

func compareOne(op string, held, wanted any, a *Attribute) bool {
	switch h := held.(type) {
	case bool:
		switch w := wanted.(type) {
		case bool:
			return op == "eq" && h == w
		case string:
			return op == "eq" && strings.EqualFold(w, strconv.FormatBool(h))
		}
		return false
	case json.Number:
		x, err1 := h.Float64()
		n, is := wanted.(json.Number)
		if !is {
			return false
		}
		y, err2 := n.Float64()
		return err1 == nil && err2 == nil && ordered(op, compareFloats(x, y))
	case string:
		if n, is := wanted.(json.Number); is {
			wanted = n.String()
		}
		w, is := wanted.(string)
		return is && compareTexts(op, h, w, a)
	}
	return false
}

func compareFloats(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func compareTexts(op, h, w string, a *Attribute) bool {
	if a != nil && a.Kind == DateTime {
		x, err1 := time.Parse(time.RFC3339Nano, h)
		y, err2 := time.Parse(time.RFC3339Nano, w)
		if err1 == nil && err2 == nil {
			return ordered(op, x.Compare(y))
		}
	}
	if a == nil || !a.CaseExact {
		h, w = fold(h), fold(w)
	}
	switch op {
	case "co":
		return strings.Contains(h, w)
	case "sw":
		return strings.HasPrefix(h, w)
	case "ew":
		return strings.HasSuffix(h, w)
	}
	return ordered(op, strings.Compare(h, w))
}

func ordered(op string, by int) bool {
	switch op {
	case "eq":
		return by == 0
	case "gt":
		return by > 0
	case "ge":
		return by >= 0
	case "lt":
		return by < 0
	case "le":
		return by <= 0
	}
	return false
}

// values are what a path without a filter finds in a resource.
func (t *Type) values(r Resource, p Path) ([]any, *Attribute) {
	a := t.attributeAt(p)
	var held map[string]any = r
	if p.URN != "" && !strings.EqualFold(p.URN, t.core.ID) {
		urn := p.URN
		if s := t.extension(urn); s != nil {
			urn = s.ID
		}
		held, _ = r[urn].(map[string]any)
		if p.Name == "" {
			if held == nil {
				return nil, nil
			}
			return []any{held}, nil
		}
	}
	name := p.Name
	if a != nil {
		name = a.Name
	}
	value, _ := member(held, name)
	list := flat(value)
	if p.Sub == "" || list == nil {
		return list, a
	}
	var sub *Attribute
	part := p.Sub
	if a != nil {
		if sub = find(a.Sub, part); sub != nil {
			part = sub.Name
		}
	}
	var found []any
	for _, one := range list {
		if object, is := one.(map[string]any); is && object[part] != nil {
			found = append(found, flat(object[part])...)
		}
	}
	return found, sub
}

func flat(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}
