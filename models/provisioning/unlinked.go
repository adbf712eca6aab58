package provisioning

import (
	"locum/models/account"
	"locum/models/store"
)

// unlinked follows when a name at a provider is parted from a person: what that
// connection said of him is forgotten, and no role outlives its reason. Where
// another source speaks of him, that alone decides from then on; where none
// does, what came of his sign-ins goes, which is the roles of rules and the
// company's default; roles by hand stay. It runs in a System transaction that
// holds the company's lock.
func (c *Connectors) unlinked(tx *store.Tx, about store.About) error {
	connection, _ := about.Data["connection"].(string)
	gone := tx.Where("company_id = ? AND account_id = ? AND source_id = ?", about.Company, about.ID, connection).Delete(&profileRow{})
	if gone.Error != nil {
		return gone.Error
	}
	person, err := account.Load(tx, about.ID)
	if err != nil {
		return err
	}
	var left int64
	if err := tx.Model(&profileRow{}).Where("company_id = ? AND account_id = ?", about.Company, about.ID).Count(&left).Error; err != nil {
		return err
	}
	if left > 0 {
		profile, err := Known(tx, about.Company, about.ID)
		if err != nil {
			return err
		}
		_, err = c.Apply(tx, about.Company, person, profile)
		return err
	}
	_, err = takeOfRules(tx, about.Company, person)
	return err
}
