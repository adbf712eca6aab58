package tenancy_test

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func inFamily(t *testing.T, w *modelstest.World, family string) (keys []string) {
	t.Helper()
	reg, err := w.Companies.Registry(w.Ctx, w.Actor("karin"))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range reg.InFamily(family) {
		if r.Rank != i+1 {
			t.Errorf("%s has rank %d at place %d", r.Key, r.Rank, i+1)
		}
		keys = append(keys, r.Key)
	}
	return keys
}

func TestAFamilyIsRegisteredAndItsRolesAreOrdered(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		a, b, c := registered(t, w, "a"), registered(t, w, "b"), registered(t, w, "c")
		by := w.Actor("karin")
		f, err := w.Companies.RegisterFamily(w.Ctx, by, tenancy.Family{Level: models.OrganizationLevel, Name: " Desk "}, []string{b.ID, a.ID})
		if err != nil || f.Name != "Desk" {
			t.Fatal(f, err)
		}
		wants := func(what string, err error, keys ...string) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if got := inFamily(t, w, f.ID); !slices.Equal(got, keys) {
				t.Errorf("%s: the order is %q, and not %q", what, got, keys)
			}
		}
		wants("registered", nil, "b", "a")
		wants("joined", w.Companies.JoinFamily(w.Ctx, by, f.ID, c.ID), "b", "a", "c")
		wants("earlier", w.Companies.MoveInFamily(w.Ctx, by, f.ID, c.ID, true), "b", "c", "a")
		wants("later", w.Companies.MoveInFamily(w.Ctx, by, f.ID, b.ID, false), "c", "b", "a")
		events := count(w, event.FamilyChanged)
		wants("first of all", w.Companies.MoveInFamily(w.Ctx, by, f.ID, c.ID, true), "c", "b", "a")
		wants("last of all", w.Companies.MoveInFamily(w.Ctx, by, f.ID, a.ID, false), "c", "b", "a")
		wants("a stranger", w.Companies.MoveInFamily(w.Ctx, by, f.ID, tenancy.Member, true), "c", "b", "a")
		wants("a stranger leaves", w.Companies.LeaveFamily(w.Ctx, by, f.ID, tenancy.Member), "c", "b", "a")
		if count(w, event.FamilyChanged) != events {
			t.Error("what changes nothing leaves an event")
		}
		wants("left", w.Companies.LeaveFamily(w.Ctx, by, f.ID, b.ID), "c", "a")
		wants("deleted", w.Companies.DeleteRole(w.Ctx, by, c.ID, ""), "a")
		reg, _ := w.Companies.Registry(w.Ctx, by)
		if reg.Roles[b.ID].FamilyID != "" || reg.Roles[b.ID].Rank != 0 || reg.Past[c.ID].FamilyID != "" {
			t.Errorf("what left is still in it: %+v %+v", reg.Roles[b.ID], reg.Past[c.ID])
		}
		if list := reg.FamiliesAt(models.OrganizationLevel, ""); len(list) != 1 || len(reg.FamiliesAt(models.CompanyLevel, "")) != 0 {
			t.Errorf("the families are %+v", list)
		}
		wants("a family that is gone", w.Companies.DeleteFamily(w.Ctx, by, f.ID))
		if reg, _ = w.Companies.Registry(w.Ctx, by); len(reg.Families) != 0 || reg.Roles[a.ID].FamilyID != "" {
			t.Errorf("it stays: %+v", reg.Families)
		}
	})
}

func count(w *modelstest.World, kind string) (n int64) {
	w.System(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("type = ?", kind).Count(&n).Error
	})
	return n
}

func TestFamiliesAreRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		a, b := registered(t, w, "a"), registered(t, w, "b")
		c := registered(t, w, "c")
		by := w.Actor("karin")
		register := func(f tenancy.Family, roles ...string) error {
			_, err := w.Companies.RegisterFamily(w.Ctx, by, f, roles)
			return err
		}
		desk := tenancy.Family{Level: models.OrganizationLevel, Name: "Desk"}
		w.Wants(register(desk, a.ID), models.Invalid, "company.error.family_small")
		w.Wants(register(desk, a.ID, a.ID), models.Invalid, "role")
		w.Wants(register(desk, a.ID, "rol_none"), models.Invalid, "role")
		w.Wants(register(desk, a.ID, tenancy.Employee), models.Invalid, "role")
		w.Wants(register(tenancy.Family{Level: models.OrganizationLevel, Name: " "}, a.ID, b.ID), models.Invalid, "name")
		w.Wants(register(tenancy.Family{Level: "moon", Name: "X"}, a.ID, b.ID), models.Invalid, "level")
		w.Wants(register(tenancy.Family{Level: models.ApplicationLevel, Name: "X"}, a.ID, b.ID), models.Invalid, "level")
		if err := register(desk, a.ID, b.ID); err != nil {
			t.Fatal(err)
		}
		w.Wants(register(desk, c.ID, tenancy.Member), models.Invalid, "company.error.family_taken")
		desk.Name = "Other"
		w.Wants(register(desk, c.ID, a.ID), models.Invalid, "company.error.family_other")
		reg, _ := w.Companies.Registry(w.Ctx, by)
		if len(reg.Families) != 1 || reg.Roles[c.ID].FamilyID != "" {
			t.Fatalf("a refused family left %+v", reg.Families)
		}
		f := reg.FamiliesAt(models.OrganizationLevel, "")[0]
		w.Wants(w.Companies.JoinFamily(w.Ctx, by, f.ID, a.ID), models.Invalid, "role")
		w.Wants(w.Companies.JoinFamily(w.Ctx, by, "fam_none", c.ID), models.NotFound, "error.not_found")
		w.Wants(w.Companies.RenameFamily(w.Ctx, by, f.ID, ""), models.Invalid, "name")
		w.Wants(w.Companies.DeleteFamily(w.Ctx, by, "fam_none"), models.NotFound, "error.not_found")
		stranger := w.Actor("marieke")
		_, err := w.Companies.RegisterFamily(w.Ctx, stranger, desk, []string{c.ID, tenancy.Member})
		w.Wants(err, models.Forbidden, "error.forbidden")
		w.Wants(w.Companies.MoveInFamily(w.Ctx, stranger, f.ID, b.ID, true), models.Forbidden, "error.forbidden")
		w.Wants(w.Companies.DeleteFamily(w.Ctx, stranger, f.ID), models.Forbidden, "error.forbidden")
	})
}
