package tenancy_test

import (
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// superusers lists who is one at Zonneveld.
func superusers(w *modelstest.World) (ids []string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		people, err := tenancy.Superusers(tx, w.Zonneveld.Company, w.Zonneveld.Organization)
		for _, p := range people {
			ids = append(ids, p.ID)
		}
		return err
	})
	return ids
}

func TestTheLastSuperuserStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("pim"), []string{tenancy.Member}))
		w.Wants(w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("karin"), []string{tenancy.Member}), models.Conflict, "organization.error.last_superuser")
		w.Wants(w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("karin")), models.Conflict, "organization.error.last_superuser")
		if list := superusers(w); len(list) != 1 || list[0] != w.ID("karin") || !w.Actor("karin").May(models.ManageMembers) {
			t.Fatalf("superusers: %v", list)
		}
		if n := w.Count(w.Zonneveld, event.MemberRemoved); n != 0 {
			t.Fatal("the refused removal is recorded")
		}
	})
}

func TestASuperuserWhoCannotSignInDoesNotCount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("pim")).Update("deactivated_at", models.At(w.Now())).Error
		})
		w.Wants(w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("karin"), []string{tenancy.Member}), models.Conflict, "organization.error.last_superuser")
	})
}

func TestTwoLastSuperusersCannotDemoteEachOtherAtOnce(t *testing.T) {
	w := modelstest.New(t, "postgres")
	for range 8 {
		karin, pim := w.Actor("karin"), w.Actor("pim")
		first, second := make(chan error), make(chan error)
		go func() { first <- w.Members.SetRoles(w.Ctx, karin, w.ID("pim"), []string{tenancy.Member}) }()
		go func() { second <- w.Members.SetRoles(w.Ctx, pim, w.ID("karin"), []string{tenancy.Member}) }()
		errs := []error{<-first, <-second}
		failed := 0
		for _, err := range errs {
			if err != nil {
				failed++
				if kind := models.KindOf(err); kind != models.Conflict && kind != models.Forbidden {
					t.Fatal(err)
				}
			}
		}
		list := superusers(w)
		if failed != 1 || len(list) != 1 {
			t.Fatalf("%d left: %v", len(list), errs)
		}
		one, other := "karin", "pim"
		if list[0] == w.ID("pim") {
			one, other = other, one
		}
		no(t, w.Members.SetRoles(w.Ctx, w.Actor(one), w.ID(other), []string{tenancy.Superuser}))
	}
}

func TestAMemberKeepsARoleInTheOrganization(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for _, roles := range [][]string{nil, {}, {"rol_unknown"}, {tenancy.Manager}} {
			err := w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("ria"), roles)
			w.Wants(err, models.Invalid, "[role: ")
		}
		if !w.Actor("ria").May(models.ViewMembers) {
			t.Fatal("she lost her role all the same")
		}
	})
}

func TestARemovedMemberGoesToHisNextHome(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		give := func(p models.Party, application string) {
			w.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: p.Company, OrganizationID: p.Organization, ApplicationID: application, AccountID: w.ID("ria"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Ria Smeets")
			})
		}
		give(w.Acceptance, "app_other") // a role in an application alone makes no member
		give(w.Kade, "")
		ria := w.Token("ria")
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("ria")))
		if got := w.ActorOf(ria); got.Effective.Organization != w.Kade.Organization || got.May(models.ManageMembers) {
			t.Fatalf("she works at %q", got.Effective.Name)
		}
		if p := person(w, "ria"); p.HomeOrganizationID == nil || *p.HomeOrganizationID != w.Kade.Organization {
			t.Fatalf("her home is %v", p.HomeOrganizationID)
		}
		no(t, w.Members.Remove(w.Ctx, w.Actor("sanne"), w.ID("ria")))
		if p := person(w, "ria"); p.HomeOrganizationID != nil {
			t.Fatalf("her home is %v", *p.HomeOrganizationID)
		}
		if got := w.ActorOf(ria); got.Anonymous() || !got.Effective.None() || got.May(models.ViewMembers) {
			t.Fatalf("without any membership she works at %q", got.Effective.Name)
		}
	})
}

func person(w *modelstest.World, key string) (p account.Person) {
	w.T.Helper()
	w.System(func(tx *store.Tx) (err error) {
		p, err = account.Load(tx, w.ID(key))
		return err
	})
	return p
}

func TestWhoComesFromAConnectorIsNotRemovedByHand(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Grant{}).Where("account_id = ?", w.ID("ria")).Updates(map[string]any{"source": tenancy.Rule, "source_id": "ctr_1"}).Error
		})
		w.Wants(w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("ria")), models.Conflict, "organization.error.by_connector")
		no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("ria"), []string{tenancy.Superuser}))
		no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("ria"), nil)) // the connector's role is enough
		if one, err := w.Members.Get(w.Ctx, w.Actor("karin"), w.ID("ria")); err != nil || len(one.Grants) != 1 || one.Grants[0].Source != tenancy.Rule {
			t.Fatalf("%+v: %v", one.Grants, err)
		}
	})
}

func TestAForeignMemberDoesNotExist(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		karin := w.Actor("karin")
		for name, do := range map[string]func(id string) error{
			"get":    func(id string) error { _, err := w.Members.Get(w.Ctx, karin, id); return err },
			"roles":  func(id string) error { return w.Members.SetRoles(w.Ctx, karin, id, []string{tenancy.Member}) },
			"remove": func(id string) error { return w.Members.Remove(w.Ctx, karin, id) },
		} {
			foreign, unknown := do(w.ID("anna")), do("acc_unknown")
			if foreign == nil || unknown == nil || foreign.Error() != unknown.Error() || models.KindOf(foreign) != models.NotFound {
				t.Errorf("%s: %v and %v", name, foreign, unknown)
			}
		}
		list, err := w.Members.List(w.Ctx, karin)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d members: %v", len(list), err)
		}
	})
}

func TestMembersWithoutTheRightChangeNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Wants(w.Members.SetRoles(w.Ctx, w.Actor("ria"), w.ID("ria"), []string{tenancy.Superuser}), models.Forbidden, "error.forbidden")
		w.Wants(w.Members.Remove(w.Ctx, w.Actor("ria"), w.ID("pim")), models.Forbidden, "error.forbidden")
		if _, err := w.Members.List(w.Ctx, w.Actor("ria")); err != nil {
			t.Fatal(err)
		}
	})
}
