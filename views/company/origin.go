package company

import (
	"cmp"
	"context"
	"strings"

	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// mostValues is how many values of one attribute are written out.
const mostValues = 8

// originHead are the columns of what is known of somebody.
func originHead(ctx context.Context) []ui.Column {
	return []ui.Column{{Title: i18n.T(ctx, "origin.attribute")}, {Title: i18n.T(ctx, "origin.value")}, {Title: i18n.T(ctx, "origin.from")}, {Title: i18n.T(ctx, "origin.when")}}
}

// origins are the attributes and the groups, as the table has them.
func (p OnePerson) origins() []provisioning.Origin {
	return append(p.Origins.Attributes[:len(p.Origins.Attributes):len(p.Origins.Attributes)], p.Origins.Groups...)
}

// isGroup says whether the i-th of the origins is a group.
func (p OnePerson) isGroup(i int) bool { return i >= len(p.Origins.Attributes) }

// saidValue is what a source said, as a few words.
func saidValue(ctx context.Context, s provisioning.Said, group bool) string {
	switch {
	case group:
		return i18n.T(ctx, "origin.in")
	case s.Empty():
		return i18n.T(ctx, "origin.empty")
	case len(s.Values) > mostValues:
		return strings.Join(s.Values[:mostValues], ", ") + " " + i18n.N(ctx, "origin.more", len(s.Values)-mostValues)
	}
	return strings.Join(s.Values, ", ")
}

// saidBy names a source, or what kind it was of where it is gone.
func saidBy(ctx context.Context, s provisioning.Said) string {
	return cmp.Or(s.From, i18n.T(ctx, "origin.source."+string(s.Source.Kind)))
}

// verdict says what comes of an attribute on which sources differ, or of a group
// in which a directory does not have somebody.
func originVerdict(ctx context.Context, o provisioning.Origin, group bool) string {
	switch {
	case group && !o.Won():
		return i18n.T(ctx, "origin.managed")
	case o.Differ() && o.Won():
		return i18n.T(ctx, "origin.differ", "Name", saidBy(ctx, o.Said[0]))
	}
	return ""
}
