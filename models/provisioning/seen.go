package provisioning

import (
	"context"
	"maps"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// Limits on what Seen gives: it helps to fill in a form, and is no export.
const (
	MaxSeenAttributes = 100 // names
	MaxSeenValues     = 200 // of one attribute
)

// Seen is what the sources of a company have said of its people so far: which
// attributes there are, and which values they have.
type Seen struct {
	People     int             // of whom something is known
	Attributes []SeenAttribute // the groups first, then by name
}

// SeenAttribute is one attribute with the values that anybody has.
type SeenAttribute struct {
	Name   string   // as a condition would best name it
	Values []string // sorted; a group by its name, or its id while it has none
	More   bool     // there are more values than these

	names map[string]bool // folded, all it answers to
	texts map[string]bool // every value, groups by id and by name
}

// Seen gives what is known of people in the actor's company by now.
func (c *Connectors) Seen(ctx context.Context, by models.Actor) (s Seen, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		s, err = c.seen.get(tx, tx.Actor.Effective.Company, seenBy)
		return err
	})
	return s, err
}

func seenBy(tx *store.Tx, company string) (Seen, error) {
	g := newGlance()
	err := eachProfile(tx, company, func(_ string, p Profile) { g.add(p) })
	return g.seen(), err
}

// glance is Seen in the making.
type glance struct {
	people int
	groups *SeenAttribute
	found  map[string]*SeenAttribute
}

func newGlance() *glance {
	return &glance{groups: &SeenAttribute{Name: GroupAttribute, names: map[string]bool{GroupAttribute: true}, texts: map[string]bool{}}, found: map[string]*SeenAttribute{}}
}

func (s *glance) add(p Profile) {
	s.people++
	for _, g := range p.groups {
		s.groups.note(g.Shown(), g.ID, g.Name)
	}
	for _, a := range p.attributes {
		key := fold(a.Name)
		if s.found[key] == nil {
			if len(s.found) >= MaxSeenAttributes {
				continue
			}
			s.found[key] = newSeenAttribute(a)
		}
		for _, v := range a.Values {
			s.found[key].note(v, v)
		}
	}
}

func (g *glance) seen() Seen {
	s, groups := Seen{People: g.people}, g.groups
	for _, key := range slices.Sorted(maps.Keys(g.found)) {
		s.Attributes = append(s.Attributes, *g.found[key])
	}
	slices.SortStableFunc(s.Attributes, func(a, b SeenAttribute) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	if len(groups.texts) > 0 {
		s.Attributes = append([]SeenAttribute{*groups}, s.Attributes...)
	}
	for i := range s.Attributes {
		slices.SortFunc(s.Attributes[i].Values, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
	}
	return s
}

func newSeenAttribute(a Attribute) *SeenAttribute {
	seen := &SeenAttribute{Name: a.Name, names: map[string]bool{}, texts: map[string]bool{}}
	for _, name := range []string{lastPart(a.Name), a.FriendlyName} {
		if name != "" {
			seen.Name = name
		}
	}
	for _, name := range []string{a.Name, a.FriendlyName, lastPart(a.Name)} {
		if name != "" {
			seen.names[fold(name)] = true
		}
	}
	return seen
}

// note adds a value, under all the texts by which a condition may know it.
func (a *SeenAttribute) note(shown string, texts ...string) {
	if slices.ContainsFunc(texts, func(t string) bool { return a.texts[t] }) {
		return
	}
	if len(a.Values) >= MaxSeenValues {
		a.More = true
		return
	}
	a.Values = append(a.Values, shown)
	for _, t := range texts {
		if t != "" {
			a.texts[t] = true
		}
	}
}

// Of finds an attribute by any of its names.
func (s Seen) Of(attribute string) (SeenAttribute, bool) {
	name := canonical(attribute)
	at := slices.IndexFunc(s.Attributes, func(a SeenAttribute) bool { return a.names[name] })
	if at < 0 {
		return SeenAttribute{}, false
	}
	return s.Attributes[at], true
}

// Never says that a comparison fits no value that anybody is known to have,
// which is often a slip of the pen. It says nothing while nobody is known, where
// there are more values than are kept, and of a comparison that cannot be used.
func (s Seen) Never(c Condition) bool {
	c = c.Tidy()
	if s.People == 0 || c.form() != comparison || c.Operator == IsNot || c.Check() != nil {
		return false
	}
	attribute, there := s.Of(c.Attribute)
	if !there {
		return len(s.Attributes) < MaxSeenAttributes
	}
	compiled, err := c.compile()
	if err != nil || attribute.More {
		return false
	}
	for text := range attribute.texts {
		if compiled.accepts(&value{text: text, folded: fold(text)}) {
			return false
		}
	}
	return true
}

// NeverIn are the comparisons in a condition that fit nobody: see Never. What
// stands under a not is left out.
func (s Seen) NeverIn(c Condition) (never []Condition) {
	if s.Never(c) {
		return []Condition{c}
	}
	if c.form() == notOf {
		return nil
	}
	for _, under := range c.under() {
		never = append(never, s.NeverIn(under)...)
	}
	return never
}

// MaxEveryone is of how many people Everyone makes a list to choose from.
const MaxEveryone = 500

// Everyone lists the people of whom something is known in the actor's company,
// by name. Where they are more than MaxEveryone it lists none, and says so.
func (c *Connectors) Everyone(ctx context.Context, by models.Actor) (people []account.Person, many bool, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		some, err := nextKnown(tx, tx.Actor.Effective.Company, "", MaxEveryone+1)
		if many = len(some) > MaxEveryone; err != nil || many {
			return err
		}
		all, err := account.LoadAll(tx, some)
		people = slices.SortedFunc(maps.Values(all), func(a, b account.Person) int { return strings.Compare(a.Name, b.Name) })
		return err
	})
	return people, many, err
}
