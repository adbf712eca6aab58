package directory

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/store"
)

// Ending is how a directory is removed.
type Ending struct {
	Name string // of the directory, typed
	// Leave lets its people keep the roles that they have: what the directory
	// said of them stays known until a sign-in says otherwise. Without it they
	// lose what rested on it.
	Leave  bool
	People int // without Leave, how many people that is about: see Matched
}

// Matched counts the people whom a directory of the actor's company knows by
// their account: whom it takes roles from when it is removed. Who may not remove
// it is refused.
func (d *Directories) Matched(ctx context.Context, by models.Actor, id string) (people int64, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if _, err := removable(tx, id, false); err != nil {
			return err
		}
		people, err = matched(tx, id)
		return err
	})
	return people, err
}

// removable reads a directory for who may remove it: who works by a set-up link
// sets directories up, and removes none. While removals wait, removing it decides
// about them, which is for who manages people: see Decide.
func removable(tx *store.Tx, id string, locked bool) (Directory, error) {
	if tx.Actor.ByLink() {
		return Directory{}, models.Fail(models.Forbidden, "directory.error.remove_by_link")
	}
	own, err := load(tx, id, locked)
	if err != nil || tx.Actor.May(models.ManagePeople) {
		return own, err
	}
	staged, err := countStaged(tx, id)
	if err == nil && staged > 0 {
		err = models.Fail(models.Forbidden, "directory.error.remove_held")
	}
	return own, err
}

func matched(tx *store.Tx, id string) (people int64, err error) {
	err = tx.Model(&User{}).Where("directory_id = ? AND account_id <> ? AND removal <> ?", id, "", Removed).Count(&people).Error
	return people, err
}

// Remove ends a directory of the actor's company: no token opens it any more.
// Its people are gone through afterwards, a part at a time: see Advance. No brake
// stops that, since the number of people was typed.
func (d *Directories) Remove(ctx context.Context, by models.Actor, id string, in Ending) error {
	return d.store.Write(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		own, err := removable(tx, id, true)
		if err != nil {
			return err
		}
		people, err := matched(tx, id)
		if err != nil {
			return err
		}
		wrong := models.FieldErrors{}
		if strings.TrimSpace(in.Name) != own.Name {
			wrong.Add("confirm", "directory.error.name", "Name", own.Name)
		}
		if !in.Leave && int64(in.People) != people {
			wrong.Add("people", "directory.error.people", "Number", people)
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		now := models.At(tx.Now())
		if err := tx.Model(&Token{}).Where("directory_id = ? AND revoked_at IS NULL", id).Update("revoked_at", now).Error; err != nil {
			return err
		}
		tx.Record(event.DirectoryDisabled, store.About{ID: own.ID, Name: own.Name, Data: map[string]any{"kind": own.Kind, "left": in.Leave, "people": people}})
		tx.Notify("directory:" + own.ID)
		return tx.Model(&Directory{}).Where("company_id = ? AND id = ?", own.CompanyID, id).Updates(map[string]any{"removed_at": now, "leaves": in.Leave, "held_at": nil}).Error
	})
}

// dissolve goes through the people of a directory that was removed, and at last
// takes away all that it held.
func (d *Directories) dissolve(ctx context.Context, own Directory) error {
	for more := true; more; {
		var err error
		if more, err = d.dissolvePart(ctx, own); err != nil {
			return err
		}
	}
	return d.clear(ctx, own)
}

func (d *Directories) dissolvePart(ctx context.Context, own Directory) (more bool, err error) {
	for range attempts {
		err = d.store.System(ctx, "people of a directory that was removed", func(tx *store.Tx) error {
			tx.NothingToRecord() // but for the roles that change
			if err := tx.LockCompany(own.CompanyID, true); err != nil {
				return err
			}
			var list []User
			err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ? AND directory_id = ?", own.CompanyID, own.ID).
				Order("id").Limit(d.atOnce).Find(&list).Error
			if more = len(list) > 0; err != nil || !more {
				return err
			}
			c := Client{Directory: own, Request: models.NewID("dreq")}
			return act(tx, c, func() error { return d.partAll(tx, c, list) })
		})
		if !store.Contended(err) {
			break
		}
	}
	return more, err
}

func (d *Directories) partAll(tx *store.Tx, c Client, list []User) error {
	if err := lockAccounts(tx, list); err != nil {
		return err
	}
	for part := range slices.Chunk(userIDs(list), atOnce) {
		if err := tx.Where("company_id = ? AND member_id IN ?", c.CompanyID, part).Delete(&Member{}).Error; err != nil {
			return err
		}
		if err := tx.Where("company_id = ? AND id IN ?", c.CompanyID, part).Delete(&User{}).Error; err != nil {
			return err
		}
	}
	for _, u := range list {
		if u.AccountID == "" || u.Removal == Removed {
			continue
		}
		person, err := account.Load(tx, u.AccountID)
		if err != nil {
			return err
		}
		if err := d.part(tx, c, u, person); err != nil {
			return err
		}
	}
	return nil
}

// part parts somebody from a directory that was removed. Whom another directory
// has follows that one.
func (d *Directories) part(tx *store.Tx, c Client, u User, person account.Person) error {
	others, err := elsewhere(tx, u)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		_, err := d.follow(tx, c, others[0], person, letAll)
		return err
	}
	switch here := u.Active && u.DeletedAt == nil; {
	case c.Leaves:
		return d.connectors.Retain(tx, c.CompanyID, person, c.ID)
	case !here: // the removal that waited
		_, err := d.leave(tx, c, u, person, letAll)
		return err
	}
	_, err = d.connectors.Withdraw(tx, c.CompanyID, person, c.ID)
	return err
}

// letAll is no brake.
func letAll(provisioning.Applied) (bool, error) { return true, nil }

// clear takes away a directory that has nobody any more, a part at a time.
func (d *Directories) clear(ctx context.Context, own Directory) (err error) {
	for more := true; more && err == nil; {
		err = d.store.System(ctx, "clear a directory that was removed", func(tx *store.Tx) error {
			tx.NothingToRecord() // that it goes was recorded
			more, err = clearPart(tx, own)
			return err
		})
	}
	return err
}

// clearPart takes away some of what a directory held, and says whether there may
// be more; at last the directory itself.
func clearPart(tx *store.Tx, own Directory) (more bool, err error) {
	mine := func() *gorm.DB { return tx.Where("company_id = ? AND directory_id = ?", own.CompanyID, own.ID) }
	some := func(of any, column string) (ids []string, err error) {
		err = mine().Model(of).Limit(atOnce).Pluck(column, &ids).Error
		return ids, err
	}
	inGroups, err := some(&Group{}, "id")
	if err != nil {
		return false, err
	}
	logged, err := some(&Request{}, "id")
	if err != nil {
		return false, err
	}
	if len(inGroups) > 0 {
		if err := mine().Where("group_id IN ?", inGroups).Delete(&Member{}).Error; err != nil {
			return false, err
		}
		if err := mine().Where("id IN ?", inGroups).Delete(&Group{}).Error; err != nil {
			return false, err
		}
	}
	if len(logged) > 0 {
		if err := mine().Where("id IN ?", logged).Delete(&Request{}).Error; err != nil {
			return false, err
		}
	}
	if len(inGroups)+len(logged) > 0 {
		return true, nil
	}
	if err := mine().Delete(&Token{}).Error; err != nil {
		return false, err
	}
	return false, tx.Where("company_id = ? AND id = ?", own.CompanyID, own.ID).Delete(&Directory{}).Error
}
