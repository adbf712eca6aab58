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
func reason(ctx context.Context, who provisioning.Foreseen) string {
	words := finding(ctx, who.Trace)
	if words == "" {
		return ""
	}
	return ": " + words
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
