package configuration

import (
	"slices"
	"strings"
	"testing"

	"locum/models/store"
	"locum/models/tenancy"
)

const oneOf = `version: 1
platform:
  applications:
    - key: planning
      roles:
        - {key: planner, name: Planner}
      families:
        - {name: Planning, roles: [planner, editor, viewer]}
`

func (v *town) family(name string) (keys []string) {
	v.World.System(func(tx *store.Tx) error {
		reg, err := tenancy.LoadRegistry(tx)
		for _, f := range reg.Families {
			if f.Name == name {
				for _, r := range reg.InFamily(f.ID) {
					keys = append(keys, r.Key)
				}
			}
		}
		return err
	})
	return keys
}

func TestAFamilyOfRolesIsPlannedAppliedAndExported(t *testing.T) {
	each(t, func(v *town) {
		said, did := v.apply(oneOf, false)
		v.wants(said, `+ role "planner of Transport planning"`, `+ role family "Planning of Transport planning"`, "roles, the first counts: planner, editor, viewer",
			"a running Locum evaluates everyone again whose company has connectors for Transport planning")
		v.wants(did, `+ role family "Planning of Transport planning"`)
		if got := v.family("Planning"); !slices.Equal(got, []string{"planner", "editor", "viewer"}) {
			t.Errorf("the family is %q", got)
		}
		if _, p := v.plan(oneOf, true); !p.Empty() || len(p.Parts[0].Notes) > 0 {
			t.Errorf("what stands differs: %+v", p)
		}
		text, err := v.Export(v.Ctx, "De Vries Logistiek", Extent{Platform: true})
		v.must(err)
		v.wants(string(text), "families:\n        - name: Planning\n          roles: [planner, editor, viewer]")
		if _, p := v.plan(string(text), true); !p.Empty() {
			t.Errorf("the export differs: %+v", p)
		}
		_, did = v.apply(strings.Replace(oneOf, "[planner, editor, viewer]", "[viewer, planner]", 1), false)
		v.wants(did, "roles, the first counts: planner, editor, viewer → viewer, planner")
		if got := v.family("Planning"); !slices.Equal(got, []string{"viewer", "planner"}) {
			t.Errorf("the family is %q", got)
		}
		// A document ends no family.
		said, _ = v.apply("version: 1\nplatform: {applications: [{key: planning, families: []}]}\n", true)
		v.wants(said, `family of Transport planning "Planning"`)
		if got := v.family("Planning"); len(got) != 2 {
			t.Errorf("the family is %q", got)
		}
	})
}

func TestThePlanOfACompanyGoesByTheFamiliesOfItsDocument(t *testing.T) {
	each(t, func(v *town) {
		v.comesIn("anna", "Staff")
		text := oneOf + `companies:
  - name: De Vries Logistiek
    connectors:
      - name: Viewers
        state: "on"
        target: {organization: De Vries Production, application: planning, role: viewer}
        condition: {attribute: group, is: Staff}
      - name: Planners
        state: "on"
        target: {organization: De Vries Production, application: planning, role: planner}
        condition: {attribute: group, is: Staff}
`
		_, p := v.plan(text, false)
		company := p.Parts[1]
		if len(company.People.Gain) != 1 || !slices.Equal(company.People.Gain[0].Roles, []string{"Planner of Transport planning in De Vries Production"}) {
			t.Fatalf("foretold is %+v", company.People)
		}
		v.apply(text, false)
		var held []tenancy.Grant
		v.World.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND application_id <> ''", v.ID("anna")).Find(&held).Error
		})
		if len(held) != 1 || held[0].RoleID != v.role("planning", "planner").ID {
			t.Errorf("Anna holds %+v", held)
		}
	})
}

func TestAFamilyThatIsWrongIsToldAtItsPlace(t *testing.T) {
	each(t, func(v *town) {
		v.apply(oneOf, false)
		lines := v.wrong(`version: 1
platform:
  applications:
    - key: planning
      families:
        - {name: Planning, roles: [planner, planner, ghost], one_of: true}
        - {name: Second, roles: [viewer, editor]}
        - {name: Third, roles: []}
        - {name: Fourth}
        - {name: " ", roles: [planner]}
        - {name: Fourth}
  organization_families:
    - {roles: [member]}
`)
		for _, want := range []string{
			`plan.yaml:6:45: the role "planner" stands here twice`,
			`plan.yaml:6:54: no role of the application is called "ghost"; known are `,
			`plan.yaml:6:62: the key "one_of" is not known here; known are name, roles`,
			`plan.yaml:7:34: the role "viewer" is in the family "Planning" already`,
			`plan.yaml:7:42: the role "editor" is in the family "Planning" already`,
			`plan.yaml:8:32: a family has at least 2 roles`,
			`plan.yaml:9:11: roles are missing, and the family "Fourth" is a new one`,
			`plan.yaml:10:18: error.required`,
			`plan.yaml:11:18: the family "Fourth" stands in line 9 already`,
			`plan.yaml:13:7: name is missing`,
		} {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) }) {
				t.Errorf("not told: %s", want)
			}
		}
		if t.Failed() {
			t.Log(strings.Join(lines, "\n"))
		}
	})
}
