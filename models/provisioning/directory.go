package provisioning

import (
	"log/slog"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// LearnGroups says where what is known of a company's groups is found, by an id
// or a name, in a System transaction. It is called while the program is put
// together. From then on an assertion neither adds to a group that a directory
// manages nor takes from it.
func (c *Connectors) LearnGroups(known func(tx *store.Tx, company, text string) (KnownGroup, bool, error)) {
	c.known = known
}

// Names reads names in a company, by id.
type Names func(tx *store.Tx, company string) (map[string]string, error)

// LearnNames says where the names of a company's directories are found, and of
// their groups by the ids that rules keep. It is called while the program is put
// together. From then on rules show the names of the groups whose ids they hold.
func (c *Connectors) LearnNames(groups, directories Names) {
	c.groupNames, c.directoryNames = groups, directories
}

func (n Names) read(tx *store.Tx, company string) (map[string]string, error) {
	if n == nil {
		return nil, nil
	}
	return n(tx, company)
}

// Named is a condition as people read it: groups go by their names where it holds
// their ids.
func Named(c Condition, groups map[string]string) Condition {
	if len(groups) == 0 {
		return c
	}
	switch c.form() {
	case allOf:
		c.All = namedEach(c.All, groups)
	case anyOf:
		c.Any = namedEach(c.Any, groups)
	case notOf:
		under := Named(*c.Not, groups)
		c.Not = &under
	case comparison:
		if name := groups[c.Value]; name != "" && canonical(c.Attribute) == GroupAttribute && (c.Operator == Is || c.Operator == IsNot) {
			c.Value = name
		}
	}
	return c
}

func namedEach(conditions []Condition, groups map[string]string) []Condition {
	named := make([]Condition, len(conditions))
	for i, c := range conditions {
		named[i] = Named(c, groups)
	}
	return named
}

// Named is the trace as people read it: see the function Named.
func (t Trace) Named(groups map[string]string) Trace {
	if len(groups) == 0 {
		return t
	}
	t.Condition = Named(t.Condition, groups)
	under := make([]Trace, len(t.Under))
	for i := range t.Under {
		under[i] = t.Under[i].Named(groups)
	}
	if t.Under != nil {
		t.Under = under
	}
	return t
}

// groups is Mapping.Known for the assertions of a company.
func (c *Connectors) groups(tx *store.Tx, company string) func(string) (KnownGroup, bool) {
	if c.known == nil {
		return nil
	}
	return func(text string) (KnownGroup, bool) {
		group, found, err := c.known(tx, company, text)
		if err != nil { // the transaction is broken, and ends with the next statement
			slog.ErrorContext(tx.Context(), "a group of a directory could not be read", "company", company, "error", err)
		}
		return group, found && err == nil
	}
}

// Allow decides whether somebody may lose roles now. Where it says no, nothing
// of him changes.
type Allow func(Applied) (bool, error)

// Follow takes up what a directory says of a person, and writes the roles that
// it gives, as SignIn does for an assertion. did is false where allow refused.
func (c *Connectors) Follow(tx *store.Tx, company string, person account.Person, source string, m Mapping, r Reading, allow Allow) (done Applied, did bool, err error) {
	profile, err := c.merged(tx, company, person, m, r)
	if err != nil {
		return Applied{}, false, err
	}
	rules, err := c.rules(tx, company)
	if err != nil {
		return Applied{}, false, err
	}
	policy, err := policyOf(tx, company)
	if err != nil {
		return Applied{}, false, err
	}
	done, did, err = rules.follow(tx, company, person, profile, policy, allow)
	if err != nil || !did {
		return done, false, err
	}
	return done, true, remember(tx, company, person.ID, source, profile, r.Source)
}

// Leave takes every role from somebody whom a directory removed: of rules and by
// hand. Those stay that nobody else holds: see Applied.Held. What was known of him
// is forgotten, so that no run gives anything back. did is false where allow
// refused.
func (c *Connectors) Leave(tx *store.Tx, company string, person account.Person, allow Allow) (done Applied, did bool, err error) {
	if err := tx.LockCompany(company, true); err != nil {
		return Applied{}, false, err
	}
	if err := tx.LockAccount(person.ID); err != nil {
		return Applied{}, false, err
	}
	none, err := Compile(nil)
	if err != nil {
		return Applied{}, false, err
	}
	done, did, err = none.follow(tx, company, person, Profile{}, Policy{Everything: true, NoMatch: tenancy.NoMatchNone}, allow)
	if err != nil || !did {
		return done, false, err
	}
	return done, true, forget(tx, store.About{ID: person.ID, Company: company})
}

// merged is what is known of a person with a reading, and nothing is written.
func (c *Connectors) merged(tx *store.Tx, company string, person account.Person, m Mapping, r Reading) (Profile, error) {
	if err := tx.LockCompany(company, true); err != nil {
		return Profile{}, err
	}
	if err := tx.LockAccount(person.ID); err != nil {
		return Profile{}, err
	}
	last, err := Known(tx, company, person.ID)
	if err != nil {
		return Profile{}, err
	}
	return m.Merge(last, r)
}

func (r *Rules) follow(tx *store.Tx, company string, person account.Person, profile Profile, policy Policy, allow Allow) (done Applied, did bool, err error) {
	var held []tenancy.Grant
	err = tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id = ?", company, person.ID).Order("created_at, id").Find(&held).Error
	if err != nil {
		return done, false, err
	}
	return r.applyIf(tx, company, person, profile, held, policy, allow)
}
