package tenancy_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func in(at models.Party, role string, ends *models.Instant) tenancy.ByHand {
	return tenancy.ByHand{Organization: at.Organization, Role: role, EndsAt: ends}
}

func roleOf(t *testing.T, w *modelstest.World, key string, role string, at models.Party) (tenancy.Grant, bool) {
	t.Helper()
	one, err := w.Companies.Person(w.Ctx, w.Actor("marieke"), w.ID(key))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range one.Grants {
		if g.RoleID == role && g.OrganizationID == at.Organization {
			return g, true
		}
	}
	return tenancy.Grant{}, false
}

func TestRoleByHandEndsAtItsInstant(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		end := models.At(w.Now().Add(48 * time.Hour))
		give := func(in tenancy.ByHand) error {
			return w.Companies.GiveByHand(w.Ctx, w.Actor("marieke"), w.ID("anna"), in)
		}
		if err := give(in(w.Acceptance, tenancy.Member, &end)); err != nil {
			t.Fatal(err)
		}
		w.Wants(give(in(w.Acceptance, tenancy.Member, &end)), models.Invalid, "company.error.held")
		later := models.At(end.Add(time.Hour))
		if err := give(in(w.Acceptance, tenancy.Member, &later)); err != nil {
			t.Fatal(err)
		}
		w.System(func(tx *store.Tx) error { // an application role hangs on it
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Acceptance.Company, OrganizationID: w.Acceptance.Organization, AccountID: w.ID("anna"),
				RoleID: tenancy.Member, ApplicationID: "app_x", Source: tenancy.Manual}, "Anna Visser")
		})
		w.Switch("anna", w.Acceptance)
		w.Advance(47 * time.Hour)
		w.NewSession("anna")
		w.NewSession("marieke")
		w.Switch("anna", w.Acceptance)
		w.Advance(2*time.Hour - time.Microsecond)
		if w.Actor("anna").Effective.Organization != w.Acceptance.Organization {
			t.Fatal("the role is gone before its end")
		}
		w.Advance(time.Microsecond)
		if w.Actor("anna").Effective.Organization != w.Production.Organization {
			t.Error("the role holds after its end, before any sweep")
		}
		for range 2 { // the second finds nothing
			if err := w.Companies.EndGrants(w.Ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.Count(w.Acceptance, event.RoleRemoved); n != 2 {
			t.Errorf("%d events tell of the end, want one, and one of the application's role", n)
		}
		if _, held := roleOf(t, w, "anna", tenancy.Member, w.Acceptance); held {
			t.Error("something is left in the organization")
		}
	})
}

func TestRoleByHandIsGivenAgainBeforeTheSweep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		end := models.At(w.Now().Add(time.Hour))
		give := func(ends *models.Instant) {
			if err := w.Companies.GiveByHand(w.Ctx, w.Actor("marieke"), w.ID("anna"), in(w.Acceptance, tenancy.Member, ends)); err != nil {
				t.Fatal(err)
			}
		}
		give(&end)
		w.Advance(2 * time.Hour)
		give(nil)
		if err := w.Companies.EndGrants(w.Ctx); err != nil {
			t.Fatal(err)
		}
		if g, held := roleOf(t, w, "anna", tenancy.Member, w.Acceptance); !held || g.EndsAt != nil {
			t.Errorf("the role is %+v", g)
		}
	})
}

func TestRoleByHandIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		past, soon := models.At(w.Now()), models.At(w.Now().Add(time.Hour))
		give := func(by, to string, in tenancy.ByHand) error {
			return w.Companies.GiveByHand(w.Ctx, w.Actor(by), w.ID(to), in)
		}
		w.Wants(give("jan", "anna", in(w.Production, tenancy.Superuser, nil)), models.Forbidden, "error.forbidden")
		w.Wants(give("marieke", "ria", in(w.Production, tenancy.Member, nil)), models.NotFound, "error.not_found")
		w.Wants(give("marieke", "anna", in(w.Zonneveld, tenancy.Member, nil)), models.NotFound, "error.not_found")
		w.Wants(give("marieke", "anna", in(w.Acceptance, tenancy.Employee, nil)), models.Invalid, "role")
		w.Wants(give("marieke", "anna", in(w.Acceptance, "rol_none", nil)), models.Invalid, "role")
		w.Wants(give("marieke", "anna", in(w.Acceptance, tenancy.Member, &past)), models.Invalid, "date")
		w.Wants(give("marieke", "anna", tenancy.ByHand{Organization: w.Production.Organization, Application: "app_none", Role: tenancy.Member}), models.Invalid, "role")

		// The last manager keeps his role, and may not have it until a day.
		manager, _ := roleOf(t, w, "marieke", tenancy.Manager, models.Party{})
		w.Wants(give("marieke", "marieke", tenancy.ByHand{Role: tenancy.Manager, EndsAt: &soon}), models.Conflict, "company.error.last_manager")
		take := func(to, grant string) error {
			return w.Companies.TakeByHand(w.Ctx, w.Actor("marieke"), w.ID(to), grant)
		}
		w.Wants(take("marieke", manager.ID), models.Conflict, "company.error.last_manager")
		if err := give("marieke", "jan", tenancy.ByHand{Role: tenancy.Manager, EndsAt: &soon}); err != nil {
			t.Fatal(err)
		}
		w.Wants(take("marieke", manager.ID), models.Conflict, "company.error.last_manager") // Jan is one for an hour only
		w.Wants(take("anna", manager.ID), models.NotFound, "error.not_found")
		w.Wants(take("ria", "grt_none"), models.NotFound, "error.not_found")

		super, _ := roleOf(t, w, "marieke", tenancy.Superuser, w.Acceptance)
		w.Wants(take("marieke", super.ID), models.Conflict, "organization.error.last_superuser")
		member, _ := roleOf(t, w, "anna", tenancy.Member, w.Production)
		if err := take("anna", member.ID); err != nil {
			t.Fatal(err)
		}
		if !w.Actor("anna").Real.None() {
			t.Error("Anna is still at home there")
		}
	})
}

// Somebody who may change people but holds less cannot give more than he holds.
func TestNobodyGivesMoreThanHeHolds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		helper, err := w.Companies.RegisterRole(w.Ctx, operator(w), tenancy.Role{Level: models.CompanyLevel, Key: "helper", Name: "Helper"},
			models.ViewCompany, models.ManagePeople)
		if err != nil {
			t.Fatal(err)
		}
		hold(w, "anna", models.Party{Company: w.Production.Company}, helper.ID, nil)
		give := func(in tenancy.ByHand) error { return w.Companies.GiveByHand(w.Ctx, w.Actor("anna"), w.ID("anna"), in) }
		w.Wants(give(tenancy.ByHand{Role: tenancy.Manager}), models.Forbidden, "error.forbidden")
		w.Wants(give(in(w.Production, tenancy.Superuser, nil)), models.Forbidden, "error.forbidden")
		if err := give(in(w.Acceptance, tenancy.Member, nil)); err != nil {
			t.Fatal(err)
		}
		manager, _ := roleOf(t, w, "marieke", tenancy.Manager, models.Party{})
		w.Wants(w.Companies.TakeByHand(w.Ctx, w.Actor("anna"), w.ID("marieke"), manager.ID), models.Forbidden, "error.forbidden")
	})
}
