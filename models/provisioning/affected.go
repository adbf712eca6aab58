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

// Affected is whom a group concerns: the people who are in it as far as is
// known, and the connectors that ask for it.
type Affected struct {
	People     []account.Person // by name
	Connectors []Saved          // by name
}

// Affected finds whom a group of the actor's company concerns, by its name or
// its id.
func (c *Connectors) Affected(ctx context.Context, by models.Actor, group string) (a Affected, err error) {
	group = strings.TrimSpace(group)
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		texts := map[string]bool{group: true} // and what else it is called
		var inside []string
		err := eachProfile(tx, company, func(id string, p Profile) {
			for _, g := range p.groups {
				if fold(g.ID) != fold(group) && fold(g.Name) != fold(group) || group == "" {
					continue
				}
				inside = append(inside, id)
				for _, text := range []string{g.ID, g.Name} {
					if text != "" {
						texts[text] = true
					}
				}
				break
			}
		})
		if err != nil {
			return err
		}
		people, err := account.LoadAll(tx, inside)
		if err != nil {
			return err
		}
		a.People = slices.SortedFunc(maps.Values(people), func(a, b account.Person) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
		list, err := load(tx, company)
		if err != nil || group == "" {
			return err
		}
		for _, s := range list {
			if asks(s.Condition, texts) {
				a.Connectors = append(a.Connectors, s)
			}
		}
		return nil
	})
	return a, err
}

// asks says whether any comparison in a condition is about a group of one of
// these names, also where it must not be so.
func asks(c Condition, texts map[string]bool) bool {
	if c.form() != comparison {
		return slices.ContainsFunc(c.under(), func(under Condition) bool { return asks(under, texts) })
	}
	if canonical(c.Attribute) != GroupAttribute || c.Operator == Exists {
		return false
	}
	compiled, err := c.compile()
	if err != nil {
		return false
	}
	for text := range texts {
		if compiled.accepts(&value{text: text, folded: fold(text)}) {
			return true
		}
	}
	return false
}

// Asks says whether any comparison in the condition is about a group that is
// known by one of these names or ids, also where it must not be so.
func (c Condition) Asks(names ...string) bool {
	texts := map[string]bool{}
	for _, name := range names {
		if name != "" {
			texts[name] = true
		}
	}
	return asks(c, texts)
}
