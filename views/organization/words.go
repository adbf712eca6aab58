package organization

import (
	"context"
	"slices"
	"strconv"
	"time"

	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// lastSeen is when somebody was last at work, or that it is not known.
func lastSeen(ctx context.Context, now, at time.Time) string {
	if at.IsZero() {
		return i18n.T(ctx, "organization.seen.never")
	}
	return i18n.From(ctx).Relative(now, at)
}

// Allowed says what a role allows, in words.
func Allowed(ctx context.Context, r tenancy.Role) []string {
	var words []string
	for _, p := range r.Allows() {
		if key := "organization.may." + string(p); i18n.Has(key) {
			words = append(words, i18n.T(ctx, key))
		}
	}
	return words
}

// Describe is the role's description, and without one what it allows.
func Describe(ctx context.Context, r tenancy.Role) string {
	if r.Description != "" {
		return r.Description
	}
	if key := "organization.role." + r.Key; r.BuiltIn && i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return i18n.From(ctx).List(Allowed(ctx, r))
}

// zones are the time zones to choose from, with the one that is set.
func zones(set string) (options []ui.Option) {
	known := []string{"Europe/Amsterdam", "Europe/Brussels", "Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Rome",
		"Europe/Warsaw", "Europe/Helsinki", "Europe/Athens", "Atlantic/Reykjavik", "America/New_York", "America/Chicago", "America/Denver",
		"America/Los_Angeles", "America/Sao_Paulo", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo",
		"Australia/Sydney", "UTC"}
	if !slices.Contains(known, set) && set != "" {
		known = append([]string{set}, known...)
	}
	for _, zone := range known {
		options = append(options, ui.Option{Value: zone, Label: zone})
	}
	return options
}

func text(n int) string { return strconv.Itoa(n) }

// heldOtherwise says whether something else than a hand gives a member a role.
func heldOtherwise(m tenancy.Membership, role string) bool {
	return slices.ContainsFunc(m.Grants, func(g tenancy.Grant) bool {
		return g.RoleID == role && g.Source != tenancy.Manual && g.Source != tenancy.FromDefault
	})
}

// ByHand are the ids of the roles that a member holds by hand.
func ByHand(m tenancy.Membership) (ids []string) {
	for _, g := range m.Grants {
		if g.Source == tenancy.Manual || g.Source == tenancy.FromDefault {
			ids = append(ids, g.RoleID)
		}
	}
	return ids
}

// visitorsDetail names who is here now, as far as there is room.
func visitorsDetail(ctx context.Context, o Overview) string {
	names := o.visitors()
	switch {
	case len(names) == 0:
		return i18n.T(ctx, "organization.tile.nobody")
	case len(names) > 2:
		return i18n.N(ctx, "organization.tile.and_more", len(names)-1, "Name", names[0])
	}
	return i18n.From(ctx).List(names)
}

// place is where a role of the member stands.
func (m Member) place(g tenancy.Grant) string {
	if app, there := m.Sources.Registry.Applications[g.ApplicationID]; there {
		return app.Name
	}
	return m.Place
}

func seenText(ctx context.Context, m Member) string {
	if m.One.SeenAt.IsZero() {
		return ""
	}
	return i18n.T(ctx, "organization.member.seen", "When", i18n.From(ctx).Relative(m.Now, m.One.SeenAt))
}

// badge says that something else than a hand gives the role already.
func badge(ctx context.Context, of *tenancy.Membership, role string) string {
	if of == nil || !heldOtherwise(*of, role) {
		return ""
	}
	return i18n.T(ctx, "common.provenance.rule")
}

func memberHead(ctx context.Context, m Members) []ui.Column {
	head := []ui.Column{{Title: i18n.T(ctx, "organization.members.person")}, {Title: i18n.T(ctx, "organization.members.roles")},
		{Title: i18n.T(ctx, "organization.members.seen")}}
	if m.Manage {
		head = append(head, ui.Column{Title: i18n.T(ctx, "common.actions"), Hidden: true, Class: "fit"})
	}
	return head
}

// languages are those in which a mail can be written.
func languages() (options []ui.Option) {
	for _, code := range i18n.Languages() {
		options = append(options, ui.Option{Value: code, Label: i18n.For(code, "").T("common.language.name")})
	}
	return options
}

func noneText(ctx context.Context, a Applications) string {
	if a.Manage {
		return i18n.T(ctx, "organization.applications.none.manage")
	}
	return i18n.T(ctx, "organization.applications.none.text")
}

// endsLine says when a role ends: through which day, where it ends with a day of
// the reader's zone.
func endsLine(ctx context.Context, end time.Time) string {
	l := i18n.From(ctx)
	if day, whole := l.LastDay(end); whole {
		return l.T("organization.explained.last_day", "Date", l.Date(day))
	}
	return l.T("organization.explained.ends", "When", end)
}
