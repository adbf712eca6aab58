package provisioning

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/store"
	"locum/models/tenancy"
)

// KnownPerson is what a company knows of somebody through its sources, whether
// or not he holds a role there.
type KnownPerson struct {
	Person  account.Person
	SeenAt  models.Instant // when a source spoke of him last; zero when none did
	Overage bool           // his provider left his groups out; KnownPerson alone tells
	Roles   int            // that he holds in the company, from anywhere
	Block   *tenancy.Block // that keeps him out; nil where none does
}

// KnownPerson reads one of those whom the actor's company knows: through a
// source, by a name at a provider, or because it keeps him out. Anybody else is
// unknown, whether or not he exists.
func (c *Connectors) KnownPerson(ctx context.Context, by models.Actor, id string) (one KnownPerson, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		list, err := known(tx, id)
		if err == nil && len(list) == 0 {
			err = models.Unknown()
		}
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// Roleless lists those whom the actor's company knows and who hold no role
// there, by name.
func (c *Connectors) Roleless(ctx context.Context, by models.Actor) (list []KnownPerson, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		if list, err = known(tx, ""); err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(k KnownPerson) bool { return k.Roles > 0 })
		return nil
	})
	return list, err
}

// known reads those whom the company to which the transaction is confined
// knows, or one of them.
func known(tx *store.Tx, id string) (list []KnownPerson, err error) {
	found, err := acquaintances(tx, id)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(found))
	for account := range found {
		ids = append(ids, account)
	}
	var counts []struct {
		AccountID string
		Roles     int
	}
	q := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Select("account_id, COUNT(*) AS roles").Group("account_id")
	if id != "" {
		q = q.Where("account_id = ?", id)
	}
	if err := q.Find(&counts).Error; err != nil {
		return nil, err
	}
	for _, n := range counts {
		if k := found[n.AccountID]; k != nil {
			k.Roles = n.Roles
		}
	}
	people, err := account.LoadAll(tx, ids)
	for id, k := range found {
		k.Person = people[id]
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b KnownPerson) int {
		return strings.Compare(strings.ToLower(a.Person.Name)+"\n"+a.Person.ID, strings.ToLower(b.Person.Name)+"\n"+b.Person.ID)
	})
	return list, err
}

// acquaintances are whom the company to which the transaction is confined knows
// through its sources, by a name at its providers, and as somebody it keeps out;
// with an id, at most that one.
func acquaintances(tx *store.Tx, id string) (map[string]*KnownPerson, error) {
	found := map[string]*KnownPerson{}
	note := func(account string, at *models.Instant) *KnownPerson {
		if found[account] == nil {
			found[account] = &KnownPerson{}
		}
		if k := found[account]; at != nil && at.After(k.SeenAt.Time) {
			k.SeenAt = *at
		}
		return found[account]
	}
	read := func(dest any) error {
		if id != "" {
			return tx.Where("account_id = ?", id).Find(dest).Error
		}
		if profiles, are := dest.(*[]profileRow); are { // what was said of everyone is a lot
			return tx.Select("account_id", "asserted_at").Find(profiles).Error
		}
		return tx.Find(dest).Error
	}
	var profiles []profileRow
	var identities []federation.Identity
	var blocks []tenancy.Block
	for _, dest := range []any{&profiles, &identities, &blocks} {
		if err := read(dest); err != nil {
			return nil, err
		}
	}
	last := map[string]time.Time{}
	for _, r := range profiles {
		k := note(r.AccountID, &r.AssertedAt)
		if id == "" || !r.AssertedAt.After(last[r.AccountID]) {
			continue
		}
		last[r.AccountID] = r.AssertedAt.Time
		p, err := r.profile()
		if err != nil {
			return nil, err
		}
		k.Overage = p.Overage()
	}
	for _, i := range identities {
		note(i.AccountID, i.LastSignInAt)
	}
	for _, b := range blocks {
		note(b.AccountID, nil).Block = &b
	}
	return found, nil
}
