package provisioning

import (
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Applied is what applying the rules did to one person.
type Applied struct {
	Person account.Person
	Profile
	Result
	Gained, Lost []Change
	// Held are roles that the rules would take and that stay, since nobody else
	// holds them: a company keeps a manager, an organization a superuser.
	Held []Change
	// Refused says that the company refuses a sign-in that no connector matches.
	// Somebody with a role that is held is let in: nobody else can set it right.
	Refused bool
}

// SignIn takes up what a source says of a person, and writes the roles that it
// gives, in a transaction of store.System: the roles stand before the session
// does. A reading that is refused changes nothing. Two sign-ins of one person
// are taken up one after the other.
func (c *Connectors) SignIn(tx *store.Tx, company string, person account.Person, source string, m Mapping, r Reading) (Applied, error) {
	profile, err := c.merged(tx, company, person, m, r)
	if err != nil {
		return Applied{}, err
	}
	if err := remember(tx, company, person.ID, source, profile, r.Source); err != nil {
		return Applied{}, err
	}
	return c.Apply(tx, company, person, profile)
}

// Apply writes what the company's connectors give a profile as the person's
// grants, takes what they no longer give, and leaves an event for each role that
// changes. It leaves no event where nothing changed. The rules stay as they are
// until the transaction ends.
func (c *Connectors) Apply(tx *store.Tx, company string, person account.Person, profile Profile) (Applied, error) {
	if err := tx.LockCompany(company, true); err != nil {
		return Applied{}, err
	}
	rules, err := c.rules(tx, company)
	if err != nil {
		return Applied{}, err
	}
	policy, err := policyOf(tx, company)
	if err != nil {
		return Applied{}, err
	}
	var held []tenancy.Grant
	err = tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id = ?", company, person.ID).Order("created_at, id").Find(&held).Error
	if err != nil {
		return Applied{}, err
	}
	return rules.apply(tx, company, person, profile, held, policy)
}

// apply decides what the rules change for one person, and writes it.
func (r *Rules) apply(tx *store.Tx, company string, person account.Person, profile Profile, held []tenancy.Grant, policy Policy) (Applied, error) {
	done, _, err := r.applyIf(tx, company, person, profile, held, policy, nil)
	return done, err
}

// applyIf is apply where allow may refuse what it would take.
func (r *Rules) applyIf(tx *store.Tx, company string, person account.Person, profile Profile, held []tenancy.Grant, policy Policy, allow Allow) (done Applied, did bool, err error) {
	var locked error
	done, plan := r.decide(person, profile, held, policy, func(person string, lost []Change) []Change {
		var h heads
		if h, locked = lockHeads(tx, company); locked != nil {
			return nil
		}
		return h.last(person, lost)
	})
	if locked != nil {
		return Applied{}, false, locked
	}
	if allow != nil {
		if may, err := allow(done); err != nil || !may {
			return done, false, err
		}
	}
	w := writing{company: company}
	w.add(done, plan)
	if w.run, locked = w.undoneWith(tx); locked != nil {
		return Applied{}, false, locked
	}
	return done, true, w.write(tx)
}

// decide says what the rules change for one person, and writes nothing. last
// gives those of the roles that he would lose without which the company would
// have no manager, or an organization no superuser; it is asked only where there
// may be some.
func (r *Rules) decide(person account.Person, profile Profile, held []tenancy.Grant, policy Policy, last func(person string, lost []Change) []Change) (Applied, Plan) {
	result := r.Resolve(profile)
	plan := r.Plan(held, result, policy)
	lost := plan.Lost()
	var kept []Change
	if slices.ContainsFunc(lost, func(c Change) bool { return slices.Contains(headRoles, c.Role) }) {
		kept = last(person.ID, lost)
	}
	if len(kept) > 0 {
		policy.Keep = kept
		plan = r.Plan(held, result, policy)
		lost = plan.Lost()
	}
	return Applied{Person: person, Profile: profile, Result: result, Gained: plan.Gained(), Lost: lost, Held: kept, Refused: plan.Refused && len(kept) == 0}, plan
}

// fullPolicyOf is policyOf with the roles that manage others.
func fullPolicyOf(tx *store.Tx, company string) (Policy, error) {
	p, err := policyOf(tx, company)
	if err != nil {
		return p, err
	}
	reg, err := tenancy.LoadRoles(tx)
	p.high = map[string]bool{}
	for id, r := range reg.Roles {
		p.high[id] = slices.ContainsFunc(r.Allows(), models.Permission.DeniedToVisitors)
	}
	return p, err
}

// policyOf reads what the company chose.
func policyOf(tx *store.Tx, company string) (Policy, error) {
	var own tenancy.Company
	if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
		return Policy{}, err
	}
	var standard []tenancy.Role
	if err := tx.Where("level = ? AND is_default = ?", models.CompanyLevel, true).Limit(1).Find(&standard).Error; err != nil {
		return Policy{}, err
	}
	p := Policy{Authoritative: own.Ownership == tenancy.Authoritative, NoMatch: own.NoMatch}
	if len(standard) > 0 {
		p.DefaultRole = standard[0].ID
	}
	return p, nil
}
