package provisioning_test

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestDeletedRoleIsReplacedInDelegationsAndConnectors(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connectors := provisioning.NewConnectors(w.Store)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
		})
		by := w.Actor("karin")
		register := func(key string) tenancy.Role {
			r, err := w.Companies.RegisterRole(w.Ctx, by, tenancy.Role{Level: models.OrganizationLevel, Key: key, Name: key}, models.ViewActivity)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		old, place := register("old"), register("place")
		grant := func(email string, roles ...string) delegation.Delegation {
			d, err := w.Delegations.Grant(w.Ctx, w.Actor("jan"), delegation.Proposal{Email: email, Period: delegation.Week, Language: "en", Roles: roles})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		standing := grant("sanne@kade.example", tenancy.Member, old.ID)
		both := grant("thomas@kade.example", tenancy.Member, old.ID, place.ID)
		over := grant("gone@kade.example", tenancy.Member, old.ID)
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("jan"), over.ID); err != nil {
			t.Fatal(err)
		}
		saved, err := connectors.Save(w.Ctx, w.Actor("marieke"), provisioning.Connector{Name: "Editors", State: provisioning.Draft, Role: old.ID,
			Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: w.Production.Organization},
			Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Editors"}}, anyway)
		if err != nil {
			t.Fatal(err)
		}
		by = w.Actor("karin")
		if n, err := w.Delegations.UsingRole(w.Ctx, by, old.ID); err != nil || n != 2 {
			t.Errorf("%d delegations give it, %v", n, err)
		}
		if n, err := connectors.UsingRole(w.Ctx, by, old.ID); err != nil || n != 1 {
			t.Errorf("%d connectors give it, %v", n, err)
		}
		w.Wants(w.Companies.DeleteRole(w.Ctx, by, old.ID, ""), models.Invalid, "company.error.replacement")
		if err := w.Companies.DeleteRole(w.Ctx, by, old.ID, place.ID); err != nil {
			t.Fatal(err)
		}
		names := func(id string) (list []string) {
			one, err := w.Delegations.Get(w.Ctx, w.Actor("jan"), id)
			if err != nil {
				t.Fatal(err)
			}
			return one.RoleNames
		}
		if got := names(standing.ID); !slices.Equal(got, []string{"Member", "place"}) {
			t.Errorf("the delegation gives %v", got)
		}
		if got := names(both.ID); !slices.Equal(got, []string{"Member", "place"}) {
			t.Errorf("the delegation with both gives %v", got)
		}
		if got := names(over.ID); !slices.Contains(got, "old") {
			t.Errorf("the one that is over says %v", got)
		}
		now, history, err := connectors.Get(w.Ctx, w.Actor("marieke"), saved.Saved.ID)
		if err != nil || now.Role != place.ID || now.Version != 2 || len(history) != 2 || history[0].MadeByName != "Karin Schouten" {
			t.Errorf("the connector is %+v %+v %v", now, history, err)
		}
		if n := w.Count(w.Production, event.RoleReplaced); n != 1 {
			t.Errorf("%d events tell the host", n)
		}
		var changed int64
		w.System(func(tx *store.Tx) error {
			return tx.Model(&store.Event{}).Where("company_id = ? AND type = ?", w.Production.Company, event.ConnectorChanged).Count(&changed).Error
		})
		if changed != 1 {
			t.Errorf("%d events tell of the connector", changed)
		}
	})
}

// A role that only connectors or delegations give is in use as well.
func TestRoleOfAConnectorAloneNeedsAReplacement(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connectors := provisioning.NewConnectors(w.Store)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("marieke")).Update("operator", true).Error
		})
		role, err := w.Companies.RegisterRole(w.Ctx, w.Actor("marieke"), tenancy.Role{Level: models.CompanyLevel, Key: "auditor", Name: "Auditor"}, models.ViewCompany)
		if err != nil {
			t.Fatal(err)
		}
		_, err = connectors.Save(w.Ctx, w.Actor("marieke"), provisioning.Connector{Name: "Auditors", State: provisioning.On, Role: role.ID,
			Target: provisioning.Target{Level: models.CompanyLevel}, Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Audit"}}, anyway)
		if err != nil {
			t.Fatal(err)
		}
		w.Wants(w.Companies.DeleteRole(w.Ctx, w.Actor("marieke"), role.ID, ""), models.Invalid, "company.error.replacement")
		if err := w.Companies.DeleteRole(w.Ctx, w.Actor("marieke"), role.ID, tenancy.Employee); err != nil {
			t.Fatal(err)
		}
	})
}
