package delegation

import (
	"slices"

	"locum/models/account"
	"locum/models/store"
)

// suspendReaddressed follows when somebody's address changes: a delegation was
// given to the old one, and its host decides whether the new one is his as well.
// It runs in a System transaction.
func suspendReaddressed(tx *store.Tx, about store.About) error {
	if email, _ := about.Data["email"].(string); email == "" {
		return nil // his name or his language
	}
	var held, lost []Delegation
	err := tx.Where("account_id = ? AND "+standingDelegation, about.ID).Order("company_id, id").Find(&held).Error
	if err != nil {
		return err
	}
	for _, d := range held {
		still, err := owns(tx, d)
		if err != nil {
			return err
		}
		if !still {
			lost = append(lost, d)
		}
	}
	return suspendAll(tx, lost, Readdressed)
}

// owns says whether the address to which a delegation was given is still one of
// its consultant's. It runs in a System transaction.
func owns(tx *store.Tx, d Delegation) (bool, error) {
	normals, err := account.ProvenAddresses(tx, d.AccountID)
	return slices.Contains(normals, d.Normal), err
}

// otherAddress is the address that the consultant of a delegation has now, where
// the one it was given to is no longer his.
func otherAddress(tx *store.Tx, d Delegation) (other string, err error) {
	if d.AccountID == "" {
		return "", nil
	}
	err = tx.Across("a consultant's address", func(tx *store.Tx) error {
		still, err := owns(tx, d)
		if err != nil || still {
			return err
		}
		person, err := account.Load(tx, d.AccountID)
		other = person.Email
		return err
	})
	return other, err
}

// suspendRehomed suspends the delegations of those who lost a role and with it
// the organization from which they came: their hosts let in somebody of another.
// Whoever lost everything in a company is offboarded, which says more. It runs
// in a System transaction, which may take roles from a whole company.
func suspendRehomed(tx *store.Tx, taken []store.About) error {
	var people []string
	for _, about := range taken {
		if about.Organization != "" && about.Data["offboarded"] != true {
			people = append(people, about.ID)
		}
	}
	slices.Sort(people)
	for part := range slices.Chunk(slices.Compact(people), 500) {
		var held, away []Delegation
		if err := tx.Where("account_id IN ? AND "+standingDelegation, part).Order("company_id, id").Find(&held).Error; err != nil {
			return err
		}
		if len(held) == 0 {
			continue
		}
		persons, err := account.LoadAll(tx, part)
		if err != nil {
			return err
		}
		for _, d := range held {
			home := persons[d.AccountID].HomeOrganizationID
			if home == nil || *home != d.RealOrganizationID {
				away = append(away, d)
			}
		}
		if err := suspendAll(tx, away, Rehomed); err != nil {
			return err
		}
	}
	return nil
}
