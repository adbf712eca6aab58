package directory

import (
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// evaluate decides about the roles of some users, in a System transaction, and
// in the order that keeps two of them from waiting for each other: users,
// accounts, brake. asked says that the directory just spoke of them.
func (d *Directories) evaluate(tx *store.Tx, c Client, ids []string, asked bool) error {
	var list []User
	for part := range slices.Chunk(ids, atOnce) {
		var some []User
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
			Where("company_id = ? AND directory_id = ? AND id IN ?", c.CompanyID, c.ID, part).Order("id").Find(&some).Error
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	for i := range list {
		if err := link(tx, &list[i]); err != nil {
			return err
		}
	}
	if err := lockAccounts(tx, list); err != nil {
		return err
	}
	for _, u := range list {
		if asked && u.Removal == Kept {
			u.Removal = NotRemoved
		}
		if err := d.decide(tx, c, u); err != nil {
			return err
		}
	}
	return nil
}

// lockAccounts holds the accounts of some users, in the order of their ids.
func lockAccounts(tx *store.Tx, list []User) error {
	accounts := make([]string, 0, len(list))
	for _, u := range list {
		if u.AccountID != "" {
			accounts = append(accounts, u.AccountID)
		}
	}
	slices.Sort(accounts)
	for _, id := range slices.Compact(accounts) {
		if err := tx.LockAccount(id); err != nil {
			return err
		}
	}
	return nil
}

// rowOf is the row of a user, in a System transaction.
func rowOf(tx *store.Tx, u User) *gorm.DB {
	return tx.Model(&User{}).Where("company_id = ? AND id = ?", u.CompanyID, u.ID)
}

// decide decides about one user and notes what became of it.
func (d *Directories) decide(tx *store.Tx, c Client, u User) error {
	next := u.Removal
	if u.AccountID != "" && u.Removal != Kept {
		person, err := account.Load(tx, u.AccountID)
		if err != nil {
			return err
		}
		if u.Active && u.DeletedAt == nil {
			next, err = d.follow(tx, c, u, person, d.brake(tx, c, u))
		} else {
			next, err = d.leave(tx, c, u, person, d.brake(tx, c, u))
		}
		if err != nil {
			return err
		}
	}
	return rowOf(tx, u).Updates(map[string]any{"removal": next, "due": false}).Error
}

// follow gives somebody active what his attributes and groups give him.
func (d *Directories) follow(tx *store.Tx, c Client, u User, person account.Person, allow provisioning.Allow) (Removal, error) {
	kept, err := tenancy.Blocked(tx, c.CompanyID, person.ID)
	if err != nil || kept || person.DeactivatedAt != nil || person.Service {
		return NotRemoved, err
	}
	m, r, err := reading(tx, c, u)
	if err != nil {
		return u.Removal, err
	}
	_, did, err := d.connectors.Follow(tx, c.CompanyID, person, u.DirectoryID, m, r, allow)
	if err == nil && !did {
		return Staged, nil
	}
	return NotRemoved, err
}

// leave takes everything from somebody deactivated or deleted: roles, sessions
// and visits here, delegations into the company; those elsewhere wait for their
// hosts. He keeps a role that nobody else has, and what goes with it. Whom
// another directory still has follows that one alone.
func (d *Directories) leave(tx *store.Tx, c Client, u User, person account.Person, allow provisioning.Allow) (Removal, error) {
	if u.Removal == Removed {
		return Removed, nil
	}
	others, err := elsewhere(tx, u)
	if err != nil {
		return u.Removal, err
	}
	if len(others) > 0 {
		became, err := d.follow(tx, c, others[0], person, allow)
		if became == NotRemoved {
			became = Removed
		}
		return became, err
	}
	home := person.HomeCompanyID != nil && *person.HomeCompanyID == c.CompanyID
	done, did, err := d.connectors.Leave(tx, c.CompanyID, person, allow)
	switch {
	case err != nil:
		return u.Removal, err
	case !did:
		if err := delegation.Hold(tx, c.CompanyID, person.ID); err != nil { // before sessions: see delegation.End
			return Staged, err
		}
		return Staged, access.EndAt(tx, c.CompanyID, person)
	case len(done.Held) > 0:
		return Held, tellKept(tx, c, u, person, done.Held)
	}
	tx.Record(event.Offboarded, store.About{ID: person.ID, Name: person.Name, Company: c.CompanyID, Data: map[string]any{"home": home, "directory": c.ID}})
	tx.Notify("account:" + person.ID)
	return Removed, nil
}

// elsewhere are the same person's rows in the other directories of the company
// that have him, the first that came first.
func elsewhere(tx *store.Tx, u User) (list []User, err error) {
	err = tx.Where("company_id = ? AND account_id = ? AND id <> ? AND active = ? AND deleted_at IS NULL", u.CompanyID, u.AccountID, u.ID, true).
		Order("created_at, id").Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var gone []string
	err = tx.Model(&Directory{}).Where("company_id = ? AND removed_at IS NOT NULL", u.CompanyID).Pluck("id", &gone).Error
	return slices.DeleteFunc(list, func(other User) bool { return slices.Contains(gone, other.DirectoryID) }), err
}
