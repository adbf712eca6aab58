package provisioning_test

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

func groups(names ...string) []provisioning.Received {
	return []provisioning.Received{{Name: "groups", Values: names}}
}

func TestGroupConcernsPeopleAndConnectors(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connectors := provisioning.NewConnectors(w.Store)
		at := provisioning.Target{Level: models.OrganizationLevel, Organization: w.Acceptance.Organization}
		group := func(operator provisioning.Operator, value string) provisioning.Condition {
			return provisioning.Condition{Attribute: "groups", Operator: operator, Value: value}
		}
		save := func(name string, c provisioning.Condition) {
			_, err := connectors.Save(w.Ctx, w.Actor("marieke"), provisioning.Connector{Name: name, State: provisioning.On, Role: tenancy.Member, Target: at, Condition: c}, anyway)
			if err != nil {
				t.Fatal(err)
			}
		}
		denied := group(provisioning.Is, "Planning-Editors")
		save("is", group(provisioning.Is, "planning-editors"))
		save("starts", provisioning.Condition{All: []provisioning.Condition{group(provisioning.StartsWith, "Planning-"), {Attribute: "country", Operator: provisioning.Is, Value: "NL"}}})
		save("not", provisioning.Condition{Not: &denied})
		save("other", group(provisioning.Is, "Sales"))
		save("any", provisioning.Condition{Attribute: "group", Operator: provisioning.Exists})
		save("attribute", provisioning.Condition{Attribute: "team", Operator: provisioning.Is, Value: "Planning-Editors"})
		w.System(func(tx *store.Tx) error {
			p, err := account.Load(tx, w.ID("anna"))
			if err != nil {
				return err
			}
			_, err = connectors.SignIn(tx, w.Production.Company, p, "con_1", provisioning.Mapping{}, provisioning.Reading{
				Source:     provisioning.Source{Kind: provisioning.FromAssertion, Reference: "a1", At: models.At(tx.Now())},
				Attributes: groups("Planning-Editors")})
			return err
		})
		got, err := connectors.Affected(w.Ctx, w.Actor("marieke"), " planning-EDITORS ")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range got.Connectors {
			names = append(names, c.Name)
		}
		if len(got.People) != 1 || got.People[0].ID != w.ID("anna") || !slices.Equal(names, []string{"is", "not", "starts"}) {
			t.Errorf("it concerns %+v and %v", got.People, names)
		}
		for _, nothing := range []string{"", "Nobody"} {
			if got, err := connectors.Affected(w.Ctx, w.Actor("marieke"), nothing); err != nil || len(got.People) != 0 {
				t.Errorf("%q concerns %+v %v", nothing, got, err)
			}
		}
		_, err = connectors.Affected(w.Ctx, w.Actor("jan"), "Planning-Editors")
		w.Wants(err, models.Forbidden, "error.forbidden")

		why, err := connectors.WhyRole(w.Ctx, w.Actor("marieke"), w.ID("anna"), at, tenancy.Member)
		if err != nil || !why.Has() || len(why.Connectors) != 6 || len(why.Others) != 0 || why.Known.IsZero() {
			t.Fatalf("why is %+v %v", why, err)
		}
		for _, c := range why.Connectors {
			if want := c.Connector.Name == "is" || c.Connector.Name == "any"; c.Trace.Holds != want || c.Given != want {
				t.Errorf("%s holds %v and gives %v", c.Connector.Name, c.Trace.Holds, c.Given)
			}
		}
		here := provisioning.Target{Level: models.OrganizationLevel, Organization: w.Production.Organization}
		if why, err := connectors.WhyRole(w.Ctx, w.Actor("marieke"), w.ID("anna"), here, tenancy.Superuser); err != nil || why.Has() {
			t.Errorf("why not is %+v %v", why, err)
		}
		_, err = connectors.WhyRole(w.Ctx, w.Actor("marieke"), w.ID("karin"), here, tenancy.Member)
		w.Wants(err, models.NotFound, "error.not_found")

		// Once she is removed from the company a change of a connector gives her nothing.
		if err := w.Companies.Offboard(w.Ctx, w.Actor("marieke"), w.ID("anna")); err != nil {
			t.Fatal(err)
		}
		save("more", group(provisioning.Is, "Planning-Editors"))
		if _, err = w.Companies.Person(w.Ctx, w.Actor("marieke"), w.ID("anna")); models.KindOf(err) != models.NotFound {
			t.Errorf("after a change of a connector she is %v", err)
		}
	})
}
