package delegation_test

import (
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/tenancy"
)

func TestPresentAreThoseInsideNow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		here, err := w.Delegations.Present(w.Ctx, w.Actor("karin"))
		if err != nil || len(here) != 1 || here[0].AccountName != "Sanne Kuipers" {
			t.Errorf("inside are %v %v", here, err)
		}
		_, err = w.Delegations.Present(w.Ctx, w.Actor("ria"))
		w.Wants(err, models.Forbidden, "error.forbidden")
		if elsewhere, err := w.Delegations.Present(w.Ctx, w.Actor("jan")); err != nil || len(elsewhere) != 0 {
			t.Errorf("De Vries sees %v %v", elsewhere, err)
		}
		if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
			t.Fatal(err)
		}
		if here, err := w.Delegations.Present(w.Ctx, w.Actor("karin")); err != nil || len(here) != 0 {
			t.Errorf("inside are still %v %v", here, err)
		}
	})
}

func TestExternalAreThoseWhomDelegationsLetIntoTheCompany(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("jan", "sanne", delegation.Week)
		w.Delegate("karin", "thomas", delegation.Week)
		list, err := w.Delegations.External(w.Ctx, w.Actor("marieke"))
		if err != nil || len(list) != 1 || list[0].AccountID != w.ID("sanne") || len(list[0].Roles) == 0 || list[0].Firm.Name != "Kade Consultants" {
			t.Errorf("from outside are %+v %v", list, err)
		}
		_, err = w.Delegations.External(w.Ctx, w.Actor("jan"))
		w.Wants(err, models.Forbidden, "error.forbidden")
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("jan"), d.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := w.Delegations.External(w.Ctx, w.Actor("marieke")); err != nil || len(list) != 0 {
			t.Errorf("from outside are still %+v %v", list, err)
		}
	})
}

func TestRolesWithinAnApplication(t *testing.T) {
	viewer, editor := tenancy.Role{ID: "viewer", IsDefault: true}, tenancy.Role{ID: "editor"}
	all := []tenancy.Role{viewer, editor}
	for name, c := range map[string]struct {
		every  bool
		chosen []tenancy.Role
		want   string
	}{
		"all applications":        {true, []tenancy.Role{{ID: "member"}}, "viewer"},
		"a role chosen":           {false, []tenancy.Role{{ID: "member"}, editor}, "editor"},
		"all, and one chosen":     {true, []tenancy.Role{editor}, "editor"},
		"none chosen in this one": {false, []tenancy.Role{{ID: "member"}}, ""},
	} {
		got := ""
		for _, r := range delegation.Within(delegation.Delegation{AllApplications: c.every}, c.chosen, all) {
			got += r.ID
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := delegation.Within(delegation.Delegation{AllApplications: true}, nil, []tenancy.Role{editor}); len(got) != 0 {
		t.Errorf("without a default there is no role, got %v", got)
	}
}
