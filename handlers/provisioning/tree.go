package provisioning

import (
	"net/url"
	"strconv"
	"strings"

	"locum/models"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// root is the name of the outermost group's fields.
const root = "condition"

// readTree reads the group of conditions that a form holds under a path. The
// fields of the i-th node under a group begin with the group's path, a dot and
// i; a group is recognised by its match. budget keeps a made-up form small.
func readTree(form url.Values, path string, budget *int) views.Node {
	n := views.Node{Path: path, Match: form.Get(path + ".match")}
	switch n.Match {
	case views.All, views.Any, views.None, views.NotAll:
	default:
		n.Match = views.All
	}
	for i := 0; *budget > 0; i++ {
		under := path + "." + strconv.Itoa(i)
		switch {
		case form.Has(under + ".match"):
			*budget--
			n.Under = append(n.Under, readTree(form, under, budget))
		case form.Has(under+".attribute") || form.Has(under+".operator") || form.Has(under+".value"):
			*budget--
			n.Under = append(n.Under, views.Node{Path: under, Attribute: form.Get(under + ".attribute"), Operator: form.Get(under + ".operator"),
				Value: form.Get(under + ".value"), Case: form.Get(under+".case") != ""})
		default:
			return n
		}
	}
	return n
}

// treeOf shows a condition as nodes: a not as a group of which none may hold.
func treeOf(c provisioning.Condition, path string) views.Node {
	match, under := views.All, []provisioning.Condition{c}
	switch {
	case c.All != nil:
		under = c.All
	case c.Any != nil:
		match, under = views.Any, c.Any
	case c.Not != nil && c.Not.Not != nil:
		return treeOf(*c.Not.Not, path)
	case c.Not != nil && c.Not.All != nil:
		match, under = views.NotAll, c.Not.All
	case c.Not != nil && c.Not.Any != nil:
		match, under = views.None, c.Not.Any
	case c.Not != nil:
		match, under = views.None, []provisioning.Condition{*c.Not}
	}
	n := views.Node{Path: path, Match: match}
	for i, one := range under {
		at := path + "." + strconv.Itoa(i)
		if one.All != nil || one.Any != nil || one.Not != nil {
			n.Under = append(n.Under, treeOf(one, at))
			continue
		}
		n.Under = append(n.Under, views.Node{Path: at, Attribute: one.Attribute, Operator: string(one.Operator), Value: one.Value, Case: one.CaseSensitive})
	}
	return n
}

// conditionOf is the condition that a node comes to. places gets, by the path of
// each of the condition's nodes, the path of the form's.
func conditionOf(n views.Node, path string, places map[string]string) provisioning.Condition {
	places[path] = n.Path
	if !n.Group() {
		return n.Comparison()
	}
	inner := path
	if n.Match == views.None || n.Match == views.NotAll {
		inner = path + ".0"
		places[inner] = n.Path
	}
	under := make([]provisioning.Condition, 0, len(n.Under))
	for i, one := range n.Under {
		under = append(under, conditionOf(one, inner+"."+strconv.Itoa(i), places))
	}
	switch n.Match {
	case views.Any:
		return provisioning.Condition{Any: under}
	case views.None:
		return provisioning.Condition{Not: &provisioning.Condition{Any: under}}
	case views.NotAll:
		return provisioning.Condition{Not: &provisioning.Condition{All: under}}
	}
	return provisioning.Condition{All: under}
}

// placed moves what is wrong with a condition to the form's fields.
func placed(wrong models.FieldErrors, places map[string]string) models.FieldErrors {
	moved := make(models.FieldErrors, len(wrong))
	for field, message := range wrong {
		node, part := field, ""
		for _, suffix := range []string{".attribute", ".operator", ".value"} {
			if cut, found := strings.CutSuffix(field, suffix); found {
				node, part = cut, suffix
			}
		}
		if to, there := places[node]; there {
			field = to + part
		}
		moved[field] = message
	}
	return moved
}

// blank is a comparison to be filled in: most rules are about groups.
func blank() views.Node {
	return views.Node{Attribute: provisioning.GroupAttribute, Operator: string(provisioning.Is)}
}

// edit carries out what a button of the tree says: a condition or a group is
// added to the group at a path, or the node there is removed. It gives the path
// of the node to go on with, or "".
func edit(n *views.Node, do, path string) (focus string) {
	switch {
	case n.Path == path && n.Group() && do == "add":
		n.Under = append(n.Under, blank())
		focus = path + "." + strconv.Itoa(len(n.Under)-1)
	case n.Path == path && n.Group() && do == "group":
		n.Under = append(n.Under, views.Node{Match: views.Any, Under: []views.Node{blank()}})
		focus = path + "." + strconv.Itoa(len(n.Under)-1) + ".0"
	}
	for i := range n.Under {
		if do == "remove" && n.Under[i].Path == path {
			n.Under = append(n.Under[:i:i], n.Under[i+1:]...)
			break
		}
		if found := edit(&n.Under[i], do, path); found != "" {
			focus = found
		}
	}
	return focus
}

// mend has the comparison at a path say what it probably was meant to say, and
// gives the path to go on with, or "".
func mend(n *views.Node, path string, seen provisioning.Seen) (focus string) {
	if other := meant(seen, n.Comparison()); n.Path == path && !n.Group() && other != nil {
		n.Attribute, n.Value = other.Attribute, other.Value
		return path + ".value"
	}
	for i := range n.Under {
		if focus := mend(&n.Under[i], path, seen); focus != "" {
			return focus
		}
	}
	return ""
}

// number gives every node the path of where it stands now.
func number(n *views.Node, path string) {
	n.Path = path
	for i := range n.Under {
		number(&n.Under[i], path+"."+strconv.Itoa(i))
	}
}
