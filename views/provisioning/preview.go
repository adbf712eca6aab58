package provisioning

import (
	"context"
	"strings"

	"locum/models/provisioning"
	"locum/views/i18n"
)

// How many people a preview names; the numbers above count all of them.
const (
	mostShown     = 60
	mostKeptShown = 12
)

// more is how many people a preview does not name.
func more(p provisioning.Preview) int {
	return max(0, p.Changing-mostShown) + max(0, p.Keep-mostKeptShown)
}

// reason is what the condition found of a person, in a few words after what
// happens to him: what made it hold, or the first thing that did not.
func reason(ctx context.Context, t provisioning.Trace) string {
	words := finding(ctx, t)
	if words == "" {
		return ""
	}
	return ": " + words
}

// gained says what made a connector give somebody a role.
func gained(ctx context.Context, why provisioning.Reason) string {
	if why.Ground != provisioning.Matches {
		return ""
	}
	return reason(ctx, why.Trace)
}

// lost says why somebody loses a role: what he has is not what decides.
func lost(ctx context.Context, why provisioning.Reason, t provisioning.Targets) string {
	if why.Ground == "" || why.Ground == provisioning.Matches {
		return ""
	}
	return ": " + i18n.T(ctx, "connector.lost."+string(why.Ground), "Name", why.Connector, "Rule", plainly(ctx, why.Trace.Fails(), t))
}

// movedIn says which role of the same family somebody gains a role in place of.
func movedIn(ctx context.Context, a provisioning.Applied, c provisioning.Change, t provisioning.Targets) string {
	other := t.Instead(a, c)
	if other == "" {
		return ""
	}
	return ", " + i18n.T(ctx, "connector.moved.in", "Role", i18n.Role(ctx, t.Role(other)))
}

// movedOut says which role comes first in the family where somebody loses one
// although a connector for it matches.
func movedOut(ctx context.Context, a provisioning.Applied, c provisioning.Change, t provisioning.Targets) string {
	first := a.First(c)
	if first == "" {
		return ""
	}
	return ": " + i18n.T(ctx, "connector.moved.out", "First", i18n.Role(ctx, t.Role(first)))
}

func finding(ctx context.Context, t provisioning.Trace) string {
	if t.Under == nil {
		return found(ctx, t)
	}
	var words []string
	for _, under := range t.Under {
		// Under a not the outcome turns round; what decides is still what was found.
		if under.Holds == t.Holds || t.Condition.Not != nil {
			if w := finding(ctx, under); w != "" {
				words = append(words, w)
			}
		}
		if !t.Holds && len(words) > 0 && t.Condition.All != nil {
			break
		}
	}
	return strings.Join(words[:min(len(words), 3)], ", ")
}

// found is what there is of an attribute: "country is BE", "no department".
func found(ctx context.Context, t provisioning.Trace) string {
	name := attributeName(ctx, t.Condition.Attribute)
	value := t.Decided
	if value == "" {
		value = shortly(t.Values)
	}
	if value == "" {
		return i18n.T(ctx, "connector.found.none", "Attribute", name)
	}
	return i18n.T(ctx, "connector.found", "Attribute", name, "Value", value)
}

// shortly writes a few of many values.
func shortly(values []string) string {
	const most = 3
	if len(values) <= most {
		return strings.Join(values, ", ")
	}
	return strings.Join(values[:most], ", ") + " …"
}
