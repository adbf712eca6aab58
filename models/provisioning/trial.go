package provisioning

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Trial is what a source said of a person without signing him in. Account is
// empty for somebody who has none.
type Trial struct {
	Account string
	Mapping Mapping
	Reading Reading
}

// Tried is what a sign-in with a Trial would do.
type Tried struct {
	Applied
	Connectors []TriedConnector // of the company, by name
	Targets    Targets
}

// TriedConnector is one connector, on or not, and what its condition finds.
type TriedConnector struct {
	Saved
	Trace Trace
}

// Try says what a sign-in in the actor's company would give and take. It writes
// nothing and locks nothing.
func (c *Connectors) Try(ctx context.Context, by models.Actor, in Trial) (out Tried, err error) {
	err = c.store.Read(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		var last Profile
		var held []tenancy.Grant
		var person account.Person
		if in.Account != "" {
			if last, err = Known(tx, company, in.Account); err != nil {
				return err
			}
			if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ?", in.Account).Order("created_at, id").Find(&held).Error; err != nil {
				return err
			}
			if person, err = account.Load(tx, in.Account); err != nil {
				return err
			}
		}
		profile, err := in.Mapping.Merge(last, in.Reading)
		if err != nil {
			return err
		}
		if out.Targets, err = c.targets(tx); err != nil {
			return err
		}
		return out.decide(tx, person, profile, held)
	})
	return out, err
}

func (t *Tried) decide(tx *store.Tx, person account.Person, profile Profile, held []tenancy.Grant) error {
	company := tx.Actor.Effective.Company
	list, err := load(tx, company)
	if err != nil {
		return err
	}
	rules, err := Compile(connectorsOf(list))
	if err != nil {
		return err
	}
	policy, err := policyOf(tx, company)
	if err != nil {
		return err
	}
	heads, err := readHeads(tx, company)
	if err != nil {
		return err
	}
	t.Applied, _ = rules.decide(person, profile, held, policy, heads.last)
	for _, s := range list {
		trace, err := Explain(s.Connector, profile)
		if err != nil {
			return err
		}
		t.Connectors = append(t.Connectors, TriedConnector{s, trace})
	}
	return nil
}
