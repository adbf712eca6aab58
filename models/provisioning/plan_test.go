package provisioning

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/tenancy"
)

var (
	inCompany = Target{Level: models.CompanyLevel}
	inOrg     = Target{Level: models.OrganizationLevel, Organization: "org_1"}
	inApp     = Target{Level: models.ApplicationLevel, Organization: "org_1", Application: "app_1"}
)

func gives(id string, target Target, role string) Connector {
	c := connector(id, is("group", id))
	c.Target, c.Role = target, role
	return c
}

func byHand(target Target, role string) tenancy.Grant {
	return tenancy.Grant{ID: "hand-" + role, OrganizationID: target.Organization, ApplicationID: target.Application, RoleID: role, Source: tenancy.Manual}
}

func byRule(connector string, target Target, role string) tenancy.Grant {
	g := byHand(target, role)
	g.ID, g.Source, g.SourceID, g.SourceVersion = "rule-"+connector, tenancy.Rule, connector, 1
	return g
}

func names(changes []Change) (list []string) {
	for _, c := range changes {
		list = append(list, string(c.Target.Level)+" "+c.Role)
	}
	return list
}

func TestPlan(t *testing.T) {
	soon := models.At(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	ending := byHand(inOrg, "editor")
	ending.EndsAt = &soon
	standard := tenancy.Grant{ID: "default", RoleID: "employee", Source: tenancy.FromDefault}
	mixedHands := byHand(inApp, "planner")
	for _, c := range []struct {
		name       string
		connectors []Connector
		groups     []string
		held       []tenancy.Grant
		policy     Policy
		gained     []string
		lost       []string
		refused    bool
	}{
		{name: "a match gives", connectors: []Connector{gives("a", inOrg, "editor")}, groups: []string{"a"}, gained: []string{"organization editor"}},
		{name: "no match takes", connectors: []Connector{gives("a", inOrg, "editor")}, held: []tenancy.Grant{byRule("a", inOrg, "editor")}, lost: []string{"organization editor"}},
		{name: "a deleted rule takes", held: []tenancy.Grant{byRule("gone", inOrg, "editor")}, lost: []string{"organization editor"}},
		{name: "another rule keeps it", connectors: []Connector{gives("b", inOrg, "editor")}, groups: []string{"b"}, held: []tenancy.Grant{byRule("a", inOrg, "editor")}},
		{name: "the last role in an organization takes the application's along", connectors: []Connector{gives("a", inOrg, "editor"), gives("b", inApp, "planner")},
			groups: []string{"b"}, held: []tenancy.Grant{byRule("a", inOrg, "editor"), byRule("b", inApp, "planner")}, lost: []string{"organization editor", "application planner"}},
		{name: "also one given by hand", connectors: []Connector{gives("a", inOrg, "editor")},
			held: []tenancy.Grant{byRule("a", inOrg, "editor"), mixedHands}, lost: []string{"organization editor", "application planner"}},
		{name: "an application role needs one in the organization", connectors: []Connector{gives("b", inApp, "planner")}, groups: []string{"b"}},
		{name: "which may be given by hand", connectors: []Connector{gives("b", inApp, "planner")}, groups: []string{"b"}, held: []tenancy.Grant{byHand(inOrg, "member")}, gained: []string{"application planner"}},

		{name: "additive leaves what was given by hand", connectors: []Connector{gives("a", inOrg, "editor")}, held: []tenancy.Grant{byHand(inOrg, "member")}},
		{name: "authoritative takes it", policy: Policy{Authoritative: true}, connectors: []Connector{gives("a", inOrg, "editor")}, groups: []string{"a"},
			held: []tenancy.Grant{byHand(inOrg, "member")}, gained: []string{"organization editor"}, lost: []string{"organization member"}},
		{name: "but not where no connector is on", policy: Policy{Authoritative: true}, connectors: []Connector{gives("a", inCompany, "manager")}, held: []tenancy.Grant{byHand(inOrg, "member")}},
		{name: "nor before its end date", policy: Policy{Authoritative: true}, connectors: []Connector{gives("a", inOrg, "editor")}, held: []tenancy.Grant{ending}},

		{name: "the default role", policy: Policy{NoMatch: tenancy.NoMatchDefault, DefaultRole: "employee"}, gained: []string{"company employee"}},
		{name: "which he has already", policy: Policy{NoMatch: tenancy.NoMatchDefault, DefaultRole: "employee"}, held: []tenancy.Grant{standard}},
		{name: "goes when a rule gives another", policy: Policy{NoMatch: tenancy.NoMatchDefault, DefaultRole: "employee"}, connectors: []Connector{gives("a", inCompany, "manager")},
			groups: []string{"a"}, held: []tenancy.Grant{standard}, gained: []string{"company manager"}, lost: []string{"company employee"}},
		{name: "or none", policy: Policy{NoMatch: tenancy.NoMatchNone, DefaultRole: "employee"}, held: []tenancy.Grant{standard}, lost: []string{"company employee"}},
		{name: "or what he had", policy: Policy{NoMatch: tenancy.NoMatchKeep}, held: []tenancy.Grant{byRule("a", inCompany, "manager"), byRule("b", inOrg, "editor")}, lost: []string{"organization editor"}},
		{name: "or no sign-in", policy: Policy{NoMatch: tenancy.NoMatchRefuse}, refused: true},
		{name: "unless something matched", policy: Policy{NoMatch: tenancy.NoMatchRefuse}, connectors: []Connector{gives("a", inOrg, "editor")}, groups: []string{"a"}, gained: []string{"organization editor"}},
	} {
		compiled := rules(t, c.connectors...)
		plan := compiled.Plan(c.held, compiled.Resolve(read(t, received("groups", c.groups...))), c.policy)
		if got := names(plan.Gained()); !slices.Equal(got, c.gained) {
			t.Errorf("%s: gained %q, want %q", c.name, got, c.gained)
		}
		if got := names(plan.Lost()); !slices.Equal(got, c.lost) {
			t.Errorf("%s: lost %q, want %q", c.name, got, c.lost)
		}
		if plan.Refused != c.refused {
			t.Errorf("%s: refused %v", c.name, plan.Refused)
		}
	}
}

func TestPlanRefreshesEvidence(t *testing.T) {
	compiled := rules(t, gives("a", inOrg, "editor"))
	result := compiled.Resolve(read(t, received("groups", "a")))
	plan := compiled.Plan([]tenancy.Grant{byRule("a", inOrg, "editor")}, result, Policy{})
	if !plan.Empty() || len(plan.Refresh) != 1 || plan.Refresh[0].ID != "rule-a" || plan.Refresh[0].Evidence == "" {
		t.Fatalf("planned %+v", plan)
	}
	if again := compiled.Plan(plan.Refresh, result, Policy{}); len(again.Refresh) != 0 {
		t.Errorf("and again %+v", again)
	}
}
