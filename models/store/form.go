package store

import (
	"cmp"

	"locum/models"
)

// OnlyOnce lets a change be made once from the form that the actor sent: of a
// form that was used it answers Conflict, and nothing is written. It is for what
// is shown one time, such as a secret, since a browser sends a form again when
// its answer is reloaded. A change that came from no such form is let through.
//
// The key of the form is remembered by the id of the first event that the
// transaction records: the trail keeps it for good.
func (tx *Tx) OnlyOnce() error {
	if tx.Actor.Form == "" {
		return nil
	}
	tx.formEvent = models.IDOf("evt", "form", cmp.Or(tx.Actor.Account, tx.Actor.Session), tx.Actor.Form)
	var used int64
	err := tx.Across("whether a form was used", func(tx *Tx) error {
		return tx.Model(&Event{}).Where("id = ?", tx.formEvent).Count(&used).Error
	})
	if err == nil && used > 0 {
		err = formUsed()
	}
	return err
}

func formUsed() error { return models.Fail(models.Conflict, models.FormUsed) }
