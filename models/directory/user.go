package directory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Removal is what became of a removal, by deactivation, deletion or from groups,
// that takes roles from somebody.
type Removal string

// The removals. One is Staged while a manager decides, and Kept once he decided
// against it, until the directory says something else of the person. Of Held
// ones a role stays that nobody else has.
const (
	NotRemoved Removal = ""
	Staged     Removal = "staged"
	Held       Removal = "held"
	Kept       Removal = "kept"
	Removed    Removal = "removed"
)

// User is somebody as a directory knows him.
type User struct {
	CompanyID   string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	DirectoryID string
	UserName    string
	UserNameKey string // folded: unique in the directory
	ExternalID  string
	Active      bool
	Resource    string // JSON of the other attributes
	AccountID   string // empty while nobody is matched
	Version     int64
	Removal     Removal
	LostAt      *models.Instant // when he last lost roles through the directory
	Due         bool            // waits for an evaluation
	CreatedAt   models.Instant
	UpdatedAt   models.Instant
	DeletedAt   *models.Instant
}

// TableName is the table of users.
func (User) TableName() string { return "directory_users" }

// Shown is the name that screens and groups show.
func (u User) Shown() string {
	r, err := restored(u.Resource)
	if err != nil {
		return u.UserName
	}
	return r.shown(u.UserName)
}

func (r Resource) shown(otherwise string) string {
	if name := strings.TrimSpace(r.text("displayName")); name != "" {
		return name
	}
	parts, _ := r["name"].(map[string]any)
	text := func(part string) string { s, _ := parts[part].(string); return strings.TrimSpace(s) }
	if whole := text("formatted"); whole != "" {
		return whole
	}
	if whole := strings.TrimSpace(text("givenName") + " " + text("familyName")); whole != "" {
		return whole
	}
	return otherwise
}

// Emails are the addresses of the user, the primary one first, then that for
// work, and at last the user name.
func (u User) emails(r Resource) (list []account.Email) {
	rank := func(one any) int {
		object, _ := one.(map[string]any)
		kind, _ := object["type"].(string)
		switch {
		case object["primary"] == true:
			return 0
		case strings.EqualFold(kind, "work"):
			return 1
		}
		return 2
	}
	sent, _ := r["emails"].([]any)
	sent = slices.Clone(sent)
	slices.SortStableFunc(sent, func(a, b any) int { return rank(a) - rank(b) })
	for _, one := range append(sent, map[string]any{"value": u.UserName}) {
		object, _ := one.(map[string]any)
		text, _ := object["value"].(string)
		if email, ok := account.ParseEmail(text); ok {
			list = append(list, email)
		}
	}
	return list
}

// whole is the user as a resource, without meta and groups.
func (u User) whole() (Resource, error) {
	r, err := restored(u.Resource)
	if err != nil {
		return nil, err
	}
	r["id"], r["userName"], r["active"] = u.ID, u.UserName, u.Active
	if u.ExternalID != "" {
		r["externalId"] = u.ExternalID
	}
	return r, nil
}

// take brings what a resource says into the row.
func (u *User) take(r Resource) (err error) {
	r = copied(r).(Resource)
	dropPasswords(map[string]any(r))
	delete(r, "id")
	u.UserName, _ = r.take("userName").(string)
	u.UserNameKey = fold(strings.TrimSpace(u.UserName))
	if u.UserNameKey == "" || len(u.UserName) > 512 {
		return badValue("userName")
	}
	u.ExternalID, _ = r.take("externalId").(string)
	if len(u.ExternalID) > 512 {
		return badValue("externalId")
	}
	if active, said := r.take("active").(bool); said {
		u.Active = active
	}
	u.Resource, err = r.stored()
	return err
}

// dropPasswords takes passwords out of what a client said, wherever in it they
// stand: they are neither kept nor published.
func dropPasswords(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			dropPasswords(one)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool { return strings.EqualFold(name, "password") })
		for _, one := range v {
			dropPasswords(one)
		}
	}
}

// Found is a resource with what the server says of it.
type Found struct {
	Type     *Type
	Resource Resource
	Version  int64
	Created  models.Instant
	Modified models.Instant
}

func (u User) found(r Resource) Found {
	return Found{Type: UserType, Resource: r, Version: u.Version, Created: u.CreatedAt, Modified: u.UpdatedAt}
}

// Match is a precondition on a version (RFC 7644, section 3.14); nil for none.
type Match func(version int64) bool

func (m Match) check(version int64) error {
	if m != nil && !m(version) {
		return stale()
	}
	return nil
}

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

// user reads one that is not deleted; locked holds it until the end.
func (w *work) user(id string, locked bool) (u User, err error) {
	db := w.tx.Where("directory_id = ? AND id = ? AND deleted_at IS NULL", w.ID, id)
	if locked {
		db = db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	if err = db.Take(&u).Error; store.Missing(err) {
		return u, models.Unknown()
	}
	return u, err
}

// GetUser reads a user.
func (d *Directories) GetUser(ctx context.Context, c Client, id string) (found Found, err error) {
	err = d.read(ctx, c, func(w *work) error {
		u, err := w.user(id, false)
		if err != nil {
			return err
		}
		found, err = w.userFound(u)
		return err
	})
	return found, err
}

func (w *work) userFound(u User) (Found, error) {
	r, err := u.whole()
	if err != nil {
		return Found{}, err
	}
	list, err := w.groupsOf([]string{u.ID})
	if groups := list[u.ID]; len(groups) > 0 {
		r["groups"] = asGroups(groups)
	}
	return u.found(r), err
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
