package configuration

import (
	"slices"

	"locum/models/provisioning"
	"locum/models/tenancy"
)

// Effect is the roles that one person gains or loses.
type Effect struct {
	Person string
	Roles  []string
}

// People are those for whom the changes of connectors and settings mean
// something, by name.
type People struct {
	Counts     provisioning.Effect // Known are those of whom a source said something
	Gain, Lose []Effect
	// Held are roles that stay although the rules would take them: a company
	// keeps a manager, an organization a superuser.
	Held []Effect
	// Braked says that this is more than the company lets pass unasked: Weight
	// people are touched.
	Braked bool
}

func (m *comparison) people(s *standing, effect provisioning.Effect, changes []provisioning.Applied) People {
	p := People{Counts: effect}
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

// brakes are those that a company has before the document changes them.
func (m *comparison) brakes(id string) tenancy.Brakes {
	at := slices.IndexFunc(m.companies, func(c tenancy.Company) bool { return c.ID == id })
	return m.companies[at].Brakes
}

// foretell says who would gain and lose roles.
func (m *comparison) foretell(parts []Part) error {
	for i := range parts {
		p := &parts[i]
		if !p.evaluate || p.id == "" {
			continue
		}
		s := p.assumed
		effect, changes, err := provisioning.Foretell(m.tx, provisioning.Assumed{Company: p.id, Connectors: s.rules,
			Ownership: s.Ownership, NoMatch: s.NoMatch, Grants: s.grants})
		if err != nil {
			return err
		}
		p.People = m.people(s, effect, changes)
		p.People.Braked = effect.Stops(m.brakes(p.id))
	}
	return nil
}
