package directory

import (
	"context"
	"errors"

	"locum/models"
	"locum/models/store"
)

// Advance decides about those who wait for it, a part at a time, of all
// directories, and goes on with those that were removed: a sweep calls it again
// and again.
func (d *Directories) Advance(ctx context.Context) error {
	var waiting []Directory
	err := d.store.SystemRead(ctx, "look for people of directories who wait", func(tx *store.Tx) error {
		var ids []string
		if err := tx.Model(&User{}).Distinct("directory_id").Where("due").Pluck("directory_id", &ids).Error; err != nil {
			return err
		}
		return tx.Where("id IN ? OR removed_at IS NOT NULL", ids).Order("company_id, id").Find(&waiting).Error
	})
	for _, own := range waiting {
		goOn := d.evaluateDue
		if own.RemovedAt != nil {
			goOn = d.dissolve
		}
		err = errors.Join(err, goOn(ctx, own)) // of one directory, which does not hold up the others
	}
	return err
}

// evaluateDue decides about those of a directory who wait, a part at a time. A
// part that fails is gone through one by one, so that who cannot be evaluated does
// not hold up the others: he waits for the next sweep.
func (d *Directories) evaluateDue(ctx context.Context, own Directory) (failed error) {
	for after, most := "", d.atOnce; ; {
		last, err := d.advance(ctx, own, after, most)
		switch {
		case err != nil && (last == "" || ctx.Err() != nil):
			return errors.Join(failed, err)
		case err != nil && most > 1:
			most = 1
		case err != nil:
			failed = errors.Join(failed, err)
			after, most = last, d.atOnce
		case last == "":
			return failed
		default:
			after = last
		}
	}
}

// advance decides about the next people after one who wait. last is the last of
// them, also where it failed; empty where there is none.
func (d *Directories) advance(ctx context.Context, own Directory, after string, most int) (last string, err error) {
	for range attempts {
		last = ""
		err = d.store.System(ctx, "people of a directory who wait", func(tx *store.Tx) error {
			tx.NothingToRecord() // but for the roles that change
			if err := tx.LockCompany(own.CompanyID, true); err != nil {
				return err
			}
			var ids []string
			err := tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND due AND id > ?", own.CompanyID, own.ID, after).Order("id").Limit(most).Pluck("id", &ids).Error
			if err != nil || len(ids) == 0 {
				return err
			}
			last = ids[len(ids)-1]
			c := Client{Directory: own, Request: models.NewID("dreq")}
			return act(tx, c, func() error { return d.evaluate(tx, c, ids, false) })
		})
		if !store.Contended(err) {
			break
		}
	}
	return last, err
}
