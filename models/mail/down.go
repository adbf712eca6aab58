package mail

import (
	"time"

	"locum/models"
	"locum/models/store"
)

// overdue is after how long without a try a mail counts as one that cannot be
// sent: nothing is sending then.
const overdue = 5 * time.Minute

// Down says whether mail cannot be sent now, as far as is known: the newest mail
// that was tried and still waits came after the last one that went out, or one
// waits that nobody tries. It runs in a System transaction.
func Down(tx *store.Tx) (bool, error) {
	var stuck, sent, idle []Mail
	if err := tx.Where("sent_at IS NULL AND given_up_at IS NULL AND attempts > 0").Order("created_at DESC").Limit(1).Find(&stuck).Error; err != nil {
		return false, err
	}
	if len(stuck) > 0 {
		if err := tx.Where("sent_at >= ?", stuck[0].CreatedAt).Limit(1).Find(&sent).Error; err != nil {
			return false, err
		}
		if len(sent) == 0 {
			return true, nil
		}
	}
	err := tx.Where("sent_at IS NULL AND given_up_at IS NULL AND attempts = 0 AND created_at <= ?", models.At(tx.Now().Add(-overdue))).Limit(1).Find(&idle).Error
	return len(idle) > 0, err
}
