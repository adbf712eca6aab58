package provisioning

import (
	"maps"
	"slices"
	"strings"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Evaluate applies the rules to everyone known in the company to which the
// transaction is confined, and gives those for whom something changed or was
// held, by name. No sign-in goes by the company's rules meanwhile, and whoever
// changes rules first and evaluates then takes that lock before the change.
func (c *Connectors) Evaluate(tx *store.Tx) ([]Applied, error) {
	company := tx.Actor.Effective.Company
	if err := tx.LockCompany(company, false); err != nil {
		return nil, err
	}
	if err := lockOrganizations(tx, company); err != nil {
		return nil, err
	}
	list, err := load(tx, company)
	if err != nil {
		return nil, err
	}
	// Not the ones compiled before, nor kept for later: these are not committed.
	rules, err := Compile(connectorsOf(list))
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(tx, company)
	if err != nil {
		return nil, err
	}
	profiles, err := everyone(tx, company)
	if err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(profiles))
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return nil, err
	}
	held, err := grantsByAccount(tx, company)
	if err != nil {
		return nil, err
	}
	var changes []Applied
	for _, id := range ids {
		done, err := rules.apply(tx, company, people[id], profiles[id], held[id], policy)
		if err != nil {
			return nil, err
		}
		if len(done.Gained)+len(done.Lost)+len(done.Held) > 0 {
			changes = append(changes, done)
		}
	}
	slices.SortStableFunc(changes, func(a, b Applied) int { return strings.Compare(a.Person.Name, b.Person.Name) })
	return changes, nil
}

func grantsByAccount(tx *store.Tx, company string) (map[string][]tenancy.Grant, error) {
	var grants []tenancy.Grant
	if err := tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ?", company).Order("created_at, id").Find(&grants).Error; err != nil {
		return nil, err
	}
	held := map[string][]tenancy.Grant{}
	for _, g := range grants {
		held[g.AccountID] = append(held[g.AccountID], g)
	}
	return held, nil
}
