package directory

import (
	"maps"
	"slices"
	"strings"

	"locum/models"
)

// MaxOperations is how many operations one PATCH may hold.
const MaxOperations = 10_000

// Operation is one operation of a PATCH (RFC 7644, section 3.5.2).
type Operation struct {
	Op    string // add, replace or remove
	Path  string // as the client wrote it
	Value any
	Given bool // a value came, if only null
}

// ReadPatch reads the operations of a PATCH. Their names may be in any case.
func ReadPatch(body map[string]any) (list []Operation, err error) {
	found, _ := member(body, "Operations")
	sent, is := found.([]any)
	if one, single := found.(map[string]any); single {
		sent, is = []any{one}, true
	}
	if !is || len(sent) == 0 {
		return nil, badSyntax()
	}
	if len(sent) > MaxOperations {
		return nil, models.Fail(models.TooLarge, "directory.scim.operations", "Most", MaxOperations)
	}
	for _, one := range sent {
		object, is := one.(map[string]any)
		if !is {
			return nil, badSyntax()
		}
		var o Operation
		op, _ := member(object, "op")
		o.Op, _ = op.(string)
		o.Op = strings.ToLower(o.Op)
		if o.Op != "add" && o.Op != "replace" && o.Op != "remove" {
			return nil, badSyntax()
		}
		path, there := member(object, "path")
		if o.Path, is = path.(string); there && !is && path != nil {
			return nil, badPath("")
		}
		o.Value, o.Given = member(object, "value")
		list = append(list, o)
	}
	return list, nil
}

// member finds a key in any case.
func member(object map[string]any, name string) (any, bool) {
	if value, there := object[name]; there {
		return value, true
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if strings.EqualFold(key, name) {
			return object[key], true
		}
	}
	return nil, false
}

// patch applies an operation to a resource. On an error the resource is spoilt:
// the caller works on a copy.
func (t *Type) patch(r Resource, o Operation) error {
	if o.Path == "" {
		object, is := o.Value.(map[string]any)
		switch {
		case o.Op == "remove":
			return wrong("noTarget", "directory.scim.no_target")
		case !is || len(object) > maxAttributes:
			return badValue("value")
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			p, err := ParsePath(name)
			if err != nil {
				return err
			}
			if a := t.attributeAt(p); a != nil && ignored(a) {
				continue // Okta sends the id along
			}
			if err := t.patchAt(r, Operation{Op: o.Op, Value: object[name], Given: true}, p); err != nil {
				return err
			}
		}
		return nil
	}
	p, err := ParsePath(o.Path)
	if err != nil {
		return err
	}
	if a := t.attributeAt(p); a != nil && a.ReadOnly {
		return fixed(a.Name)
	}
	if o.Op != "remove" && !o.Given {
		return badValue(o.Path)
	}
	return t.patchAt(r, o, p)
}

// attributeAt is the attribute that a path names, nil for one of no schema.
func (t *Type) attributeAt(p Path) *Attribute {
	if p.URN == "" || strings.EqualFold(p.URN, t.core.ID) {
		return t.attribute(p.Name)
	}
	if s := t.extension(p.URN); s != nil {
		return find(s.Attributes, p.Name)
	}
	return nil
}

func (t *Type) patchAt(r Resource, o Operation, p Path) error {
	a := t.attributeAt(p)
	switch {
	case p.Name == "":
		if o.Op == "remove" {
			delete(r, p.URN)
			return nil
		}
		if object, is := o.Value.(map[string]any); is && strings.EqualFold(p.URN, t.core.ID) {
			return t.patch(r, Operation{Op: o.Op, Value: object, Given: true})
		}
		return t.set(r, p, o.Value) // adds to the extension's attributes
	case a == nil && p.Filter != nil:
		return badPath(o.Path)
	case a != nil && ignored(a):
		return nil
	case a != nil && a.Multi:
		return t.patchList(r, o, p, a)
	case p.Filter != nil:
		return badPath(o.Path)
	case o.Op == "remove":
		return t.set(r, Path{URN: p.URN, Name: p.Name, Sub: p.Sub}, nil)
	case a != nil && a.Kind == Complex && p.Sub == "":
		return t.merge(r, p, a, o.Value)
	}
	return t.set(r, p, o.Value)
}

// merge sets those parts of a complex attribute that came, and leaves the others.
func (t *Type) merge(r Resource, p Path, a *Attribute, value any) error {
	value, err := cast(a, value)
	if err != nil {
		return err
	}
	into, _, err := t.place(r, p.URN)
	if err != nil {
		return err
	}
	was, is := into[a.Name].(map[string]any)
	came, some := value.(map[string]any)
	if !is || !some {
		return t.set(r, p, value)
	}
	maps.Copy(was, came)
	return nil
}

