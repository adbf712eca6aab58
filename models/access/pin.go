package access

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
)

// Kept is what a person keeps about a place, which is an organization or a
// company alone. Whether he can still work there is asked elsewhere.
type Kept struct {
	AccountID string `gorm:"primaryKey"`
	PlaceID   string `gorm:"primaryKey"`
	UsedAt    *models.Instant
	PinnedAt  *models.Instant
}

// TableName is the table of places.
func (Kept) TableName() string { return "places" }

// mostPins is how many places a person can keep at hand.
const mostPins = 20

// Pin keeps a place at hand: it stands first in the switcher, in every browser
// of the person. It must be one where he can work, now or later.
func (s *Sessions) Pin(ctx context.Context, by models.Actor, place string) error {
	return s.store.SystemFor(ctx, by, "keep a place at hand", func(tx *store.Tx) error {
		tx.NothingToRecord() // how a person orders his places is nobody's business
		list, err := places(tx, tx.Actor)
		if err != nil {
			return err
		}
		found, pinned := false, 0
		for _, p := range list {
			found = found || p.Place() == place
			if p.Pinned && p.Place() != place {
				pinned++
			}
		}
		switch {
		case !found:
			return models.Unknown()
		case pinned >= mostPins:
			return models.Fail(models.Conflict, "acting.error.pins", "Most", mostPins)
		}
		now := models.At(tx.Now())
		return keep(tx, Kept{AccountID: tx.Actor.Account, PlaceID: place, PinnedAt: &now}, "pinned_at")
	})
}

// Unpin takes a place from those at hand, also one where he cannot work any more.
// One that he took away already is no error.
func (s *Sessions) Unpin(ctx context.Context, by models.Actor, place string) error {
	return s.store.SystemFor(ctx, by, "keep a place at hand no more", func(tx *store.Tx) error {
		tx.NothingToRecord()
		tx.Notify("account:" + tx.Actor.Account)
		kept := tx.Model(&Kept{}).Where("account_id = ? AND place_id = ?", tx.Actor.Account, place).Update("pinned_at", nil)
		if kept.Error == nil && kept.RowsAffected == 0 {
			return models.Unknown()
		}
		return kept.Error
	})
}

// visited notes that a person went to a place, in the transaction that moves him.
func visited(tx *store.Tx, account string, place models.Party) error {
	if place.None() {
		return nil
	}
	now := models.At(tx.Now())
	return keep(tx, Kept{AccountID: account, PlaceID: place.Place(), UsedAt: &now}, "used_at")
}

func keep(tx *store.Tx, row Kept, column string) error {
	tx.Notify("account:" + row.AccountID)
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "account_id"}, {Name: "place_id"}},
		DoUpdates: clause.AssignmentColumns([]string{column})}).Create(&row).Error
}

// mark says of each place when a person went there last, and whether he keeps
// it at hand.
func mark(tx *store.Tx, account string, list []Place) error {
	var rows []Kept
	if err := tx.Where("account_id = ?", account).Find(&rows).Error; err != nil {
		return err
	}
	kept := make(map[string]Kept, len(rows))
	for _, row := range rows {
		kept[row.PlaceID] = row
	}
	for i := range list {
		row := kept[list[i].Place()]
		list[i].Pinned = row.PinnedAt != nil
		if row.UsedAt != nil {
			list[i].Used = row.UsedAt.Time
		}
	}
	return nil
}
