package provisioning

import "testing"

var english = map[string]string{
	"provisioning.and": "and", "provisioning.or": "or",
	"provisioning.any_of": "any of", "provisioning.all_of": "all of",
	"provisioning.none_of": "none of", "provisioning.not_all_of": "not all of",
	"provisioning.quote.open": "“", "provisioning.quote.close": "”",
	"provisioning.op.is": "is", "provisioning.op.is.denied": "is not", "provisioning.op.is_not": "is not",
	"provisioning.op.starts_with": "starts with", "provisioning.op.starts_with.denied": "does not start with",
	"provisioning.op.exists": "has a value", "provisioning.op.exists.denied": "has no value",
	"provisioning.attribute.group": "group", "provisioning.attribute.country": "country", "provisioning.attribute.costcenter": "cost centre",
}

func TestSentence(t *testing.T) {
	a, b := is("group", "Planning-Editors"), is("country", "NL")
	cost := Condition{Attribute: "costCenter", Operator: StartsWith, Value: "41"}
	badge := Condition{Attribute: "badge number", Operator: Exists}
	for _, c := range []struct {
		condition Condition
		want      string
	}{
		{a, `group is “Planning-Editors”`},
		{Condition{All: []Condition{a, b}}, `group is “Planning-Editors” and country is “NL”`},
		{Condition{Any: []Condition{a, b}}, `any of group is “Planning-Editors” or country is “NL”`},
		{Condition{All: []Condition{a, {Any: []Condition{b, cost}}}}, `group is “Planning-Editors” and (any of country is “NL” or cost centre starts with “41”)`},
		{Condition{Any: []Condition{a, {All: []Condition{b, badge}}}}, `any of group is “Planning-Editors” or (all of country is “NL” and badge number has a value)`},
		{Condition{All: []Condition{{Any: []Condition{a}}, not(badge)}}, `group is “Planning-Editors” and badge number has no value`},
		{not(cost), `cost centre does not start with “41”`},
		{not(not(cost)), `cost centre starts with “41”`},
		{not(Condition{Any: []Condition{a, b}}), `none of group is “Planning-Editors” or country is “NL”`},
		{Condition{All: []Condition{a, not(Condition{All: []Condition{b, not(cost)}})}}, `group is “Planning-Editors” and (not all of country is “NL” and cost centre does not start with “41”)`},
	} {
		got := Plain(Sentence(c.condition), func(key string) string {
			word, ok := english[key]
			if !ok {
				t.Errorf("%s asks for %s", c.condition, key)
			}
			return word
		})
		if got != c.want {
			t.Errorf("%s\n reads %s\n  want %s", c.condition, got, c.want)
		}
	}
}
