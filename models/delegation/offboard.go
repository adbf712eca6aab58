package delegation

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// OnBehalf counts the delegations at other companies that a person of the
// actor's company accepted while he belonged to it, and that are not over. Who
// the hosts are is theirs to tell.
func (d *Delegations) OnBehalf(ctx context.Context, by models.Actor, person string) (count int, err error) {
	err = d.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		return tx.Across("how many delegations a person holds for his company", func(tx *store.Tx) error {
			held, err := onBehalf(tx, company, person)
			count = len(held)
			return err
		})
	})
	return count, err
}

func onBehalf(tx *store.Tx, company, person string) (list []Delegation, err error) {
	var rows []Delegation
	err = tx.Where("account_id = ? AND real_company_id = ? AND company_id <> ? AND revoked_at IS NULL AND declined_at IS NULL", person, company, company).
		Order("company_id, id").Find(&rows).Error
	for _, row := range rows {
		if !row.Over(tx.Now()) {
			list = append(list, row)
		}
	}
	return list, err
}

// offboard follows when a company removes a person: delegations that let him
// into it end, and those that he holds elsewhere in its name wait for their
// hosts to decide. It runs in a System transaction.
func offboard(tx *store.Tx, about store.About) error {
	var here []Delegation
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("account_id = ? AND company_id = ? AND revoked_at IS NULL AND declined_at IS NULL", about.ID, about.Company).Order("id").Find(&here).Error
	if err != nil {
		return err
	}
	for _, d := range here {
		if d.Over(tx.Now()) {
			continue // the sweep writes that down
		}
		if err := revoke(tx, d, event.DelegationRevoked); err != nil {
			return err
		}
	}
	if err := leaveFirm(tx, about.Company, about.ID); err != nil {
		return err
	}
	return Hold(tx, about.Company, about.ID)
}

// Hold suspends the delegations that a person holds elsewhere in the name of a
// company that lets him go, or is about to. Their hosts decide: coming back
// revives none. It runs in a System transaction.
func Hold(tx *store.Tx, company, person string) error {
	elsewhere, err := onBehalf(tx, company, person)
	if err != nil {
		return err
	}
	return suspendAll(tx, elsewhere, Offboard)
}

// suspendClosed follows when an account is closed: no host of its owner lets
// him in before it has decided.
func suspendClosed(tx *store.Tx, about store.About) error {
	var held []Delegation
	err := tx.Where("account_id = ? AND "+standingDelegation, about.ID).Order("company_id, id").Find(&held).Error
	if err != nil {
		return err
	}
	return suspendAll(tx, held, Offboard)
}

// suspendAll suspends those that still stand, in their order.
func suspendAll(tx *store.Tx, list []Delegation, why string) error {
	for _, row := range list {
		d, err := lock(tx, row.ID)
		if err != nil {
			return err
		}
		if d.SuspendedAt != nil || d.Over(tx.Now()) {
			continue
		}
		if err := suspend(tx, d, why); err != nil {
			return err
		}
	}
	return nil
}
