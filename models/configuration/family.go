package configuration

import (
	"slices"
	"strings"

	"locum/models"
	"locum/models/tenancy"
)

// families compares the families of roles of a level or of an application; of
// says which, for people. What the document makes of them is in the registry
// afterwards.
func (m *comparison) families(p *Part, level models.Level, app tenancy.Application, d List[Family], of string) error {
	before := len(p.Changes)
	mentioned := map[string]bool{}
	for _, said := range once(m, "family", d.Items, func(f *Family) (Text, Text) { return Text{}, f.Name }) {
		family := tenancy.Family{Level: level, ApplicationID: app.ID, Name: said.Name.Value}
		if err := m.wrong(family.Check(), said.Name.Place, nil); err != nil {
			return err
		}
		for _, f := range m.registry.FamiliesAt(level, app.ID) {
			if f.Name == family.Name {
				family = f
			}
		}
		mentioned[family.ID] = true
		m.family(p, said, family, of)
	}
	for _, f := range m.registry.FamiliesAt(level, app.ID) {
		if d.Said && !mentioned[f.ID] && f.Version > 0 {
			p.leave("family of "+of, f.Name)
		}
	}
	if len(p.Changes) > before {
		p.Notes = append(p.Notes, "a running Locum evaluates everyone again whose company has connectors for "+of+": the families changed")
	}
	return nil
}

// family compares the roles of one family with those that stand. One that is to
// be made has no id.
func (m *comparison) family(p *Part, d *Family, f tenancy.Family, of string) {
	isNew := f.ID == ""
	roles, ok := m.inFamily(d, f)
	switch {
	case isNew && !d.Roles.Said:
		m.add(d.Place, "roles are missing, and the family %s is a new one", quote(f.Name))
		return
	case isNew && ok && len(roles) < tenancy.MinFamily:
		m.add(d.Roles.Place, "a family has at least %d roles", tenancy.MinFamily)
		return
	case !d.Roles.Said || !ok:
		return
	}
	real := func(w *work) []string {
		ids := make([]string, len(roles))
		for i, r := range roles {
			ids[i] = w.real(r.ID)
		}
		return ids
	}
	fields := []Field{{"roles, the first counts", keysOf(m.registry.InFamily(f.ID)), keysOf(roles)}}
	if isNew {
		f.ID = placeholder("family", f.Name+" of "+of)
		p.create("role family", f.Name+" of "+of, fields, func(w *work) error {
			made := f
			made.ApplicationID = w.real(f.ApplicationID)
			_, err := tenancy.AddFamily(w.tx, made, real(w))
			return err
		})
	} else {
		p.change("role family", f.Name+" of "+of, fields, func(w *work) error { return tenancy.ArrangeFamily(w.tx, f.ID, real(w)) })
	}
	m.settle(f, roles)
}

// inFamily are the roles that the document puts into a family, in order.
func (m *comparison) inFamily(d *Family, f tenancy.Family) (roles []tenancy.Role, ok bool) {
	ok = true
	for _, called := range d.Roles.Items {
		r, known := m.role(f.Level, f.ApplicationID, called)
		switch {
		case !known:
			ok = false
		case slices.ContainsFunc(roles, func(other tenancy.Role) bool { return other.ID == r.ID }):
			m.add(called.Place, "the role %s stands here twice", quote(called.Value))
			ok = false
		case r.FamilyID != "" && r.FamilyID != f.ID:
			m.add(called.Place, "the role %s is in the family %s already", quote(called.Value), quote(m.registry.Families[r.FamilyID].Name))
			ok = false
		default:
			roles = append(roles, r)
		}
	}
	return roles, ok
}

// settle puts the roles into the family in the registry, and others out of it.
func (m *comparison) settle(f tenancy.Family, roles []tenancy.Role) {
	for _, r := range m.registry.InFamily(f.ID) {
		r.FamilyID, r.Rank = "", 0
		m.registry.Roles[r.ID] = r
	}
	for i, r := range roles {
		r.FamilyID, r.Rank = f.ID, i+1
		m.registry.Roles[r.ID] = r
	}
	m.registry.Families[f.ID] = f
}

func keysOf(roles []tenancy.Role) string {
	keys := make([]string, len(roles))
	for i, r := range roles {
		keys[i] = r.Key
	}
	return strings.Join(keys, ", ")
}

// exportFamilies lists families by name, with the keys of their roles in order.
func (m *comparison) exportFamilies(level models.Level, application string) (list List[Family]) {
	for _, f := range m.registry.FamiliesAt(level, application) {
		d := Family{Name: say(f.Name), Roles: List[Text]{Said: true}}
		for _, r := range m.registry.InFamily(f.ID) {
			d.Roles.Items = append(d.Roles.Items, say(r.Key))
		}
		list.Said, list.Items = true, append(list.Items, d)
	}
	return list
}
