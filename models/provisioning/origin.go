package provisioning

import (
	"context"
	"maps"
	"slices"
	"strings"

	"locum/models"
	"locum/models/federation"
	"locum/models/store"
)

// Said is what one source said of an attribute of a person, or that he is in a
// group.
type Said struct {
	From   string // the name of the connection or directory; empty where it is gone
	Source Source
	As     string // what the source calls the attribute; of a group its id
	Values []string
	Kept   bool // the source left it out since: this is what it said last
	Counts bool // rules go by it
}

// Empty says that the source said there is no value.
func (s Said) Empty() bool { return len(s.Values) == 0 }

// Origin is an attribute, or a group, with what each source said of it: what
// counts first, then the latest.
type Origin struct {
	Name string
	Said []Said
}

// Differ says whether the sources said different things.
func (o Origin) Differ() bool {
	return slices.ContainsFunc(o.Said[1:], func(s Said) bool { return !slices.Equal(sorted(s.Values), sorted(o.Said[0].Values)) })
}

// Won says whether rules go by what any of the sources said: by none, of a group
// where a directory says that he is not in it.
func (o Origin) Won() bool {
	return slices.ContainsFunc(o.Said, func(s Said) bool { return s.Counts })
}

func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }

// Origins is what is known of a person, by source.
type Origins struct {
	Attributes []Origin // by name
	Groups     []Origin // by name
	GroupState State    // what the last readings said of the groups
}

// Origins reads what each source said of a person whom the actor's company knows;
// it is empty for somebody of whom no source spoke yet.
func (c *Connectors) Origins(ctx context.Context, by models.Actor, person string) (o Origins, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		var rows []profileRow
		if err := tx.Where("account_id = ?", person).Order("asserted_at DESC").Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		names, err := c.sourceNames(tx)
		if err != nil {
			return err
		}
		g, err := gathering(rows, names)
		if err != nil {
			return err
		}
		o = g.origins()
		return nil
	})
	return o, err
}

// sourceNames are the names of the company's connections and directories, by id.
func (c *Connectors) sourceNames(tx *store.Tx) (map[string]string, error) {
	names := map[string]string{}
	var connections []federation.Connection
	if err := tx.Select("id, name").Find(&connections).Error; err != nil {
		return nil, err
	}
	for _, one := range connections {
		names[one.ID] = one.Name
	}
	directories, err := c.directoryNames.read(tx, tx.Actor.Effective.Company)
	maps.Copy(names, directories)
	return names, err
}

// gather goes over what each source led to. Every row holds the profile of all
// sources as of its own last reading.
type gather struct {
	profile    Profile // as it is
	readings   []Profile
	from       map[string]string // by the reference of a reading, the source's name
	alone      map[SourceKind]string
	attributes map[string]*Origin
	groups     map[string]*Origin
}

func gathering(rows []profileRow, names map[string]string) (*gather, error) {
	g := &gather{from: map[string]string{}, alone: map[SourceKind]string{}, attributes: map[string]*Origin{}, groups: map[string]*Origin{}}
	for i, r := range rows {
		p, err := r.profile()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			g.profile = p
		}
		g.readings = append(g.readings, p)
		g.from[r.AssertionID] = names[r.SourceID]
		kind := p.kindOf(r.AssertionID)
		if other, there := g.alone[kind]; there && other != names[r.SourceID] {
			g.alone[kind] = ""
		} else {
			g.alone[kind] = names[r.SourceID]
		}
	}
	return g, nil
}

// kindOf is what kind of source gave a reading.
func (p Profile) kindOf(reference string) SourceKind {
	for _, a := range p.attributes {
		if a.Source.Reference == reference {
			return a.Source.Kind
		}
	}
	for _, g := range p.groups {
		if g.Source.Reference == reference {
			return g.Source.Kind
		}
	}
	return FromAssertion
}

// name is that of the source which gave a reading: of one that is over, where
// there is only one source of its kind.
func (g *gather) name(s Source) string {
	if name, there := g.from[s.Reference]; there {
		return name
	}
	return g.alone[s.Kind]
}

func (g *gather) origins() Origins {
	for _, p := range g.readings {
		for _, a := range p.attributes {
			g.attribute(a)
		}
		for _, group := range p.groups {
			g.group(group)
		}
	}
	return Origins{Attributes: settled(g.attributes), Groups: settled(g.groups), GroupState: g.profile.groupState}
}

func (g *gather) attribute(a Attribute) {
	label := newSeenAttribute(a).Name
	now := g.profile.attribute(label)
	counts := now != nil && fold(now.Name) == fold(a.Name) && now.Source == a.Source
	hear(g.attributes, fold(label), label, Said{From: g.name(a.Source), Source: a.Source, As: a.Name, Values: a.Values, Kept: a.Kept, Counts: counts})
}

func (g *gather) group(group Group) {
	counts := slices.ContainsFunc(g.profile.groups, func(now Group) bool { return now.ID == group.ID && now.Source == group.Source })
	key := fold(group.ID)
	for known, o := range g.groups { // a sign-in names what a directory knows by an id
		if fold(o.Name) == fold(group.Shown()) {
			key = known
		}
	}
	hear(g.groups, key, group.Shown(), Said{From: g.name(group.Source), Source: group.Source, As: group.ID, Values: []string{group.Shown()}, Kept: group.Kept, Counts: counts})
}

// attribute is the one that conditions find by a name.
func (p *Profile) attribute(label string) *Attribute {
	at, found := slices.BinarySearchFunc(p.names, fold(label), func(n name, want string) int { return strings.Compare(n.folded, want) })
	if !found {
		return nil
	}
	return &p.attributes[p.names[at].field]
}

// hear adds what a source said, unless the same is there: of two readings of one
// source, in the rows of two, the latest stays.
func hear(all map[string]*Origin, key, label string, s Said) {
	o := all[key]
	if o == nil {
		o = &Origin{Name: label}
		all[key] = o
	}
	same := func(other Said) bool {
		return other.From == s.From && other.Source.Kind == s.Source.Kind && fold(other.As) == fold(s.As)
	}
	at := slices.IndexFunc(o.Said, same)
	switch {
	case at < 0:
		o.Said = append(o.Said, s)
	case s.Source.At.After(o.Said[at].Source.At.Time):
		o.Said[at] = s
	}
}

func settled(all map[string]*Origin) []Origin {
	list := make([]Origin, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		o := all[key]
		slices.SortStableFunc(o.Said, func(a, b Said) int {
			switch {
			case a.Counts != b.Counts && a.Counts:
				return -1
			case a.Counts != b.Counts:
				return 1
			}
			return b.Source.At.Compare(a.Source.At.Time)
		})
		list = append(list, *o)
	}
	slices.SortStableFunc(list, func(a, b Origin) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return list
}
