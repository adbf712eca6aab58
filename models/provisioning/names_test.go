package provisioning_test

import (
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestConnectorsAreNamedToThoseInsideAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connectors := provisioning.NewConnectors(w.Store)
		save := func(name string, at models.Party) string {
			saved, err := connectors.Save(w.Ctx, w.Actor("marieke"), provisioning.Connector{Name: name, State: provisioning.On, Role: tenancy.Member,
				Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: at.Organization},
				Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: name}}, anyway)
			if err != nil {
				t.Fatal(err)
			}
			w.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: at.Company, OrganizationID: at.Organization, AccountID: w.ID("anna"), RoleID: tenancy.Member,
					Source: tenancy.Rule, SourceID: saved.Saved.ID, Evidence: `[{"attribute":"group","operator":"is","wanted":"` + name + `"}]`}, "Anna Visser")
			})
			return saved.Saved.ID
		}
		here, there := save("Staff", w.Production), save("Testers", w.Acceptance)
		w.Delegate("jan", "sanne", delegation.Week)
		w.Switch("sanne", w.Production)

		for reader, want := range map[string]int{"jan": 1, "anna": 1, "sanne": 0, "karin": 0} {
			names, err := connectors.NamesHere(w.Ctx, w.Actor(reader))
			if err != nil || len(names) != want || want == 1 && names[here] != "Staff" {
				t.Errorf("%s is told %v %v", reader, names, err)
			}
		}
		names, err := connectors.Names(w.Ctx, w.Actor("marieke"))
		if err != nil || len(names) != 2 || names[there] != "Testers" {
			t.Errorf("the manager is told %v %v", names, err)
		}
		_, err = connectors.Names(w.Ctx, w.Actor("jan"))
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestEvidenceOfAnotherSourceIsNone(t *testing.T) {
	for _, evidence := range []string{"", "{}", "not JSON", "[]"} {
		if got := provisioning.MatchesOf(tenancy.Grant{Evidence: evidence}); len(got) != 0 {
			t.Errorf("%q gives %v", evidence, got)
		}
	}
}
