package directory

import (
	"maps"
	"slices"
	"strings"
)

// ignored are attributes that a client may send and that only the server says.
func ignored(a *Attribute) bool {
	return a.ReadOnly || a.WriteOnly || a.Name == "schemas"
}

// set puts a value at a path without a filter, as POST and PUT have it: what was
// there under the same name is replaced.
func (t *Type) set(out Resource, p Path, value any) error {
	if p.Name == "" {
		return t.setAll(out, p.URN, value)
	}
	into, list, err := t.place(out, p.URN)
	if err != nil {
		return err
	}
	a := find(list, p.Name)
	if p.URN == "" {
		a = t.attribute(p.Name)
	}
	switch {
	case a == nil:
		err = setUnknown(into, p, value)
	case ignored(a):
	case p.Sub == "":
		err = setWhole(into, a, value)
	default:
		err = setPart(into, a, p.Sub, value)
	}
	if p.URN != "" && len(into) == 0 {
		delete(out, p.URN)
	}
	return err
}

// setAll sets every attribute of a schema.
func (t *Type) setAll(out Resource, urn string, value any) error {
	object, is := value.(map[string]any)
	switch {
	case value == nil:
		delete(out, urn)
		return nil
	case !is || len(object) > maxAttributes:
		return badValue(urn)
	}
	if strings.EqualFold(urn, t.core.ID) {
		urn = ""
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		p, err := ParsePath(name)
		if err != nil || p.Name == "" && p.URN == "" || p.Filter != nil {
			continue
		}
		if p.URN == "" {
			p.URN = urn
		}
		if err := t.set(out, p, object[name]); err != nil {
			return err
		}
	}
	return nil
}

// place is the object that holds the attributes of a schema, and what they are.
func (t *Type) place(out Resource, urn string) (map[string]any, []Attribute, error) {
	if urn == "" || strings.EqualFold(urn, t.core.ID) {
		return out, t.core.Attributes, nil
	}
	var list []Attribute
	if s := t.extension(urn); s != nil {
		urn, list = s.ID, s.Attributes
	}
	if err := plain(urn, urn); err != nil {
		return nil, nil, err
	}
	into, is := out[urn].(map[string]any)
	if !is {
		into = map[string]any{}
		out[urn] = into
	}
	return into, list, nil
}

func setUnknown(into map[string]any, p Path, value any) error {
	if err := whole(p.Name, value); err != nil {
		return err
	}
	name := p.Name
	for known := range into {
		if strings.EqualFold(known, name) {
			name = known
		}
	}
	if p.Sub == "" {
		return write(into, name, value)
	}
	inner, is := into[name].(map[string]any)
	if !is {
		inner = map[string]any{}
	}
	if err := write(inner, p.Sub, value); err != nil {
		return err
	}
	into[name] = inner
	return nil
}

func setWhole(into map[string]any, a *Attribute, value any) error {
	value, err := cast(a, value)
	if err != nil {
		return err
	}
	return write(into, a.Name, value)
}

func setPart(into map[string]any, a *Attribute, part string, value any) error {
	sub := find(a.Sub, part)
	if sub == nil || a.Multi {
		return badPath(a.Name + "." + part)
	}
	value, err := cast(sub, value)
	if err != nil {
		return err
	}
	object, is := into[a.Name].(map[string]any)
	if !is {
		object = map[string]any{}
	}
	if err := write(object, sub.Name, value); err != nil {
		return err
	}
	if len(object) == 0 {
		delete(into, a.Name)
		return nil
	}
	into[a.Name] = object
	return nil
}

// write sets one key; without a value it is as if it were not there.
func write(into map[string]any, name string, value any) error {
	if value == nil {
		delete(into, name)
		return nil
	}
	into[name] = value
	if len(into) > maxAttributes {
		return badValue(name)
	}
	return nil
}
