package tenancy

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// keyPattern is what keys of roles and applications look like: they stand in
// tokens and headers.
var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// MaxDescription is the most characters of a role's or an application's
// description.
const MaxDescription = 500

// RegisterApplication adds an application to the platform's registry.
func (c *Companies) RegisterApplication(ctx context.Context, by models.Actor, a Application) (Application, error) {
	if err := a.Check(); err != nil {
		return a, err
	}
	err := c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) (err error) {
		a, err = AddApplication(tx, a)
		return err
	})
	return a, err
}

// Check says what is wrong with an application, by field, and trims its name.
func (a *Application) Check() error {
	wrong := models.FieldErrors{}
	a.Name = account.CheckName(a.Name, "name", wrong)
	if !keyPattern.MatchString(a.Key) {
		wrong.Add("key", "company.error.key")
	}
	if a.Description = strings.TrimSpace(a.Description); utf8.RuneCountInString(a.Description) > MaxDescription {
		wrong.Add("description", "company.error.description", "Most", MaxDescription)
	}
	return wrong.Err()
}

// AddApplication adds an application that was checked, in a System transaction.
func AddApplication(tx *store.Tx, a Application) (Application, error) {
	a.ID, a.CreatedAt = models.NewID("app"), models.At(tx.Now())
	if err := tx.Create(&a).Error; err != nil {
		return a, takenKey(err)
	}
	tx.Record(event.ApplicationRegistered, store.About{ID: a.ID, Name: a.Name, Company: store.Platform})
	return a, nil
}

// ChangeApplication changes the name, description and icon of an application
// that was checked, in a System transaction. Its key stays.
func ChangeApplication(tx *store.Tx, a Application) error {
	var was Application
	if err := tx.Where("id = ?", a.ID).Take(&was).Error; err != nil {
		return err
	}
	changes := map[string]any{"name": a.Name, "description": a.Description, "icon": a.Icon}
	data, err := tx.Changed(&was, changes)
	if err != nil {
		return err
	}
	tx.Record(event.ApplicationChanged, store.About{ID: a.ID, Name: a.Name, Company: store.Platform, Data: data})
	return tx.Model(&Application{}).Where("id = ?", a.ID).Updates(changes).Error
}

// RegisterRole adds a role to the platform's registry. The first one of a
// level, or of an application, becomes its default.
func (c *Companies) RegisterRole(ctx context.Context, by models.Actor, r Role, permissions ...models.Permission) (Role, error) {
	if err := r.Check(permissions); err != nil {
		return r, err
	}
	err := c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) (err error) {
		r, err = AddRole(tx, r, permissions)
		return err
	})
	return r, err
}

// Check says what is wrong with a role that is to have the permissions, by
// field, and trims its texts.
func (r *Role) Check(permissions []models.Permission) error {
	wrong := models.FieldErrors{}
	r.Name = account.CheckName(r.Name, "name", wrong)
	if !keyPattern.MatchString(r.Key) {
		wrong.Add("key", "company.error.key")
	}
	if !slices.Contains(levels, r.Level) || slices.ContainsFunc(permissions, func(p models.Permission) bool { return p.Level() != r.Level }) ||
		(r.Level == models.ApplicationLevel) != (r.ApplicationID != "") {
		wrong.Add("level", "error.choice")
	}
	known := slices.Concat(models.CompanyPermissions, models.OrganizationPermissions)
	if slices.ContainsFunc(permissions, func(p models.Permission) bool { return !slices.Contains(known, p) }) {
		wrong.Add("permission", "error.choice")
	}
	if r.Description = strings.TrimSpace(r.Description); utf8.RuneCountInString(r.Description) > MaxDescription {
		wrong.Add("description", "company.error.description", "Most", MaxDescription)
	}
	return wrong.Err()
}

