package tenancy

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// keyPattern is what keys of roles and applications look like: they stand in
// tokens and headers.
var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// RegisterApplication adds an application to the platform's registry.
func (c *Companies) RegisterApplication(ctx context.Context, by models.Actor, a Application) (Application, error) {
	wrong := models.FieldErrors{}
	a.Name = account.CheckName(a.Name, "name", wrong)
	if !keyPattern.MatchString(a.Key) {
		wrong.Add("key", "company.error.key")
	}
	if err := wrong.Err(); err != nil {
		return a, err
	}
	err := c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		a.ID, a.CreatedAt = models.NewID("app"), models.At(tx.Now())
		if err := tx.Create(&a).Error; err != nil {
			return takenKey(err)
		}
		tx.Record(event.ApplicationRegistered, store.About{ID: a.ID, Name: a.Name, Company: store.Platform})
		return nil
	})
	return a, err
}

// RegisterRole adds a role to the platform's registry. The first one of a
// level, or of an application, becomes its default.
func (c *Companies) RegisterRole(ctx context.Context, by models.Actor, r Role, permissions ...models.Permission) (Role, error) {
	wrong := models.FieldErrors{}
	r.Name = account.CheckName(r.Name, "name", wrong)
	if !keyPattern.MatchString(r.Key) {
		wrong.Add("key", "company.error.key")
	}
	if slices.ContainsFunc(permissions, func(p models.Permission) bool { return p.Level() != r.Level }) ||
		(r.Level == models.ApplicationLevel) != (r.ApplicationID != "") {
		wrong.Add("level", "error.choice")
	}
	if err := wrong.Err(); err != nil {
		return r, err
	}
	list, err := json.Marshal(slices.Concat([]models.Permission{}, permissions))
	if err != nil {
		return r, err
	}
	err = c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		var siblings int64
		if err := tx.Model(&Role{}).Where("level = ? AND application_id = ?", r.Level, r.ApplicationID).Count(&siblings).Error; err != nil {
			return err
		}
		r.ID, r.Permissions, r.CreatedAt = models.NewID("rol"), string(list), models.At(tx.Now())
		r.IsDefault, r.Sort = siblings == 0, int(siblings)+1
		if err := tx.Create(&r).Error; err != nil {
			return takenKey(err)
		}
		tx.Record(event.RoleRegistered, store.About{ID: r.ID, Name: r.Name, Company: store.Platform})
		return nil
	})
	return r, err
}

func takenKey(err error) error {
	if !store.Duplicate(err) {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("key", "company.error.key_taken")
	return wrong.Err()
}
