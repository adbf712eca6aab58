package provisioning

import (
	"context"
	"sync"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Connectors are the rules of companies.
type Connectors struct {
	store                      *store.Store
	atOnce                     int64    // for how many people a run is done in the transaction of the change
	part                       int      // how many people of a longer one are done together
	compiled                   sync.Map // company id -> compiledRules
	known                      func(tx *store.Tx, company, text string) (KnownGroup, bool, error)
	groupNames, directoryNames Names
	seen                       lately[Seen]
	inside                     lately[[]SeenGroup]
	warnings                   lately[Warnings]
}

// NewConnectors opens the connectors of a store. From then on they follow when
// a role is deleted, and give the one in its place, or when a family of roles
// changes, and are evaluated; and what is known of somebody whom the company
// removed is forgotten, so that nothing but a sign-in of his own gives him roles
// again. What a name at a provider said that is parted from somebody goes
// likewise.
func NewConnectors(s *store.Store) *Connectors {
	s.React(event.RoleDeleted, replaceRole)
	s.React(event.Offboarded, forget)
	for _, kind := range []string{event.FamilyRegistered, event.FamilyChanged, event.FamilyDeleted} {
		s.React(kind, familyChanged)
	}
	c := &Connectors{store: s, atOnce: runAtOnce, part: crowdSize}
	s.React(event.IdentityUnlinked, c.unlinked)
	return c
}

// compiledRules are rules with the stamp of the table from which they come.
type compiledRules struct {
	stamp stamp
	rules *Rules
}

// stamp changes with every change of a company's connectors or of the platform's
// families of roles, on any replica.
type stamp struct {
	Total    int64
	Version  int64
	Latest   string
	Families string `gorm:"-"`
}

// rules are the company's, compiled once for as long as they do not change. The
// transaction holds the company's lock and has changed none of them: so what is
// kept is what was committed under that stamp.
func (c *Connectors) rules(tx *store.Tx, company string) (*Rules, error) {
	var now stamp
	err := tx.Model(&connectorRow{}).Select("COUNT(*) AS total, COALESCE(SUM(version), 0) AS version, COALESCE(CAST(MAX(updated_at) AS text), '') AS latest").
		Where("company_id = ?", company).Find(&now).Error
	if err != nil {
		return nil, err
	}
	in, families, err := placesOf(tx)
	if err != nil {
		return nil, err
	}
	now.Families = families
	if held, ok := c.compiled.Load(company); ok && held.(compiledRules).stamp == now {
		return held.(compiledRules).rules, nil
	}
	list, err := loadIn(tx, company, in)
	if err != nil {
		return nil, err
	}
	rules, err := Compile(connectorsOf(list))
	if err == nil {
		c.compiled.Store(company, compiledRules{now, rules})
	}
	return rules, err
}

func connectorsOf(list []Saved) []Connector {
	connectors := make([]Connector, len(list))
	for i, s := range list {
		connectors[i] = s.Connector
	}
	return connectors
}

// load reads a company's connectors by name.
func load(tx *store.Tx, company string) ([]Saved, error) {
	in, _, err := placesOf(tx)
	if err != nil {
		return nil, err
	}
	return loadIn(tx, company, in)
}

// loadIn is load with the families that are known already.
func loadIn(tx *store.Tx, company string, in places) ([]Saved, error) {
	var rows []connectorRow
	if err := tx.Where("company_id = ? AND deleted_at IS NULL", company).Order("name, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Saved, 0, len(rows))
	for _, r := range rows {
		s, err := r.saved()
		if err != nil {
			return nil, err
		}
		in.settle(&s.Connector)
		list = append(list, s)
	}
	return list, nil
}

// List gives the connectors of the actor's company by name, each with how many
// people hold a role through it.
func (c *Connectors) List(ctx context.Context, by models.Actor) (list []Saved, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if list, err = load(tx, tx.Actor.Effective.Company); err != nil {
			return err
		}
		return count(tx, list)
	})
	return list, err
}

// count fills in what is not the connector's own: who changed it last, and how
// many people hold a role through it.
func count(tx *store.Tx, list []Saved) error {
	people, err := holders(tx)
	if err != nil {
		return err
	}
	var made []Version
	if err := tx.Select("connector_id", "version", "made_by_name").Order("version").Find(&made).Error; err != nil {
		return err
	}
	names := make(map[string]string, len(list))
	for _, v := range made {
		names[v.ConnectorID] = v.MadeByName
	}
	for i := range list {
		list[i].People, list[i].ChangedByName = people[list[i].ID], names[list[i].ID]
	}
	return nil
}

// holders counts, by connector, who hold a role through it.
func holders(tx *store.Tx) (map[string]int, error) {
	var counts []struct {
		SourceID string
		People   int
	}
	err := tx.Model(&tenancy.Grant{}).Select("source_id, COUNT(*) AS people").Where("source = ?", tenancy.Rule).Group("source_id").Find(&counts).Error
	people := make(map[string]int, len(counts))
	for _, c := range counts {
		people[c.SourceID] = c.People
	}
	return people, err
}

// Get gives one connector with its versions, the newest first.
func (c *Connectors) Get(ctx context.Context, by models.Actor, id string) (s Saved, history []Version, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		if s, err = row.saved(); err != nil {
			return err
		}
		people, err := holders(tx)
		if err != nil {
			return err
		}
		s.People = people[id]
		if err := tx.Where("connector_id = ?", id).Order("version DESC").Find(&history).Error; err != nil {
			return err
		}
		if len(history) > 0 {
			s.ChangedByName = history[0].MadeByName
		}
		return nil
	})
	return s, history, err
}

func find(tx *store.Tx, id string) (row connectorRow, err error) {
	err = tx.Where("id = ? AND deleted_at IS NULL", id).Take(&row).Error
	if store.Missing(err) {
		return row, models.Unknown()
	}
	return row, err
}
