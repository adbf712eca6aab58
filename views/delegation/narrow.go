package delegation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Narrow is what can be taken away from several delegations, what was chosen,
// and what that comes to.
type Narrow struct {
	In    delegation.Narrowing
	Each  []delegation.Narrowed // of those that are not over
	Wrong models.FieldErrors
}

// taken is one thing that can be taken away, and how many delegations give it.
type taken struct {
	id, name, app string
	count         int
}

// count adds something that a delegation gives.
func count(list []taken, id, name, app string) []taken {
	at := slices.IndexFunc(list, func(t taken) bool { return t.id == id })
	if at < 0 {
		return append(list, taken{id, name, app, 1})
	}
	list[at].count++
	return list
}

// roles are those in the organization that the delegations give, beside the one
// that every member has.
func (n Narrow) roles() (list []taken) {
	for _, one := range n.Each {
		for _, r := range one.Before.Prospect.Roles {
			if r.ID != tenancy.Member {
				list = count(list, r.ID, r.Name, "")
			}
		}
	}
	return list
}

// applications are those that the delegations open, each followed by the roles
// in it where they give several.
func (n Narrow) applications() (list []taken) {
	var apps, roles []taken
	for _, one := range n.Each {
		for _, a := range one.Before.Prospect.Applications {
			apps = count(apps, a.ID, a.Name, "")
			for _, r := range a.Roles {
				roles = count(roles, r.ID, r.Name, a.ID)
			}
		}
	}
	slices.SortStableFunc(apps, func(a, b taken) int { return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	for _, a := range apps {
		list = append(list, a)
		inside := slices.DeleteFunc(slices.Clone(roles), func(r taken) bool { return r.app != a.id })
		if len(inside) > 1 {
			list = append(list, inside...)
		}
	}
	return list
}

// later counts the delegations that open what comes into use later.
func (n Narrow) later() (count int) {
	for _, one := range n.Each {
		if one.Before.AllApplications {
			count++
		}
	}
	return count
}

// picks are the boxes for roles in the organization.
func (n Narrow) picks(ctx context.Context) (picks []ui.Pick) {
	for _, t := range n.roles() {
		picks = append(picks, ui.Pick{Name: "role", Value: t.id, Title: i18n.Role(ctx, t.name), Hint: i18n.N(ctx, "delegation.narrow.count", t.count),
			Checked: slices.Contains(n.In.Roles, t.id)})
	}
	return picks
}

// appPicks are the boxes for applications and the roles in them.
func (n Narrow) appPicks(ctx context.Context) (picks []ui.Pick) {
	app := ""
	for _, t := range n.applications() {
		hint := i18n.N(ctx, "delegation.narrow.count", t.count)
		if t.app == "" {
			app = t.name
			picks = append(picks, ui.Pick{Name: "application", Value: t.id, Title: t.name, Hint: hint, Checked: slices.Contains(n.In.Applications, t.id)})
		} else {
			picks = append(picks, ui.Pick{Name: "role", Value: t.id, Title: i18n.T(ctx, "delegation.narrow.role_in", "Application", app, "Role", i18n.Role(ctx, t.name)), Hint: hint,
				Checked: slices.Contains(n.In.Roles, t.id)})
		}
	}
	return picks
}

// nothing says that none of them gives anything that can be taken away.
func (n Narrow) nothing() bool {
	return len(n.roles())+len(n.applications())+n.later() == 0
}

// carried is what was chosen, for the form that asks once more.
func (n Narrow) carried() (list []field) {
	for _, id := range n.In.Roles {
		list = append(list, field{"role", id})
	}
	for _, id := range n.In.Applications {
		list = append(list, field{"application", id})
	}
	if n.In.LaterApplications {
		list = append(list, field{"later_applications", "true"})
	}
	return list
}

// of is what the narrowing comes to for one delegation.
func (n Narrow) of(id string) delegation.Narrowed {
	at := slices.IndexFunc(n.Each, func(one delegation.Narrowed) bool { return one.ID == id })
	if at < 0 {
		return delegation.Narrowed{Failure: &models.Message{Key: "error.not_found"}}
	}
	return n.Each[at]
}

// changing are those of a list that become less.
func (n Narrow) changing(list []delegation.Details) (some []delegation.Details) {
	for _, d := range list {
		if n.of(d.ID).Failure == nil {
			some = append(some, d)
		}
	}
	return some
}

// reviewed is the head of the page that asks, for how many become less.
func (b Bulk) reviewed(ctx context.Context, count int) (title, text string) {
	if count == 0 {
		return i18n.T(ctx, "granting.change.nothing"), ""
	}
	return i18n.N(ctx, "delegation.narrow.review.title", count), i18n.T(ctx, "delegation.narrow.review")
}

// lost is what one side gives and the other does not: roles in the organization,
// applications with the roles in them, and what comes into use later.
func lost(ctx context.Context, before, after delegation.Side) (names []string) {
	for _, r := range before.Prospect.Roles {
		if r.ID != tenancy.Member && !has(after.Prospect.Roles, r) {
			names = append(names, i18n.Role(ctx, r.Name))
		}
	}
	for _, a := range before.Prospect.Applications {
		at := slices.IndexFunc(after.Prospect.Applications, func(b delegation.Opened) bool { return b.ID == a.ID })
		if at < 0 {
			names = append(names, a.Name)
			continue
		}
		for _, r := range a.Roles {
			if !has(after.Prospect.Applications[at].Roles, r) {
				names = append(names, i18n.T(ctx, "delegation.narrow.role_in", "Application", a.Name, "Role", i18n.Role(ctx, r.Name)))
			}
		}
	}
	if before.AllApplications && !after.AllApplications {
		names = append(names, i18n.T(ctx, "delegation.narrow.later"))
	}
	return names
}

func has(list []tenancy.Role, role tenancy.Role) bool {
	return slices.ContainsFunc(list, func(r tenancy.Role) bool { return r.ID == role.ID })
}

// loses says what a delegation gives no more.
func loses(ctx context.Context, one delegation.Narrowed) string {
	names := lost(ctx, one.Before, one.After)
	if len(names) == 0 { // what is not in use here
		names = []string{i18n.T(ctx, "delegation.narrow.unused")}
	}
	return i18n.T(ctx, "delegation.narrow.loses", "What", i18n.From(ctx).List(names))
}

// keeps says what a delegation gives from then on.
func keeps(ctx context.Context, one delegation.Narrowed) string {
	var names []string
	for _, r := range one.After.Prospect.Roles {
		names = append(names, i18n.Role(ctx, r.Name))
	}
	for _, a := range one.After.Prospect.Applications {
		names = append(names, a.Name)
	}
	if one.After.AllApplications {
		names = append(names, i18n.T(ctx, "delegation.narrow.later"))
	}
	return i18n.T(ctx, "delegation.narrow.keeps", "What", i18n.From(ctx).List(names))
}
