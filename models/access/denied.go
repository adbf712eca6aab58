package access

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// What a visitor may never do in applications is decided here and by what it asks:
// which scopes are never his (DeniedScope), which roles and applications are not
// for visitors (tenancy.Role, tenancy.Application, in Answer), and what of a guarded
// application is denied to them (client.Client.Denies). It is the same at token
// issue, at introspection and for proxies.

// DeniedScope says whether a visitor may never exercise a scope of the API: one of
// whose permissions none comes with a delegation, or one for what is a person's own
// at home.
func DeniedScope(scope string) bool {
	if ownScope(scope) {
		return true
	}
	for _, table := range []map[string][]models.Permission{readByToken, writtenByToken} {
		if slices.ContainsFunc(table[scope], models.Permission.DeniedToVisitors) {
			return true
		}
	}
	return false
}

// Deny records that an application was closed to the actor because he is a visitor,
// once for each visit and application.
func (s *Sessions) Deny(ctx context.Context, by models.Actor) error {
	key := by.Visit + " " + by.Application
	s.mu.Lock()
	known := s.denied[key]
	s.mu.Unlock()
	if known || !by.Visiting() {
		return nil
	}
	err := s.store.System(ctx, "record that an application is closed to visitors", func(tx *store.Tx) error {
		tx.NothingToRecord() // when it is known
		return recordDenied(tx, by)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.denied) > 10_000 {
		clear(s.denied)
	}
	s.denied[key] = true
	return nil
}

func recordDenied(tx *store.Tx, by models.Actor) error {
	var v delegation.Visit
	err := tx.Where("company_id = ? AND id = ? AND left_at IS NULL", by.Effective.Company, by.Visit).Take(&v).Error
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	told := strings.FieldsFunc(v.HeldBy, func(c rune) bool { return c == ',' })
	if slices.Contains(told, by.Application) {
		return nil
	}
	done := tx.Model(&delegation.Visit{}).Where("company_id = ? AND id = ? AND held_by = ?", v.CompanyID, v.ID, v.HeldBy).
		Update("held_by", strings.Join(append(told, by.Application), ","))
	if done.Error != nil || done.RowsAffected == 0 { // another request was quicker
		return done.Error
	}
	var app tenancy.Application
	if err := tx.Where("id = ?", by.Application).Take(&app).Error; err != nil {
		return err
	}
	tx.Record(event.VisitDenied, store.About{ID: app.ID, Name: app.Name, Company: v.CompanyID, Organization: v.OrganizationID, As: &by,
		Data: map[string]any{"application": app.ID, "visit": v.ID}})
	return nil
}

func has(list []tenancy.Role, r tenancy.Role) bool {
	return slices.ContainsFunc(list, func(o tenancy.Role) bool { return o.ID == r.ID })
}
