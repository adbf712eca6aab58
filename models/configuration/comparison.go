package configuration

import (
	"maps"
	"slices"

	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// comparison holds a document against what stands, in one transaction.
type comparison struct {
	*Configuration
	*Problems
	tx        *store.Tx
	registry  tenancy.Registry // with what the document adds to it
	companies []tenancy.Company
	prune     bool
}

func (c *Configuration) compare(tx *store.Tx, problems *Problems, prune bool) (*comparison, error) {
	m := &comparison{Configuration: c, Problems: problems, tx: tx, prune: prune}
	var err error
	if m.registry, err = tenancy.LoadRegistry(tx); err != nil {
		return nil, err
	}
	m.registry.Roles, m.registry.Applications = maps.Clone(m.registry.Roles), maps.Clone(m.registry.Applications)
	m.registry.Families = maps.Clone(m.registry.Families)
	return m, tx.Order("lower(name), id").Find(&m.companies).Error
}

// wrong notes what an operation found wrong with a part of the document.
func (m *comparison) wrong(err error, whole Place, places map[string]Place) error {
	return m.fields(err, m.Words, whole, places)
}

// standing is a company as it is, with what the document adds to it.
type standing struct {
	tenancy.Company
	organizations []tenancy.Organization
	uses          map[string][]string // organization -> applications
	domains       []tenancy.Domain
	requiring     []string // names of the domains that require single sign-on
	connections   []federation.Connection
	connectors    []provisioning.Saved
	grants        []tenancy.Grant // that the changes give by themselves
	rules         []provisioning.Connector
}

func (m *comparison) standing(company tenancy.Company) (*standing, error) {
	s := &standing{Company: company, uses: map[string][]string{}}
	if company.ID == "" {
		return s, nil
	}
	for _, rows := range []struct {
		into  any
		order string
	}{
		{&s.organizations, "lower(name), id"}, {&s.domains, "name"}, {&s.connections, "lower(name), id"},
	} {
		if err := m.tx.Where("company_id = ?", company.ID).Order(rows.order).Find(rows.into).Error; err != nil {
			return nil, err
		}
	}
	var enabled []tenancy.Enabled
	if err := m.tx.Where("company_id = ?", company.ID).Find(&enabled).Error; err != nil {
		return nil, err
	}
	for _, e := range enabled {
		s.uses[e.OrganizationID] = append(s.uses[e.OrganizationID], e.ApplicationID)
	}
	var err error
	for _, d := range s.domains {
		if d.SSORequired {
			s.requiring = append(s.requiring, d.Name)
		}
	}
	s.connectors, err = provisioning.Load(m.tx, company.ID)
	for _, c := range s.connectors {
		s.rules = append(s.rules, c.Connector)
	}
	return s, err
}

// found is the outcome of looking something up by the id or the name that a
// document gives.
type found int

const (
	absent    found = iota // and so it is made
	there                  // at the index
	ambiguous              // and told
)

// lookup finds a thing among those that stand: by its id where one is given,
// and otherwise by its exact name.
func lookup[T any](m *comparison, list []T, kind string, id, name Text, is func(T) (id, name string)) (int, found) {
	if id.Said {
		at := slices.IndexFunc(list, func(t T) bool { have, _ := is(t); return have == id.Value })
		if at < 0 {
			m.add(id.Place, "no %s here has the id %s; leave the id out to make one", kind, quote(shorten(id.Value)))
			return -1, ambiguous
		}
		return at, there
	}
	at, n := -1, 0
	for i, t := range list {
		if _, have := is(t); have == name.Value {
			at, n = i, n+1
		}
	}
	switch n {
	case 0:
		return -1, absent
	case 1:
		return at, there
	}
	m.add(name.Place, "%d of these are called %s: say which by its id", n, quote(shorten(name.Value)))
	return -1, ambiguous
}

// twice notes names that stand in a list more than once, and says at which
// indexes.
func (m *comparison) twice(kind string, names []Text) map[int]bool {
	first, again := map[string]Place{}, map[int]bool{}
	for i, name := range names {
		if !name.Said {
			continue
		}
		if at, seen := first[name.Value]; seen {
			m.add(name.Place, "the %s %s stands in line %d already", kind, quote(shorten(name.Value)), at.Line)
			again[i] = true
			continue
		}
		first[name.Value] = name.Place
	}
	return again
}

// unique notes companies that stand in the document more than once.
func (m *comparison) unique(d *Document) {
	names, ids := make([]Text, 0, len(d.Companies.Items)), make([]Text, 0, len(d.Companies.Items))
	for _, c := range d.Companies.Items {
		names, ids = append(names, c.Name), append(ids, c.ID)
	}
	// Two companies may share a name when their ids tell them apart.
	for i := range names {
		names[i].Said = names[i].Said && !ids[i].Said
	}
	m.twice("company", names)
	m.twice("id", ids)
}

// once leaves out what stands in a list a second time, by name where no id is
// given, and by id. What has no name was told before.
func once[T any](m *comparison, kind string, items []T, of func(*T) (id, name Text)) (list []*T) {
	names, ids := make([]Text, len(items)), make([]Text, len(items))
	for i := range items {
		ids[i], names[i] = of(&items[i])
		names[i].Said = names[i].Said && !ids[i].Said
	}
	again, alike := m.twice(kind, names), m.twice("id", ids)
	for i := range items {
		if _, name := of(&items[i]); name.Said && !again[i] && !alike[i] {
			list = append(list, &items[i])
		}
	}
	return list
}

// role finds a role at a level by its key, or by its name where only one has
// it.
func (m *comparison) role(level models.Level, application string, called Text) (tenancy.Role, bool) {
	var named []tenancy.Role
	for _, r := range m.registry.At(level, application) {
		if r.Key == called.Value {
			return r, true
		}
		if r.Name == called.Value {
			named = append(named, r)
		}
	}
	if len(named) == 1 {
		return named[0], true
	}
	keys := []string{}
	for _, r := range m.registry.At(level, application) {
		keys = append(keys, r.Key)
	}
	m.add(called.Place, "no role of the %s is called %s; known are %s", map[models.Level]string{models.CompanyLevel: "company",
		models.OrganizationLevel: "organization", models.ApplicationLevel: "application"}[level], quote(shorten(called.Value)), listed(keys))
	return tenancy.Role{}, false
}

// application finds an application by its key.
func (m *comparison) application(called Text) (tenancy.Application, bool) {
	keys := []string{}
	for _, a := range m.registry.Applications {
		if a.Key == called.Value {
			return a, true
		}
		keys = append(keys, a.Key)
	}
	slices.Sort(keys)
	m.add(called.Place, "no application has the key %s; known are %s", quote(shorten(called.Value)), listed(keys))
	return tenancy.Application{}, false
}
