package provisioning

import (
	"slices"
	"strings"
)

// State is what a profile knows of an attribute.
type State int

// The states. Absent and Empty differ: who stops sending an attribute has not
// said that it is empty, so the last known values stay; an attribute that comes
// without a value is empty, and what rests on it is revoked.
const (
	Absent State = iota
	Empty
	Present
)

// GroupAttribute is the attribute name under which conditions find the groups.
const GroupAttribute = "group"

// Attribute is one attribute of a person.
type Attribute struct {
	Name         string   `json:"name"` // as received, often a URI
	FriendlyName string   `json:"friendly_name,omitempty"`
	Values       []string `json:"values"`
	// Kept says that the last reading of its source left the attribute out, and
	// that these are the values known before.
	Kept   bool   `json:"kept,omitempty"`
	Source Source `json:"source"`
}

// Group is one group that a person is in. A provider sends an id or a name; a
// condition may use either. Kept is as in Attribute.
type Group struct {
	ID     string `json:"id,omitempty"`
	Name   string `json:"name,omitempty"`
	Kept   bool   `json:"kept,omitempty"`
	Source Source `json:"source"`
	// Aliases are what else the group answers to: names that it had before.
	Aliases []string `json:"aliases,omitempty"`
}

// Shown is the group's name, and its id while the name is not known.
func (g Group) Shown() string {
	if g.Name != "" {
		return g.Name
	}
	return g.ID
}

// Profile is what is known of one person: the attributes and groups of the last
// assertion and of the directory. The zero Profile knows nothing. A profile does
// not change; Merge makes a new one.
type Profile struct {
	attributes []Attribute
	groups     []Group
	groupState State
	overage    bool

	fields []field // the attributes' values, ready to compare; the last is the groups
	names  []name  // every name an attribute answers to, sorted
}

// field is an attribute's values as conditions compare them.
type field struct {
	values []value
	kept   bool
	source Source
}

// value is one value, as received and folded. A group has one for its id and
// one for its name; both are shown by the name.
type value struct {
	text, folded, shown string
	source              *Source // of a group, whose memberships have several
	kept                bool
}

type name struct {
	folded string
	field  int
}

// Attributes are the attributes, sorted by name.
func (p Profile) Attributes() []Attribute { return slices.Clone(p.attributes) }

// Groups are the groups, sorted by the name shown.
func (p Profile) Groups() []Group { return slices.Clone(p.groups) }

// Overage says whether the provider left out groups because there were too many,
// so that the groups are those known before.
func (p Profile) Overage() bool { return p.overage }

// State says what the last readings said of an attribute. Of one that is Absent
// there may still be Values, known from before.
func (p Profile) State(attribute string) State {
	attribute = canonical(attribute)
	if attribute == GroupAttribute {
		return p.groupState
	}
	f := p.field(attribute)
	switch {
	case f == nil || f.kept:
		return Absent
	case len(f.values) == 0:
		return Empty
	}
	return Present
}

// Values are the values of an attribute, found by its name, its friendly name or
// the last part of its URI, without regard to case.
func (p Profile) Values(attribute string) []string {
	f := p.field(canonical(attribute))
	if f == nil {
		return nil
	}
	var shown []string
	for _, v := range f.values {
		if n := len(shown); n == 0 || shown[n-1] != v.shown {
			shown = append(shown, v.shown)
		}
	}
	return shown
}

// field finds an attribute by its canonical name.
func (p *Profile) field(attribute string) *field {
	if len(p.fields) == 0 {
		return nil
	}
	if attribute == GroupAttribute {
		return &p.fields[len(p.fields)-1]
	}
	at, found := slices.BinarySearchFunc(p.names, attribute, func(n name, want string) int {
		return strings.Compare(n.folded, want)
	})
	if !found {
		return nil
	}
	return &p.fields[p.names[at].field]
}

// index prepares the profile for comparing: values are folded once, here, and
// not once for each condition.
func (p *Profile) index() {
	slices.SortFunc(p.attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.groups, func(a, b Group) int {
		if by := strings.Compare(a.Shown(), b.Shown()); by != 0 {
			return by
		}
		return strings.Compare(a.ID, b.ID)
	})
	p.fields = make([]field, 0, len(p.attributes)+1)
	for _, a := range p.attributes {
		f := field{kept: a.Kept, source: a.Source, values: make([]value, 0, len(a.Values))}
		for _, text := range a.Values {
			f.values = append(f.values, value{text: text, folded: fold(text), shown: text, kept: a.Kept})
		}
		p.fields = append(p.fields, f)
	}
	p.fields = append(p.fields, p.groupField())
	p.indexNames()
}

func (p *Profile) groupField() field {
	f := field{kept: p.groupState == Absent, values: make([]value, 0, len(p.groups))}
	for i := range p.groups {
		g := &p.groups[i]
		for _, text := range append([]string{g.ID, g.Name}, g.Aliases...) {
			if text != "" {
				f.values = append(f.values, value{text: text, folded: fold(text), shown: g.Shown(), source: &g.Source, kept: g.Kept})
			}
		}
	}
	return f
}

// indexNames lists the names attributes answer to. Where two attributes want the
// same one, a name goes before a friendly name and that before the end of a URI,
// and of two equals the first by name: what a rule finds must not depend on the
// order in which a provider happens to write.
func (p *Profile) indexNames() {
	p.names = make([]name, 0, 2*len(p.attributes))
	for _, of := range []func(Attribute) string{
		func(a Attribute) string { return a.Name },
		func(a Attribute) string { return a.FriendlyName },
		func(a Attribute) string { return lastPart(a.Name) },
	} {
		for i, a := range p.attributes {
			folded := fold(of(a))
			taken := slices.ContainsFunc(p.names, func(n name) bool { return n.folded == folded })
			if folded != "" && !taken {
				p.names = append(p.names, name{folded: folded, field: i})
			}
		}
	}
	slices.SortFunc(p.names, func(a, b name) int { return strings.Compare(a.folded, b.folded) })
}

// lastPart is the end of a URI or URN that names an attribute, as country is of
// http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country. The numbers of
// an object identifier say nothing on their own.
func lastPart(uri string) string {
	if strings.HasPrefix(uri, "urn:oid:") {
		return ""
	}
	if strings.HasPrefix(uri, "urn:") {
		return uri[strings.LastIndexByte(uri, ':')+1:]
	}
	if !strings.Contains(uri, "://") {
		return ""
	}
	return uri[strings.LastIndexAny(uri, "/#")+1:]
}

// groupNames are the attribute names, and the ends of URIs, that mean the
// groups, whoever sends them.
var groupNames = []string{GroupAttribute, "groups", "memberof"}

// canonical is the form of an attribute's name in which it is looked up.
func canonical(attribute string) string {
	attribute = fold(strings.TrimSpace(attribute))
	if slices.Contains(groupNames, attribute) || slices.Contains(groupNames, lastPart(attribute)) {
		return GroupAttribute
	}
	return attribute
}
