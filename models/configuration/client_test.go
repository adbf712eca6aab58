package configuration

import (
	"strings"
	"testing"
)

// The registration of an application stands in a document, its secrets do not.
func TestTheRegistrationOfAnApplicationIsPlannedAppliedAndExported(t *testing.T) {
	each(t, func(v *town) {
		const document = "version: 1\nplatform: {applications: [{key: plan, name: Planning, client: {redirect_uris: [\"https://plan.example/cb\"], hosts: [plan.example], home_uri: \"https://plan.example/\", follows_switch: true}}]}\n"
		v.apply(document, false)
		if _, p := v.plan(document, false); !p.Empty() {
			t.Error("to apply it again would change something")
		}
		text, err := v.Export(v.Ctx, "Kade Consultants", Extent{Platform: true})
		v.must(err)
		for _, part := range []string{"kind: secret", "https://plan.example/cb", "hosts: [plan.example]", "follows_switch: true"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("the export lacks %q:\n%s", part, text)
			}
		}
		if _, p := v.plan(string(text), false); !p.Empty() {
			t.Error("the export differs from what stands")
		}
		v.apply("version: 1\nplatform: {applications: [{key: plan, client: {kind: public, follows_switch: false}}]}\n", false)
		if text, err = v.Export(v.Ctx, "Kade Consultants", Extent{Platform: true}); err != nil || strings.Contains(string(text), "follows_switch") || !strings.Contains(string(text), "https://plan.example/cb") {
			t.Errorf("%v\n%s", err, text)
		}
		if told := v.wrong("version: 1\nplatform:\n  applications:\n  - key: plan\n    client:\n      home_uri: nowhere\n"); len(told) != 1 || !strings.Contains(told[0], "6:") {
			t.Errorf("no place is told: %q", told)
		}
	})
}
