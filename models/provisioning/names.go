package provisioning

import (
	"context"
	"encoding/json"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// MatchesOf reads the evidence of a role that a connector gave: the comparisons
// that held. There are none for a role from elsewhere, and for one whose
// evidence the reader is not told.
func MatchesOf(g tenancy.Grant) (matches []Match) {
	if g.Evidence == "" || json.Unmarshal([]byte(g.Evidence), &matches) != nil {
		return nil
	}
	return matches
}

// NamesHere gives the names of the connectors that gave roles in the actor's
// organization, by id. Visitors are told none: the rules are the company's.
func (c *Connectors) NamesHere(ctx context.Context, by models.Actor) (names map[string]string, err error) {
	err = c.store.Read(ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		if tx.Actor.Visiting() {
			return nil
		}
		names, err = namesOf(tx)
		return err
	})
	return names, err
}

// Names gives the names of the connectors that gave roles anywhere in the
// actor's company, by id.
func (c *Connectors) Names(ctx context.Context, by models.Actor) (names map[string]string, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		names, err = namesOf(tx)
		return err
	})
	return names, err
}

// namesOf reads the names of the connectors behind the grants that the
// transaction may see, also of connectors that were deleted since.
func namesOf(tx *store.Tx) (map[string]string, error) {
	var ids []string
	if err := tx.Model(&tenancy.Grant{}).Distinct("source_id").Where("source = ?", tenancy.Rule).Pluck("source_id", &ids).Error; err != nil {
		return nil, err
	}
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	company := tx.Actor.Effective.Company
	return names, tx.Across("the names of the connectors behind roles", func(tx *store.Tx) error {
		var rows []connectorRow
		if err := tx.Where("company_id = ? AND id IN ?", company, ids).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			names[r.ID] = r.Name
		}
		return nil
	})
}
