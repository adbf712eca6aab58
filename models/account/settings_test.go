package account_test

import (
	"errors"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/modelstest"
)

func TestAPersonChangesHisOwnSettingsAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		anna := w.Actor("anna")
		if err := w.Accounts.Save(w.Ctx, anna, account.Settings{Name: " Anna V. ", Language: "nl", TimeZone: "Europe/London"}); err != nil {
			t.Fatal(err)
		}
		if got := w.Actor("anna"); got.Name != "Anna V." || got.Language != "nl" || got.TimeZone != "Europe/London" {
			t.Fatalf("she is %s, %s, %s", got.Name, got.Language, got.TimeZone)
		}
		if w.Count(w.Production, event.AccountChanged) != 1 {
			t.Fatalf("events: %v", w.Events(w.Production))
		}
		anna.Account = w.ID("jan") // what an actor says of himself is not believed
		if err := w.Accounts.SetLanguage(w.Ctx, anna, "nl"); err == nil && w.Actor("jan").Language != "en" {
			t.Fatal("she changed jan's language")
		}
		if own, err := w.Accounts.Own(w.Ctx, w.Actor("anna")); err != nil || own.ID != w.ID("anna") || own.Email != "anna@devries.example" {
			t.Fatalf("%+v: %v", own, err)
		}
	})
}

func TestWrongSettingsAreAnsweredAtTheirFields(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		err := w.Accounts.Save(w.Ctx, w.Actor("anna"), account.Settings{Name: "", Language: "xx", TimeZone: "Local"})
		var wrong *models.Error
		if !errors.As(err, &wrong) || wrong.Kind != models.Invalid {
			t.Fatal(err)
		}
		for field, key := range map[string]string{"name": "error.required", "language": "account.error.language", "time_zone": "account.error.time_zone"} {
			if wrong.Fields[field].Key != key {
				t.Errorf("%s: %q", field, wrong.Fields[field].Key)
			}
		}
	})
}
