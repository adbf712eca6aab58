// Package organization shows an organization from within: its overview, its
// members with where each role comes from, its applications and its settings.
// What a reader may not do is left out; nothing here decides it.
package organization

import (
	"context"
	"strings"

	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Sources are what the provenance of roles is explained with.
type Sources struct {
	Registry   tenancy.Registry
	Connectors map[string]string // names by id; empty for who is not told
	Linked     bool              // the reader may open connectors
}

// RoleName is what a role is called beside its application.
func (s Sources) RoleName(g tenancy.Grant) string {
	if r, there := s.Registry.Roles[g.RoleID]; there {
		return r.Name
	}
	return g.RoleID
}

// full is a role's name with that of its application before it.
func (s Sources) full(g tenancy.Grant) string {
	if app, there := s.Registry.Applications[g.ApplicationID]; there {
		return app.Name + ": " + s.RoleName(g)
	}
	return s.RoleName(g)
}

// Tag is a role with where it comes from. m holds it.
func (s Sources) Tag(ctx context.Context, m tenancy.Membership, g tenancy.Grant, full bool, href string) ui.Provenance {
	name := s.RoleName(g)
	if full {
		name = s.full(g)
	}
	return ui.Provenance{Role: name, Source: string(g.Source), Why: s.Why(ctx, m, g), Href: href}
}

// Tags are all roles of a member, those in the organization itself first.
func (s Sources) Tags(ctx context.Context, m tenancy.Membership, href string) (tags []ui.Provenance) {
	for _, inApplication := range []bool{false, true} {
		for _, g := range m.Grants {
			if (g.ApplicationID != "") == inApplication {
				tags = append(tags, s.Tag(ctx, m, g, true, href))
			}
		}
	}
	return tags
}

// Why says in one line where a role comes from, as far as the reader is told.
func (s Sources) Why(ctx context.Context, m tenancy.Membership, g tenancy.Grant) string {
	switch g.Source {
	case tenancy.Rule:
		name, matched := s.Connectors[g.SourceID], s.Evidence(ctx, g)
		if name != "" && matched != "" {
			return name + " (" + matched + ")"
		}
		return name + matched
	case tenancy.Manual:
		if by := m.Givers[g.ID]; by != "" {
			return i18n.T(ctx, "organization.why.by", "Name", by)
		}
	}
	return ""
}

// Evidence is what a connector saw: each comparison that held, and the value
// that decided where it differs from the one that was asked for.
func (s Sources) Evidence(ctx context.Context, g tenancy.Grant) string {
	var parts []string
	for _, match := range provisioning.MatchesOf(g) {
		condition := provisioning.Condition{Attribute: match.Attribute, Operator: match.Operator, Value: match.Wanted}
		if match.Denied {
			condition = provisioning.Condition{Not: &condition}
		}
		text := provisioning.Plain(provisioning.Sentence(condition), func(key string) string { return i18n.T(ctx, key) })
		if match.Found != "" && !strings.EqualFold(match.Found, match.Wanted) {
			text = i18n.T(ctx, "organization.why.found", "Condition", text, "Value", match.Found)
		}
		parts = append(parts, text)
	}
	return i18n.From(ctx).List(parts)
}

// Asserted is when the evidence came in, and from what; empty without any.
func (s Sources) Asserted(ctx context.Context, g tenancy.Grant) string {
	for _, match := range provisioning.MatchesOf(g) {
		if match.Source.At.IsZero() {
			continue
		}
		key := "organization.why.assertion"
		if match.Source.Kind == provisioning.FromDirectory {
			key = "organization.why.directory"
		}
		return i18n.T(ctx, key, "When", match.Source.At)
	}
	return ""
}

// provided says that some of a member's roles are not given by hand, so that
// nobody can take them by hand.
func provided(m tenancy.Membership) bool {
	for _, g := range m.Grants {
		if g.Source == tenancy.Rule || g.Source == tenancy.FromDirectory {
			return true
		}
	}
	return false
}
