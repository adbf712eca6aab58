package provisioning

import (
	"context"

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
	// Others are his grants of the same role at the same target from elsewhere.
	Others []tenancy.Grant
	// Known is when a source spoke of him last; zero when none ever did.
	Known models.Instant
}

// Why explains a connector of the actor's company for a person of whom
// something is known there, or who holds a role there.
func (c *Connectors) Why(ctx context.Context, by models.Actor, id, person string) (w Why, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		if w.Connector, err = row.saved(); err != nil {
			return err
		}
		var profiles []profileRow
		if err := tx.Where("account_id = ?", person).Order("asserted_at DESC").Limit(1).Find(&profiles).Error; err != nil {
			return err
		}
		var grants []tenancy.Grant
		if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ?", person).Find(&grants).Error; err != nil {
			return err
		}
		if len(profiles)+len(grants) == 0 {
			return models.Unknown()
		}
		if w.Person, err = account.Load(tx, person); err != nil {
			return err
		}
		return w.explain(profiles, grants)
	})
	return w, err
}

func (w *Why) explain(profiles []profileRow, grants []tenancy.Grant) (err error) {
	var profile Profile
	if len(profiles) > 0 {
		w.Known = profiles[0].AssertedAt
		if profile, err = profiles[0].profile(); err != nil {
			return err
		}
	}
	role := Change{w.Connector.Target, w.Connector.Role}
	for _, g := range grants {
		switch {
		case changeOf(g) != role:
		case g.Source == tenancy.Rule && g.SourceID == w.Connector.ID:
			w.Given = true
		default:
			w.Others = append(w.Others, g)
		}
	}
	w.Trace, err = Explain(w.Connector.Connector, profile)
	return err
}
