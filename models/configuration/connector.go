package configuration

import (
	"cmp"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/tenancy"
)

// connectors compares the rules.
func (m *comparison) connectors(p *Part, d *Company, s *standing) error {
	mentioned := map[string]bool{}
	before := len(p.Changes)
	for _, said := range once(m, "connector", d.Connectors.Items, func(c *Connector) (Text, Text) { return c.ID, c.Name }) {
		at, is := lookup(m, s.connectors, "connector", said.ID, said.Name, func(c provisioning.Saved) (string, string) { return c.ID, c.Name })
		old := provisioning.Connector{State: provisioning.Draft}
		if is == there {
			old = s.connectors[at].Connector
			mentioned[old.ID] = true
		}
		switch remove := said.Remove.or(false); {
		case is == ambiguous || remove && is == absent: // told, or gone already
		case remove:
			m.drop(p, s, old)
		default:
			if err := m.connector(p, said, s, old); err != nil {
				return err
			}
		}
	}
	for _, c := range s.connectors {
		switch {
		case !d.Connectors.Said || mentioned[c.ID]:
		case m.prune:
			m.drop(p, s, c.Connector)
		default:
			p.leave("connector", c.Name)
		}
	}
	p.evaluate = p.evaluate || len(p.Changes) > before
	return nil
}

func (m *comparison) drop(p *Part, s *standing, old provisioning.Connector) {
	s.rule(old.ID, nil)
	p.remove("connector", old.Name, func(w *work) error { return provisioning.Drop(w.tx, old.ID, purpose) })
}

// rule puts a connector among those that would hold, or takes it out.
func (s *standing) rule(id string, c *provisioning.Connector) {
	list := []provisioning.Connector{}
	for _, r := range s.rules {
		if r.ID != id {
			list = append(list, r)
		}
	}
	if c != nil {
		list = append(list, *c)
	}
	s.rules = list
}

// connector compares one connector with the one that stands, which has no id
// where it is to be made.
func (m *comparison) connector(p *Part, d *Connector, s *standing, old provisioning.Connector) error {
	now := old
	now.Name, now.Note = d.Name.Value, d.Note.or(old.Note)
	now.State = provisioning.ConnectorState(d.State.or(string(old.State)))
	if d.Condition.Said {
		now.Condition = d.Condition.Value
	}
	if old.ID == "" && !m.complete(d) {
		return nil
	}
	if d.Target.Said && !m.target(&d.Target.Value, s, &now) {
		return nil
	}
	wrong := now.Prepare()
	places := d.Condition.placesOf(map[string]Place{"name": d.Name.Place, "note": d.Note.Place, "state": d.State.Place})
	if err := m.wrong(wrong, d.Place, places); err != nil || wrong != nil {
		return err
	}
	fields := []Field{{"name", old.Name, now.Name}, {"state", string(old.State), string(now.State)}, {"gives", m.gives(s, old), m.gives(s, now)},
		{"condition", told(old), oneLine(now.Condition)}, {"note", old.Note, now.Note}}
	do := func(w *work) error {
		now := now
		now.Role, now.Target.Organization, now.Target.Application = w.real(now.Role), w.real(now.Target.Organization), w.real(now.Target.Application)
		if old.ID == "" {
			now.ID = ""
		}
		_, err := provisioning.Keep(w.tx, now, purpose)
		return err
	}
	before := len(p.Changes)
	if old.ID == "" {
		now.ID, now.Version = placeholder("connector", now.Name), 1
		p.create("connector", now.Name, fields[1:], do)
	} else {
		p.change("connector", old.Name, fields, do)
	}
	if len(p.Changes) > before {
		m.inUse(d, s, now)
		s.rule(now.ID, &now)
	}
	return nil
}

// told is the condition of a connector that stands.
func told(c provisioning.Connector) string {
	if c.ID == "" {
		return ""
	}
	return oneLine(c.Condition.Tidy())
}

// complete says whether a new connector has all that it needs.
func (m *comparison) complete(d *Connector) bool {
	if !d.Target.Said {
		m.add(d.Place, "target is missing, and the connector %s is a new one", quote(d.Name.Value))
	}
	if d.Condition.Place == (Place{}) {
		m.add(d.Place, "condition is missing, and the connector %s is a new one", quote(d.Name.Value))
	}
	return d.Target.Said && d.Condition.Said
}

// target fills in where a connector gives its role, and which.
func (m *comparison) target(d *Target, s *standing, c *provisioning.Connector) bool {
	if !d.Role.Said {
		return false // told
	}
	c.Target = provisioning.Target{Level: models.CompanyLevel}
	if d.Organization.Said {
		o, ok := m.organization(d.Organization, s)
		if !ok {
			return false
		}
		c.Target = provisioning.Target{Level: models.OrganizationLevel, Organization: o.ID}
	}
	if d.Application.Said {
		if !d.Organization.Said {
			m.add(d.Application.Place, "an application is used in an organization: say which")
			return false
		}
		app, ok := m.application(d.Application)
		if !ok {
			return false
		}
		c.Target.Level, c.Target.Application = models.ApplicationLevel, app.ID
	}
	role, ok := m.role(c.Target.Level, c.Target.Application, d.Role)
	c.Role = role.ID
	return ok
}

// organization finds one of the company's organizations by id or name.
func (m *comparison) organization(called Text, s *standing) (found tenancy.Organization, ok bool) {
	names, n := []string{}, 0
	for _, o := range s.organizations {
		if o.ID == called.Value {
			return o, true
		}
		if o.Name == called.Value {
			found, n = o, n+1
		}
		names = append(names, o.Name)
	}
	switch n {
	case 0:
		m.add(called.Place, "the company has no organization %s; known are %s", quote(shorten(called.Value)), listed(names))
	case 1:
		return found, true
	default:
		m.add(called.Place, "%d organizations are called %s: say which by its id", n, quote(shorten(called.Value)))
	}
	return found, false
}

// inUse notes an application that the organization of a changed connector does
// not use.
func (m *comparison) inUse(d *Connector, s *standing, c provisioning.Connector) {
	if c.Target.Application == "" || contains(s.uses[c.Target.Organization], c.Target.Application) {
		return
	}
	at := d.Target.Value.Application.Place
	if at == (Place{}) {
		at = d.Place
	}
	m.add(at, "the organization does not use the application %s: add it to its applications", quote(m.registry.Applications[c.Target.Application].Key))
}

// gives says a connector's role and target; nothing for one without.
func (m *comparison) gives(s *standing, c provisioning.Connector) string {
	if c.Role == "" {
		return ""
	}
	return m.roleAt(s, provisioning.Change{Target: c.Target, Role: c.Role})
}

// roleAt says a role and where it is given.
func (m *comparison) roleAt(s *standing, c provisioning.Change) string {
	where := "the company"
	for _, o := range s.organizations {
		if o.ID == c.Target.Organization {
			where = o.Name
		}
	}
	if c.Target.Application != "" {
		where = cmp.Or(m.registry.Applications[c.Target.Application].Name, c.Target.Application) + " in " + where
	}
	return cmp.Or(m.registry.Roles[c.Role].Name, c.Role) + " of " + where
}
