package tenancy_test

import (
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// TestADefaultRoleHasWhoeverHoldsNoOther counts members where few were given a role.
func TestADefaultRoleHasWhoeverHoldsNoOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		made := models.At(w.Now())
		app := tenancy.Application{ID: "app_plan", Key: "plan", Name: "Planning", CreatedAt: made}
		viewer := tenancy.Role{ID: "rol_viewer", Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "viewer", Name: "Viewer", IsDefault: true, Sort: 1, CreatedAt: made}
		editor := tenancy.Role{ID: "rol_editor", Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "editor", Name: "Editor", Sort: 2, CreatedAt: made}
		w.System(func(tx *store.Tx) error {
			for _, row := range []any{&app, &viewer, &editor} {
				if err := tx.Create(row).Error; err != nil {
					return err
				}
			}
			return nil
		})
		applications := tenancy.NewApplications(w.Store)
		if err := applications.Enable(w.Ctx, w.Actor("jan"), app.ID); err != nil {
			t.Fatal(err)
		}
		counts := func(when string, viewers, editors, held int) {
			t.Helper()
			list, err := applications.List(w.Ctx, w.Actor("marieke"))
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %v %v", when, list, err)
			}
			if got := list[0]; got.Holders[viewer.ID] != viewers || got.Holders[editor.ID] != editors || got.Held != held {
				t.Errorf("%s: %v and %d held; want %d viewers, %d editors, %d held", when, got.Holders, got.Held, viewers, editors, held)
			}
		}
		counts("nobody was given a role", 3, 0, 0)
		w.System(func(tx *store.Tx) error {
			for _, source := range []tenancy.Source{tenancy.Manual, tenancy.Rule} { // each person once
				if err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, ApplicationID: app.ID,
					AccountID: w.ID("anna"), RoleID: editor.ID, Source: source}, "Anna Visser"); err != nil {
					return err
				}
			}
			return nil
		})
		counts("Anna is editor", 2, 1, 1)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("jan")).Update("deactivated_at", made).Error
		})
		counts("Jan's account is closed", 1, 1, 1)
		membership := func(ends *models.Instant) {
			w.System(func(tx *store.Tx) error {
				return tx.Model(&tenancy.Grant{}).Where("company_id = ? AND account_id = ? AND application_id = ''", w.Production.Company, w.ID("anna")).Update("ends_at", ends).Error
			})
		}
		membership(&made)
		counts("Anna is no member any more", 1, 0, 1)
		membership(nil)
		w.System(func(tx *store.Tx) error {
			return tx.Create(&tenancy.Seat{CompanyID: w.Production.Company, AccountID: w.ID("anna"), Since: made}).Error
		})
		counts("Anna waits for a seat", 1, 0, 1)
		if err := applications.Disable(w.Ctx, w.Actor("marieke"), app.ID); err != nil {
			t.Fatal(err)
		}
		counts("it is taken out of use", 0, 0, 1)
	})
}
