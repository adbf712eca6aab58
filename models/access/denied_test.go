package access_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// Edge 12 of the delegations: what is denied to visitors is denied everywhere.
func TestAVisitorNeverGetsWhatIsNotForVisitors(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := planning(t, w)
		roles := map[string]string{}
		w.System(func(tx *store.Tx) error {
			var rows []tenancy.Role
			err := tx.Where("application_id = ?", app.ID).Find(&rows).Error
			for _, r := range rows {
				roles[r.Key] = r.ID
			}
			return err
		})
		mark := func(column, table, id string, on bool) {
			t.Helper()
			w.System(func(tx *store.Tx) error {
				tx.Notify(store.Everything)
				return tx.Table(table).Where("id = ?", id).Update(column, on).Error
			})
		}
		proposal := delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en", Roles: []string{tenancy.Member, roles["chief"]}}
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), proposal)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID); err != nil {
			t.Fatal(err)
		}
		w.Switch("sanne", w.Zonneveld)
		if a := told(t, w, "sanne", app.ID); a.Denied != "" || !slices.Equal(a.Roles, []string{"chief"}) {
			t.Fatalf("before: %+v", a)
		}
		mark("not_for_visitors", "roles", roles["chief"], true)
		if a := told(t, w, "sanne", app.ID); slices.Contains(a.Roles, "chief") {
			t.Fatalf("a visitor keeps a role that is not for visitors: %+v", a)
		}
		if a := told(t, w, "ria", app.ID); a.Denied != "" {
			t.Fatalf("a member is denied: %+v", a)
		}
		w.Person("noor", "Noor Hendriks", "noor@noorhendriks.example")
		proposal.Email = "noor@noorhendriks.example"
		if _, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), proposal); models.KindOf(err) != models.Invalid {
			t.Fatalf("such a role is given through a delegation: %v", err)
		}
		mark("not_for_visitors", "roles", roles["planner"], true)
		if a := told(t, w, "sanne", app.ID); a.Denied != access.NotForVisitors || len(a.Roles) > 0 {
			t.Fatalf("without a role that he may have: %+v", a)
		}
		mark("not_for_visitors", "roles", roles["chief"], false)
		mark("not_for_visitors", "applications", app.ID, true)
		for range 3 {
			w.Advance(time.Second)
			if a := told(t, w, "sanne", app.ID); a.Denied != access.NotForVisitors {
				t.Fatalf("the whole application: %+v", a)
			}
		}
		if a := told(t, w, "ria", app.ID); a.Denied == access.NotForVisitors {
			t.Fatalf("a member is denied: %+v", a)
		}
		if n := w.Count(w.Zonneveld, event.VisitDenied); n != 1 {
			t.Fatalf("recorded %d times in one visit", n)
		}
	})
}

func TestARoleOfTheOrganizationThatIsNotForVisitorsAllowsThemNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		planning(t, w) // makes karin an operator
		desk, err := w.Companies.RegisterRole(w.Ctx, w.Actor("karin"), tenancy.Role{Level: models.OrganizationLevel, Key: "desk", Name: "Desk"}, models.ManageApplications)
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en", Roles: []string{desk.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID); err != nil {
			t.Fatal(err)
		}
		w.Switch("sanne", w.Zonneveld)
		if !w.Actor("sanne").May(models.ManageApplications) {
			t.Fatal("the role gives nothing to begin with")
		}
		desk.NotForVisitors = true
		if err := w.Companies.EditRole(w.Ctx, w.Actor("karin"), desk, models.ManageApplications); err != nil {
			t.Fatal(err)
		}
		if w.Actor("sanne").May(models.ManageApplications) {
			t.Fatal("a visitor does by a role what is not for visitors")
		}
	})
}

func TestScopesOfWhatVisitorsMayNotDoAreDenied(t *testing.T) {
	for scope, denied := range map[string]bool{"delegations.read": true, "delegations.write": true, "visits.read": true, "visits.write": true, "openid": false, "profile": false} {
		if access.DeniedScope(scope) != denied {
			t.Errorf("%s: denied is %t", scope, !denied)
		}
	}
}
