package provisioning

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
)

var morning = models.At(time.Date(2026, 11, 24, 8, 12, 0, 0, time.UTC))

func asserted(id string) Source { return Source{FromAssertion, id, morning} }

func received(name string, values ...string) Received { return Received{Name: name, Values: values} }

// read is the profile of one assertion.
func read(t testing.TB, attributes ...Received) Profile {
	t.Helper()
	return merge(t, Mapping{}, Profile{}, Reading{asserted("a1"), attributes})
}

func merge(t testing.TB, m Mapping, last Profile, r Reading) Profile {
	t.Helper()
	p, err := m.Merge(last, r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAttributeIsFoundByNameFriendlyNameAndURI(t *testing.T) {
	p := read(t,
		Received{Name: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country", Values: []string{"NL"}},
		Received{Name: "urn:oid:2.16.840.1.113730.3.1.4", FriendlyName: "employeeType", Values: []string{"Employee"}},
		Received{Name: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", Values: []string{"4110"}},
		received("department", "Planning"),
		// An attribute of that very name goes before one that only ends with it.
		received("https://devries.example/claims/department", "Sales"),
	)
	for _, c := range []struct{ attribute, value string }{
		{"country", "NL"},
		{"COUNTRY", "NL"},
		{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country", "NL"},
		{"employeeType", "Employee"},
		{"urn:oid:2.16.840.1.113730.3.1.4", "Employee"},
		{"costcenter", "4110"},
		{"department", "Planning"},
		{"https://devries.example/claims/department", "Sales"},
		{"4", ""},
		{"", ""},
	} {
		if got := strings.Join(p.Values(c.attribute), ","); got != c.value {
			t.Errorf("%q is %q, want %q", c.attribute, got, c.value)
		}
	}
}

func TestAbsentKeepsAndEmptyRevokes(t *testing.T) {
	last := read(t, received("country", "NL"), received("department", "Planning"), received("groups", "Planning-Editors"))
	next := merge(t, Mapping{}, last, Reading{asserted("a2"), []Received{received("department"), received("title", "Planner")}})
	for _, c := range []struct {
		attribute string
		state     State
		values    string
	}{
		{"country", Absent, "NL"},
		{"department", Empty, ""},
		{"title", Present, "Planner"},
		{"group", Absent, "Planning-Editors"},
		{"unheard of", Absent, ""},
	} {
		if got := next.State(c.attribute); got != c.state {
			t.Errorf("%s is %s, want %s", c.attribute, got, c.state)
		}
		if got := strings.Join(next.Values(c.attribute), ","); got != c.values {
			t.Errorf("%s holds %q, want %q", c.attribute, got, c.values)
		}
	}
	if from := next.Attributes()[0].Source.Reference; from != "a1" {
		t.Errorf("the kept country comes from %q, want the assertion it came in with", from)
	}
	empty := merge(t, Mapping{}, next, Reading{asserted("a3"), []Received{received("groups", "", " "), received("country", "NL")}})
	if got := empty.State("group"); got != Empty || len(empty.Groups()) != 0 {
		t.Errorf("groups sent empty are %s with %v", got, empty.Groups())
	}
	if got := empty.State("country"); got != Present {
		t.Errorf("a country that came back is %s", got)
	}
}

func TestGroupsOverTheLimitOfTheProvider(t *testing.T) {
	last := read(t, received("groups", "A", "B"))
	for _, link := range []string{"http://schemas.microsoft.com/claims/groups.link", "groups.link"} {
		next := merge(t, Mapping{}, last, Reading{asserted("a2"), []Received{received(link, "https://graph.example/…"), received("groups", "A")}})
		if !next.Overage() || next.State("group") != Absent || len(next.Groups()) != 2 {
			t.Errorf("%s: overage %v, groups %s %v", link, next.Overage(), next.State("group"), next.Groups())
		}
	}
}

func TestSeveralValuesInOneStringAreSplitOnlyByADelimiter(t *testing.T) {
	sent := Reading{asserted("a1"), []Received{received("roles", "a; b ;;a"), received("groups", "X,Y")}}
	if got := merge(t, Mapping{}, Profile{}, sent).Values("roles"); len(got) != 1 {
		t.Errorf("split without a delimiter: %q", got)
	}
	p := merge(t, Mapping{Delimiters: map[string]string{"Roles": ";", "groups": ","}}, Profile{}, sent)
	if got := p.Values("roles"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("roles are %q", got)
	}
	if got := p.Values("group"); !slices.Equal(got, []string{"X", "Y"}) {
		t.Errorf("groups are %q", got)
	}
}

func TestOneAttributeWrittenSeveralTimes(t *testing.T) {
	p := read(t, received("dept", "A"), received("dept", "B", "A"), received("memberOf", "X"), received("http://schemas.xmlsoap.org/claims/Group", "Y", "X"))
	if got := p.Values("dept"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("dept is %q", got)
	}
	if got := p.Values("group"); !slices.Equal(got, []string{"X", "Y"}) {
		t.Errorf("groups are %q", got)
	}
}

func TestGroupsAsIDsWithNamesFromTheDirectory(t *testing.T) {
	known := func(text string) (KnownGroup, bool) {
		if text == "6f1c" || text == "Planning-Editors" {
			return KnownGroup{ID: "6f1c", Name: "Planning-Editors"}, true
		}
		return KnownGroup{}, false
	}
	p := merge(t, Mapping{Known: known}, Profile{}, Reading{asserted("a1"), []Received{received("groups", "6f1c", "Planning-Editors", "77aa")}})
	if got := p.Values("group"); !slices.Equal(got, []string{"77aa", "Planning-Editors"}) {
		t.Errorf("groups show as %q", got)
	}
	for _, value := range []string{"6f1c", "planning-editors", "77AA"} {
		if !holds(t, Condition{Attribute: "group", Operator: Is, Value: value}, p) {
			t.Errorf("group is %s does not hold", value)
		}
	}
}

func TestTheDirectoryWinsForTheGroupsItManages(t *testing.T) {
	known := func(text string) (KnownGroup, bool) {
		return KnownGroup{ID: "d-" + text, Name: text, Managed: true}, strings.HasPrefix(strings.TrimPrefix(text, "d-"), "Dir")
	}
	m := Mapping{Known: func(text string) (KnownGroup, bool) { return known(strings.TrimPrefix(text, "d-")) }}
	first := merge(t, Mapping{}, Profile{}, Reading{asserted("a0"), []Received{received("groups", "DirOld", "Own")}})
	first.groups[0].ID = "d-DirOld" // known since, and managed by now
	directory := merge(t, Mapping{}, first, Reading{Source{FromDirectory, "r1", morning}, []Received{received("groups", "d-DirA")}})
	if got := directory.Values("group"); len(got) != 3 {
		t.Fatalf("a directory's reading leaves the assertion's groups: %q", got)
	}
	p := merge(t, m, directory, Reading{asserted("a1"), []Received{received("groups", "DirB", "New"), received("country", "NL")}})
	if got := p.Values("group"); !slices.Equal(got, []string{"New", "d-DirA"}) {
		t.Errorf("groups are %q", got)
	}
	if p.State("group") != Present {
		t.Errorf("groups are %s", p.State("group"))
	}
	silent := merge(t, m, p, Reading{asserted("a2"), nil})
	for _, g := range silent.Groups() {
		if want := g.Source.Kind == FromAssertion; g.Kept != want {
			t.Errorf("%s kept: %v", g.Shown(), g.Kept)
		}
	}
}

func TestTooMuchInOneReadingIsRefused(t *testing.T) {
	many := make([]string, 10_000)
	several := make([]Received, MaxAttributes+1)
	var wide []Received
	for i := range MaxReading/MaxValueLength + 1 {
		wide = append(wide, received(fmt.Sprint("a", i), strings.Repeat("x", MaxValueLength)))
	}
	for i := range many {
		many[i] = fmt.Sprint("g", i)
	}
	for i := range several {
		several[i] = received(fmt.Sprint("a", i))
	}
	for key, r := range map[string][]Received{
		"provisioning.error.too_many_values":     {received("groups", many...)},
		"provisioning.error.value_too_long":      {received("title", strings.Repeat("x", MaxValueLength+1))},
		"provisioning.error.too_many_attributes": several,
		"provisioning.error.too_much":            wide,
	} {
		_, err := Mapping{}.Merge(Profile{}, Reading{asserted("a1"), r})
		if wrong, ok := err.(*models.Error); !ok || wrong.Key != key || wrong.Kind != models.Invalid {
			t.Errorf("want %s, got %v", key, err)
		}
	}
	if p := read(t, received("groups", many[:150]...)); len(p.Groups()) != 150 {
		t.Errorf("150 groups became %d", len(p.Groups()))
	}
}

func TestProfileKeepsItsFormWhenStored(t *testing.T) {
	p := merge(t, Mapping{}, read(t, received("country", "NL"), received("groups", "B", "A")), Reading{asserted("a2"), []Received{received("dept", "Ä")}})
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Profile
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p, back) {
		t.Errorf("stored as %s\nread as %+v\nwas %+v", text, back, p)
	}
	if again, _ := json.Marshal(back); string(again) != string(text) {
		t.Errorf("stored again as %s", again)
	}
}

func TestMergeLeavesTheLastProfileAlone(t *testing.T) {
	last := read(t, received("country", "NL"), received("groups", "A"))
	before, _ := json.Marshal(last)
	merge(t, Mapping{}, last, Reading{asserted("a2"), []Received{received("groups", "B"), received("country", "BE")}})
	if after, _ := json.Marshal(last); string(after) != string(before) {
		t.Errorf("%s became %s", before, after)
	}
}
