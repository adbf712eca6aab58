package access

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// refusedEntry records that the actor was refused by a host that lets him in, in
// a transaction of its own: the refusal took back all of the other.
func (s *Sessions) refusedEntry(ctx context.Context, by models.Actor, organization string, needs []models.Need) error {
	return s.store.SystemFor(ctx, by, "record a refused visit", func(tx *store.Tx) error {
		tx.NothingToRecord() // when the delegation ended meanwhile
		var d delegation.Delegation
		err := tx.Where("organization_id = ? AND account_id = ? AND revoked_at IS NULL AND declined_at IS NULL", organization, tx.Actor.Account).Take(&d).Error
		if store.Missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		him := tx.Actor
		if him.Effective, err = tenancy.PartyOf(tx, d.CompanyID, d.OrganizationID); err != nil {
			return err
		}
		if him.Real, err = home(tx, him.Account); err != nil {
			return err
		}
		him.Delegation, him.Visit = d.ID, ""
		tx.Record(event.VisitRefused, store.About{ID: d.ID, Name: d.Person(), Company: d.CompanyID, Organization: d.OrganizationID, As: &him,
			Data: map[string]any{"needs": needs}})
		return nil
	})
}

// Hold records that the actor's visit does not go on, once for each of his needs.
func (s *Sessions) Hold(ctx context.Context, by models.Actor) error {
	return s.store.System(ctx, "record that a visit does not go on", func(tx *store.Tx) error {
		tx.NothingToRecord() // when it is known
		return hold(tx, by)
	})
}

// hold records, once for each visit and need, that a visit does not go on.
func hold(tx *store.Tx, by models.Actor) error {
	var v delegation.Visit
	err := tx.Where("company_id = ? AND id = ? AND left_at IS NULL", by.Effective.Company, by.Visit).Take(&v).Error
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	told := strings.FieldsFunc(v.HeldBy, func(c rune) bool { return c == ',' })
	fresh := slices.DeleteFunc(slices.Clone(by.Needs), func(n models.Need) bool { return slices.Contains(told, string(n)) })
	if len(fresh) == 0 {
		return nil
	}
	for _, n := range fresh {
		told = append(told, string(n))
	}
	done := tx.Model(&delegation.Visit{}).Where("company_id = ? AND id = ? AND held_by = ?", v.CompanyID, v.ID, v.HeldBy).Update("held_by", strings.Join(told, ","))
	if done.Error != nil || done.RowsAffected == 0 { // another request was quicker
		return done.Error
	}
	tx.Record(event.VisitHeld, store.About{ID: v.ID, Name: v.AccountName, Company: v.CompanyID, Organization: v.OrganizationID, As: &by,
		Data: map[string]any{"needs": fresh}})
	return nil
}
