package configuration

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"locum/models"
	"locum/models/tenancy"
)

// platform compares the registry of applications, roles and their families. What the document
// adds is in the registry afterwards, for the companies.
func (m *comparison) platform(d *Platform) (Part, error) {
	p := Part{Title: "Platform"}
	mentioned := map[string]bool{}
	for _, a := range once(m, "application", d.Applications.Items, func(a *Application) (Text, Text) { return Text{}, a.Key }) {
		app, err := m.platformApplication(&p, a)
		if err != nil {
			return p, err
		}
		mentioned[app.ID] = true
		if err := m.roles(&p, models.ApplicationLevel, app, a.Roles, a.Name.or(app.Name)); err != nil {
			return p, err
		}
		if err := m.families(&p, models.ApplicationLevel, app, a.Families, a.Name.or(app.Name)); err != nil {
			return p, err
		}
	}
	for _, id := range sorted(m.registry.Applications) {
		if d.Applications.Said && !mentioned[id] {
			p.leave("application", m.registry.Applications[id].Name)
		}
	}
	if err := m.roles(&p, models.OrganizationLevel, tenancy.Application{}, d.OrganizationRoles, "organizations"); err != nil {
		return p, err
	}
	if err := m.families(&p, models.OrganizationLevel, tenancy.Application{}, d.OrganizationFamilies, "organizations"); err != nil {
		return p, err
	}
	if err := m.roles(&p, models.CompanyLevel, tenancy.Application{}, d.CompanyRoles, "companies"); err != nil {
		return p, err
	}
	err := m.families(&p, models.CompanyLevel, tenancy.Application{}, d.CompanyFamilies, "companies")
	return p, err
}

func (m *comparison) platformApplication(p *Part, d *Application) (tenancy.Application, error) {
	at := slices.IndexFunc(sorted(m.registry.Applications), func(id string) bool { return m.registry.Applications[id].Key == d.Key.Value })
	var old tenancy.Application
	if at >= 0 {
		old = m.registry.Applications[sorted(m.registry.Applications)[at]]
	}
	app := old
	app.Key, app.Name, app.Description, app.Icon = d.Key.Value, d.Name.or(old.Name), d.Description.or(old.Description), cmp.Or(d.Icon.or(old.Icon), "blocks")
	if at < 0 && !d.Name.Said {
		m.add(d.Place, "name is missing, and the application %s is a new one", quote(d.Key.Value))
	} else if err := m.wrong(app.Check(), d.Place, map[string]Place{"key": d.Key.Place, "name": d.Name.Place}); err != nil {
		return app, err
	}
	fields := []Field{{"name", old.Name, app.Name}, {"description", old.Description, app.Description}, {"icon", old.Icon, app.Icon}}
	if at >= 0 {
		p.change("application", app.Key, fields, func(w *work) error { return tenancy.ChangeApplication(w.tx, app) })
	} else {
		app.ID = placeholder("application", app.Key)
		p.create("application", app.Key, fields, func(w *work) error {
			made, err := tenancy.AddApplication(w.tx, app)
			w.ids[app.ID] = made.ID
			return err
		})
	}
	m.registry.Applications[app.ID] = app
	return app, m.client(p, app, at >= 0, d.Client)
}

// roles compares the roles of a level or of an application; of says which, for
// people.
func (m *comparison) roles(p *Part, level models.Level, app tenancy.Application, d List[Role], of string) error {
	if !d.Said {
		return nil
	}
	mentioned := map[string]bool{}
	standard := ""
	for _, r := range m.registry.At(level, app.ID) {
		if r.IsDefault {
			standard = r.ID
		}
	}
	wanted, wantedAt := "", Text{}
	for _, said := range once(m, "role", d.Items, func(r *Role) (Text, Text) { return Text{}, r.Key }) {
		role, err := m.oneRole(p, level, app, said, of)
		if err != nil {
			return err
		}
		mentioned[role.ID] = true
		standard = cmp.Or(standard, role.ID) // the first of them becomes it
		if said.Default.or(false) {
			if wanted != "" {
				m.add(said.Default.Place, "%s is the default already: one role can be", quote(wantedAt.Value))
			}
			wanted, wantedAt = role.ID, said.Key
		}
	}
	for i := range d.Items {
		said := &d.Items[i]
		if said.Default.Said && !said.Default.Value && wanted == "" && m.registry.Roles[standard].Key == said.Key.Value {
			m.add(said.Default.Place, "this is the default role: make another the default, and this one is it no more")
		}
	}
	for _, r := range m.registry.At(level, app.ID) {
		if !mentioned[r.ID] && !r.BuiltIn {
			p.leave("role of "+of, r.Name)
		}
	}
	if wanted != "" && wanted != standard {
		now := m.registry.Roles[wanted]
		p.change("default role of", of, []Field{{"default", m.registry.Roles[standard].Name, now.Name}}, func(w *work) error {
			now.ID, now.ApplicationID = w.real(now.ID), w.real(now.ApplicationID)
			return tenancy.MakeDefault(w.tx, now)
		})
	}
	return nil
}

