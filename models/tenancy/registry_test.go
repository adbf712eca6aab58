package tenancy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// operator makes Karin an operator of the platform.
func operator(w *modelstest.World) models.Actor {
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
	})
	return w.Actor("karin")
}

// registered adds a role of an organization's level.
func registered(t *testing.T, w *modelstest.World, key string, permissions ...models.Permission) tenancy.Role {
	t.Helper()
	r, err := w.Companies.RegisterRole(w.Ctx, operator(w), tenancy.Role{Level: models.OrganizationLevel, Key: key, Name: strings.ToUpper(key)}, permissions...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func hold(w *modelstest.World, key string, at models.Party, role string, ends *models.Instant) {
	w.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: at.Company, OrganizationID: at.Organization, AccountID: w.ID(key), RoleID: role,
			Source: tenancy.Manual, EndsAt: ends}, key)
	})
}

func TestTheFirstRoleOfAnApplicationIsItsDefault(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by := operator(w)
		app, err := w.Companies.RegisterApplication(w.Ctx, by, tenancy.Application{Key: "plan", Name: "Planning", Icon: "route"})
		if err != nil {
			t.Fatal(err)
		}
		register := func(key string) tenancy.Role {
			r, err := w.Companies.RegisterRole(w.Ctx, by, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: key, Name: key})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		viewer, editor := register("viewer"), register("editor")
		if !viewer.IsDefault || editor.IsDefault {
			t.Errorf("defaults are %v and %v", viewer.IsDefault, editor.IsDefault)
		}
		if err := w.Companies.MakeDefault(w.Ctx, by, editor.ID); err != nil {
			t.Fatal(err)
		}
		// With the default goes what it was; its key is free again.
		if err := w.Companies.DeleteRole(w.Ctx, by, editor.ID, ""); err != nil {
			t.Fatal(err)
		}
		reg, err := w.Companies.Registry(w.Ctx, by)
		if err != nil || !reg.Roles[viewer.ID].IsDefault || len(reg.At(models.ApplicationLevel, app.ID)) != 1 {
			t.Errorf("the registry is %+v %v", reg.At(models.ApplicationLevel, app.ID), err)
		}
		if past, there := reg.Named(editor.ID); !there || past.Name != "editor" || len(past.Allows()) > 0 {
			t.Errorf("the deleted role is remembered as %+v", past)
		}
		if again := register("editor"); again.IsDefault || again.Sort <= viewer.Sort {
			t.Errorf("a new role of the same key is %+v", again)
		}
		if err := w.Companies.DeleteRole(w.Ctx, by, viewer.ID, ""); err != nil {
			t.Fatal(err)
		}
		reg, _ = w.Companies.Registry(w.Ctx, by)
		if left := reg.At(models.ApplicationLevel, app.ID); len(left) != 1 || !left[0].IsDefault {
			t.Errorf("what is left is %+v", left)
		}
	})
}

func TestRolesAreRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by := operator(w)
		register := func(r tenancy.Role, may ...models.Permission) error {
			_, err := w.Companies.RegisterRole(w.Ctx, by, r, may...)
			return err
		}
		at := models.OrganizationLevel
		w.Wants(register(tenancy.Role{Level: at, Key: "Big Key", Name: "X"}), models.Invalid, "company.error.key")
		w.Wants(register(tenancy.Role{Level: at, Key: "member", Name: "X"}), models.Invalid, "company.error.key_taken")
		w.Wants(register(tenancy.Role{Level: at, Key: "x", Name: " "}), models.Invalid, "name")
		w.Wants(register(tenancy.Role{Level: at, Key: "x", Name: "X"}, models.ManageConnectors), models.Invalid, "level")
		w.Wants(register(tenancy.Role{Level: at, Key: "x", Name: "X"}, "made.up"), models.Invalid, "permission")
		w.Wants(register(tenancy.Role{Level: models.PlatformLevel, Key: "x", Name: "X"}), models.Invalid, "level")
		w.Wants(register(tenancy.Role{Level: models.ApplicationLevel, Key: "x", Name: "X"}), models.Invalid, "level")
		w.Wants(register(tenancy.Role{Level: models.ApplicationLevel, ApplicationID: "app_none", Key: "x", Name: "X"}), models.NotFound, "error.not_found")
		w.Wants(register(tenancy.Role{Level: at, Key: "x", Name: "X", Description: strings.Repeat("é", tenancy.MaxDescription+1)}), models.Invalid, "description")
		_, err := w.Companies.RegisterRole(w.Ctx, w.Actor("marieke"), tenancy.Role{Level: at, Key: "x", Name: "X"})
		w.Wants(err, models.Forbidden, "error.forbidden")

		for _, id := range []string{tenancy.Manager, tenancy.Superuser, tenancy.Member, tenancy.Employee} {
			w.Wants(w.Companies.EditRole(w.Ctx, by, tenancy.Role{ID: id, Name: "X"}), models.Conflict, "company.error.built_in")
			w.Wants(w.Companies.DeleteRole(w.Ctx, by, id, ""), models.Conflict, "company.error.built_in")
		}
		w.Wants(w.Companies.MakeDefault(w.Ctx, by, tenancy.Superuser), models.Conflict, "company.error.highest_default")
		w.Wants(w.Companies.DeleteRole(w.Ctx, by, "rol_none", ""), models.NotFound, "error.not_found")
		w.Wants(w.Companies.DeleteRole(w.Ctx, w.Actor("marieke"), tenancy.Member, ""), models.Forbidden, "error.forbidden")
	})
}

func TestEditedRoleReachesItsHoldersAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		role := registered(t, w, "clerk", models.ManageApplications)
		hold(w, "anna", w.Production, role.ID, nil)
		if !w.Actor("anna").May(models.ManageApplications) {
			t.Fatal("the role allows nothing")
		}
		told, end := w.Sessions.Follow(w.Actor("anna"))
		defer end()
		err := w.Companies.EditRole(w.Ctx, w.Actor("karin"), tenancy.Role{ID: role.ID, Name: "Desk clerk", Description: " At the desk "}, models.ManageMembers)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Error("nobody told Anna's session")
		}
		anna := w.Actor("anna")
		if anna.May(models.ManageApplications) || !anna.May(models.ManageMembers) {
			t.Errorf("Anna may %v", anna.Permissions)
		}
		reg, _ := w.Companies.Registry(w.Ctx, anna)
		if got := reg.Roles[role.ID]; got.Name != "Desk clerk" || got.Description != "At the desk" || got.Key != "clerk" {
			t.Errorf("the role is %+v", got)
		}
		held, err := w.Companies.Holdings(w.Ctx, w.Actor("karin"))
		if err != nil || held[role.ID] != (tenancy.Holding{People: 1, Companies: 1}) {
			t.Errorf("%+v hold it, %v", held[role.ID], err)
		}
	})
}

func TestDeletedRoleIsReplacedWherePeopleHoldIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		old, place := registered(t, w, "old"), registered(t, w, "place", models.ManageApplications)
		soon, late := models.At(w.Now().Add(time.Hour)), models.At(w.Now().Add(48*time.Hour))
		hold(w, "anna", w.Production, old.ID, nil)
		hold(w, "jan", w.Production, old.ID, &late)
		hold(w, "jan", w.Production, place.ID, &soon)
		hold(w, "ria", w.Zonneveld, old.ID, &soon)
		hold(w, "ria", w.Zonneveld, place.ID, nil)
		inv, err := w.Members.Invite(w.Ctx, w.Actor("karin"), "new@zonneveld.example", []string{tenancy.Member, old.ID, place.ID}, "en")
		if err != nil {
			t.Fatal(err)
		}
		by := w.Actor("karin")
		use, err := w.Companies.Use(w.Ctx, by, old.ID)
		if err != nil || use.Holding != (tenancy.Holding{People: 3, Companies: 2}) || use.Invitations != 1 {
			t.Fatalf("its use is %+v %v", use, err)
		}
		if slices.ContainsFunc(use.Instead, func(r tenancy.Role) bool { return r.ID == tenancy.Superuser || r.ID == old.ID }) || len(use.Instead) != 2 {
			t.Errorf("in its place can come %+v", use.Instead)
		}
		w.Wants(w.Companies.DeleteRole(w.Ctx, by, old.ID, ""), models.Invalid, "company.error.replacement")
		for _, bad := range []string{"rol_none", old.ID, tenancy.Superuser, tenancy.Employee} {
			w.Wants(w.Companies.DeleteRole(w.Ctx, by, old.ID, bad), models.Invalid, "error.choice")
		}
		if err := w.Companies.DeleteRole(w.Ctx, by, old.ID, place.ID); err != nil {
			t.Fatal(err)
		}
		var grants []tenancy.Grant
		w.System(func(tx *store.Tx) error {
			if err := tx.Where("role_id = ?", place.ID).Order("account_id").Find(&grants).Error; err != nil {
				return err
			}
			return tx.Where("id = ?", inv.ID).Take(&inv).Error
		})
		ends := map[string]*models.Instant{}
		for _, g := range grants {
			ends[g.AccountID] = g.EndsAt
		}
		if len(grants) != 3 || ends[w.ID("anna")] != nil || ends[w.ID("ria")] != nil || ends[w.ID("jan")] == nil || !ends[w.ID("jan")].Equal(late.Time) {
			t.Errorf("the grants are %+v", grants)
		}
		if got := inv.Roles(); !slices.Equal(got, []string{tenancy.Member, place.ID}) {
			t.Errorf("the invitation gives %v", got)
		}
		if !w.Actor("anna").May(models.ManageApplications) {
			t.Error("Anna has not what the role in its place allows")
		}
		for _, at := range []models.Party{w.Production, w.Zonneveld} {
			if n := w.Count(at, event.RoleReplaced); n != 1 {
				t.Errorf("%d events in %s", n, at.Name)
			}
		}
		if n := w.Count(w.Kade, event.RoleReplaced); n != 0 {
			t.Error("an event where nobody held it")
		}
	})
}
