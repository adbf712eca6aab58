package federation

import (
	"context"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// KeepOut removes a person from the actor's company, as tenancy.Offboard does,
// and does not let him come back: see tenancy.KeepOut. It is for members, and
// for those who came in through the company's providers and hold no role.
func (f *Federation) KeepOut(ctx context.Context, by models.Actor, person string) error {
	return f.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		var known int64
		if err := tx.Model(&Identity{}).Where("account_id = ?", person).Count(&known).Error; err != nil {
			return err
		}
		return tenancy.KeepOut(tx, person, known > 0)
	})
}
