package provisioning

import (
	"context"
	"strings"

	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// How a group of conditions is met. A comparison has none of these.
const (
	All    = "all"
	Any    = "any"
	None   = "none"
	NotAll = "not_all"
)

// Node is a group of conditions or a comparison in the form. Its Path is the
// name of its fields, as in condition.1.value.
type Node struct {
	Path  string
	Match string // of a group
	Under []Node

	Attribute, Operator, Value string
	Case                       bool
	Never                      bool                    // it fits nobody known so far
	Meant                      *provisioning.Condition // what it probably was meant to say; nil when that is what it says
}

// Comparison is what a node that is no group compares.
func (n Node) Comparison() provisioning.Condition {
	return provisioning.Condition{Attribute: n.Attribute, Operator: provisioning.Operator(n.Operator), Value: n.Value, CaseSensitive: n.Case}
}

// Group says whether the node is one, and no comparison.
func (n Node) Group() bool { return n.Match != "" }

// MaxLevels is how deep groups can be built: what nobody can read aloud nobody
// can judge. Deeper ones that came otherwise are shown all the same.
const MaxLevels = 4

func (n Node) level() int { return strings.Count(n.Path, ".") + 1 }

// between is the word before the i-th condition of a group.
func (n Node) between(ctx context.Context, i int) string {
	switch {
	case i == 0:
		return i18n.T(ctx, "connector.if")
	case n.Match == Any || n.Match == None:
		return i18n.T(ctx, "provisioning.or")
	}
	return i18n.T(ctx, "provisioning.and")
}

// matches are the choices of a group. Not all is offered where it stands only:
// people read it as none.
func (n Node) matches(ctx context.Context) (options []ui.Option) {
	for _, match := range []string{All, Any, None, NotAll} {
		if match != NotAll || n.Match == NotAll {
			options = append(options, ui.Option{Value: match, Label: i18n.T(ctx, "connector.match."+match)})
		}
	}
	return options
}

func operators(ctx context.Context) (options []ui.Option) {
	for _, o := range provisioning.Operators {
		options = append(options, ui.Option{Value: string(o), Label: i18n.T(ctx, o.Key())})
	}
	return options
}

// hint explains the operators that are not plain words.
func (n Node) hint(ctx context.Context) string {
	switch provisioning.Operator(n.Operator) {
	case provisioning.Glob, provisioning.Pattern:
		return i18n.T(ctx, "provisioning.op."+n.Operator+".hint")
	}
	return ""
}