func (m *comparison) oneRole(p *Part, level models.Level, app tenancy.Application, d *Role, of string) (tenancy.Role, error) {
	var old tenancy.Role
	for _, r := range m.registry.At(level, app.ID) {
		if r.Key == d.Key.Value {
			old = r
		}
	}
	role := old
	role.Level, role.ApplicationID, role.Key = level, app.ID, d.Key.Value
	role.Name, role.Description = d.Name.or(old.Name), d.Description.or(old.Description)
	before := permissionsOf(old)
	permissions, known := m.permissions(level, d, before)
	if d.Permissions.Said && old.BuiltIn {
		m.add(d.Permissions.Place, "what a built-in role allows is fixed")
	}
	if old.ID == "" && !d.Name.Said {
		m.add(d.Place, "name is missing, and the role %s is a new one", quote(d.Key.Value))
	} else if known {
		if err := m.wrong(role.Check(permissions), d.Place, map[string]Place{"key": d.Key.Place, "name": d.Name.Place, "level": d.Permissions.Place}); err != nil {
			return role, err
		}
	}
	name := d.Key.Value + " of " + of
	fields := []Field{{"name", old.Name, role.Name}, {"description", old.Description, role.Description},
		{"permissions", strings.Join(before, ", "), strings.Join(texts(permissions), ", ")}}
	if old.ID != "" {
		p.change("role", name, fields, func(w *work) error { return tenancy.ChangeRole(w.tx, role, permissions) })
	} else {
		role.ID = placeholder("role", name)
		p.create("role", name, fields, func(w *work) error {
			real := role
			real.ApplicationID = w.real(role.ApplicationID)
			made, err := tenancy.AddRole(w.tx, real, permissions)
			w.ids[role.ID] = made.ID
			return err
		})
		m.registry.RoleOrder = append(slices.Clone(m.registry.RoleOrder), role.ID)
	}
	m.registry.Roles[role.ID] = role
	return role, nil
}

// permissionsOf are those stored with a role, sorted.
func permissionsOf(r tenancy.Role) (list []string) {
	if r.Permissions != "" && json.Unmarshal([]byte(r.Permissions), &list) != nil {
		return nil // an unreadable role allows nothing
	}
	slices.Sort(list)
	return list
}

// permissions are those a role is to have, sorted.
func (m *comparison) permissions(level models.Level, d *Role, before []string) (list []models.Permission, known bool) {
	if !d.Permissions.Said {
		for _, p := range before {
			list = append(list, models.Permission(p))
		}
		return list, true
	}
	of := map[models.Level][]models.Permission{models.CompanyLevel: models.CompanyPermissions, models.OrganizationLevel: models.OrganizationPermissions}[level]
	known = true
	for _, text := range d.Permissions.Items {
		p := models.Permission(text.Value)
		switch {
		case !slices.Contains(of, p):
			m.add(text.Place, "%s is no permission of this level; known are %s", quote(shorten(text.Value)), listed(texts(of)))
			known = false
		case slices.Contains(list, p):
			m.add(text.Place, "the permission %s stands here twice", quote(text.Value))
		default:
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list, known
}

func texts(permissions []models.Permission) []string {
	list := make([]string, len(permissions))
	for i, p := range permissions {
		list[i] = string(p)
	}
	return list
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// placeholder stands for the id of a thing that is to be made.
func placeholder(kind, name string) string { return "new " + kind + " " + name }

func contains(list []string, one string) bool { return slices.Contains(list, one) }

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}
