package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Small has runs of more than atOnce people go on after their change, so many at
// a time.
func (c *Connectors) Small(atOnce, part int) { c.atOnce, c.part = int64(atOnce), part }

// Populate makes n people who are known in a company with these groups, and gives
// their ids in the order in which runs come to them.
func Populate(tx *store.Tx, company string, n int, groups func(i int) []string) (ids []string, err error) {
	now := models.At(tx.Now())
	for start := 0; start < n; start += crowdSize {
		var accounts []account.Account
		var addresses []account.Address
		var profiles []profileRow
		for i := start; i < min(n, start+crowdSize); i++ {
			id, email := fmt.Sprintf("acc_%07d", i), fmt.Sprintf("p%07d@devries.example", i)
			accounts = append(accounts, account.Account{ID: id, Name: fmt.Sprintf("Person %07d", i), Language: "en", TimeZone: "Europe/Amsterdam", CreatedAt: now})
			addresses = append(addresses, account.Address{ID: "adr_" + id, AccountID: id, Email: email, Normal: email, IsPrimary: true, ProvenAt: &now, CreatedAt: now})
			said := Reading{Source: Source{Kind: FromAssertion, Reference: "a-" + id, At: now}, Attributes: []Received{
				{Name: "mail", Values: []string{email}}, {Name: "country", Values: []string{"NL"}}, {Name: "department", Values: []string{"Planning"}},
				{Name: "title", Values: []string{"Planner"}}, {Name: "groups", Values: groups(i)}}}
			profile, err := Mapping{}.Merge(Profile{}, said)
			if err != nil {
				return nil, err
			}
			text, err := json.Marshal(profile)
			if err != nil {
				return nil, err
			}
			profiles = append(profiles, profileRow{CompanyID: company, AccountID: id, SourceID: "con_1", Attributes: string(text), AssertionID: "a-" + id, AssertedAt: now})
			ids = append(ids, id)
		}
		for _, rows := range []any{&accounts, &addresses, &profiles} {
			if err := tx.Create(rows).Error; err != nil {
				return nil, err
			}
		}
	}
	return ids, nil
}

// Spoil makes what is known of somebody unreadable.
func Spoil(tx *store.Tx, company, id string) error {
	return tx.Model(&profileRow{}).Where("company_id = ? AND account_id = ?", company, id).Update("attributes", "spoilt").Error
}

// Part does the next part of each run that is under way.
func (c *Connectors) Part(ctx context.Context) error {
	open, err := c.underWay(ctx)
	for _, r := range open {
		err = errors.Join(err, c.advance(ctx, r))
	}
	return err
}

// see is what Seen would say of these people.
func see(profiles map[string]Profile) Seen {
	g := newGlance()
	for _, id := range slices.Sorted(maps.Keys(profiles)) {
		g.add(profiles[id])
	}
	return g.seen()
}

// Brake sets the brakes of every company.
func Brake(tx *store.Tx, b tenancy.Brakes) error {
	return tx.Model(&tenancy.Company{}).Where("id <> ?", "").Updates(map[string]any{"brake_percent": b.Percent, "brake_people": b.People, "brake_raised": b.Raised}).Error
}

// Loose are brakes that stop nothing.
var Loose = tenancy.Brakes{Percent: 100, People: 1_000_000, Raised: 1_000_000}
