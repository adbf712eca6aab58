package provisioning

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"locum/models"
)

// naive is a second reading of the specification: no folding beforehand, no
// index, one value after the other.
func naive(c *Condition, p *Profile) bool {
	switch c.form() {
	case allOf:
		return !slices.ContainsFunc(c.All, func(under Condition) bool { return !naive(&under, p) })
	case anyOf:
		return slices.ContainsFunc(c.Any, func(under Condition) bool { return naive(&under, p) })
	case notOf:
		return !naive(c.Not, p)
	}
	var values []string
	if canonical(c.Attribute) == GroupAttribute {
		for _, g := range p.groups {
			values = append(values, g.ID, g.Name)
		}
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	} else {
		for _, a := range p.attributes {
			if strings.EqualFold(a.Name, strings.TrimSpace(c.Attribute)) {
				values = a.Values
			}
		}
	}
	any := slices.ContainsFunc(values, func(v string) bool { return naiveCompare(c, v) })
	return any != (c.Operator == IsNot)
}

func naiveCompare(c *Condition, v string) bool {
	quoted := regexp.QuoteMeta(c.Value)
	var expression string
	switch c.Operator {
	case Is, IsNot:
		expression = quoted
	case StartsWith:
		expression = quoted + ".*"
	case EndsWith:
		expression = ".*" + quoted
	case Contains:
		expression = ".*" + quoted + ".*"
	case Glob:
		expression = naiveGlob(c.Value)
	case Pattern:
		expression = c.Value
	case Exists:
		return true
	}
	flags := "(?is)"
	if c.CaseSensitive {
		flags = "(?s)"
	}
	return regexp.MustCompile(flags + `\A(?:` + expression + `)\z`).MatchString(v)
}

