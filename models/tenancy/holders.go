package tenancy

import (
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// Dormant says which of some people hold nothing that counts in a company: those whose
// account is closed, and those who wait for a seat.
func Dormant(tx *store.Tx, company string, people []string) (map[string]bool, error) {
	dormant := map[string]bool{}
	for part := range slices.Chunk(people, atOnce) {
		var closed []string
		if err := tx.Model(&account.Account{}).Where("id IN ? AND deactivated_at IS NOT NULL", part).Pluck("id", &closed).Error; err != nil {
			return nil, err
		}
		for _, id := range closed {
			dormant[id] = true
		}
	}
	waiting, err := Waiting(tx, company)
	for id := range waiting {
		dormant[id] = true
	}
	return dormant, err
}

// among are the members of an organization, and the roles in its applications.
type among struct {
	members map[string]bool // who hold something that counts
	grants  []Grant         // in applications
}

func readAmong(tx *store.Tx) (all among, err error) {
	live := Live(tx.Now())
	var people []string
	if err := tx.Model(&Grant{}).Scopes(live).Distinct("account_id").Where("application_id = ''").Pluck("account_id", &people).Error; err != nil {
		return all, err
	}
	if err := tx.Scopes(live).Where("application_id <> ''").Order("created_at, id").Find(&all.grants).Error; err != nil {
		return all, err
	}
	dormant, err := Dormant(tx, tx.Actor.Effective.Company, people)
	all.members = map[string]bool{}
	for _, id := range people {
		if !dormant[id] {
			all.members[id] = true
		}
	}
	return all, err
}

// count fills in who has which role in an application: each person once a role,
// however many sources give it to him, and the default one, where the application
// is in use, whoever holds no other.
func (all among) count(u *Use, by models.Actor) {
	u.Holders = map[string]int{}
	held, inside := map[[2]string]bool{}, map[string]bool{}
	for _, g := range all.grants {
		if g.ApplicationID != u.ID {
			continue
		}
		if g.AccountID == by.Account {
			u.Mine = append(u.Mine, g)
		}
		inside[g.AccountID] = true
		if key := [2]string{g.AccountID, g.RoleID}; !held[key] {
			held[key] = true
			u.Held++
			if all.members[g.AccountID] {
				u.Holders[g.RoleID]++
			}
		}
	}
	for _, r := range u.Roles {
		if !r.IsDefault || !u.InUse() {
			continue
		}
		for id := range all.members {
			if !inside[id] {
				u.Holders[r.ID]++
			}
		}
	}
}
