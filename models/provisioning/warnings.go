package provisioning

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// StoppedAfter is how many people must have signed in without an attribute that
// they had before until it counts as one that stopped coming. Where fewer are
// known to have it, all of them must.
const StoppedAfter = 3

// Warnings are what a company's managers ought to look at in its rules, as of
// what is known of its people by now.
type Warnings struct {
	Unmatched []Saved   // connectors that are on and never gave anybody a role
	Unseen    []Unseen  // comparisons with a value that nobody is known to have
	Stopped   []Stopped // attributes that connectors ask for and that stopped coming
	Overage   []Overage // people whose groups the provider left out, by name
}

// Unseen is a connector that is on, with the comparisons in it that fit nobody.
type Unseen struct {
	Connector  Saved
	Conditions []Condition
}

// Stopped is an attribute that a source used to send. Its last known values
// stay, and so do the roles that rest on them.
type Stopped struct {
	Attribute  string // as a connector names it
	Source     string // id of the connection
	Since      models.Instant
	People     int     // of whom it was known and who came without it
	Connectors []Saved // that depend on it, by name
}

// Overage is a person in more groups than his provider sends: it sent a link in
// their place, and the groups known before count.
type Overage struct {
	Person account.Person
	Source string // id of the connection
	At     models.Instant
}

// Warnings reads what there is to warn of in the actor's company.
func (c *Connectors) Warnings(ctx context.Context, by models.Actor) (w Warnings, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		w, err = c.warnings.get(tx, tx.Actor.Effective.Company, warningsOf)
		return err
	})
	return w, err
}

func warningsOf(tx *store.Tx, company string) (w Warnings, err error) {
	list, err := load(tx, company)
	if err != nil {
		return w, err
	}
	list = slices.DeleteFunc(list, func(s Saved) bool { return s.State != On })
	people, err := latest(tx, company)
	if err != nil || len(people) == 0 { // nothing was said of anybody yet
		return w, err
	}
	if w.Unmatched, err = unmatched(tx, list); err != nil {
		return w, err
	}
	g := newGlance()
	for _, p := range people {
		g.add(p.profile)
	}
	seen := g.seen()
	for _, s := range list {
		if never := seen.NeverIn(s.Condition); len(never) > 0 {
			w.Unseen = append(w.Unseen, Unseen{s, never})
		}
	}
	w.Stopped = stopped(list, people)
	w.Overage, err = overages(tx, people)
	return w, err
}

// spoken is what the last source said of a person, and when.
type spoken struct {
	account, source string
	at              models.Instant
	profile         Profile
}

// latest reads the profile of each person known in the company, who came last
// first.
func latest(tx *store.Tx, company string) (list []spoken, err error) {
	var rows []profileRow
	if err := tx.Where("company_id = ?", company).Order("asserted_at DESC, account_id").Find(&rows).Error; err != nil {
		return nil, err
	}
	there := make(map[string]bool, len(rows))
	for _, r := range rows {
		if there[r.AccountID] {
			continue
		}
		there[r.AccountID] = true
		p, err := r.profile()
		if err != nil {
			continue // a run tells of it
		}
		list = append(list, spoken{r.AccountID, r.SourceID, r.AssertedAt, p})
	}
	return list, nil
}

// unmatched are those of the connectors through which nobody holds a role now,
// nor ever did: the audit trail tells.
func unmatched(tx *store.Tx, list []Saved) (never []Saved, err error) {
	people, err := holders(tx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if people[s.ID] > 0 {
			continue
		}
		var given int64
		err := tx.Model(&store.Event{}).Where("type = ? AND data LIKE ?", event.RoleGranted, `%"source_id":"`+s.ID+`"%`).Limit(1).Count(&given).Error
		if err != nil {
			return nil, err
		}
		if given == 0 {
			never = append(never, s)
		}
	}
	return never, nil
}

// stopped finds, for each source, the attributes in the connectors without
// which those came who signed in last, of the people who used to have them.
func stopped(list []Saved, people []spoken) (found []Stopped) {
	for _, attribute := range attributesOf(list) {
		by := map[string]*lapse{}
		for _, p := range people {
			if by[p.source] == nil {
				by[p.source] = &lapse{}
			}
			by[p.source].note(p, attribute.name)
		}
		for source, l := range by {
			if l.without > 0 && (l.without >= StoppedAfter || l.with == 0) {
				found = append(found, Stopped{attribute.name, source, l.since, l.without, attribute.connectors})
			}
		}
	}
	slices.SortFunc(found, func(a, b Stopped) int {
		return strings.Compare(fold(a.Attribute)+"\n"+a.Source, fold(b.Attribute)+"\n"+b.Source)
	})
	return found
}

// lapse counts, from the latest sign-in back, who came without an attribute that
// he used to have, until somebody came with it.
type lapse struct {
	without, with int
	since         models.Instant // when it came last
}

func (l *lapse) note(p spoken, attribute string) {
	at, kept := p.profile.heldBack(attribute)
	fresh := p.profile.State(attribute) != Absent
	switch {
	case fresh:
		l.with++
	case kept && l.with == 0:
		l.without++
	case !kept:
		return
	}
	if at.After(l.since.Time) {
		l.since = at
	}
}

// heldBack says that the last known values of an attribute stand in for what was
// left out, and when the source sent them. Groups that were left out because
// there are too many are another matter.
func (p Profile) heldBack(attribute string) (at models.Instant, kept bool) {
	attribute = canonical(attribute)
	if attribute == GroupAttribute {
		for _, g := range p.groups {
			if g.Source.At.After(at.Time) {
				at = g.Source.At
			}
		}
		return at, p.groupState == Absent && len(p.groups) > 0 && !p.overage
	}
	f := p.field(attribute)
	if f == nil {
		return at, false
	}
	return f.source.At, f.kept
}

// used is an attribute with the connectors that ask for it.
type used struct {
	name       string
	connectors []Saved
}

func attributesOf(list []Saved) (all []used) {
	for _, s := range list {
		for _, name := range s.Condition.attributes() {
			at := slices.IndexFunc(all, func(u used) bool { return canonical(u.name) == canonical(name) })
			if at < 0 {
				all, at = append(all, used{name: name}), len(all)
			}
			all[at].connectors = append(all[at].connectors, s)
		}
	}
	return all
}

// attributes are the names in a condition, each once.
func (c Condition) attributes() (names []string) {
	if c.form() == comparison {
		return []string{c.Attribute}
	}
	for _, under := range c.under() {
		for _, name := range under.attributes() {
			if !slices.ContainsFunc(names, func(n string) bool { return canonical(n) == canonical(name) }) {
				names = append(names, name)
			}
		}
	}
	return names
}

func overages(tx *store.Tx, people []spoken) (list []Overage, err error) {
	over := slices.DeleteFunc(slices.Clone(people), func(p spoken) bool { return !p.profile.Overage() })
	ids := make([]string, len(over))
	for i, p := range over {
		ids[i] = p.account
	}
	all, err := account.LoadAll(tx, ids)
	for _, p := range over {
		list = append(list, Overage{all[p.account], p.source, p.at})
	}
	slices.SortStableFunc(list, func(a, b Overage) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return list, err
}
