package account

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
)

// Counter counts how often something was done under a key in one window of
// time. It protects sign-in on every replica alike.
type Counter struct {
	Key      string         `gorm:"primaryKey"`
	WindowAt models.Instant `gorm:"primaryKey"`
	Hits     int
}

// TableName is the table of counters.
func (Counter) TableName() string { return "rate_counters" }

// Limit counts one more under a key, in a System transaction, and answers
// models.TooMany once there were more than limit in the window. The count
// stands only when the transaction commits: count in one of its own.
func Limit(tx *store.Tx, key string, limit int, window time.Duration) error {
	c := Counter{Key: key, WindowAt: models.At(tx.Now().Truncate(window))}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&c).Error; err != nil {
		return err
	}
	row := tx.Model(&Counter{}).Where("key = ? AND window_at = ?", c.Key, c.WindowAt)
	if err := row.Update("hits", gorm.Expr("hits + 1")).Error; err != nil {
		return err
	}
	if err := tx.Where("key = ? AND window_at = ?", c.Key, c.WindowAt).Take(&c).Error; err != nil {
		return err
	}
	if c.Hits > limit {
		return models.Fail(models.TooMany, "error.too_many", "Minutes", max(1, int(window.Minutes())))
	}
	return nil
}

// Prune removes codes and counters that no longer matter, in a System
// transaction.
func Prune(tx *store.Tx) error {
	day := models.At(tx.Now().Add(-24 * time.Hour))
	if err := tx.Where("expires_at < ?", day).Delete(&CodeRequest{}).Error; err != nil {
		return err
	}
	return tx.Where("window_at < ?", day).Delete(&Counter{}).Error
}
