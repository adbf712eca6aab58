package provisioning

import (
	"strings"
	"testing"
)

func TestTextsAreAlike(t *testing.T) {
	for _, c := range []struct {
		a, b     string
		distance int
		near     bool
	}{
		{"Planning-Editors", "Planning-Editros", 1, true}, // neighbours exchanged
		{"Planning-Editors", "planning editors", 0, true}, // capitals and separators
		{"Planning-Editors", "PlanningEditors", 0, true},
		{"Planning-Editors", "Planing-Editor", 2, true},
		{"Planning-Editors", "Planing-Edtor", 3, false},
		{"Planning-Editors", "Planning-Viewers", 0, false},
		{"Staff", "Stuff", 1, true},
		{"Staff", "Stiff-", 0, false}, // two of five
		{"NL", "BE", 0, false},
		{"NL", "NLD", 0, false}, // too short to tell
		{"nl", "NL", 0, true},
		{"café-zürich", "cafe-zürich", 1, true}, // characters, not bytes
		{"", "a", 0, false},
		{"-", "_", 0, false}, // nothing but separators
		{strings.Repeat("a", maxAlike+1), strings.Repeat("a", maxAlike) + "b", 0, false},
	} {
		distance, near := alike(c.a, c.b)
		if near != c.near || near && distance != c.distance {
			t.Errorf("%.30q and %.30q: %d %v, want %d %v", c.a, c.b, distance, near, c.distance, c.near)
		}
		if back, also := alike(c.b, c.a); also != near || near && back != distance {
			t.Errorf("%.30q and %.30q the other way round: %d %v", c.b, c.a, back, also)
		}
	}
}

func TestASlipOfThePenIsToldWithWhatWasMeant(t *testing.T) {
	people := func(groups ...string) map[string]Profile {
		p := merge(t, Mapping{}, Profile{}, Reading{asserted("a"), []Received{received("groups", groups...), received("Department", "Finance", "Board"),
			{Name: "urn:oid:1.2.3", FriendlyName: "costCenter", Values: []string{"NL-4711"}}}})
		return map[string]Profile{"acc_1": p}
	}
	seen := see(people("Planning-Editors", "Planning-Viewers", "Finance-NL"))
	exactly := func(c Condition) Condition { c.CaseSensitive = true; return c }
	for _, c := range []struct {
		name, attribute, value string // of what was meant; empty for no slip
		said                   Condition
	}{
		{"a value", "group", "Planning-Editors", is("group", "Planing-Editors")},
		{"an attribute", "Department", "Finance", is("departmnt", "Finance")},
		{"an attribute by its other name", "costCenter", "NL-4711", is("cost_centre", "NL 4711")},
		{"both", "Department", "Finance", is("Departement", "Finanse")},
		{"the nearest of two", "group", "Planning-Viewers", is("groups", "Planning-Viewer")},
		{"a value that must not be there", "department", "Finance", Condition{Attribute: "department", Operator: IsNot, Value: "Finnance"}},
		{"capitals that count", "Department", "Finance", exactly(is("Department", "FINANCE"))},
		{"an attribute that only has to be there", "Department", "", Condition{Attribute: "Departments", Operator: Exists}},
		{"a value that somebody has", "", "", is("group", "planning-editors")},
		{"a value like none", "", "", is("group", "Legal")},
		{"an attribute like none", "", "", is("shoe size", "42")},
		{"a beginning", "", "", Condition{Attribute: "group", Operator: StartsWith, Value: "Planing"}},
		{"nothing yet", "", "", is("group", "")},
		{"a group of conditions", "", "", Condition{All: []Condition{is("group", "Planing-Editors")}}},
	} {
		meant, slip := seen.Meant(c.said)
		if slip != (c.attribute != "") {
			t.Errorf("%s: a slip is %v, meant %+v", c.name, slip, meant)
			continue
		}
		if slip && (meant.Attribute != c.attribute || meant.Value != c.value || meant.Operator != c.said.Operator || meant.CaseSensitive != c.said.CaseSensitive) {
			t.Errorf("%s: meant is %+v", c.name, meant)
		}
	}
	if _, slip := see(nil).Meant(is("group", "Planing-Editors")); slip {
		t.Error("nobody is known, and a slip is told")
	}
	many := make([]string, MaxSeenValues+1)
	for i := range many {
		many[i] = strings.Repeat("g", i+1)
	}
	if _, slip := see(people(many...)).Meant(is("group", "gggg_gggh")); slip {
		t.Error("there are more groups than are kept, and a slip is told")
	}
}
