package usage

import (
	"context"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/store"
)

// Marked lists the records of a period that came late, that correct another or that
// were corrected, the newest first, and how many there are.
func (u *Usage) Marked(ctx context.Context, by models.Actor, s Scope, p Period, page models.Page) (list []Held, all int64, err error) {
	err = u.store.Read(ctx, by, s.View(), func(tx *store.Tx) error {
		marked := func() *gorm.DB {
			return tx.Model(&Entry{}).Where("company_id = ? AND state = ? AND day >= ? AND day <= ? AND (late <> '' OR corrects <> '' OR corrected_by <> '')",
				s.owner(tx), Counted, p.From, p.Until)
		}
		if err := marked().Count(&all).Error; err != nil {
			return err
		}
		var found []Entry
		if err := marked().Order("day DESC, id DESC").Offset(page.Offset()).Limit(page.Size).Find(&found).Error; err != nil {
			return err
		}
		list, err = named(tx, found)
		return err
	})
	return list, all, err
}
