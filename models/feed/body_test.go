package feed_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
)

// published are the fields of the specification's example, at its top and in its
// data.
var (
	published = []string{"data", "environment_id", "id", "object", "occurred_at", "organization_id", "spec_version", "timestamp", "type"}
	inData    = []string{"active", "custom_attributes", "dp_id", "email", "family_name", "given_name", "groups", "id", "name", "organization_id",
		"preferred_username", "raw_attributes", "roles"}
)

func TestADirectorysEventHasThePublishedShapeAndNothingElse(t *testing.T) {
	for name, data := range map[string]string{
		"without its object": `{"directory":"dir_1","user_name":"jd","external_id":"00u1","active":true,"request":"req_1","mandate":"mdt_1"}`,
		"with it": `{"request":"req_1","object":{"id":"x","organization_id":"com_1","dp_id":"","preferred_username":"","email":"","active":true,"name":"",
			"given_name":"","family_name":"","groups":[],"roles":[],"custom_attributes":{},"raw_attributes":{}}}`,
	} {
		at := models.At(time.Date(2025, 1, 6, 18, 44, 25, 153954000, time.UTC))
		text, err := feed.Body(store.Event{CompanyID: "com_1", ID: "evt_1", Type: "organization.directory.user_updated", OccurredAt: at, SubjectID: "x", Data: data}, feed.Names{Environment: "env_1"})
		if err != nil {
			t.Fatal(err)
		}
		var body map[string]any
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(body)); !slices.Equal(got, published) {
			t.Errorf("%s: %v", name, got)
		}
		if got := slices.Sorted(maps.Keys(body["data"].(map[string]any))); !slices.Equal(got, inData) {
			t.Errorf("%s: its data has %v", name, got)
		}
		if body["object"] != "DirectoryUser" || body["organization_id"] != "com_1" || body["occurred_at"] != "2025-01-06T18:44:25.153954Z" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// The roles of a person are those of the application that receives them; where it
// receives for none, the company's.
func TestADirectorysPersonIsToldWithTheRolesOfTheReceivingApplication(t *testing.T) {
	data := `{"object":{"id":"x","roles":[{"role_name":"Employee"}]},
		"roles_by_application":{"app_plan":[{"role_name":"Editor"},{"role_name":"Viewer"}],"app_till":[{"role_name":"Cashier"}]}}`
	for application, want := range map[string]string{"": `[{"role_name":"Employee"}]`, "app_plan": `[{"role_name":"Editor"},{"role_name":"Viewer"}]`,
		"app_till": `[{"role_name":"Cashier"}]`, "app_other": `[]`} {
		text, err := feed.BodyFor(store.Event{Type: event.DirectoryUserUpdated, Data: data}, feed.Names{}, application)
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Data struct {
				ID    string
				Roles json.RawMessage
			}
		}
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		if string(body.Data.Roles) != want || body.Data.ID != "x" {
			t.Errorf("for %q: %s", application, text)
		}
	}
	group, err := feed.BodyFor(store.Event{Type: event.DirectoryGroupUpdated, Data: `{"object":{"id":"g","name":"Eng"}}`}, feed.Names{}, "app_plan")
	if err != nil || !json.Valid(group) || bytes.Contains(group, []byte("roles")) {
		t.Errorf("a group: %s %v", group, err)
	}
}
