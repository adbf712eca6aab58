package provisioning

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
)

// Known is the profile of a person in a company as of the last reading, and the
// zero Profile for somebody who has not come in through a source.
func Known(tx *store.Tx, company, account string) (Profile, error) {
	var rows []profileRow
	err := tx.Where("company_id = ? AND account_id = ?", company, account).Order("asserted_at DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return Profile{}, err
	}
	return rows[0].profile()
}

func (r profileRow) profile() (p Profile, err error) {
	if err = json.Unmarshal([]byte(r.Attributes), &p); err != nil {
		err = fmt.Errorf("provisioning: the profile of %s: %w", r.AccountID, err)
	}
	return p, err
}

// remember stores the profile that a reading of a source led to.
func remember(tx *store.Tx, company, account, source string, p Profile, from Source) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	at, err := laterThanKnown(tx, company, account)
	if err != nil {
		return err
	}
	row := profileRow{CompanyID: company, AccountID: account, SourceID: source, Attributes: string(text), AssertionID: from.Reference, AssertedAt: at}
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if made.Error != nil || made.RowsAffected > 0 {
		return made.Error
	}
	return tx.Model(&profileRow{}).Where("company_id = ? AND account_id = ? AND source_id = ?", company, account, source).
		Updates(map[string]any{"attributes": row.Attributes, "assertion_id": row.AssertionID, "asserted_at": row.AssertedAt}).Error
}

// laterThanKnown is when a profile is remembered: later than what another source
// led to, whose transaction may have begun after this one and been first.
func laterThanKnown(tx *store.Tx, company, account string) (models.Instant, error) {
	at := models.At(tx.Now())
	var rows []profileRow
	err := tx.Select("asserted_at").Where("company_id = ? AND account_id = ?", company, account).Order("asserted_at DESC").Limit(1).Find(&rows).Error
	if err == nil && len(rows) > 0 && !at.After(rows[0].AssertedAt.Time) {
		at = models.At(rows[0].AssertedAt.Add(time.Microsecond))
	}
	return at, err
}

// forget drops what is known of a person whom the company removed, and what
// undoing would give back to him. It runs in a System transaction.
func forget(tx *store.Tx, about store.About) error {
	if err := tx.Where("company_id = ? AND account_id = ?", about.Company, about.ID).Delete(&takenGrant{}).Error; err != nil {
		return err
	}
	return tx.Where("company_id = ? AND account_id = ?", about.Company, about.ID).Delete(&profileRow{}).Error
}
