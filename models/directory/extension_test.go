package directory_test

import (
	"reflect"
	"testing"

	"locum/models/directory"
)

// RFC 7643, section 3.3: the attributes of an extension stand in an object under
// its URN.
func TestAnExtensionIsTakenAsAWhole(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		const custom = "urn:example:params:scim:schemas:extension:fleet:1.0:User"
		id := d.user("koen@devries.example", directory.EnterpriseSchema, map[string]any{"department": "Transport", "manager": map[string]any{"value": "m1"}},
			custom, map[string]any{"licence": "C"}, directory.UserSchema, map[string]any{"title": "Driver"})
		found, err := d.directories.GetUser(d.Ctx, d.client(), id)
		d.must(err)
		want := map[string]any{directory.EnterpriseSchema: map[string]any{"department": "Transport", "manager": map[string]any{"value": "m1"}}, custom: map[string]any{"licence": "C"}, "title": "Driver"}
		for name, value := range want {
			if !reflect.DeepEqual(found.Resource[name], value) {
				t.Errorf("%s is %v", name, found.Resource[name])
			}
		}
		if _, there := found.Resource[directory.UserSchema]; there {
			t.Error("the core attributes stand under their URN")
		}
		replaced, err := d.directories.ReplaceUser(d.Ctx, d.client(), id, map[string]any{"userName": "koen@devries.example", directory.EnterpriseSchema: map[string]any{"department": "Sales"}}, nil)
		d.must(err)
		if got := replaced.Resource[directory.EnterpriseSchema]; !reflect.DeepEqual(got, map[string]any{"department": "Sales"}) || replaced.Resource[custom] != nil {
			t.Errorf("replaced by %v", replaced.Resource)
		}
	})
}
