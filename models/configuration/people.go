package configuration

import (
	"slices"

	"locum/models/provisioning"
)

// Effect is the roles that one person gains or loses.
type Effect struct {
	Person string
	Roles  []string
}

// People are those for whom the changes of connectors and settings mean
// something, by name.
type People struct {
	Known      int // of whom a source said something
	Gain, Lose []Effect
	// Held are roles that stay although the rules would take them: a company
	// keeps a manager, an organization a superuser.
	Held []Effect
}

func (m *comparison) people(s *standing, known int, changes []provisioning.Applied) People {
	p := People{Known: known}
	for _, a := range changes {
		for _, one := range []struct {
			into  *[]Effect
			roles []provisioning.Change
		}{{&p.Gain, a.Gained}, {&p.Lose, a.Lost}, {&p.Held, a.Held}} {
			if len(one.roles) == 0 {
				continue
			}
			e := Effect{Person: a.Person.Name}
			for _, c := range one.roles {
				e.Roles = append(e.Roles, m.roleAt(s, c))
			}
			slices.Sort(e.Roles)
			*one.into = append(*one.into, e)
		}
	}
	return p
}

// foretell says who would gain and lose roles.
func (m *comparison) foretell(parts []Part) error {
	for i := range parts {
		p := &parts[i]
		if !p.evaluate || p.id == "" {
			continue
		}
		s := p.assumed
		for i := range s.rules { // the families as the document has them
			r := m.registry.Roles[s.rules[i].Role]
			s.rules[i].Family, s.rules[i].Rank = r.FamilyID, r.Rank
		}
		known, changes, err := provisioning.Foretell(m.tx, provisioning.Assumed{Company: p.id, Connectors: s.rules,
			Ownership: s.Ownership, NoMatch: s.NoMatch, Grants: s.grants})
		if err != nil {
			return err
		}
		p.People = m.people(s, known, changes)
	}
	return nil
}
