package tenancy_test

import (
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// Who manages members gives no more than he holds: not to others, not to
// himself, and not on the way over a role of his making.
func TestNobodyGivesARoleThatAllowsMoreThanHisOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		desk := tenancy.Role{ID: models.NewID("rol"), Level: models.OrganizationLevel, Key: "desk", Name: "Front desk", Permissions: `["members.manage"]`, CreatedAt: models.At(w.Now())}
		chief := tenancy.Role{ID: models.NewID("rol"), Level: models.OrganizationLevel, Key: "chief", Name: "Chief", Permissions: `["superusers.manage"]`, CreatedAt: models.At(w.Now())}
		w.System(func(tx *store.Tx) error {
			if err := tx.Create(&[]tenancy.Role{desk, chief}).Error; err != nil {
				return err
			}
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
				AccountID: w.ID("ria"), RoleID: desk.ID, Source: tenancy.Manual}, "Ria Smeets")
		})
		for _, role := range []string{chief.ID, tenancy.Superuser} {
			w.Wants(w.Members.SetRoles(w.Ctx, w.Actor("ria"), w.ID("ria"), []string{tenancy.Member, desk.ID, role}), models.Forbidden, "error.forbidden")
			_, err := w.Members.Invite(w.Ctx, w.Actor("ria"), "new@zonneveld.example", []string{role}, "en")
			w.Wants(err, models.Forbidden, "error.forbidden")
		}
		w.Wants(w.Members.SetRoles(w.Ctx, w.Actor("ria"), w.ID("pim"), []string{tenancy.Member}), models.Forbidden, "error.forbidden")
		w.Wants(w.Members.Remove(w.Ctx, w.Actor("ria"), w.ID("pim")), models.Forbidden, "error.forbidden")
		if _, err := w.Members.Invite(w.Ctx, w.Actor("ria"), "new@zonneveld.example", []string{desk.ID}, "en"); err != nil {
			t.Errorf("she cannot give what she holds: %v", err)
		}
	})
}
