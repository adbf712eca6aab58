package delegation

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// Present lists the visits under way in the actor's organization, the newest
// first.
func (d *Delegations) Present(ctx context.Context, by models.Actor) (list []Visit, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		return tx.Where("left_at IS NULL").Order("entered_at DESC").Limit(1000).Find(&list).Error
	})
	return list, err
}

// External lists the accepted delegations for organizations of the actor's
// company that are not over: the people from outside who can work there.
func (d *Delegations) External(ctx context.Context, by models.Actor) (list []Details, err error) {
	err = d.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		var rows []Delegation
		err := tx.Where("account_id <> '' AND accepted_at IS NOT NULL AND revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)",
			models.At(tx.Now())).Order("account_name, granted_at").Find(&rows).Error
		if err != nil {
			return err
		}
		list, err = detail(tx, rows, tx.Now())
		return err
	})
	return list, err
}
