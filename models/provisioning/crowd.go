package provisioning

import (
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// crowdSize is how many people are read, evaluated and written together. It
// keeps the company's rules locked for some tenths of a second.
const crowdSize = 500

// crowd is a part of those known in a company, in the order of their accounts'
// ids, with all that deciding about them asks for.
type crowd struct {
	ids      []string
	people   map[string]account.Person
	profiles map[string]Profile
	held     map[string][]tenancy.Grant
	// broken are those whose profile cannot be read: they are not in profiles.
	broken map[string]error
}

// readCrowd reads the next people after an account's id.
func readCrowd(tx *store.Tx, company, after string, most int) (c crowd, err error) {
	if c.ids, err = nextKnown(tx, company, after, most); err != nil || len(c.ids) == 0 {
		return c, err
	}
	if err := c.readProfiles(tx, company); err != nil {
		return c, err
	}
	if c.people, err = account.LoadAll(tx, c.ids); err != nil {
		return c, err
	}
	var grants []tenancy.Grant
	err = tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id IN ?", company, c.ids).Order("created_at, id").Find(&grants).Error
	c.held = make(map[string][]tenancy.Grant, len(c.ids))
	for _, g := range grants {
		c.held[g.AccountID] = append(c.held[g.AccountID], g)
	}
	return c, err
}

// nextKnown are the accounts of the next people known in a company.
func nextKnown(tx *store.Tx, company, after string, most int) (ids []string, err error) {
	err = tx.Model(&profileRow{}).Distinct("account_id").Where("company_id = ? AND account_id > ?", company, after).
		Order("account_id").Limit(most).Pluck("account_id", &ids).Error
	return ids, err
}

// eachProfile reads what is known of everyone in a company, in the order of
// their accounts' ids. What cannot be read is left out, as a run leaves it out.
func eachProfile(tx *store.Tx, company string, do func(id string, p Profile)) error {
	for after := ""; ; {
		ids, err := nextKnown(tx, company, after, crowdSize)
		if err != nil || len(ids) == 0 {
			return err
		}
		c := crowd{ids: ids}
		if err := c.readProfiles(tx, company); err != nil {
			return err
		}
		for _, id := range ids {
			if p, whole := c.profiles[id]; whole {
				do(id, p)
			}
		}
		after = ids[len(ids)-1]
	}
}

func (c *crowd) readProfiles(tx *store.Tx, company string) error {
	var rows []profileRow
	if err := tx.Where("company_id = ? AND account_id IN ?", company, c.ids).Order("asserted_at").Find(&rows).Error; err != nil {
		return err
	}
	latest := make(map[string]profileRow, len(c.ids))
	for _, r := range rows {
		latest[r.AccountID] = r
	}
	c.profiles, c.broken = make(map[string]Profile, len(c.ids)), map[string]error{}
	for id, r := range latest {
		p, err := r.profile()
		if err != nil {
			c.broken[id] = err
			continue
		}
		c.profiles[id] = p
	}
	return nil
}

// crowds reads everyone known in a company, a part at a time.
func crowds(tx *store.Tx, company string, do func(crowd) error) error {
	for after := ""; ; {
		c, err := readCrowd(tx, company, after, crowdSize)
		if err != nil || len(c.ids) == 0 {
			return err
		}
		if err := do(c); err != nil {
			return err
		}
		if len(c.ids) < crowdSize {
			return nil
		}
		after = c.ids[len(c.ids)-1]
	}
}

// countKnown is the number of people of whom something is known in a company.
func countKnown(tx *store.Tx, company string) (known int64, err error) {
	err = tx.Model(&profileRow{}).Where("company_id = ?", company).Distinct("account_id").Count(&known).Error
	return known, err
}

// deciding is what deciding about many people one after the other goes by.
type deciding struct {
	Effect  // of all that was decided
	rules   *Rules
	policy  Policy
	heads   heads
	limited bool // a run is held where it would do more than it may
}

// decide says what the rules change for one person, and counts on it for those
// after him.
func (d *deciding) decide(person account.Person, profile Profile, held []tenancy.Grant) (Applied, Plan) {
	done, plan := d.rules.decide(person, profile, held, d.policy, d.heads.last)
	d.heads.follow(person, held, plan.after())
	return done, plan
}

// each decides about some people. Those whose profile cannot be read are left
// out, as a run leaves them out.
func (d *deciding) each(some crowd, do func(done Applied, plan Plan, held []tenancy.Grant)) {
	for _, id := range some.ids {
		if profile, whole := some.profiles[id]; whole {
			done, plan := d.decide(some.people[id], profile, some.held[id])
			do(done, plan, some.held[id])
		}
	}
}

// reading is what deciding goes by in a transaction that writes nothing.
func reading(tx *store.Tx, company string, rules *Rules) (d *deciding, err error) {
	d = &deciding{rules: rules}
	if d.policy, err = fullPolicyOf(tx, company); err != nil {
		return nil, err
	}
	d.heads, err = readHeads(tx, company)
	return d, err
}
