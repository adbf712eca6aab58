package configuration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// Errors of Export.
var (
	ErrNoCompany        = errors.New("no company has this id or name")
	ErrSeveralCompanies = errors.New("several companies have this name: give the id")
)

// Extent says what an export holds beyond what is needed to find things again.
type Extent struct {
	IDs      bool // of everything, so that names can be changed
	Platform bool // applications and roles too
}

// Export writes what stands of one company, by its id or exact name, as a
// document with which nothing differs.
func (c *Configuration) Export(ctx context.Context, company string, extent Extent) ([]byte, error) {
	d := &Document{Version: Number{Said: true, Value: FormatVersion}}
	err := c.Store.SystemRead(ctx, purpose, func(tx *store.Tx) error {
		m, err := c.compare(tx, &Problems{}, false)
		if err != nil {
			return err
		}
		own, err := m.called(company)
		if err != nil {
			return err
		}
		s, err := m.standing(own)
		if err != nil {
			return err
		}
		if extent.Platform {
			platform, err := m.exportPlatform()
			if err != nil {
				return err
			}
			d.Platform = Section[Platform]{Said: true, Value: platform}
		}
		exported, err := m.exportCompany(s, extent.IDs)
		d.Companies = List[Company]{Said: true, Items: []Company{exported}}
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.Write("Configuration of a company in Locum. `locum plan` says how it differs from what stands,\n" +
		"`locum apply` makes that agree with it, and `locum plan --schema` describes every key.\n" +
		"It holds no secrets and no people.")
}

func (m *comparison) called(company string) (tenancy.Company, error) {
	var named []tenancy.Company
	for _, c := range m.companies {
		if c.ID == company {
			return c, nil
		}
		if c.Name == company {
			named = append(named, c)
		}
	}
	switch len(named) {
	case 0:
		return tenancy.Company{}, fmt.Errorf("%q: %w", company, ErrNoCompany)
	case 1:
		return named[0], nil
	}
	return tenancy.Company{}, fmt.Errorf("%q: %w", company, ErrSeveralCompanies)
}

// identify gives the id of a thing where it is asked for, or where its name
// alone would not find it.
func identify[T any](list []T, one T, always bool, is func(T) (id, name string)) Text {
	id, name := is(one)
	n := 0
	for _, other := range list {
		if _, also := is(other); also == name {
			n++
		}
	}
	if always || n > 1 {
		return say(id)
	}
	return Text{}
}

func (m *comparison) exportCompany(s *standing, ids bool) (Company, error) {
	d := Company{Name: say(s.Name), ID: identify(m.companies, s.Company, ids, func(c tenancy.Company) (string, string) { return c.ID, c.Name }),
		Settings: Section[Settings]{Said: true, Value: Settings{Ownership: say(s.Ownership), NoMatch: say(s.NoMatch),
			SilentHours: number(s.SilentHours), BrakePercent: number(s.Brakes.Percent), BrakePeople: number(s.Brakes.People), BrakeRaised: number(s.Brakes.Raised)}},
		Seats: Number{Said: s.Seats > 0, Value: s.Seats}}
	for _, o := range s.organizations {
		d.Organizations.Items = append(d.Organizations.Items, m.exportOrganization(s, o, ids))
	}
	for _, domain := range s.domains {
		d.Domains.Items = append(d.Domains.Items, Domain{Name: say(domain.Name), RequireSSO: truth(domain.SSORequired), Verified: truth(domain.VerifiedAt != nil)})
	}
	for _, c := range s.connections {
		metadata, err := metadataOf(c)
		if err != nil {
			return d, err
		}
		one := Connection{Name: say(c.Name), ID: identify(s.connections, c, ids, func(c federation.Connection) (string, string) { return c.ID, c.Name }),
			Metadata: say(metadata), MetadataURL: sayUnlessEmpty(c.MetadataURL), Enabled: truth(c.Enabled), IdentityAttribute: sayUnlessEmpty(c.IdentityAttribute)}
		one.Delimiters = Texts{Said: len(c.Delimiters) > 0, Value: c.Delimiters}
		d.Connections.Items = append(d.Connections.Items, one)
	}
	for _, c := range s.connectors {
		d.Connectors.Items = append(d.Connectors.Items, m.exportConnector(s, c, ids))
	}
	d.Organizations.Said, d.Domains.Said, d.Connections.Said, d.Connectors.Said = true, true, true, true
	return d, nil
}

func number(n int) Number { return Number{Said: true, Value: n} }

func truth(is bool) Truth { return Truth{Said: true, Value: is} }

func organizationIs(o tenancy.Organization) (id, name string) { return o.ID, o.Name }

func (m *comparison) exportOrganization(s *standing, o tenancy.Organization, ids bool) Organization {
	d := Organization{Name: say(o.Name), ID: identify(s.organizations, o, ids, organizationIs), Hue: Number{Said: true, Value: o.Hue},
		Icon: sayUnlessEmpty(o.Icon), Visitors: exportHosting(o.Hosting), TimeZone: say(o.TimeZone), IdleHours: Number{Said: true, Value: o.IdleHours}, ReasonRequired: truth(o.ReasonRequired), Applications: List[Text]{Said: true}}
	for _, id := range s.uses[o.ID] {
		d.Applications.Items = append(d.Applications.Items, say(m.registry.Applications[id].Key))
	}
	slices.SortFunc(d.Applications.Items, func(a, b Text) int { return cmp.Compare(a.Value, b.Value) })
	return d
}

func (m *comparison) exportConnector(s *standing, c provisioning.Saved, ids bool) Connector {
	d := Connector{Name: say(c.Name), ID: identify(s.connectors, c, ids, func(c provisioning.Saved) (string, string) { return c.ID, c.Name }),
		State: say(string(c.State)), Note: sayUnlessEmpty(c.Note), Condition: Condition{Said: true, Value: c.Condition}}
	target := Target{Role: say(m.registry.Roles[c.Role].Key)}
	for _, o := range s.organizations {
		if o.ID == c.Target.Organization {
			target.Organization = say(cmp.Or(identify(s.organizations, o, false, organizationIs).Value, o.Name))
		}
	}
	if c.Target.Application != "" {
		target.Application = say(m.registry.Applications[c.Target.Application].Key)
	}
	d.Target = Section[Target]{Said: true, Value: target}
	return d
}

func (m *comparison) exportPlatform() (p Platform, err error) {
	for _, id := range sorted(m.registry.Applications) {
		a := m.registry.Applications[id]
		registered, err := m.exportClient(id)
		if err != nil {
			return p, err
		}
		p.Applications.Items = append(p.Applications.Items, Application{Key: say(a.Key), Name: say(a.Name), Description: sayUnlessEmpty(a.Description),
			Icon: say(a.Icon), Roles: m.exportRoles(models.ApplicationLevel, id), Families: m.exportFamilies(models.ApplicationLevel, id), Client: registered})
	}
	slices.SortFunc(p.Applications.Items, func(a, b Application) int { return cmp.Compare(a.Key.Value, b.Key.Value) })
	p.Applications.Said = true
	p.OrganizationRoles, p.CompanyRoles = m.exportRoles(models.OrganizationLevel, ""), m.exportRoles(models.CompanyLevel, "")
	p.OrganizationFamilies, p.CompanyFamilies = m.exportFamilies(models.OrganizationLevel, ""), m.exportFamilies(models.CompanyLevel, "")
	return p, nil
}

// exportRoles lists roles in their order. A built-in role's permissions are
// fixed, and an application's are its own affair.
func (m *comparison) exportRoles(level models.Level, application string) List[Role] {
	list := List[Role]{Said: true}
	for _, r := range m.registry.At(level, application) {
		d := Role{Key: say(r.Key), Name: say(r.Name), Description: sayUnlessEmpty(r.Description), Default: Truth{Said: r.IsDefault, Value: r.IsDefault}}
		if level != models.ApplicationLevel && !r.BuiltIn {
			d.Permissions.Said = true
			for _, p := range permissionsOf(r) {
				d.Permissions.Items = append(d.Permissions.Items, say(p))
			}
		}
		list.Items = append(list.Items, d)
	}
	return list
}
