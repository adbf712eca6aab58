package provisioning

import (
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
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
	if err := tx.LockCompany(company, true); err != nil {
		return Applied{}, err
	}
	if err := tx.LockAccount(person.ID); err != nil {
		return Applied{}, err
	}
	last, err := Known(tx, company, person.ID)
	if err != nil {
		return Applied{}, err
	}
	profile, err := m.Merge(last, r)
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
	done, plan, err := r.decide(person, profile, held, policy, func(c Change) (bool, error) { return othersHold(tx, company, person.ID, c) })
	if err != nil {
		return Applied{}, err
	}
	for _, c := range done.Held {
		tx.Record(event.ProfileResolved, store.About{ID: person.ID, Name: person.Name, Company: company, Organization: c.Target.Organization,
			Data: map[string]any{"held": c.Role}})
	}
	if err := plan.write(tx, company, person); err != nil {
		return done, err
	}
	return done, moveHome(tx, company, person.ID, done)
}

// decide says what the rules change for one person, and writes nothing. others
// tells whether an active person other than this one holds a role.
func (r *Rules) decide(person account.Person, profile Profile, held []tenancy.Grant, policy Policy, others func(Change) (bool, error)) (Applied, Plan, error) {
	result := r.Resolve(profile)
	plan := r.Plan(held, result, policy)
	last, err := lastOnes(plan.Lost(), others)
	if err != nil {
		return Applied{}, Plan{}, err
	}
	if len(last) > 0 {
		policy.Keep = last
		plan = r.Plan(held, result, policy)
	}
	return Applied{Person: person, Profile: profile, Result: result, Gained: plan.Gained(), Lost: plan.Lost(), Held: last, Refused: plan.Refused && len(last) == 0}, plan, nil
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

// write makes the planned changes. A role that only changes its source leaves no
// event: nobody gained or lost anything.
func (p Plan) write(tx *store.Tx, company string, person account.Person) error {
	lost, gained := p.Lost(), p.Gained()
	for _, g := range p.Take {
		if at := slices.Index(lost, changeOf(g)); at >= 0 {
			lost = slices.Delete(lost, at, at+1)
			if err := tenancy.Take(tx, g, person.Name); err != nil {
				return err
			}
			continue
		}
		if err := tx.Where("company_id = ? AND id = ?", company, g.ID).Delete(&tenancy.Grant{}).Error; err != nil {
			return err
		}
	}
	for _, g := range p.Give {
		g.CompanyID, g.AccountID = company, person.ID
		if at := slices.Index(gained, changeOf(g)); at >= 0 {
			gained = slices.Delete(gained, at, at+1)
			if err := tenancy.Give(tx, g, person.Name); err != nil {
				return err
			}
			continue
		}
		g.ID, g.CreatedAt = models.NewID("grt"), models.At(tx.Now())
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&g).Error; err != nil {
			return err
		}
	}
	for _, g := range p.Refresh {
		err := tx.Model(&tenancy.Grant{}).Where("company_id = ? AND id = ?", company, g.ID).
			Updates(map[string]any{"source_version": g.SourceVersion, "evidence": g.Evidence}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// lastOnes are those of the lost roles without which the company would have no
// manager, or an organization no superuser, who can sign in.
func lastOnes(lost []Change, others func(Change) (bool, error)) (last []Change, err error) {
	for _, c := range lost {
		if c.Role != tenancy.Manager && c.Role != tenancy.Superuser {
			continue
		}
		held, err := others(c)
		if err != nil {
			return nil, err
		}
		if !held {
			last = append(last, c)
		}
	}
	return last, nil
}

// othersHold says whether an active person other than this one holds the role,
// without an end.
// The organizations are locked first, so that two people cannot each count on
// the other.
func othersHold(tx *store.Tx, company, person string, c Change) (bool, error) {
	if err := lockOrganizations(tx, company); err != nil {
		return false, err
	}
	return othersHoldNow(tx, company, person, c)
}

// othersHoldNow is othersHold without the lock, for what writes nothing.
func othersHoldNow(tx *store.Tx, company, person string, c Change) (bool, error) {
	var grants []tenancy.Grant
	err := tx.Where("company_id = ? AND organization_id = ? AND role_id = ? AND account_id <> ? AND ends_at IS NULL",
		company, c.Target.Organization, c.Role, person).Find(&grants).Error
	if err != nil {
		return false, err
	}
	ids := make([]string, 0, len(grants))
	for _, g := range grants {
		ids = append(ids, g.AccountID)
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return false, err
	}
	waiting, err := tenancy.Waiting(tx, company)
	for _, p := range people {
		if _, waits := waiting[p.ID]; p.DeactivatedAt == nil && !p.Service && !waits {
			return true, err
		}
	}
	return false, err
}

// lockOrganizations holds all organizations of a company, as changing a member
// holds one. They are always all locked, in one order and before any grant is
// changed: two sign-ins, which share the company's rules, would else wait for
// each other.
func lockOrganizations(tx *store.Tx, company string) error {
	var locked []tenancy.Organization
	return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ?", company).Order("id").Find(&locked).Error
}

// moveHome gives somebody a home with his first organization, and another one
// when he lost the last role at his home.
func moveHome(tx *store.Tx, company, person string, done Applied) error {
	inOrganization := func(c Change) bool { return c.Target.Level == models.OrganizationLevel }
	gained, lost := slices.ContainsFunc(done.Gained, inOrganization), slices.ContainsFunc(done.Lost, inOrganization)
	if !gained && !lost {
		return nil
	}
	return tx.Across("a person's home follows his memberships", func(tx *store.Tx) error {
		for _, c := range done.Lost {
			if !inOrganization(c) {
				continue
			}
			var left int64
			err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).
				Where("company_id = ? AND account_id = ? AND organization_id = ?", company, person, c.Target.Organization).Count(&left).Error
			if err != nil {
				return err
			}
			if left == 0 {
				if err := tenancy.Rehome(tx, person, c.Target.Organization); err != nil {
					return err
				}
			}
		}
		for _, c := range done.Gained {
			if inOrganization(c) {
				return tenancy.SetHome(tx, person, company, c.Target.Organization)
			}
		}
		return nil
	})
}
