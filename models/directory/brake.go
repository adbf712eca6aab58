package directory

import (
	"context"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// fewest is how many people a directory of any size may remove within an hour:
// of ten people one is a tenth, and that one leaves is no accident.
const fewest = 5

// Approved marks a staged removal that a manager let through.
const Approved Removal = "approved"

// brake decides whether somebody may lose roles now. Once a directory took them
// from more people within an hour than the company's brakes allow, further
// removals wait for a manager.
func (d *Directories) brake(tx *store.Tx, c Client, u User) provisioning.Allow {
	return func(done provisioning.Applied) (bool, error) {
		if len(done.Lost) == 0 {
			return true, nil
		}
		now := models.At(tx.Now())
		if u.Removal != Approved {
			stopped, err := stopped(tx, c)
			if err != nil || stopped {
				return false, err
			}
		}
		return true, rowOf(tx, u).Update("lost_at", now).Error
	}
}

func stopped(tx *store.Tx, c Client) (bool, error) {
	if err := tx.LockDirectory(c.ID, "removals"); err != nil {
		return false, err
	}
	var own Directory
	if err := tx.Where("company_id = ? AND id = ?", c.CompanyID, c.ID).Take(&own).Error; err != nil {
		return false, err
	}
	if own.HeldAt != nil {
		return true, nil
	}
	var company tenancy.Company
	if err := tx.Where("id = ?", c.CompanyID).Take(&company).Error; err != nil {
		return false, err
	}
	var known, lost int64
	err := tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND deleted_at IS NULL", c.CompanyID, c.ID).Count(&known).Error
	if err != nil {
		return false, err
	}
	since := models.At(tx.Now().Add(-time.Hour))
	err = tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND lost_at > ?", c.CompanyID, c.ID, since).Count(&lost).Error
	if err != nil {
		return false, err
	}
	most := min(company.Brakes.People, max(fewest, int(known)*company.Brakes.Percent/100))
	if int(lost) < most {
		return false, nil
	}
	tx.Record(event.DirectoryHeld, store.About{ID: own.ID, Name: own.Name, Company: own.CompanyID, Data: map[string]any{"lost": lost}})
	tx.Notify("directory:" + own.ID)
	return true, tx.Model(&Directory{}).Where("company_id = ? AND id = ?", c.CompanyID, c.ID).Update("held_at", models.At(tx.Now())).Error
}

// Staged lists those whose removal waits for a manager of the actor's company.
func (d *Directories) Staged(ctx context.Context, by models.Actor, id string) (list []User, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		return tx.Where("directory_id = ? AND removal = ?", id, Staged).Order("user_name_key, id").Find(&list).Error
	})
	return list, err
}

func countStaged(tx *store.Tx, id string) (people int64, err error) {
	err = tx.Model(&User{}).Where("directory_id = ? AND removal = ?", id, Staged).Count(&people).Error
	return people, err
}

// Decide ends the hold of a directory. It is for who manages people: a mandate
// for the directory is not enough. With remove the staged removals go
// through, of as many people as confirmed says; without it those people keep
// what they have until the directory says something else of them.
func (d *Directories) Decide(ctx context.Context, by models.Actor, id string, remove bool, confirmed int) error {
	var own Directory
	err := d.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) (err error) {
		if own, err = load(tx, id, true); err != nil {
			return err
		}
		if own.HeldAt == nil {
			return models.Fail(models.Conflict, "directory.error.not_held")
		}
		staged, err := countStaged(tx, id)
		if err != nil {
			return err
		}
		next := Kept
		if remove {
			if next = Approved; int64(confirmed) != staged {
				wrong := models.FieldErrors{}
				wrong.Add("confirm", "provisioning.error.confirm", "Number", staged)
				return wrong.Err()
			}
		}
		err = tx.Model(&User{}).Where("directory_id = ? AND removal = ?", id, Staged).Updates(map[string]any{"removal": next, "due": remove}).Error
		if err != nil {
			return err
		}
		tx.Record(event.DirectoryDecided, store.About{ID: own.ID, Name: own.Name, Data: map[string]any{"removed": remove, "people": staged}})
		tx.Notify("directory:" + own.ID)
		return tx.Model(&Directory{}).Where("company_id = ? AND id = ?", own.CompanyID, id).Update("held_at", nil).Error
	})
	if err != nil || !remove {
		return err
	}
	return d.evaluateDue(ctx, own)
}
