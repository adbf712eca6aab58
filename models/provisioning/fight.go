package provisioning

import (
	"context"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Fights says which roles by hand of one person in the actor's company the
// connectors would take at his next sign-in, by the id of the grant; with a
// proposal, whether they would take that one too.
func (c *Connectors) Fights(ctx context.Context, by models.Actor, person string, proposed ...tenancy.ByHand) (fights map[string]bool, taken bool, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		rules, err := c.rules(tx, company)
		if err != nil {
			return err
		}
		policy, err := policyOf(tx, company)
		if err != nil {
			return err
		}
		profile, err := Known(tx, company, person)
		if err != nil {
			return err
		}
		var held []tenancy.Grant
		if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ? AND source = ?", person, tenancy.Manual).Find(&held).Error; err != nil {
			return err
		}
		given := rules.Resolve(profile)
		fights = map[string]bool{}
		for _, g := range held {
			if rules.fight(g, policy, given) {
				fights[g.ID] = true
			}
		}
		for _, p := range proposed {
			g := tenancy.Grant{OrganizationID: p.Organization, ApplicationID: p.Application, RoleID: p.Role, Source: tenancy.Manual, EndsAt: p.EndsAt}
			taken = taken || rules.fight(g, policy, given)
		}
		return nil
	})
	return fights, taken, err
}

// fight says whether the rules own a grant and do not give the same role
// themselves.
func (r *Rules) fight(g tenancy.Grant, policy Policy, given Result) bool {
	if !r.owns(g, policy) {
		return false
	}
	matched := false
	for _, other := range given.Grants {
		matched = matched || other.Target.Level == models.CompanyLevel
		if other.Target == targetOf(g) && other.Role == g.RoleID {
			return false
		}
	}
	return g.OrganizationID != "" || policy.NoMatch != tenancy.NoMatchKeep || matched
}
