package provisioning

import (
	"slices"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Withdraw forgets what directories said of a person, because the last one that
// knew him is gone, and takes the roles that rested on it: what his sign-ins said
// alone decides from then on. Where he never came in, the roles of rules and the
// company's default go; roles by hand stay. source is the directory's id. It runs
// in a System transaction.
func (c *Connectors) Withdraw(tx *store.Tx, company string, person account.Person, source string) (Applied, error) {
	rest, others, err := c.parted(tx, company, person, source, Profile.withoutDirectory)
	if err != nil {
		return Applied{}, err
	}
	if others {
		return c.Apply(tx, company, person, rest)
	}
	return takeOfRules(tx, company, person)
}

// Retain keeps what a directory said of a person although the directory is gone:
// as known from before, until a sign-in says otherwise. His roles stay as they
// are.
func (c *Connectors) Retain(tx *store.Tx, company string, person account.Person, source string) error {
	_, _, err := c.parted(tx, company, person, source, Profile.asKept)
	return err
}

// parted stores what is left of a person's profile without a source, and says
// whether another source speaks of him.
func (c *Connectors) parted(tx *store.Tx, company string, person account.Person, source string, left func(Profile) Profile) (rest Profile, others bool, err error) {
	if err := tx.LockCompany(company, true); err != nil {
		return rest, false, err
	}
	if err := tx.LockAccount(person.ID); err != nil {
		return rest, false, err
	}
	last, err := Known(tx, company, person.ID)
	if err != nil {
		return rest, false, err
	}
	rest = left(last)
	var rows []profileRow
	err = tx.Where("company_id = ? AND account_id = ? AND source_id <> ?", company, person.ID, source).Order("asserted_at DESC").Limit(1).Find(&rows).Error
	if err != nil {
		return rest, false, err
	}
	from := Source{Reference: source}
	keeper := source
	if others = len(rows) > 0; others {
		keeper, from.Reference = rows[0].SourceID, rows[0].AssertionID
	}
	gone := tx.Where("company_id = ? AND account_id = ? AND source_id = ?", company, person.ID, source).Delete(&profileRow{}).Error
	if gone != nil || len(rest.attributes)+len(rest.groups) == 0 && !others {
		return rest, others, gone
	}
	return rest, others, remember(tx, company, person.ID, keeper, rest, from)
}

// withoutDirectory is what sign-ins said.
func (p Profile) withoutDirectory() Profile {
	ours := func(s Source) bool { return s.Kind == FromDirectory }
	out := Profile{overage: p.overage, groupState: p.groupState}
	out.attributes = slices.DeleteFunc(slices.Clone(p.attributes), func(a Attribute) bool { return ours(a.Source) })
	out.groups = slices.DeleteFunc(slices.Clone(p.groups), func(g Group) bool { return ours(g.Source) })
	if !slices.ContainsFunc(out.groups, func(g Group) bool { return !g.Kept }) {
		out.groupState = Absent
	}
	out.index()
	return out
}

// asKept is the profile as sign-ins left it out: the next one that speaks of it
// decides.
func (p Profile) asKept() Profile {
	out := Profile{attributes: slices.Clone(p.attributes), groups: slices.Clone(p.groups), overage: p.overage, groupState: Absent}
	for i := range out.attributes {
		if a := &out.attributes[i]; a.Source.Kind == FromDirectory {
			a.Source.Kind, a.Kept = FromAssertion, true
		}
	}
	for i := range out.groups {
		g := &out.groups[i]
		if g.Source.Kind == FromDirectory {
			g.Source.Kind, g.Kept = FromAssertion, true
		}
		if !g.Kept {
			out.groupState = Present
		}
	}
	out.index()
	return out
}

// takeOfRules takes from a person of whom no source speaks what came of his
// sign-ins: the roles of rules and the company's default. Roles by hand stay.
func takeOfRules(tx *store.Tx, company string, person account.Person) (Applied, error) {
	none, err := Compile(nil)
	if err != nil {
		return Applied{}, err
	}
	var held []tenancy.Grant
	err = tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id = ?", company, person.ID).Order("created_at, id").Find(&held).Error
	if err != nil {
		return Applied{}, err
	}
	return none.apply(tx, company, person, Profile{}, held, Policy{NoMatch: tenancy.NoMatchNone})
}
