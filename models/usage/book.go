package usage

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// book is everything by which a message is attributed, read once for all of it.
type book struct {
	application   string
	now           time.Time
	organizations map[string]tenancy.Organization
	zones         map[string]*time.Location // by organization
	enabled       map[string]bool           // by organization
	meters        map[[2]string]Meter       // by company and key
	visits        map[string]delegation.Visit
	stays         map[[2]string][]delegation.Visit // by organization and account: those about the time of a record
	stayed        map[[2]string]bool               // likewise: who visited at all, of those whom nothing else explains
	members       map[[2]string]bool               // by organization and account
	former        map[[2]string]time.Time          // likewise: when the last role was taken
	tickets       map[string]string                // by delegation
	ends          map[string]*models.Instant       // likewise: when it runs out
	names         map[string]string                // of accounts
}

// some is how many values one condition names: SQLite takes no long lists.
const some = 400

// inParts runs do for the values in parts.
func inParts(values []string, do func(part []string) error) error {
	for part := range slices.Chunk(values, some) {
		if err := do(part); err != nil {
			return err
		}
	}
	return nil
}

// distinct lists the values of records that are not empty, each once, in order.
func distinct(records []Record, of func(Record) string) []string {
	seen := make(map[string]bool)
	var list []string
	for _, r := range records {
		if v := of(r); v != "" && !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return list
}

// open reads the book for some records, in a System transaction.
func open(tx *store.Tx, application string, records []Record) (*book, error) {
	b := &book{application: application, now: tx.Now(), organizations: map[string]tenancy.Organization{}, zones: map[string]*time.Location{},
		enabled: map[string]bool{}, meters: map[[2]string]Meter{}, visits: map[string]delegation.Visit{}, stays: map[[2]string][]delegation.Visit{}, stayed: map[[2]string]bool{},
		members: map[[2]string]bool{}, former: map[[2]string]time.Time{}, tickets: map[string]string{}, ends: map[string]*models.Instant{}, names: map[string]string{}}
	for _, read := range []func(*store.Tx, []Record) error{b.readOrganizations, b.readMeters, b.readVisits, b.readMembers, b.readFormer, b.readStayed} {
		if err := read(tx, records); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *book) readOrganizations(tx *store.Tx, records []Record) error {
	return inParts(distinct(records, func(r Record) string { return r.Subject }), func(part []string) error {
		var found []tenancy.Organization
		if err := tx.Where("id IN ?", part).Find(&found).Error; err != nil {
			return err
		}
		for _, o := range found {
			b.organizations[o.ID], b.zones[o.ID] = o, o.Zone()
		}
		var uses []tenancy.Enabled
		if err := tx.Where("application_id = ? AND organization_id IN ?", b.application, part).Find(&uses).Error; err != nil {
			return err
		}
		for _, e := range uses {
			b.enabled[e.OrganizationID] = true
		}
		return nil
	})
}

func (b *book) readMeters(tx *store.Tx, _ []Record) error {
	var found []Meter
	err := tx.Where("application_id = ?", b.application).Find(&found).Error
	for _, m := range found {
		b.meters[[2]string{m.CompanyID, m.Key}] = m
	}
	return err
}

// meter finds a meter of an organization: its company's own, or else the platform's.
func (b *book) meter(company, key string) (Meter, bool) {
	if m, there := b.meters[[2]string{company, key}]; there {
		return m, true
	}
	m, there := b.meters[[2]string{store.Platform, key}]
	return m, there
}

// readVisits reads the visits that records name, and for those that name none those
// of their people, as far as they are about the time of the message.
func (b *book) readVisits(tx *store.Tx, records []Record) error {
	err := inParts(distinct(records, func(r Record) string { return r.Visit }), func(part []string) error {
		var found []delegation.Visit
		if err := tx.Where("id IN ?", part).Find(&found).Error; err != nil {
			return err
		}
		for _, v := range found {
			b.visits[v.ID] = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, near := range together(records) {
		if err := b.readStays(tx, near); err != nil {
			return err
		}
	}
	for _, stays := range b.stays {
		slices.SortStableFunc(stays, func(a, b delegation.Visit) int { return b.EnteredAt.Compare(a.EnteredAt.Time) })
	}
	return b.readDelegations(tx)
}

const (
	// apart is how far two uses lie apart whose visits are read by themselves.
	apart = 24 * time.Hour
	// mostGroups is how many groups of one message are read by themselves.
	mostGroups = 30
)

// together are the records that name a person and no visit, in groups that follow
// one another in time: what was used a year ago and what is used now must not have
// all the visits between them read.
func together(records []Record) (groups [][]Record) {
	named := slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return withoutVisit(r) == "" })
	slices.SortStableFunc(named, func(a, b Record) int { return a.Time.Compare(b.Time) })
	begin := 0
	for n := range named {
		if n == len(named)-1 || named[n+1].Time.Sub(named[n].Time) > apart {
			groups = append(groups, named[begin:n+1])
			begin = n + 1
		}
	}
	if len(groups) > mostGroups {
		return [][]Record{named}
	}
	return groups
}

// readStays reads the visits of the people of records, which are in the order of
// their times, that were going on at some time between the first and the last.
func (b *book) readStays(tx *store.Tx, records []Record) error {
	first, last := models.At(records[0].Time), models.At(records[len(records)-1].Time.Add(time.Second)) // see covers
	subjects := distinct(records, func(r Record) string { return r.Subject })
	return inParts(distinct(records, withoutVisit), func(part []string) error {
		return inParts(subjects, func(places []string) error {
			var open, over []delegation.Visit
			at := func() *gorm.DB {
				return tx.Where("account_id IN ? AND organization_id IN ? AND entered_at < ?", part, places, last)
			}
			if err := at().Where("left_at IS NULL").Find(&open).Error; err != nil {
				return err
			}
			if err := at().Where("left_at > ?", first).Find(&over).Error; err != nil {
				return err
			}
			for _, v := range slices.Concat(open, over) {
				key := [2]string{v.OrganizationID, v.AccountID}
				b.stays[key] = append(b.stays[key], v)
			}
			return nil
		})
	})
}

// readStayed reads, of people whom neither a visit nor a membership explains, who
// visited the organization at some other time: that is another reason to doubt.
func (b *book) readStayed(tx *store.Tx, records []Record) error {
	lost := slices.DeleteFunc(slices.Clone(records), func(r Record) bool {
		key := [2]string{r.Subject, r.Account}
		return withoutVisit(r) == "" || !b.enabled[r.Subject] || b.members[key] || len(b.stays[key]) > 0
	})
	subjects := distinct(lost, func(r Record) string { return r.Subject })
	return inParts(distinct(lost, withoutVisit), func(part []string) error {
		return inParts(subjects, func(places []string) error {
			var found []delegation.Visit
			err := tx.Distinct("organization_id", "account_id").Where("account_id IN ? AND organization_id IN ?", part, places).Find(&found).Error
			for _, v := range found {
				b.stayed[[2]string{v.OrganizationID, v.AccountID}] = true
			}
			return err
		})
	})
}

// withoutVisit is the person of a record that names no visit.
func withoutVisit(r Record) string {
	if r.Visit != "" {
		return ""
	}
	return r.Account
}

// readDelegations reads what counts of the delegations of the visits that were read.
func (b *book) readDelegations(tx *store.Tx) error {
	ids := map[string]bool{}
	for _, v := range b.visits {
		ids[v.DelegationID] = true
	}
	for _, stays := range b.stays {
		for _, v := range stays {
			ids[v.DelegationID] = true
		}
	}
	var list []string
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	return inParts(list, func(part []string) error {
		var found []delegation.Delegation
		err := tx.Select("id", "ticket", "ends_at").Where("id IN ?", part).Find(&found).Error
		for _, d := range found {
			b.tickets[d.ID], b.ends[d.ID] = d.Ticket, d.EndsAt
		}
		return err
	})
}

// readMembers reads who of the people without a visit is a member where he worked.
func (b *book) readMembers(tx *store.Tx, records []Record) error {
	people := distinct(records, withoutVisit)
	subjects := distinct(records, func(r Record) string { return r.Subject })
	return inParts(people, func(part []string) error {
		var found []account.Account
		if err := tx.Select("id", "name").Where("id IN ?", part).Find(&found).Error; err != nil {
			return err
		}
		for _, p := range found {
			b.names[p.ID] = p.Name
		}
		return inParts(subjects, func(places []string) error {
			var grants []tenancy.Grant
			if err := tx.Select("organization_id", "account_id").Where("account_id IN ? AND organization_id IN ?", part, places).Find(&grants).Error; err != nil {
				return err
			}
			for _, g := range grants {
				b.members[[2]string{g.OrganizationID, g.AccountID}] = true
			}
			return nil
		})
	})
}

// readFormer reads until when people who are members no more were some: what they used
// until then is charged all the same.
func (b *book) readFormer(tx *store.Tx, records []Record) error {
	gone := map[string][]string{} // by organization
	for _, r := range records {
		person := withoutVisit(r)
		if person != "" && b.enabled[r.Subject] && !b.members[[2]string{r.Subject, person}] && !slices.Contains(gone[r.Subject], person) {
			gone[r.Subject] = append(gone[r.Subject], person)
		}
	}
	for _, organization := range slices.Sorted(maps.Keys(gone)) {
		company := b.organizations[organization].CompanyID
		err := inParts(gone[organization], func(part []string) error {
			var taken []store.Event
			err := tx.Select("subject_id", "occurred_at").Where("company_id = ? AND organization_id = ? AND type = ? AND subject_id IN ?",
				company, organization, event.RoleRemoved, part).Find(&taken).Error
			for _, e := range taken {
				if key := [2]string{organization, e.SubjectID}; e.OccurredAt.After(b.former[key]) {
					b.former[key] = e.OccurredAt.Time
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
