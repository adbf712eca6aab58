package directory

import (
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/store"
)

// Resolve decides a sign-in: it is the federation.Resolve of the program. Whom a
// directory deactivated no sign-in revives; all else is the connectors' to say.
func (d *Directories) Resolve(tx *store.Tx, in federation.Said) (refusal *models.Error, err error) {
	var rows []User
	if err := tx.Where("company_id = ? AND account_id = ?", in.Company, in.Account).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		inactive, err := inactiveAs(tx, in)
		if err != nil {
			return nil, err
		}
		rows = inactive
	}
	spared := false
	for _, u := range rows {
		if u.Active && u.DeletedAt == nil {
			return d.connectors.Resolve(tx, in)
		}
		spared = spared || u.Removal == Held || u.Removal == Kept
	}
	switch {
	case len(rows) == 0:
		return d.connectors.Resolve(tx, in)
	case spared:
		return nil, nil // he keeps what he has, and gets nothing
	}
	return models.Fail(models.Forbidden, "federation.error.deactivated"), nil
}

// inactiveAs are the users with the address of who signs in whom a directory has
// as inactive, and with whom nobody was matched: nobody is looked for until they
// are active.
func inactiveAs(tx *store.Tx, in federation.Said) (list []User, err error) {
	person, err := account.Load(tx, in.Account)
	if err != nil {
		return nil, err
	}
	var rows []User
	err = tx.Where("company_id = ? AND account_id = ? AND active = ? AND deleted_at IS NULL", in.Company, "", false).
		Where(`user_name_key = ? OR lower(resource) LIKE ? ESCAPE '\'`, fold(person.Normal), "%"+literal(strings.ToLower(person.Normal))+"%").Order("id").Find(&rows).Error
	for _, u := range rows {
		r, err := u.whole()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(u.emails(r), func(e account.Email) bool { return e.Normal == person.Normal }) {
			list = append(list, u)
		}
	}
	return list, err
}
