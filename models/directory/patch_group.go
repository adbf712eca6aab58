package directory

import (
	"maps"
	"slices"
	"strings"
)

// holdNamed holds every user whom some operations name, once and in the order of
// their ids: two PATCHes that name the same people in another order would else
// wait for each other.
func (w *work) holdNamed(operations []Operation) error {
	var ids []string
	for _, o := range operations {
		named, err := namedIn(o)
		if err != nil {
			return err
		}
		ids = append(ids, named...)
	}
	slices.Sort(ids)
	return w.lockUsers(slices.Compact(ids))
}

func namedIn(o Operation) ([]string, error) {
	if o.Path == "" {
		object, _ := o.Value.(map[string]any)
		_, members, _ := split(object)
		return memberIDs(members)
	}
	p, err := ParsePath(o.Path)
	if err != nil || !isMembers(p) {
		return nil, err
	}
	if ids, plain := p.Filter.named(); plain {
		return ids, nil
	}
	if p.Sub != "" {
		return nil, nil
	}
	return memberIDs(o.Value)
}

func isMembers(p Path) bool {
	return strings.EqualFold(p.Name, "members") && (p.URN == "" || strings.EqualFold(p.URN, GroupSchema))
}

// patchGroup applies one operation: to the members in the database, to all else
// in next. It says whether members changed.
func (w *work) patchGroup(g Group, next Resource, o Operation) (changed bool, err error) {
	if o.Path == "" {
		object, is := o.Value.(map[string]any)
		if !is {
			return false, GroupType.patch(next, o)
		}
		rest, members, said := split(object)
		if said && o.Op != "remove" {
			if changed, err = w.patchMembers(g, Operation{Op: o.Op, Path: "members", Value: members, Given: true}, nil, ""); err != nil {
				return false, err
			}
		}
		return changed, GroupType.patch(next, Operation{Op: o.Op, Value: rest, Given: true})
	}
	p, err := ParsePath(o.Path)
	if err != nil {
		return false, err
	}
	if isMembers(p) {
		return w.patchMembers(g, o, p.Filter, p.Sub)
	}
	return false, GroupType.patch(next, o)
}

func (w *work) patchMembers(g Group, o Operation, filter *Filter, part string) (bool, error) {
	if part != "" && !strings.EqualFold(part, "value") {
		return false, nil // how a member is shown is ours to say
	}
	if filter != nil {
		return w.patchChosen(g, o, filter)
	}
	ids, err := memberIDs(o.Value)
	if err != nil {
		return false, err
	}
	switch o.Op {
	case "add":
		if !o.Given {
			return false, badValue("members")
		}
		return w.addMembers(g.ID, ids)
	case "replace":
		if !o.Given {
			return false, badValue("members")
		}
		return w.replaceMembers(g.ID, ids)
	}
	if len(ids) > 0 {
		return w.dropMembers(g.ID, ids)
	}
	if o.Given && o.Value != nil {
		return false, nil // an empty list removes nobody
	}
	if !w.AllowWipe {
		return false, wrong("noTarget", "directory.scim.wipe")
	}
	return w.replaceMembers(g.ID, nil)
}

// replaceMembers makes some ids the members of a group, and writes only the
// difference.
func (w *work) replaceMembers(group string, ids []string) (bool, error) {
	places, err := w.placesOf(ids)
	if err != nil {
		return false, err
	}
	wanted := map[string]bool{}
	for _, m := range places {
		wanted[m.MemberID] = true
	}
	held, err := w.membersOf(group)
	if err != nil {
		return false, err
	}
	var gone []string
	for _, m := range held {
		if !wanted[m.MemberID] {
			gone = append(gone, m.MemberID)
		}
	}
	dropped, err := w.dropMembers(group, gone)
	if err != nil {
		return false, err
	}
	added, err := w.addMembers(group, ids)
	return dropped || added, err
}

// patchChosen applies an operation to the members that a filter chooses. The
// usual filter names them by their value, and costs nothing in a large group.
func (w *work) patchChosen(g Group, o Operation, filter *Filter) (bool, error) {
	ids, plain := filter.named()
	if !plain {
		rows, err := w.membersOf(g.ID)
		if err != nil {
			return false, err
		}
		values, err := w.memberValues(rows)
		if err != nil {
			return false, err
		}
		ids = nil
		parts := find(groups.Attributes, "members").Sub
		for i, one := range values {
			if filter.of(one.(map[string]any), parts) {
				ids = append(ids, rows[i].MemberID)
			}
		}
	}
	switch o.Op {
	case "remove":
		return w.dropMembers(g.ID, ids)
	case "add":
		return w.addMembers(g.ID, ids)
	}
	held, err := w.among(g.ID, ids)
	if err != nil {
		return false, err
	}
	if len(held) == 0 {
		return false, wrong("noTarget", "directory.scim.no_target")
	}
	next, err := memberIDs(o.Value)
	if err != nil {
		return false, err
	}
	dropped, err := w.dropMembers(g.ID, slices.Sorted(maps.Keys(held)))
	if err != nil {
		return false, err
	}
	added, err := w.addMembers(g.ID, next)
	return dropped || added, err
}

// named are the ids that a filter of the form value eq "a" or value eq "b" names.
func (f *Filter) named() (ids []string, plain bool) {
	if f == nil {
		return nil, false
	}
	for _, one := range append([]*Filter{f}, f.Or...) {
		value, text := one.Value.(string)
		switch {
		case one == f && len(f.Or) > 0:
		case one.Op == "eq" && text && strings.EqualFold(one.Path.Name, "value") && one.Path.Sub == "" && one.Path.URN == "":
			ids = append(ids, value)
		default:
			return nil, false
		}
	}
	return ids, len(ids) > 0
}