func naiveGlob(glob string) string {
	var b strings.Builder
	runes := []rune(glob)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '*':
			b.WriteString(".*")
		case r == '?':
			b.WriteString(".")
		case r == '\\' && i+1 < len(runes):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

var (
	randomAttributes = []string{"group", "country", "dept", "title", "city", "never"}
	randomValues     = []string{"NL", "nl", "be", "Planning", "planning-editors", "Planning-Viewers", "plan", "an", "Köln", "KÖLN", "a", "aa", "ab", "b", "\u212A", "k", "ſ", "sS"}
	randomGlobs      = []string{"plan*", "*ors", "*ann*", "?", "a?", "n?*", "*-*", `\*`, "K?LN", "planning"}
	randomPatterns   = []string{"plan.*", ".*ors", "^nl$", "n.|b.", "planning-(editors|viewers)", "[a-k]+", "(?i)NL", ".*ann.*", "a*", "köln", "pl?an", "(plan|nl).*", `\bnl\b`, "(?m)^planning$"}
)

func randomCondition(r *rand.Rand, depth int) Condition {
	if depth > 0 && r.IntN(3) > 0 {
		under := make([]Condition, 1+r.IntN(3))
		for i := range under {
			under[i] = randomCondition(r, depth-1)
		}
		switch r.IntN(5) {
		case 0:
			return not(under[0])
		case 1, 2:
			return Condition{Any: under}
		}
		return Condition{All: under}
	}
	c := Condition{Attribute: pick(r, randomAttributes), Operator: pick(r, Operators), CaseSensitive: r.IntN(3) == 0}
	switch c.Operator {
	case Exists:
	case Glob:
		c.Value = pick(r, randomGlobs)
	case Pattern:
		c.Value = pick(r, randomPatterns)
	default:
		c.Value = pick(r, randomValues)
	}
	return c
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomProfile(t testing.TB, r *rand.Rand) Profile {
	var sent []Received
	for _, attribute := range []string{"groups", "country", "dept", "title", "city", "shoe size", "hobby"} {
		if r.IntN(4) == 0 {
			continue
		}
		values := make([]string, r.IntN(4))
		for i := range values {
			values[i] = pick(r, randomValues)
		}
		sent = append(sent, received(attribute, values...))
	}
	return read(t, sent...)
}

// The index may only ever save work: what it resolves to is what evaluating
// every rule by itself resolves to.
func TestTheIndexFindsWhatEvaluatingEachRuleFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	granted, visited, all := 0, 0, 0
	for range 40 {
		connectors := make([]Connector, 1+r.IntN(120))
		for i := range connectors {
			connectors[i] = connector(fmt.Sprintf("c%03d", i), randomCondition(r, 3))
			if r.IntN(10) == 0 {
				connectors[i].State = pick(r, []ConnectorState{Off, Draft})
			}
		}
		compiled := rules(t, connectors...)
		for range 40 {
			p := randomProfile(t, r)
			var want, got []string
			for i := range connectors {
				if c := &connectors[i]; c.State == On && naive(&c.Condition, &p) {
					want = append(want, c.ID)
				}
				trace, err := Explain(connectors[i], p)
				if err != nil || trace.Holds != naive(&connectors[i].Condition, &p) {
					t.Fatalf("the explanation of %s says %v (%v)", connectors[i].Condition, trace.Holds, err)
				}
			}
			for _, g := range compiled.Resolve(p).Grants {
				got = append(got, g.Evidence[0].Connector)
			}
			if !slices.Equal(got, want) {
				for _, c := range connectors {
					if slices.Contains(got, c.ID) != slices.Contains(want, c.ID) {
						t.Errorf("%s for %v %v: index %v", c.Condition, p.attributes, p.groups, slices.Contains(got, c.ID))
					}
				}
				t.FailNow()
			}
			granted += len(got)
			visited += len(compiled.index.candidates(&p, nil))
			all += compiled.Len()
		}
	}
	if granted == 0 || visited == all {
		t.Errorf("%d grants, %d of %d rules visited: this test shows nothing", granted, visited, all)
	}
}

// Rules that cannot match a profile are not looked at, whatever their operator.
func TestRulesThatCannotMatchAreNotVisited(t *testing.T) {
	p := read(t, received("country", "NL"), received("dept", "Planning"), received("mail", "anna@devries.example"), received("groups", "Planning-Editors"))
	country := is("country", "NL")
	for name, of := range map[string]func(i int) Condition{
		"is": func(i int) Condition { return is("group", fmt.Sprint("other", i)) },
		"of all, the rarest": func(i int) Condition {
			return Condition{All: []Condition{country, is("group", fmt.Sprint("other", i))}}
		},
		"any of": func(i int) Condition {
			return Condition{Any: []Condition{is("group", fmt.Sprint("x", i)), is("dept", fmt.Sprint("y", i))}}
		},
		"not is not": func(i int) Condition {
			return not(Condition{Attribute: "group", Operator: IsNot, Value: fmt.Sprint("x", i)})
		},
		"starts with": func(i int) Condition {
			return Condition{Attribute: "group", Operator: StartsWith, Value: fmt.Sprint("x", i)}
		},
		"ends with": func(i int) Condition {
			return Condition{Attribute: "mail", Operator: EndsWith, Value: fmt.Sprint("@", i, ".example")}
		},
		"contains": func(i int) Condition {
			return Condition{Attribute: "dept", Operator: Contains, Value: fmt.Sprint("unit ", i)}
		},
		"glob": func(i int) Condition {
			return Condition{Attribute: "group", Operator: Glob, Value: fmt.Sprint("*-x", i)}
		},
		"pattern": func(i int) Condition {
			return Condition{Attribute: "group", Operator: Pattern, Value: fmt.Sprint("(a|b).*-x", i)}
		},
		"attributes nobody sends": func(i int) Condition {
			return Condition{Attribute: fmt.Sprint("attribute", i), Operator: Exists}
		},
	} {
		connectors := []Connector{connector("here", country)}
		for i := range 500 {
			connectors = append(connectors, connector(fmt.Sprint("c", i), of(i)))
		}
		compiled := rules(t, connectors...)
		if visited := compiled.index.candidates(&p, nil); len(visited) != 1 {
			t.Errorf("%s: %d of %d rules visited", name, len(visited), compiled.Len())
		}
	}
}

func TestEvidenceSaysWhichValueDecided(t *testing.T) {
	last := read(t, received("country", "NL"))
	p := merge(t, Mapping{}, last, Reading{asserted("a2"), []Received{received("groups", "A", "Planning-Editors"), received("type", "Employee")}})
	c := connector("c", Condition{All: []Condition{
		{Attribute: "group", Operator: StartsWith, Value: "planning"},
		{Attribute: "country", Operator: Is, Value: "nl"},
		not(Condition{Any: []Condition{is("type", "External"), {Attribute: "badge", Operator: Exists}}}),
		{Any: []Condition{is("group", "Z"), is("group", "a")}},
	}})
	c.Version = 7
	result := rules(t, c).Resolve(p)
	want := Result{
		Grants: []Grant{{Target: c.Target, Role: "role_c", Evidence: []Evidence{{Connector: "c", Version: 7, Matches: []Match{
			{Attribute: "group", Operator: StartsWith, Wanted: "planning", Found: "Planning-Editors", Source: asserted("a2")},
			{Attribute: "country", Operator: Is, Wanted: "nl", Found: "NL", Kept: true, Source: asserted("a1")},
			{Attribute: "type", Operator: Is, Wanted: "External", Denied: true, Found: "Employee", Source: asserted("a2")},
			{Attribute: "badge", Operator: Exists, Denied: true},
			{Attribute: "group", Operator: Is, Wanted: "a", Found: "A", Source: asserted("a2")},
		}}}}},
		Kept: []string{"country"},
	}
	if !reflect.DeepEqual(result, want) {
		got, _ := json.MarshalIndent(result, "", " ")
		t.Errorf("resolved to %s", got)
	}
}

func TestRolesAddUpAndEachComesOnce(t *testing.T) {
	p := read(t, received("country", "NL"), received("dept", "Planning"))
	at := func(id, role string, target Target, c Condition) Connector {
		return Connector{ID: id, Name: id, State: On, Condition: c, Target: target, Role: role}
	}
	company := Target{Level: models.CompanyLevel}
	production := Target{Level: models.OrganizationLevel, Organization: "org_1"}
	planner := Target{Level: models.ApplicationLevel, Organization: "org_1", Application: "app_1"}
	nl, planning := is("country", "NL"), is("dept", "Planning")
	result := rules(t,
		at("5", "viewer", planner, nl), at("1", "editor", production, nl), at("2", "viewer", production, nl),
		at("3", "editor", production, planning), at("4", "member", company, planning), at("6", "admin", company, is("dept", "IT")),
	).Resolve(p)
	var got []string
	for _, g := range result.Grants {
		line := string(g.Target.Level) + " " + g.Role
		for _, e := range g.Evidence {
			line += " " + e.Connector
		}
		got = append(got, line)
	}
	if want := []string{"company member 4", "organization editor 1 3", "organization viewer 2", "application viewer 5"}; !slices.Equal(got, want) {
		t.Errorf("resolved to %q", got)
	}
	if !result.At(planner) || result.At(Target{Level: models.OrganizationLevel, Organization: "org_2"}) {
		t.Error("At tells where a role is given")
	}
}

func TestOfAFamilyTheFirstByRankDecides(t *testing.T) {
	one := func(id, role string, rank int, c Condition) Connector {
		made := connector(id, c)
		made.Role, made.Family, made.Rank = role, "seats", rank
		return made
	}
	compiled := rules(t,
		one("a", "viewer", 3, is("group", "All")), one("b", "editor", 2, is("group", "Editors")),
		one("c", "editor", 2, is("dept", "Planning")), one("d", "owner", 1, is("group", "Owners")),
		connector("e", is("group", "All")))
	result := compiled.Resolve(read(t, received("groups", "All", "Editors"), received("dept", "Planning")))
	if len(result.Grants) != 2 || result.Grants[0].Role != "role_e" || result.Grants[1].Role != "editor" || len(result.Grants[1].Evidence) != 2 {
		t.Errorf("granted %+v", result.Grants)
	}
	if want := []Outranked{{Connector: "a", Target: Target{Level: models.CompanyLevel}, Role: "viewer", By: "b"}}; !slices.Equal(result.Outranked, want) {
		t.Errorf("outranked %+v", result.Outranked)
	}
}

func TestExplainSaysWhyNot(t *testing.T) {
	p := read(t, received("country", "BE"), received("type"), received("groups", "A", "B"))
	c := connector("c", Condition{All: []Condition{
		is("group", "b"), {Any: []Condition{is("country", "NL"), {Attribute: "cost", Operator: StartsWith, Value: "41"}}}, not(is("type", "External")),
	}})
	c.State = Draft
	trace, err := Explain(c, p)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Holds || !trace.Under[0].Holds || trace.Under[1].Holds || !trace.Under[2].Holds {
		t.Errorf("explained as %+v", trace)
	}
	if got := trace.Under[0]; got.Decided != "B" || !slices.Equal(got.Values, []string{"A", "B"}) || got.Source != asserted("a1") {
		t.Errorf("the group: %+v", got)
	}
	if got := trace.Under[1].Under; got[0].State != Present || got[0].Values[0] != "BE" || got[1].State != Absent {
		t.Errorf("the countries: %+v", got)
	}
	if got := trace.Under[2].Under[0]; got.State != Empty || got.Holds {
		t.Errorf("the type: %+v", got)
	}
}

func TestTheEmptyEngine(t *testing.T) {
	if got := rules(t).Resolve(read(t, received("a", "b"))); got.Grants != nil {
		t.Errorf("no rules gave %v", got)
	}
	compiled := rules(t, connector("a", is("a", "b")), connector("b", Condition{Attribute: "a", Operator: IsNot, Value: "b"}))
	if got := compiled.Resolve(Profile{}).Grants; len(got) != 1 || got[0].Role != "role_b" {
		t.Errorf("the profile of a stranger gave %v", got)
	}
}
