package access

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
)

// CountAt counts a person's live sessions that work in the actor's company or
// began there.
func (s *Sessions) CountAt(ctx context.Context, by models.Actor, person string) (count int, err error) {
	err = s.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		return tx.Across("how many sessions of a person end with his roles", func(tx *store.Tx) error {
			p, err := account.Load(tx, person)
			if err != nil {
				return err
			}
			rows, err := sessionsAt(tx, person, company, p.HomeCompanyID != nil && *p.HomeCompanyID == company)
			count = len(rows)
			return err
		})
	})
	return count, err
}

// sessionsAt are a person's live sessions in a company; home says that he
// belongs to it, so that also those are its own that chose no place, and those
// on a visit from there.
func sessionsAt(tx *store.Tx, person, company string, home bool) (list []account.Session, err error) {
	var rows []account.Session
	err = tx.Where("account_id = ? AND revoked_at IS NULL", person).Order("id").Find(&rows).Error
	for _, row := range rows {
		if row.Live(tx.Now()) && (row.CompanyID == company || home && (row.CompanyID == "" || row.VisitID != "")) {
			list = append(list, row)
		}
	}
	return list, err
}

// offboard ends the sessions of a person whom a company removed. It runs in a
// System transaction, after the delegations followed.
func offboard(tx *store.Tx, about store.About) error {
	home, _ := about.Data["home"].(bool)
	rows, err := sessionsAt(tx, about.ID, about.Company, home)
	if err != nil {
		return err
	}
	return revokeFor(tx, about.Company, about.Name, rows)
}

// EndAt ends the sessions of a person that work in a company or began there, and
// their visits, because the company's directory says so. It runs in a System
// transaction.
func EndAt(tx *store.Tx, company string, person account.Person) error {
	rows, err := sessionsAt(tx, person.ID, company, person.HomeCompanyID != nil && *person.HomeCompanyID == company)
	if err != nil {
		return err
	}
	return revokeFor(tx, company, person.Name, rows)
}

// revokeFor ends sessions of a person because a company says so, and their
// visits with them. It runs in a System transaction.
func revokeFor(tx *store.Tx, company, name string, rows []account.Session) error {
	for _, row := range rows {
		if err := tx.Model(&account.Session{}).Where("id = ?", row.ID).Update("revoked_at", models.At(tx.Now())).Error; err != nil {
			return err
		}
		if err := endVisitOf(tx, row, delegation.SessionEnded, tx.Now()); err != nil {
			return err
		}
		tx.Record(event.SessionRevoked, store.About{ID: row.ID, Name: name, Company: company, Data: map[string]any{"person": row.AccountID}})
		tx.Notify("session:" + row.ID)
	}
	return nil
}
