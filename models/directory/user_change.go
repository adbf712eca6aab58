package directory

import (
	"context"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// CreateUser adds a user. Groups in which a place was kept for him have him from
// then on.
func (d *Directories) CreateUser(ctx context.Context, c Client, body map[string]any) (found Found, err error) {
	r, err := UserType.normal(body)
	if err != nil {
		return found, err
	}
	err = d.change(ctx, c, func(w *work) error {
		if err := w.tx.LockDirectory(c.ID, "arrivals"); err != nil {
			return err
		}
		now := models.At(w.tx.Now())
		u := User{CompanyID: c.CompanyID, ID: models.NewID("dusr"), DirectoryID: c.ID, Active: true, Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := u.take(r); err != nil {
			return err
		}
		if err := w.tx.Create(&u).Error; err != nil {
			return w.duplicate(err)
		}
		if err := w.attach(u.ID, UserMember, u.ExternalID, u.UserName); err != nil {
			return err
		}
		w.touch(u.ID)
		w.recordUser(event.DirectoryUserCreated, u, nil)
		found, err = w.userFound(u)
		return err
	})
	return found, err
}

func (w *work) duplicate(err error) error {
	if store.Duplicate(err) {
		return taken("userName")
	}
	return err
}

// ReplaceUser is PUT: what the body leaves out goes, but for active.
func (d *Directories) ReplaceUser(ctx context.Context, c Client, id string, body map[string]any, match Match) (Found, error) {
	r, err := UserType.normal(body)
	if err != nil {
		return Found{}, err
	}
	return d.changeUser(ctx, c, id, match, func(was Resource) (Resource, error) {
		if _, said := r["active"]; !said {
			r["active"] = was["active"]
		}
		return r, nil
	})
}

// PatchUser applies operations, all or none.
func (d *Directories) PatchUser(ctx context.Context, c Client, id string, operations []Operation, match Match) (Found, error) {
	return d.changeUser(ctx, c, id, match, func(was Resource) (Resource, error) {
		next := copied(was).(Resource)
		for _, o := range operations {
			if err := UserType.patch(next, o); err != nil {
				return nil, err
			}
		}
		return next, nil
	})
}

func (d *Directories) changeUser(ctx context.Context, c Client, id string, match Match, change func(was Resource) (Resource, error)) (found Found, err error) {
	err = d.change(ctx, c, func(w *work) error {
		u, err := w.user(id, true)
		if err != nil {
			return err
		}
		if err := match.check(u.Version); err != nil {
			return err
		}
		was, err := u.whole()
		if err != nil {
			return err
		}
		r, err := change(was)
		if err != nil {
			return err
		}
		if err := w.saveUser(&u, was, r); err != nil {
			return err
		}
		found, err = w.userFound(u)
		return err
	})
	return found, err
}

// saveUser writes what changed, and nothing where nothing did.
func (w *work) saveUser(u *User, was, r Resource) error {
	before := *u
	if err := u.take(r); err != nil {
		return err
	}
	now, err := u.whole()
	if err != nil || same(was, now) {
		return err
	}
	u.Version, u.UpdatedAt = u.Version+1, models.At(w.tx.Now())
	if u.Active != before.Active || u.Removal == Kept {
		u.Removal = NotRemoved
	}
	err = w.tx.Model(&User{}).Where("directory_id = ? AND id = ?", w.ID, u.ID).Updates(map[string]any{"user_name": u.UserName, "user_name_key": u.UserNameKey,
		"external_id": u.ExternalID, "active": u.Active, "resource": u.Resource, "version": u.Version, "removal": u.Removal, "updated_at": u.UpdatedAt}).Error
	if err != nil {
		return w.duplicate(err)
	}
	if u.ExternalID != before.ExternalID || u.UserNameKey != before.UserNameKey {
		if err := w.tx.LockDirectory(w.ID, "arrivals"); err != nil {
			return err
		}
		if err := w.attach(u.ID, UserMember, u.ExternalID, u.UserName); err != nil {
			return err
		}
	}
	w.touch(u.ID)
	w.recordUser(event.DirectoryUserUpdated, *u, difference(was, now))
	return nil
}

// DeleteUser removes a user; a second time there is nobody.
func (d *Directories) DeleteUser(ctx context.Context, c Client, id string, match Match) error {
	return d.change(ctx, c, func(w *work) error {
		u, err := w.user(id, true)
		if err != nil {
			return err
		}
		if err := match.check(u.Version); err != nil {
			return err
		}
		if u.Removal == Kept {
			u.Removal = NotRemoved
		}
		now := models.At(w.tx.Now())
		err = w.tx.Model(&User{}).Where("directory_id = ? AND id = ?", w.ID, id).
			Updates(map[string]any{"deleted_at": now, "active": false, "removal": u.Removal, "version": u.Version + 1, "updated_at": now}).Error
		if err != nil {
			return err
		}
		if err := w.tx.Where("member_id = ?", id).Delete(&Member{}).Error; err != nil {
			return err
		}
		w.touch(id)
		w.recordUser(event.DirectoryUserDeleted, u, nil)
		return nil
	})
}

// recordUser leaves the event of a change, with what the attributes were before.
// What is published with it is filled in at the end: see publish.
func (w *work) recordUser(kind string, u User, previous map[string]any) {
	data := u.facts()
	data["request"], data[event.Object] = w.Request, event.DirectoryUser{}
	if len(previous) > 0 {
		data[store.Previous] = previous
	}
	w.tx.Record(kind, store.About{ID: u.ID, Name: u.Shown(), Company: u.CompanyID, Data: data})
}

// difference holds the former values of top-level attributes that changed.
func difference(was, now Resource) map[string]any {
	out := map[string]any{}
	for name, value := range was {
		if !same(value, now[name]) {
			out[name] = value
		}
	}
	for name := range now {
		if _, there := was[name]; !there {
			out[name] = nil
		}
	}
	return out
}
