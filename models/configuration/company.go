package configuration

import (
	"cmp"
	"strconv"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// companyPart compares one company. Its title is empty where it could not be
// told which one is meant.
func (m *comparison) companyPart(d *Company) (p Part, err error) {
	if !d.Name.Said {
		return p, nil
	}
	at, is := lookup(m, m.companies, "company", d.ID, d.Name, func(c tenancy.Company) (string, string) { return c.ID, c.Name })
	if is == ambiguous {
		return p, nil
	}
	own := tenancy.Company{Name: d.Name.Value, Policy: tenancy.StandardPolicy, SilentHours: tenancy.UsualSilence}
	if is == there {
		own = m.companies[at]
	}
	p = Part{Title: "Company " + d.Name.Value, company: d, id: own.ID}
	s, err := m.standing(own)
	if err != nil {
		return p, err
	}
	name := d.Name.Value
	if err := m.name(&name, d.Name.Place); err != nil {
		return p, err
	}
	if is == absent {
		err = m.found(&p, d, s)
	} else {
		p.change("company", own.Name, []Field{{"name", own.Name, name}}, func(w *work) error { return tenancy.Rename(w.tx, name) })
	}
	if err != nil {
		return p, err
	}
	if err := m.settings(&p, d, s); err != nil {
		return p, err
	}
	if err := m.seats(&p, d, s); err != nil {
		return p, err
	}
	if err := m.organizations(&p, d, s); err != nil {
		return p, err
	}
	if err := m.domains(&p, d, s); err != nil {
		return p, err
	}
	if err := m.connections(&p, d, s); err != nil {
		return p, err
	}
	err = m.connectors(&p, d, s)
	p.assumed = s
	return p, err
}

// name checks a name as people's forms do, and trims it.
func (m *comparison) name(name *string, at Place) error {
	wrong := models.FieldErrors{}
	*name = account.CheckName(*name, "name", wrong)
	return m.wrong(wrong.Err(), at, nil)
}

// found plans a new company with its manager and its first organization.
func (m *comparison) found(p *Part, d *Company, s *standing) error {
	manager := d.Manager.Value
	if !d.Manager.Said {
		m.add(d.Place, "manager is missing, and the company %s is a new one", quote(d.Name.Value))
	}
	if len(d.Organizations.Items) == 0 {
		m.add(d.Place, "organizations are missing: the company %s is a new one, and needs one", quote(d.Name.Value))
	}
	if !manager.Name.Said || !manager.Email.Said || len(d.Organizations.Items) == 0 {
		return nil
	}
	who := manager.Name.Value
	if err := m.name(&who, manager.Name.Place); err != nil {
		return err
	}
	email, ok := account.ParseEmail(manager.Email.Value)
	if !ok {
		m.add(manager.Email.Place, "%s is no e-mail address", quote(shorten(manager.Email.Value)))
		return nil
	}
	first := &d.Organizations.Items[0]
	var accounts int64
	if err := m.tx.Model(&account.Account{}).Count(&accounts).Error; err != nil {
		return err
	}
	if accounts == 0 { // else the set-up address would never be given out
		m.add(d.Place, "this installation has no operator yet: open the set-up address that locum serve logs, and make companies after that")
	}
	s.Company.ID = placeholder("company", d.Name.Value)
	p.create("company", d.Name.Value, []Field{{"manager", "", who + " <" + email.Typed + ">"}}, func(w *work) error {
		made, err := w.foundCompany(d.Name.Value, first.Name.Value, who, email, first.TimeZone.Value)
		if err == nil {
			w.ids[placeholder("organization", first.Name.Value)] = made.Organization.ID
			w.founded = made.Organization.ID
		}
		return err
	})
	return nil
}

func (m *comparison) settings(p *Part, d *Company, s *standing) error {
	old, said := s.Policy, d.Settings.Value
	now := tenancy.Policy{Ownership: said.Ownership.or(old.Ownership), NoMatch: said.NoMatch.or(old.NoMatch), Brakes: tenancy.Brakes{
		Percent: said.BrakePercent.or(old.Brakes.Percent), People: said.BrakePeople.or(old.Brakes.People), Raised: said.BrakeRaised.or(old.Brakes.Raised)}}
	s.Policy = now
	p.change("settings", "", []Field{{"ownership", old.Ownership, now.Ownership}, {"no match", old.NoMatch, now.NoMatch},
		{"brake percent", strconv.Itoa(old.Brakes.Percent), strconv.Itoa(now.Brakes.Percent)},
		{"brake people", strconv.Itoa(old.Brakes.People), strconv.Itoa(now.Brakes.People)},
		{"brake raised", strconv.Itoa(old.Brakes.Raised), strconv.Itoa(now.Brakes.Raised)}}, func(w *work) error {
		return tenancy.SetPolicy(w.tx, now)
	})
	hours, before := said.SilentHours.or(s.SilentHours), s.SilentHours
	p.change("settings", "", []Field{{"silent hours", strconv.Itoa(before), strconv.Itoa(hours)}}, func(w *work) error { return tenancy.SetSilence(w.tx, hours) })
	if err := m.wrong(tenancy.CheckSilence(hours), said.Place, map[string]Place{"silent_hours": said.SilentHours.Place}); err != nil {
		return err
	}
	p.evaluate = p.evaluate || old.Ownership != now.Ownership || old.NoMatch != now.NoMatch
	return m.wrong(now.Check(), said.Place, map[string]Place{"brake_percent": said.BrakePercent.Place, "brake_people": said.BrakePeople.Place, "brake_raised": said.BrakeRaised.Place})
}

// seats compares how many people may be active.
func (m *comparison) seats(p *Part, d *Company, s *standing) error {
	old := s.Company.Seats
	s.Seats = d.Seats.or(old)
	if err := m.wrong(tenancy.CheckSeats(s.Seats), d.Seats.Place, nil); err != nil {
		return err
	}
	now := s.Seats
	p.change("seats", "", []Field{{"seats", strconv.Itoa(old), strconv.Itoa(now)}}, func(w *work) error {
		return w.tx.Across("a company's seats stand in the platform's registry", func(tx *store.Tx) error {
			return tenancy.SetSeats(tx, tx.Actor.Effective.Company, now)
		})
	})
	return nil
}

// organizations compares the organizations and the applications that they use.
func (m *comparison) organizations(p *Part, d *Company, s *standing) error {
	mentioned := map[string]bool{}
	known := len(s.organizations)
	for _, said := range once(m, "organization", d.Organizations.Items, func(o *Organization) (Text, Text) { return o.ID, o.Name }) {
		at, is := lookup(m, s.organizations[:known], "organization", said.ID, said.Name, func(o tenancy.Organization) (string, string) { return o.ID, o.Name })
		if is == ambiguous {
			continue
		}
		var o tenancy.Organization
		var err error
		if is == there {
			o, err = m.changeOrganization(p, said, s.organizations[at])
			s.organizations[at].Name = o.Name
		} else if o, err = m.newOrganization(p, said, s); err == nil {
			s.organizations = append(s.organizations, o)
		}
		if err != nil {
			return err
		}
		mentioned[o.ID] = true
		m.applications(p, said, s, o)
	}
	for _, o := range s.organizations {
		if d.Organizations.Said && !mentioned[o.ID] {
			p.leave("organization", o.Name)
		}
	}
	return nil
}

func (m *comparison) checkSettings(d *Organization, in *tenancy.Settings) error {
	return m.wrong(in.Check(), d.Place, map[string]Place{"name": d.Name.Place, "hue": d.Hue.Place, "icon": d.Icon.Place, "time_zone": d.TimeZone.Place, "idle_hours": d.IdleHours.Place})
}

// settingsOf are an organization's settings as the document wants them.
func (d *Organization) settingsOf(old tenancy.Settings) tenancy.Settings {
	return tenancy.Settings{Name: d.Name.Value, Hue: d.Hue.or(old.Hue), Icon: d.Icon.or(old.Icon), TimeZone: d.TimeZone.or(old.TimeZone),
		IdleHours: d.IdleHours.or(old.IdleHours), ReasonRequired: d.ReasonRequired.or(old.ReasonRequired)}
}

func settingFields(old, now tenancy.Settings) []Field {
	return []Field{{"name", old.Name, now.Name}, {"hue", strconv.Itoa(old.Hue), strconv.Itoa(now.Hue)}, {"icon", old.Icon, now.Icon}, {"time zone", old.TimeZone, now.TimeZone},
		{"idle hours", strconv.Itoa(old.IdleHours), strconv.Itoa(now.IdleHours)}, {"reason required", yes(old.ReasonRequired), yes(now.ReasonRequired)}}
}

func yes(truth bool) string {
	if truth {
		return "yes"
	}
	return "no"
}

func (m *comparison) changeOrganization(p *Part, d *Organization, old tenancy.Organization) (tenancy.Organization, error) {
	now := d.settingsOf(old.Settings())
	if err := m.checkSettings(d, &now); err != nil {
		return old, err
	}
	p.change("organization", old.Name, settingFields(old.Settings(), now), func(w *work) error { return tenancy.Configure(w.tx, old.ID, now) })
	asked, err := m.hosting(d, old.Hosting)
	if err != nil {
		return old, err
	}
	p.change("visitors", old.Name, hostingFields(old.Hosting, asked), func(w *work) error { return tenancy.ConfigureHosting(w.tx, old.ID, asked) })
	old.Name = now.Name
	return old, nil
}

// newOrganization plans an organization. Its superuser is the manager of
// longest standing, unless it is made with its company.
func (m *comparison) newOrganization(p *Part, d *Organization, s *standing) (tenancy.Organization, error) {
	o := tenancy.Organization{CompanyID: s.ID, ID: placeholder("organization", d.Name.Value), Name: d.Name.Value}
	made := d.settingsOf(tenancy.Settings{Hue: 1, IdleHours: 12})
	if !d.TimeZone.Said {
		m.add(d.Place, "time_zone is missing, and the organization %s is a new one", quote(d.Name.Value))
		return o, nil
	}
	if err := m.checkSettings(d, &made); err != nil {
		return o, err
	}
	asked, err := m.hosting(d, tenancy.Hosting{Notify: tenancy.AtOnce})
	if err != nil {
		return o, err
	}
	o.Name = made.Name
	fields := settingFields(tenancy.Settings{}, made)
	if !d.Hue.Said {
		fields[1].New = "the one used least"
	}
	superuser, err := m.superuser(d, s)
	if err != nil {
		return o, err
	}
	if superuser.ID != "" {
		fields = append(fields, Field{"superuser", "", superuser.Name})
		s.grants = append(s.grants, tenancy.Grant{CompanyID: s.ID, OrganizationID: o.ID, AccountID: superuser.ID, RoleID: tenancy.Superuser, Source: tenancy.Manual})
	}
	if d.Visitors.Said {
		fields = append(fields, hostingFields(tenancy.Hosting{}, asked)...)
	}
	p.create("organization", o.Name, fields[1:], func(w *work) error {
		if err := w.organization(o.ID, d, made, superuser); err != nil || !d.Visitors.Said {
			return err
		}
		return tenancy.ConfigureHosting(w.tx, w.ids[o.ID], asked)
	})
	return o, nil
}

// superuser is the manager of longest standing. A company that is only made now
// has the manager of the document, who is found out later.
func (m *comparison) superuser(d *Organization, s *standing) (account.Person, error) {
	if s.CreatedAt.IsZero() {
		return account.Person{}, nil
	}
	managers, err := tenancy.Managers(m.tx, s.ID)
	if err != nil || len(managers) > 0 {
		return append(managers, account.Person{})[0], err
	}
	m.add(d.Place, "the company has no manager who could be the superuser of the new organization %s", quote(d.Name.Value))
	return account.Person{}, nil
}

// applications compares which applications an organization uses.
func (m *comparison) applications(p *Part, d *Organization, s *standing, o tenancy.Organization) {
	wanted := map[string]bool{}
	for _, key := range d.Applications.Items {
		app, known := m.application(key)
		switch {
		case !known:
			continue
		case wanted[app.ID]:
			m.add(key.Place, "the application %s stands here twice", quote(key.Value))
			continue
		}
		wanted[app.ID] = true
		if !contains(s.uses[o.ID], app.ID) {
			s.uses[o.ID] = append(s.uses[o.ID], app.ID)
			p.create("application in use", app.Name+" in "+o.Name, nil, func(w *work) error {
				return tenancy.Enable(w.tx, w.real(o.ID), w.real(app.ID))
			})
		}
	}
	for _, id := range append([]string(nil), s.uses[o.ID]...) {
		name := cmp.Or(m.registry.Applications[id].Name, id) + " in " + o.Name
		switch {
		case !d.Applications.Said || wanted[id]:
		case m.prune:
			s.uses[o.ID] = without(s.uses[o.ID], id)
			p.remove("application in use", name, func(w *work) error { return tenancy.Disable(w.tx, o.ID, id) })
		default:
			p.leave("application in use", name)
		}
	}
}
