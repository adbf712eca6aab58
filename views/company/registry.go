package company

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/client"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/organization"
	"locum/views/ui"
)

// RoleUse is all that hangs on a role.
type RoleUse struct {
	tenancy.RoleUse
	Delegations, Connectors int
}

// any says whether anything hangs on it.
func (u RoleUse) any() bool {
	return u.Holding.People+u.Invitations+u.Delegations+u.Connectors > 0
}

// words lists what hangs on it.
func (u RoleUse) words(ctx context.Context) (list []string) {
	if u.Holding.People > 0 {
		list = append(list, i18n.N(ctx, "company.registry.held", u.Holding.People, "Companies", i18n.N(ctx, "company.registry.companies", u.Holding.Companies)))
	}
	for _, of := range []struct {
		key   string
		count int
	}{{"delegations", u.Delegations}, {"connectors", u.Connectors}, {"invitations", u.Invitations}} {
		if of.count > 0 {
			list = append(list, i18n.N(ctx, "company.registry."+of.key, of.count))
		}
	}
	return list
}

// RoleForm is what the form of a role shows. Use is nil for a new one.
type RoleForm struct {
	Role        tenancy.Role
	Application string // its name, for a role in one
	Permissions []models.Permission
	Use         *RoleUse
	Wrong       models.FieldErrors
}

func (f RoleForm) title(ctx context.Context) string {
	switch {
	case f.Use != nil:
		return i18n.T(ctx, "company.registry.role", "Name", i18n.Role(ctx, f.Use.Role.Name))
	case f.Role.Level == models.CompanyLevel:
		return i18n.T(ctx, "company.registry.new_company")
	case f.Role.Level == models.OrganizationLevel:
		return i18n.T(ctx, "company.registry.new_organization")
	}
	return i18n.T(ctx, "company.registry.new_application", "Name", f.Application)
}

func (f RoleForm) action() string {
	if f.Use == nil {
		return "/platform/roles/new"
	}
	return "/platform/roles/" + f.Role.ID
}

// offered are the permissions that a role of this level can have beside those
// that each member of an organization has.
func (f RoleForm) offered() []models.Permission {
	switch f.Role.Level {
	case models.CompanyLevel:
		return models.CompanyPermissions
	case models.OrganizationLevel:
		always := tenancy.Role{Level: models.OrganizationLevel, Permissions: "[]"}.Allows()
		return slices.DeleteFunc(slices.Clone(models.OrganizationPermissions), always.Has)
	}
	return nil
}

// badge says that a permission does not come with a delegation.
func (f RoleForm) badge(ctx context.Context, p models.Permission) string {
	if f.Role.Level == models.OrganizationLevel && p.DeniedToVisitors() {
		return i18n.T(ctx, "company.registry.not_for_visitors")
	}
	return ""
}

// RoleDeletion is what the question whether to delete a role shows.
type RoleDeletion struct {
	RoleUse
	With  string
	Wrong models.FieldErrors
}

// options are the roles that can take its place.
func (d RoleDeletion) options(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.registry.choose")}}
	for _, r := range d.Instead {
		options = append(options, ui.Option{Value: r.ID, Label: i18n.Role(ctx, r.Name)})
	}
	return options
}

// stuck says that something hangs on the role and nothing can take its place.
func (d RoleDeletion) stuck() bool { return d.any() && len(d.Instead) == 0 }

// head are the columns of the table of roles.
func (r Roles) head(ctx context.Context) []ui.Column {
	head := []ui.Column{{Title: i18n.T(ctx, "organization.applications.role")}, {Title: i18n.T(ctx, "organization.applications.may")}}
	if r.Operates {
		head = append(head, ui.Column{Title: i18n.T(ctx, "company.people"), Class: "end"},
			ui.Column{Title: i18n.T(ctx, "common.actions"), Hidden: true, Class: "fit"})
	}
	return head
}

func (r Roles) text(ctx context.Context) string {
	if r.Operates {
		return i18n.T(ctx, "company.registry.text")
	}
	return i18n.T(ctx, "company.roles.text")
}

// defaultable says whether a role can be made the default.
func defaultable(r tenancy.Role) bool {
	return !r.IsDefault && r.ID != tenancy.Manager && r.ID != tenancy.Superuser
}

// Applications is what the operators' list of applications shows.
type Applications struct {
	Registry tenancy.Registry
	Clients  map[string]client.Registered // by application; those that are connected
}

func (a Applications) roles(app tenancy.Application) (names []string) {
	for _, r := range a.Registry.At(models.ApplicationLevel, app.ID) {
		names = append(names, r.Name)
	}
	return names
}

// ApplicationForm is what the form of an application shows. A new one has no id.
type ApplicationForm struct {
	Application tenancy.Application
	Wrong       models.FieldErrors
}

func (f ApplicationForm) action() string {
	if f.Application.ID == "" {
		return "/platform/applications/new"
	}
	return "/platform/applications/" + f.Application.ID + "/edit"
}

// back is where the form leads to without a change.
func (f ApplicationForm) back() string {
	return strings.TrimSuffix(strings.TrimSuffix(f.action(), "/new"), "/edit")
}

func (f ApplicationForm) way(ctx context.Context) []ui.Crumb {
	way := []ui.Crumb{{Text: i18n.T(ctx, "organization.applications"), Href: "/platform/applications"}}
	if f.Application.ID != "" {
		way = append(way, ui.Crumb{Text: f.Application.Name, Href: f.back()})
	}
	return way
}

func (f ApplicationForm) title(ctx context.Context) string {
	if f.Application.ID == "" {
		return i18n.T(ctx, "company.registry.new_app")
	}
	return f.Application.Name
}

// AppIcons are the icons that an application can have.
var AppIcons = []string{"blocks", "boxes", "briefcase", "calendar", "chart-column", "database", "file-text", "gauge", "globe", "mail", "map-pin",
	"message-square", "receipt-text", "route", "scale", "shield", "users", "workflow"}

// icons are those to choose from, with the one that is set.
func (f ApplicationForm) icons() []string {
	if set := f.Application.Icon; set != "" && !slices.Contains(AppIcons, set) {
		return append([]string{set}, AppIcons...)
	}
	return AppIcons
}

// permissionHint says what comes with every role of the level.
func permissionHint(ctx context.Context, f RoleForm) string {
	if f.Role.Level == models.OrganizationLevel {
		return i18n.T(ctx, "company.registry.always", "List", organization.Allowed(ctx, tenancy.Role{Level: models.OrganizationLevel, Permissions: "[]"}))
	}
	return ""
}
