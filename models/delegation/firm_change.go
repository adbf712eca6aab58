package delegation

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// EndFirm ends a delegation to a firm, and the delegation of everybody whom it
// named. It wins over any change that somebody makes at the same time.
func (d *Delegations) EndFirm(ctx context.Context, by models.Actor, id string) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		if f.Status(tx.Now()).Over() {
			return models.Fail(models.Conflict, "firm.error.over")
		}
		if err := refuseWanted(tx, &f, WasWithdrawn); err != nil {
			return err
		}
		named, err := namedOf(tx, f)
		if err != nil {
			return err
		}
		for _, one := range named {
			if err := revoke(tx, one, event.DelegationRevoked); err != nil {
				return err
			}
		}
		now, told := models.At(tx.Now()), f.ApprovedAt != nil
		f.EndedAt, f.EndedBy, f.EndedByName = &now, tx.Actor.Account, tx.Actor.Name
		if err := saveFirm(tx, &f, map[string]any{"ended_at": now, "ended_by": f.EndedBy, "ended_by_name": f.EndedByName}); err != nil {
			return err
		}
		tx.Record(event.FirmEnded, aboutFirm(f))
		return tx.Across("mails about the end of a delegation to a firm", func(tx *store.Tx) error {
			facts, err := firmFacts(tx, f)
			if err != nil {
				return err
			}
			content, key := mail.FirmOver{FirmDelegated: facts, By: tx.Actor.Name, At: now}, fmt.Sprintf("firm.over.%s", f.ID)
			if err := tell(tx, Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}, key, content, nil, tx.Actor.Account); err != nil || !told {
				return err
			}
			content.ToFirm = true
			return tellFirm(tx, f, key+".firm", content)
		})
	})
}

// VetoPerson ends the delegation of somebody whom a firm named, if he has one,
// and keeps the firm from naming him again.
func (d *Delegations) VetoPerson(ctx context.Context, by models.Actor, id, person string) (v Veto, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		var rows []Delegation
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("firm_id = ? AND named_id = ?", f.ID, person).
			Order("granted_at DESC, id DESC").Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return models.Unknown()
		}
		v = Veto{FirmID: f.ID, AccountID: person, AccountName: rows[0].AccountName, VetoedBy: tx.Actor.Account, VetoedByName: tx.Actor.Name, VetoedAt: models.At(tx.Now())}
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&v)
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected == 0 {
			tx.NothingToRecord() // another superuser was quicker
			return nil
		}
		for _, one := range rows {
			if one.Over(tx.Now()) {
				continue
			}
			if err := revoke(tx, one, event.DelegationRevoked); err != nil {
				return err
			}
		}
		tx.Record(event.FirmVetoed, store.About{ID: f.ID, Name: v.AccountName, Data: map[string]any{"firm": f.FirmName}})
		return nil
	})
	return v, err
}

// LiftVeto lets a firm name somebody again. It gives him nothing back.
func (d *Delegations) LiftVeto(ctx context.Context, by models.Actor, id, person string) (v Veto, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		if err := tx.Where("firm_id = ? AND account_id = ?", id, person).Take(&v).Error; err != nil {
			return unknown(err)
		}
		tx.Record(event.FirmVetoLifted, store.About{ID: f.ID, Name: v.AccountName, Data: map[string]any{"firm": f.FirmName}})
		return tx.Where("firm_id = ? AND account_id = ?", id, person).Delete(&Veto{}).Error
	})
	return v, err
}

// withinFirm refuses an end for somebody whom a firm named that lies after the
// end of the firm's own delegation.
func withinFirm(tx *store.Tx, d Delegation, ends *models.Instant, wrong models.FieldErrors) error {
	if d.FirmID == "" {
		return nil
	}
	var f Firm
	if err := tx.Where("company_id = ? AND id = ?", d.CompanyID, d.FirmID).Take(&f).Error; err != nil {
		return err
	}
	if f.EndsAt != nil && (ends == nil || ends.After(f.EndsAt.Time)) {
		wrong.Add("period", "firm.error.beyond", "Firm", f.FirmName, "End", *f.EndsAt)
	}
	return nil
}

// replaceFirmRole puts another role in the place of one that is deleted, in
// every delegation to a firm. It runs in a System transaction.
func replaceFirmRole(tx *store.Tx, about store.About) error {
	var rows []FirmRole
	if err := tx.Where("role_id = ?", about.ID).Order("company_id, firm_id").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	place, _ := about.Data["with"].(string)
	if place == "" {
		return tenancy.NeedsReplacement("company.error.replacement")
	}
	for _, r := range rows {
		if err := tx.Where("company_id = ? AND firm_id = ? AND role_id = ?", r.CompanyID, r.FirmID, r.RoleID).Delete(&FirmRole{}).Error; err != nil {
			return err
		}
		r.RoleID = place
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error; err != nil {
			return err
		}
	}
	return nil
}
