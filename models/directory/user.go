package directory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
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
