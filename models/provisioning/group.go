package provisioning

import (
	"cmp"
	"maps"
	"slices"

	"locum/models/store"
)

// SeenGroup is a group in which people are, as far as the sources of a company
// said.
type SeenGroup struct {
	ID, Name string
	Texts    []string // by all of which a condition may know it
	People   int
}

// Shown is the group's name, and its id while the name is not known.
func (g SeenGroup) Shown() string { return cmp.Or(g.Name, g.ID) }

// GroupsSeen gives the groups in which anybody known in a company is, by id. In
// a large company they may be those of a minute ago. The list is shared: it must
// not be changed.
func (c *Connectors) GroupsSeen(tx *store.Tx, company string) ([]SeenGroup, error) {
	return c.inside.get(tx, company, groupsSeenBy)
}

func groupsSeenBy(tx *store.Tx, company string) ([]SeenGroup, error) {
	found := map[string]*SeenGroup{}
	err := eachProfile(tx, company, func(_ string, p Profile) {
		for _, g := range p.groups {
			key := cmp.Or(g.ID, g.Name)
			if found[key] == nil {
				found[key] = &SeenGroup{ID: key, Name: g.Name}
			}
			found[key].take(g)
		}
	})
	list := make([]SeenGroup, 0, len(found))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		list = append(list, *found[key])
	}
	return list, err
}

func (s *SeenGroup) take(g Group) {
	s.People++
	s.Name = cmp.Or(s.Name, g.Name)
	for _, text := range append([]string{g.ID, g.Name}, g.Aliases...) {
		if text != "" && !slices.Contains(s.Texts, text) {
			s.Texts = append(s.Texts, text)
		}
	}
}

// GroupUse are the connectors that ask for a group.
type GroupUse struct {
	Alone  []Saved // whose whole condition is that somebody is in it
	Within []Saved // which ask for more, or may be about other groups too
}

// Gives says whether a connector that is on asks for the group at all.
func (u GroupUse) Gives() bool {
	on := func(s Saved) bool { return s.State == On }
	return slices.ContainsFunc(u.Alone, on) || slices.ContainsFunc(u.Within, on)
}

// UsesOf finds out which connectors ask for each of some groups, that go by any
// of their texts. The work is in proportion to both lists, not to their product,
// but for comparisons with a part of a name.
func UsesOf(list []Saved, groups [][]string) []GroupUse {
	uses := make([]GroupUse, len(groups))
	byText := map[string][]int{}
	for i, texts := range groups {
		for _, text := range texts {
			if key := fold(text); !slices.Contains(byText[key], i) {
				byText[key] = append(byText[key], i)
			}
		}
	}
	for _, s := range list {
		_, alone := s.Condition.groupAlone()
		told := map[int]bool{}
		s.Condition.eachComparison(func(c Condition) {
			for _, i := range c.about(byText, groups) {
				if told[i] {
					continue
				}
				told[i] = true
				if alone {
					uses[i].Alone = append(uses[i].Alone, s)
				} else {
					uses[i].Within = append(uses[i].Within, s)
				}
			}
		})
	}
	return uses
}

// InGroup is the condition of everyone in a group, by the id that rules keep.
func InGroup(id string) Condition {
	return Condition{All: []Condition{{Attribute: GroupAttribute, Operator: Is, Value: id}}}
}

// groupAlone gives the group, where a condition is that somebody is in one and
// nothing else.
func (c Condition) groupAlone() (group string, alone bool) {
	switch c.form() {
	case allOf, anyOf:
		if under := c.under(); len(under) == 1 {
			return under[0].groupAlone()
		}
	case comparison:
		return c.Value, canonical(c.Attribute) == GroupAttribute && c.Operator == Is
	}
	return "", false
}

func (c Condition) eachComparison(do func(Condition)) {
	if c.form() == comparison {
		do(c)
	}
	for _, under := range c.under() {
		under.eachComparison(do)
	}
}

// about are the numbers of the groups that a comparison names.
func (c Condition) about(byText map[string][]int, groups [][]string) (found []int) {
	if canonical(c.Attribute) != GroupAttribute || c.Operator == Exists {
		return nil
	}
	if (c.Operator == Is || c.Operator == IsNot) && !c.CaseSensitive {
		return byText[fold(c.Value)]
	}
	compiled, err := c.compile()
	if err != nil {
		return nil
	}
	for i, texts := range groups {
		named := func(text string) bool { return compiled.accepts(&value{text: text, folded: fold(text)}) }
		if slices.ContainsFunc(texts, named) {
			found = append(found, i)
		}
	}
	return found
}

// GroupsNamed are the texts by which a condition names groups whole, each once.
func (c Condition) GroupsNamed() (texts []string) {
	c.eachComparison(func(one Condition) {
		if canonical(one.Attribute) == GroupAttribute && (one.Operator == Is || one.Operator == IsNot) && !slices.Contains(texts, one.Value) {
			texts = append(texts, one.Value)
		}
	})
	return texts
}
