package provisioning

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"locum/models"
)

func is(attribute, value string) Condition {
	return Condition{Attribute: attribute, Operator: Is, Value: value}
}

func not(c Condition) Condition { return Condition{Not: &c} }

func rules(t testing.TB, connectors ...Connector) *Rules {
	t.Helper()
	r, err := Compile(connectors)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// connector gives the role of its own name at the company.
func connector(id string, c Condition) Connector {
	return Connector{ID: id, Name: id, State: On, Condition: c, Target: Target{Level: models.CompanyLevel}, Role: "role_" + id, Version: 1}
}

// holds asks the whole engine, index included.
func holds(t testing.TB, c Condition, p Profile) bool {
	t.Helper()
	return len(rules(t, connector("c", c)).Resolve(p).Grants) == 1
}

func TestOperators(t *testing.T) {
	p := read(t,
		received("country", "NL"),
		received("title", "Planner", "Senior Controller"),
		received("city", "Köln"),
		received("unit", "Kelvin K"),
		received("greek", "ΟΔΟΣ"),
		received("path", "a*b"),
		received("empty"),
		received("groups", "admin", "Planning-Editors"),
	)
	for _, c := range []struct {
		attribute string
		operator  Operator
		value     string
		sensitive bool
		want      bool
	}{
		{"country", Is, "NL", false, true},
		{"country", Is, "nl", false, true},
		{"country", Is, "nl", true, false},
		{"country", Is, "NL", true, true},
		{"country", Is, "N", false, false},
		{"Country", Is, "nl", false, true},
		{"title", Is, "senior controller", false, true},
		{"city", Is, "KÖLN", false, true},
		{"city", Is, "KOLN", false, false},
		{"unit", Is, "\u212Aelvin k", false, true}, // the Kelvin sign is a K
		{"greek", Is, "οδος", false, true},         // both small sigmas
		{"greek", Is, "οδοσ", false, true},
		{"group", Is, "admin", false, true}, // a group of that name is a group, and no more
		{"groups", Is, "ADMIN", false, true},
		{"admin", Exists, "", false, false},

		{"country", IsNot, "NL", false, false},
		{"country", IsNot, "nl", true, true},
		{"title", IsNot, "planner", false, false}, // one of two is equal
		{"title", IsNot, "driver", false, true},
		{"empty", IsNot, "x", false, true},
		{"unknown", IsNot, "x", false, true},

		{"title", StartsWith, "senior", false, true},
		{"title", StartsWith, "senior", true, false},
		{"title", StartsWith, "controller", false, false},
		{"city", StartsWith, "kÖ", false, true},
		{"title", EndsWith, "CONTROLLER", false, true},
		{"title", EndsWith, "CONTROLLER", true, false},
		{"title", EndsWith, "senior", false, false},
		{"title", Contains, "or con", false, true},
		{"title", Contains, "Or Con", true, false},
		{"title", Contains, "or", false, true}, // shorter than the index's parts
		{"title", Contains, "xyz", false, false},

		{"group", Glob, "planning-*", false, true},
		{"group", Glob, "*-EDITORS", false, true},
		{"group", Glob, "*ning*tor*", false, true},
		{"group", Glob, "Planning-Editor", false, false},
		{"group", Glob, "admi?", false, true},
		{"group", Glob, "admin?", false, false},
		{"group", Glob, "?dmin", true, true},
		{"group", Glob, "ADM*", true, false},
		{"city", Glob, "k?ln", false, true},
		{"path", Glob, `a\*b`, false, true},
		{"path", Glob, `a\?b`, false, false},
		{"path", Glob, `*\*b`, false, true},

		{"group", Pattern, "planning-.*", false, true},
		{"group", Pattern, "planning-.*", true, false},
		{"group", Pattern, "planning", false, false}, // the whole value, not a part
		{"group", Pattern, ".*-editors", false, true},
		{"group", Pattern, ".*ning-.*", false, true},
		{"group", Pattern, "^adm[a-z]+$", false, true},
		{"group", Pattern, "x|admin", false, true},
		{"group", Pattern, "(?i:ADMIN)", true, true},
		{"city", Pattern, "K.LN", false, true},
		{"title", Pattern, "senior|junior", false, false},

		{"country", Exists, "", false, true},
		{"group", Exists, "", false, true},
		{"empty", Exists, "", false, false},
		{"unknown", Exists, "", false, false},
	} {
		condition := Condition{Attribute: c.attribute, Operator: c.operator, Value: c.value, CaseSensitive: c.sensitive}
		if got := holds(t, condition, p); got != c.want {
			t.Errorf("%s (case %v): %v, want %v", condition, c.sensitive, got, c.want)
		}
		if got := holds(t, not(condition), p); got == c.want {
			t.Errorf("not %s (case %v): %v as well", condition, c.sensitive, got)
		}
	}
}

func TestGroupsOfConditions(t *testing.T) {
	p := read(t, received("country", "NL"), received("dept", "Planning"))
	yes, no := is("country", "NL"), is("country", "BE")
	for _, c := range []struct {
		condition Condition
		want      bool
	}{
		{Condition{All: []Condition{yes, is("dept", "planning")}}, true},
		{Condition{All: []Condition{yes, no}}, false},
		{Condition{Any: []Condition{no, yes}}, true},
		{Condition{Any: []Condition{no, no}}, false},
		{not(Condition{Any: []Condition{no, no}}), true},
		{not(Condition{All: []Condition{yes, no}}), true},
		{not(Condition{All: []Condition{yes, yes}}), false},
		{not(not(yes)), true},
		{not(not(not(yes))), false},
		{Condition{All: []Condition{not(Condition{Any: []Condition{no, not(yes)}}), Condition{Any: []Condition{no, not(no)}}}}, true},
	} {
		if got := holds(t, c.condition, p); got != c.want {
			t.Errorf("%s: %v, want %v", c.condition, got, c.want)
		}
	}
}

func TestCheckSaysWhatIsWrongAndWhere(t *testing.T) {
	deep := is("a", "b")
	for range MaxDepth {
		deep = not(deep)
	}
	wide := Condition{}
	for range MaxNodes {
		wide.Any = append(wide.Any, is("a", "b"))
	}
	for name, c := range map[string]struct {
		condition Condition
		path, key string
	}{
		"without conditions":   {Condition{}, "condition", "no_condition"},
		"an empty group":       {Condition{All: []Condition{is("a", "b"), {Any: []Condition{}}}}, "condition.1", "no_condition"},
		"two shapes at a time": {Condition{All: []Condition{is("a", "b")}, Attribute: "a"}, "condition", "mixed_condition"},
		"no attribute":         {Condition{Any: []Condition{is("a", "b"), is(" ", "b")}}, "condition.1.attribute", "attribute_missing"},
		"no operator":          {Condition{Attribute: "a", Value: "b"}, "condition.operator", "operator_unknown"},
		"no value":             {Condition{All: []Condition{is("a", "b"), not(is("a", ""))}}, "condition.1.0.value", "value_missing"},
		"a value too many":     {Condition{Attribute: "a", Operator: Exists, Value: "b"}, "condition.value", "value_unwanted"},
		"no RE2":               {Condition{Attribute: "a", Operator: Pattern, Value: "(?=a)b"}, "condition.value", "pattern_invalid"},
		"brackets turned out":  {Condition{Attribute: "a", Operator: Pattern, Value: "a)|(b"}, "condition.value", "pattern_invalid"},
		"an open quotation":    {Condition{Attribute: "a", Operator: Pattern, Value: `\Qa`}, "condition.value", "pattern_invalid"},
		"a slow pattern":       {Condition{Attribute: "a", Operator: Pattern, Value: ".{600}"}, "condition.value", "pattern_too_large"},
		"a long pattern":       {Condition{Attribute: "a", Operator: Pattern, Value: strings.Repeat("a", MaxPatternLength+1)}, "condition.value", "too_long"},
		"a long value":         {is("a", strings.Repeat("é", MaxOperandLength+1)), "condition.value", "too_long"},
		"a long name":          {is(strings.Repeat("a", MaxNameLength+1), "b"), "condition.attribute", "too_long"},
		"no text":              {is("a", "\xff"), "condition.value", "not_text"},
		"a glob for all":       {Condition{Attribute: "a", Operator: Glob, Value: "**"}, "condition.value", "glob_matches_all"},
		"too deep":             {deep, "condition" + strings.Repeat(".0", MaxDepth), "too_deep"},
		"too wide":             {wide, "condition", "too_many_nodes"},
	} {
		var wrong *models.Error
		if err := c.condition.Check(); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := wrong.Fields[c.path].Key; len(wrong.Fields) != 1 || got != "provisioning.error."+c.key {
			t.Errorf("%s: %v, want %s at %s", name, wrong, c.key, c.path)
		}
		if _, err := Compile([]Connector{connector("c", c.condition)}); err == nil {
			t.Errorf("%s: compiled", name)
		}
	}
}

func TestConnectorCheck(t *testing.T) {
	good := connector("c", is("a", "b"))
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Connector){
		"name":         func(c *Connector) { c.Name = " " },
		"note":         func(c *Connector) { c.Note = strings.Repeat("x", MaxConnectorNote+1) },
		"state":        func(c *Connector) { c.State = "maybe" },
		"role":         func(c *Connector) { c.Role = "" },
		"level":        func(c *Connector) { c.Target.Level = models.PlatformLevel },
		"organization": func(c *Connector) { c.Target = Target{Level: models.OrganizationLevel} },
		"application":  func(c *Connector) { c.Target.Application = "app_1" },
		"condition":    func(c *Connector) { c.Condition = Condition{} },
	} {
		c := good
		spoil(&c)
		var wrong *models.Error
		if err := c.Check(); !errors.As(err, &wrong) || wrong.Fields[field].Key == "" || len(wrong.Fields) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestConditionAsJSON(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`{"attribute":"group","operator":"is","value":"Planning-Editors"}`,
		`{"attribute":"group","operator":"exists"}`,
		`{"all":[{"attribute":"a","operator":"is","value":"b","case_sensitive":true},{"any":[]},{"not":{"attribute":"c","operator":"glob","value":"d*"}}]}`,
	} {
		var c Condition
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again, err := json.Marshal(c); err != nil || string(again) != text {
			t.Errorf("%s became %s (%v)", text, again, err)
		}
	}
}

func TestConditionAsJSONIsStrict(t *testing.T) {
	for text, want := range map[string][2]string{
		`null`:                      {"condition", "member_kind"},
		`[]`:                        {"condition", "member_kind"},
		`{"All":[]}`:                {"condition", "member_unknown"},
		`{"all":[],"owner":"x"}`:    {"condition", "member_unknown"},
		`{"all":[{"any":1}]}`:       {"condition.0", "member_kind"},
		`{"all":[{"not":{"x":1}}]}`: {"condition.0.0", "member_unknown"},
		`{"value":1}`:               {"condition.value", "member_kind"},
		`{"case_sensitive":"yes"}`:  {"condition.case_sensitive", "member_kind"},
		`{"value":"a","value":"b"}`: {"condition", "member_twice"},
		`{"all":[],"any":[]}`:       {"condition", "mixed_condition"},
		`{"all":[],"value":"x"}`:    {"condition", "mixed_condition"},
		strings.Repeat(`{"not":`, 5000) + `{}` + strings.Repeat(`}`, 5000): {"condition" + strings.Repeat(".0", MaxDepth), "too_deep"},
		`{"any":[` + strings.Repeat(`{},`, MaxNodes) + `{}]}`:              {"condition", "too_many_nodes"},
		`{"value":"` + strings.Repeat("x", MaxConditionBytes) + `"}`:       {"condition", "too_large"},
	} {
		c := is("untouched", "x")
		err := json.Unmarshal([]byte(text), &c)
		var wrong *models.Error
		if !errors.As(err, &wrong) || wrong.Fields[want[0]].Key != "provisioning.error."+want[1] {
			t.Errorf("%.60s: %v, want %v", text, err, want)
		}
		if c.Attribute != "untouched" {
			t.Errorf("%.60s: was half read", text)
		}
	}
}

func TestTidy(t *testing.T) {
	c := Condition{All: []Condition{is(" memberOf ", " x "), not(Condition{Attribute: "a", Operator: Contains, Value: " b "}), {Attribute: "a", Operator: Exists, Value: "x"}}}
	if got := c.Tidy().String(); got != `(group is "x" and not a contains " b " and a exists "")` {
		t.Error(got)
	}
	if c.All[0].Value != " x " {
		t.Error("the condition itself was changed")
	}
}

func FuzzConditionJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"all":[{"attribute":"group","operator":"is","value":"A"},{"not":{"attribute":"c","operator":"pattern","value":"a.*"}}]}`,
		`{"any":[{"attribute":"a","operator":"glob","value":"*x?"}]}`, `{"not":{"not":{}}}`, `{"all":[],"any":[]}`,
	} {
		f.Add([]byte(seed))
	}
	p := read(f, received("a", "Ax", "b"), received("groups", "A"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Condition
		if err := json.Unmarshal(text, &c); err != nil {
			return
		}
		stored, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		var again Condition
		if err := json.Unmarshal(stored, &again); err != nil || again.String() != c.String() {
			t.Fatalf("%s read as %s: %v", stored, again, err)
		}
		Plain(Sentence(c), func(key string) string { return key })
		if c.Check() == nil && holds(t, c, p) != naive(&c, &p) {
			t.Fatalf("%s: the index says otherwise than the condition", stored)
		}
	})
}
