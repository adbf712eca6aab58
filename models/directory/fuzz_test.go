package directory

import (
	"encoding/json"
	"testing"
)

// FuzzFilter: whatever is sent is a filter or is refused, and one that was read
// can be asked of any resource.
func FuzzFilter(f *testing.F) {
	for _, text := range []string{`userName eq "a@x"`, `emails[type eq "work" and value co "@x"] or not (title pr)`, `active eq True`, `id eq "g" and members[value eq "u"]`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value ne null`, `meta.created gt "2026-01-01T00:00:00Z"`, `((((`, `a eq "\u00`, `x eq 1e9`, `name.givenName sw "é"`} {
		f.Add(text)
	}
	who := Resource{"id": "u", "userName": "a@x", "active": true, "emails": []any{map[string]any{"type": "work", "value": "a@x"}}, "n": json.Number("7")}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text)
		if err != nil {
			return
		}
		yes, no := filter.matches(UserType, who), (&Filter{Not: filter}).matches(UserType, who)
		if yes == no {
			t.Errorf("%q and its opposite are both %v", text, yes)
		}
	})
}

// FuzzPath: a path that is read names something.
func FuzzPath(f *testing.F) {
	for _, text := range []string{"active", "name.givenName", `members[value eq "x"]`, `emails[type eq "work"].value`, EnterpriseSchema, EnterpriseSchema + ":manager.value", "urn:x:y:z", "$ref", "a..b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ParsePath(text); err == nil && p.Name == "" && p.URN == "" {
			t.Errorf("%q names nothing", text)
		}
	})
}

// FuzzPatch: a PATCH is applied or refused, and what it leaves can be stored,
// read again and is the same.
func FuzzPatch(f *testing.F) {
	for _, text := range []string{`{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, `{"Operations":[{"op":"add","value":{"name.givenName":"K","emails":"x"}}]}`,
		`{"Operations":[{"op":"remove","path":"emails[type eq \"work\"]"}]}`, `{"Operations":[{"op":"add","path":"emails[type eq \"home\"].value","value":"h@x"}]}`,
		`{"operations":{"OP":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"u2"}}`, `{"Operations":[{"op":"add","path":"emails","value":[{"primary":"True"}]}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		object, err := ReadJSON(body)
		if err != nil {
			return
		}
		operations, err := ReadPatch(object)
		if err != nil {
			return
		}
		r := Resource{"userName": "a@x", "emails": []any{map[string]any{"type": "work", "value": "a@x", "primary": true}}}
		for _, o := range operations {
			if UserType.patch(r, o) != nil {
				return
			}
		}
		text, err := r.stored()
		if err != nil {
			return
		}
		again, err := restored(text)
		if err != nil || !same(again, r) {
			t.Errorf("%s: %v becomes %v: %v", body, r, again, err)
		}
	})
}