// AddRole adds a role that was checked, in a System transaction.
func AddRole(tx *store.Tx, r Role, permissions []models.Permission) (Role, error) {
	list, err := json.Marshal(slices.Concat([]models.Permission{}, permissions))
	if err != nil {
		return r, err
	}
	var siblings int64
	if r.Level == models.ApplicationLevel {
		if _, err := application(tx, r.ApplicationID); err != nil {
			return r, err
		}
	}
	if err := tx.Model(&Role{}).Where("level = ? AND application_id = ? AND deleted_at IS NULL", r.Level, r.ApplicationID).Count(&siblings).Error; err != nil {
		return r, err
	}
	r.ID, r.Permissions, r.CreatedAt = models.NewID("rol"), string(list), models.At(tx.Now())
	var last []Role
	if err := tx.Where("level = ? AND application_id = ?", r.Level, r.ApplicationID).Order("sort DESC").Limit(1).Find(&last).Error; err != nil {
		return r, err
	}
	r.IsDefault, r.Sort, r.FamilyID, r.Rank = siblings == 0, 1, "", 0
	if len(last) > 0 {
		r.Sort = last[0].Sort + 1
	}
	if err := tx.Create(&r).Error; err != nil {
		return r, takenKey(err)
	}
	tx.Record(event.RoleRegistered, store.About{ID: r.ID, Name: r.Name, Company: store.Platform})
	return r, nil
}

// CloseApplication says whether nobody uses an application through a delegation, in a
// System transaction. It is so at once for everyone who does.
func CloseApplication(tx *store.Tx, id string, closed bool) error {
	was, err := application(tx, id)
	if err != nil || was.NotForVisitors == closed {
		return err
	}
	tx.Record(event.ApplicationChanged, store.About{ID: id, Name: was.Name, Company: store.Platform,
		Data: map[string]any{"not_for_visitors": closed, store.Previous: map[string]any{"not_for_visitors": was.NotForVisitors}}})
	tx.Notify(store.Everything)
	return tx.Model(&Application{}).Where("id = ?", id).Update("not_for_visitors", closed).Error
}

// ChangeRole changes the name, the description, the permissions and whether it is
// for visitors of a role that was checked, in a System transaction. Its key stays, and a built-in role
// keeps what it allows. Who holds it has what it allows now from his next
// request on.
func ChangeRole(tx *store.Tx, r Role, permissions []models.Permission) error {
	list, err := json.Marshal(slices.Concat([]models.Permission{}, permissions))
	if err != nil {
		return err
	}
	changes := map[string]any{"name": r.Name, "description": r.Description, "not_for_visitors": r.NotForVisitors}
	if !r.BuiltIn {
		changes["permissions"] = string(list)
	}
	var was Role
	if err := tx.Where("id = ?", r.ID).Take(&was).Error; err != nil {
		return err
	}
	data, err := tx.Changed(&was, changes)
	if err != nil {
		return err
	}
	data["permissions"] = permissions
	if before, changed := data[store.Previous].(map[string]any); changed && before["permissions"] != nil {
		before["permissions"] = was.Allows()
	}
	tx.Record(event.RoleChanged, store.About{ID: r.ID, Name: r.Name, Company: store.Platform, Data: data})
	tx.Notify(store.Everything) // whoever holds it, wherever he is
	return tx.Model(&Role{}).Where("id = ?", r.ID).Updates(changes).Error
}

// MakeDefault makes a role the default of its level or application, instead of
// the one that is, in a System transaction.
func MakeDefault(tx *store.Tx, r Role) error {
	err := tx.Model(&Role{}).Where("level = ? AND application_id = ? AND is_default = ?", r.Level, r.ApplicationID, true).Update("is_default", false).Error
	if err != nil {
		return err
	}
	tx.Record(event.RoleChanged, store.About{ID: r.ID, Name: r.Name, Company: store.Platform, Data: map[string]any{"default": true, store.Previous: map[string]any{"default": false}}})
	return tx.Model(&Role{}).Where("id = ?", r.ID).Update("is_default", true).Error
}

func takenKey(err error) error {
	if !store.Duplicate(err) {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("key", "company.error.key_taken")
	return wrong.Err()
}
