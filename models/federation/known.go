package federation

import (
	"context"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// KnownBy is the name of the company whose identity provider let the actor in
// last. It is "" for who never came through one. A person without any role has
// no party, and this is who can help him.
func (f *Federation) KnownBy(ctx context.Context, by models.Actor) (company string, err error) {
	err = f.store.SystemRead(ctx, "which company knows a person", func(tx *store.Tx) error {
		var known Identity
		if err := tx.Where("account_id = ?", by.Account).Order("last_sign_in_at DESC").Take(&known).Error; err != nil {
			return ignoreMissing(err)
		}
		var c tenancy.Company
		if err := tx.Where("id = ?", known.CompanyID).Take(&c).Error; err != nil {
			return ignoreMissing(err)
		}
		company = c.Name
		return nil
	})
	return company, err
}
