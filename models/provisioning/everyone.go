package provisioning

import (
	"locum/models/store"
)

// Evaluate applies the rules to everyone known in the company to which the
// transaction is confined, however many they are, and gives those for whom
// something changed or was held, by name. No sign-in goes by the company's rules
// meanwhile, and whoever changes rules first and evaluates then takes that lock
// before the change. No brake stops it: whoever calls it has asked.
func (c *Connectors) Evaluate(tx *store.Tx, cause Cause) ([]Applied, error) {
	if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
		return nil, err
	}
	r, err := begin(tx, Run{Cause: cause})
	if err != nil {
		return nil, err
	}
	d, err := c.uncommitted(tx)
	if err != nil {
		return nil, err
	}
	return d.run(tx, &r)
}
