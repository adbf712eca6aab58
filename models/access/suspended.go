package access

import (
	"slices"

	"gorm.io/gorm"

	"locum/models/store"
	"locum/models/tenancy"
)

// leaving finds the rows of those whom a company's directory deactivated or
// deleted while a manager decides whether their roles go: models/directory, which
// comes after this package, stages them. Whom another directory of the company
// still has is not leaving.
func leaving(tx *store.Tx) *gorm.DB {
	return tx.Table("directory_users AS u").
		Where("u.removal = ? AND (u.active = ? OR u.deleted_at IS NOT NULL)", "staged", false).
		Where("NOT EXISTS (SELECT 1 FROM directory_users o WHERE o.company_id = u.company_id AND o.account_id = u.account_id AND o.active = ? AND o.deleted_at IS NULL)", true)
}

// suspended are the companies in which a person's roles do not count while a
// manager decides about his removal. If every manager of a company is so
// suspended they all go on, since nobody else could decide.
func suspended(tx *store.Tx, person string) (companies []string, err error) {
	err = leaving(tx).Where("u.account_id = ?", person).Distinct("u.company_id").Pluck("u.company_id", &companies).Error
	if err != nil || len(companies) == 0 {
		return nil, err
	}
	var stuck []string
	for _, company := range companies {
		var managers, out []string
		err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND organization_id = ? AND role_id = ?", company, "", tenancy.Manager).
			Distinct("account_id").Pluck("account_id", &managers).Error
		if err != nil {
			return nil, err
		}
		if !slices.Contains(managers, person) {
			continue
		}
		if err := leaving(tx).Where("u.company_id = ? AND u.account_id IN ?", company, managers).Distinct("u.account_id").Pluck("u.account_id", &out).Error; err != nil {
			return nil, err
		}
		if len(out) == len(managers) {
			stuck = append(stuck, company)
		}
	}
	return slices.DeleteFunc(companies, func(c string) bool { return slices.Contains(stuck, c) }), nil
}

// grantsOf are the grants of a person that count now. In a company where he
// waits for a seat none does, nor in one whose directory says that he left.
func grantsOf(tx *store.Tx, person string) (grants []tenancy.Grant, err error) {
	seated, err := tenancy.Seated(tx, person)
	if err != nil {
		return nil, err
	}
	without, err := suspended(tx, person)
	if err != nil {
		return nil, err
	}
	err = tx.Scopes(tenancy.Live(tx.Now()), seated).Where("account_id = ?", person).Order("created_at, id").Find(&grants).Error
	return slices.DeleteFunc(grants, func(g tenancy.Grant) bool { return slices.Contains(without, g.CompanyID) }), err
}
