package provisioning_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/tenancy"
)

func TestRolesByHandFightConnectors(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connectors := provisioning.NewConnectors(w.Store)
		fights := func(proposed tenancy.ByHand) (int, bool) {
			held, taken, err := connectors.Fights(w.Ctx, w.Actor("marieke"), w.ID("anna"), proposed)
			if err != nil {
				t.Fatal(err)
			}
			return len(held), taken
		}
		end := models.At(w.Now().Add(time.Hour))
		forever := tenancy.ByHand{Organization: w.Production.Organization, Role: tenancy.Superuser}
		until := forever
		until.EndsAt = &end
		if n, taken := fights(forever); n != 0 || taken {
			t.Errorf("without a connector %d fight, and the proposal %v", n, taken)
		}
		_, err := connectors.Save(w.Ctx, w.Actor("marieke"), provisioning.Connector{Name: "Staff", State: provisioning.On, Role: tenancy.Member,
			Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: w.Production.Organization},
			Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Staff"}}, anyway)
		if err != nil {
			t.Fatal(err)
		}
		if n, taken := fights(forever); n != 1 || !taken {
			t.Errorf("with a connector %d fight, and the proposal %v", n, taken)
		}
		if _, taken := fights(until); taken {
			t.Error("a role with an end fights")
		}
		elsewhere := tenancy.ByHand{Organization: w.Acceptance.Organization, Role: tenancy.Member}
		if _, taken := fights(elsewhere); taken {
			t.Error("a role where no connector is on fights")
		}
		if err := w.Companies.SetPolicy(w.Ctx, w.Actor("marieke"), policy(tenancy.Additive, tenancy.NoMatchDefault)); err != nil {
			t.Fatal(err)
		}
		if n, taken := fights(forever); n != 0 || taken {
			t.Errorf("in an additive company %d fight, and the proposal %v", n, taken)
		}
		if _, _, err := connectors.Fights(w.Ctx, w.Actor("jan"), w.ID("anna")); models.KindOf(err) != models.Forbidden {
			t.Errorf("a superuser is told %v", err)
		}
	})
}
