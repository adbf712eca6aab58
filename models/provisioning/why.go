package provisioning

import (
	"context"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Why is why a person has the role of a connector through it, or has not.
type Why struct {
	Connector Saved
	Person    account.Person
	Trace     Trace
	// Given says that the connector gives him the role now. It differs from
	// Trace.Holds where the connector is not on, or where the person has no role
	// in the organization of the application.
	Given bool
	// First is the connector that decides instead although this one matches, since
	// its role comes before in the family; nil where there is none.
	First *Saved
	// Others are his grants of the same role at the same target from elsewhere.
	Others []tenancy.Grant
	// Known is when a source spoke of him last; zero when none ever did.
	Known models.Instant
}

// Why explains a connector of the actor's company for a person whom it knows:
// see KnownPerson.
func (c *Connectors) Why(ctx context.Context, by models.Actor, id, person string) (w Why, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		if w.Connector, err = row.saved(); err != nil {
			return err
		}
		known, err := knowledgeOf(tx, person)
		if err != nil {
			return err
		}
		list, err := load(tx, tx.Actor.Effective.Company)
		if err != nil {
			return err
		}
		if err := known.resolve(list); err != nil {
			return err
		}
		return w.explain(known)
	})
	return w, err
}

// RoleWhy is why a person has a role at a target, or has not: what each
// connector says that could give it, and what else gives it.
type RoleWhy struct {
	Person     account.Person
	Target     Target
	Role       string
	Connectors []Why           // by name
	Others     []tenancy.Grant // of the same role from elsewhere
	Known      models.Instant  // when a source spoke of him last; zero when none ever did
}

// Has says whether he has the role at all.
func (w RoleWhy) Has() bool {
	return len(w.Others) > 0 || slices.ContainsFunc(w.Connectors, func(c Why) bool { return c.Given })
}

// WhyRole explains a role at a target for a person, as Why does for one
// connector.
func (c *Connectors) WhyRole(ctx context.Context, by models.Actor, person string, target Target, role string) (w RoleWhy, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		known, err := knowledgeOf(tx, person)
		if err != nil {
			return err
		}
		list, err := load(tx, tx.Actor.Effective.Company)
		if err != nil {
			return err
		}
		if err := known.resolve(list); err != nil {
			return err
		}
		w = RoleWhy{Person: known.person, Target: target, Role: role, Known: known.at}
		for _, s := range list {
			if s.Target != target || s.Role != role {
				continue
			}
			one := Why{Connector: s}
			if err := one.explain(known); err != nil {
				return err
			}
			w.Connectors = append(w.Connectors, one)
		}
		for _, g := range known.grants {
			if changeOf(g) == (Change{target, role}) && g.Source != tenancy.Rule {
				w.Others = append(w.Others, g)
			}
		}
		return nil
	})
	return w, err
}

// knowledge is what an explanation rests on.
type knowledge struct {
	person  account.Person
	profile Profile
	at      models.Instant
	grants  []tenancy.Grant
	first   map[string]*Saved // by connector, the one that decides before it
}

// resolve finds out which connectors match while another of their family
// decides.
func (k *knowledge) resolve(list []Saved) error {
	rules, err := Compile(connectorsOf(list))
	if err != nil {
		return err
	}
	k.first = map[string]*Saved{}
	for _, o := range rules.Resolve(k.profile).Outranked {
		for i := range list {
			if list[i].ID == o.By {
				k.first[o.Connector] = &list[i]
			}
		}
	}
	return nil
}

// knowledgeOf reads it for a person whom the company knows in any way, or who
// holds a role there; models.Unknown for anybody else.
func knowledgeOf(tx *store.Tx, person string) (k knowledge, err error) {
	var profiles []profileRow
	if err := tx.Where("account_id = ?", person).Order("asserted_at DESC").Limit(1).Find(&profiles).Error; err != nil {
		return k, err
	}
	if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ?", person).Find(&k.grants).Error; err != nil {
		return k, err
	}
	if len(profiles)+len(k.grants) == 0 {
		met, err := acquaintances(tx, person)
		if err != nil {
			return k, err
		}
		if len(met) == 0 {
			return k, models.Unknown()
		}
	}
	if len(profiles) > 0 {
		k.at = profiles[0].AssertedAt
		if k.profile, err = profiles[0].profile(); err != nil {
			return k, err
		}
	}
	k.person, err = account.Load(tx, person)
	return k, err
}

func (w *Why) explain(k knowledge) (err error) {
	w.Person, w.Known = k.person, k.at
	role := Change{w.Connector.Target, w.Connector.Role}
	for _, g := range k.grants {
		switch {
		case changeOf(g) != role:
		case g.Source == tenancy.Rule && g.SourceID == w.Connector.ID:
			w.Given = true
		default:
			w.Others = append(w.Others, g)
		}
	}
	w.First = k.first[w.Connector.ID]
	w.Trace, err = Explain(w.Connector.Connector, k.profile)
	return err
}