// patchList applies an operation to a multi-valued attribute.
func (t *Type) patchList(r Resource, o Operation, p Path, a *Attribute) error {
	into, _, err := t.place(r, p.URN)
	if err != nil {
		return err
	}
	list, _ := into[a.Name].([]any)
	if p.Filter != nil || p.Sub != "" {
		list, err = t.patchElements(list, o, p, a)
	} else {
		list, err = patchWhole(list, o, a)
	}
	if err != nil {
		return err
	}
	if len(list) > maxElements {
		return badValue(a.Name)
	}
	if len(list) == 0 {
		delete(into, a.Name)
		return nil
	}
	into[a.Name] = list
	return nil
}

func patchWhole(list []any, o Operation, a *Attribute) ([]any, error) {
	value, err := cast(a, o.Value)
	if err != nil {
		return nil, err
	}
	came, _ := value.([]any)
	switch o.Op {
	case "remove":
		if !o.Given || o.Value == nil {
			return nil, nil
		}
		return slices.DeleteFunc(list, func(one any) bool {
			return slices.ContainsFunc(came, func(gone any) bool { return alike(one, gone) })
		}), nil
	case "replace":
		return onePrimary(nil, came), nil
	}
	for _, one := range came {
		if !slices.ContainsFunc(list, func(held any) bool { return same(held, one) }) {
			list = onePrimary(list, []any{one})
		}
	}
	return list, nil
}

// alike says whether an element is what a client asks to remove: it has every
// part that came, or the same value.
func alike(held, gone any) bool {
	h, is := held.(map[string]any)
	g, object := gone.(map[string]any)
	if !is || !object {
		return same(held, gone)
	}
	if g["value"] != nil {
		return same(h["value"], g["value"]) && (g["type"] == nil || same(h["type"], g["type"]))
	}
	for name, value := range g {
		if !same(h[name], value) {
			return false
		}
	}
	return true
}

// onePrimary adds elements; one of them that is primary is so in place of the
// one before (RFC 7643, section 2.4).
func onePrimary(list, more []any) []any {
	for _, one := range more {
		if object, is := one.(map[string]any); is && object["primary"] == true {
			demote(list)
		}
		list = append(list, one)
	}
	return list
}

func demote(list []any) {
	for _, held := range list {
		if object, is := held.(map[string]any); is && object["primary"] == true {
			object["primary"] = false
		}
	}
}

// patchElements applies an operation to the elements that a filter chooses, or to
// all of them.
func (t *Type) patchElements(list []any, o Operation, p Path, a *Attribute) ([]any, error) {
	chosen := func(one any) bool {
		object, is := one.(map[string]any)
		return is && (p.Filter == nil || p.Filter.of(object, a.Sub))
	}
	if o.Op == "remove" && p.Sub == "" {
		return slices.DeleteFunc(list, chosen), nil
	}
	found := slices.ContainsFunc(list, chosen)
	if !found {
		if o.Op == "remove" {
			return list, nil
		}
		fresh, simple := p.Filter.example()
		if !simple {
			return nil, wrong("noTarget", "directory.scim.no_target")
		}
		list = append(list, fresh)
	}
	for i, one := range list {
		if found && !chosen(one) || !found && i < len(list)-1 {
			continue
		}
		if err := patchElement(list, one.(map[string]any), o, p, a); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(list, func(one any) bool { return len(one.(map[string]any)) == 0 }), nil
}

func patchElement(list []any, element map[string]any, o Operation, p Path, a *Attribute) error {
	if p.Sub == "" {
		value, err := castComplex(a, o.Value)
		if err != nil {
			return err
		}
		came, _ := value.(map[string]any)
		if came["primary"] == true {
			demote(list)
		}
		maps.Copy(element, came)
		return nil
	}
	sub := find(a.Sub, p.Sub)
	if sub == nil {
		return badPath(o.Path)
	}
	if o.Op == "remove" {
		delete(element, sub.Name)
		return nil
	}
	value, err := cast(sub, o.Value)
	if err != nil {
		return err
	}
	if sub.Name == "primary" && value == true {
		demote(list)
	}
	return write(element, sub.Name, value)
}

// example is an element that a filter of equalities would choose: Entra ID sets
// emails[type eq "work"].value before there is one.
func (f *Filter) example() (map[string]any, bool) {
	out := map[string]any{}
	if f == nil {
		return out, true
	}
	for _, one := range append([]*Filter{f}, f.And...) {
		switch {
		case one == f && len(f.And) > 0:
		case one.Op == "eq" && one.Path.URN == "" && one.Path.Sub == "" && one.Value != nil:
			out[one.Path.Name] = one.Value
		default:
			return nil, false
		}
	}
	return out, true
}
