package configuration

import (
	"slices"

	"locum/models/federation"
	"locum/models/tenancy"
)

// domains compares the names that a company says are its own.
func (m *comparison) domains(p *Part, d *Company, s *standing) error {
	for i := range d.Domains.Items {
		if said := &d.Domains.Items[i]; said.Name.Said {
			name, err := federation.DomainName(said.Name.Value)
			if err := m.wrong(err, said.Name.Place, nil); err != nil {
				return err
			}
			said.Name.Said, said.Name.Value = err == nil, name
		}
	}
	mentioned := map[string]bool{}
	for _, said := range once(m, "domain", d.Domains.Items, func(d *Domain) (Text, Text) { return Text{}, d.Name }) {
		at := slices.IndexFunc(s.domains, func(d tenancy.Domain) bool { return d.Name == said.Name.Value })
		if at < 0 {
			m.newDomain(p, said)
			continue
		}
		mentioned[said.Name.Value] = true
		if err := m.changeDomain(p, said, s, s.domains[at]); err != nil {
			return err
		}
	}
	for _, old := range s.domains {
		switch {
		case !d.Domains.Said || mentioned[old.Name]:
		case m.prune:
			s.requiring = without(s.requiring, old.Name)
			p.remove("domain", old.Name, func(w *work) error { return federation.DropDomain(w.tx, old.ID) })
		default:
			p.leave("domain", old.Name)
		}
	}
	return nil
}

func (m *comparison) newDomain(p *Part, d *Domain) {
	if d.Remove.or(false) {
		return // it is gone already
	}
	if d.RequireSSO.or(false) {
		m.add(d.RequireSSO.Place, "the domain %s is a new one: single sign-on can be required once it is verified", d.Name.Value)
	}
	p.create("domain", d.Name.Value, nil, func(w *work) error {
		_, err := federation.AddDomain(w.tx, d.Name.Value)
		return err
	})
	p.Notes = append(p.Notes, "the domain "+quote(d.Name.Value)+" has to be verified: its record for the DNS is on the screen")
}

func (m *comparison) changeDomain(p *Part, d *Domain, s *standing, old tenancy.Domain) error {
	if d.Remove.or(false) {
		s.requiring = without(s.requiring, old.Name)
		p.remove("domain", old.Name, func(w *work) error { return federation.DropDomain(w.tx, old.ID) })
		return nil
	}
	if d.Verified.or(false) && old.VerifiedAt == nil {
		p.Notes = append(p.Notes, "the domain "+quote(old.Name)+" is not verified here, and applying does not verify it")
	}
	on := d.RequireSSO.or(old.SSORequired)
	if on && !old.SSORequired {
		if err := m.wrong(federation.MayRequire(m.tx, old), d.RequireSSO.Place, nil); err != nil {
			return err
		}
	}
	switch {
	case on && !old.SSORequired:
		s.requiring = append(s.requiring, old.Name)
	case !on:
		s.requiring = without(s.requiring, old.Name)
	}
	slices.Sort(s.requiring)
	p.change("domain", old.Name, []Field{{"require single sign-on", yes(old.SSORequired), yes(on)}}, func(w *work) error {
		return federation.Require(w.tx, &old, on)
	})
	return nil
}
