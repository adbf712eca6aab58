package client_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/store"
)

// A replica that hears of nothing, as while its connection to the database's
// notifications is broken, trusts what it read for half a second at most.
func TestWhatWasReadOfAClientIsTrustedForHalfASecondAtMost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by, app := connected(t, w, "planning", client.Draft{Kind: client.BySecret, RedirectURIs: "https://planning.example/callback", Hosts: "planning.example"})
		_, text, err := w.Clients.AddSecret(w.Ctx, by, app.ID)
		if err != nil {
			t.Fatal(err)
		}
		code, err := w.Passes.Begin(w.Ctx, w.Actor("ria"), "planning.example", "/", "state")
		if err != nil {
			t.Fatal(err)
		}
		pass, _, err := w.Passes.Redeem(w.Ctx, code, "planning.example", "state")
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]func() bool{
			"a client": func() bool { _, err := w.Clients.ByID(w.Ctx, app.ID); return err == nil },
			"a host":   func() bool { _, err := w.Clients.ByHost(w.Ctx, "planning.example"); return err == nil },
			"a secret": func() bool { _, err := w.Clients.Authenticate(w.Ctx, app.ID, text); return err == nil },
			"a pass": func() bool {
				session, err := w.Passes.Session(w.Ctx, []string{pass}, "planning.example")
				return err == nil && session != ""
			},
		}
		counts := func(want bool, when string) {
			t.Helper()
			for what, ask := range asked {
				if ask() != want {
					t.Errorf("%s %s counts: %v", what, when, !want)
				}
			}
		}
		counts(true, "at first")
		now := models.At(w.Now())
		for _, change := range []func(tx *store.Tx) error{ // and nobody is notified
			func(tx *store.Tx) error {
				return tx.Model(&client.Secret{}).Where("application_id = ?", app.ID).Update("revoked_at", now).Error
			},
			func(tx *store.Tx) error {
				return tx.Table("forward_passes").Where("host = ?", "planning.example").Update("expires_at", now).Error
			},
		} {
			w.System(change)
		}
		w.Advance(500 * time.Millisecond)
		for _, what := range []string{"a secret", "a pass"} {
			if asked[what]() {
				t.Errorf("%s counts half a second after it ended", what)
			}
		}
		w.System(func(tx *store.Tx) error {
			return tx.Model(&client.Client{}).Where("application_id = ?", app.ID).Update("disabled_at", models.At(w.Now())).Error
		})
		w.Advance(500 * time.Millisecond)
		counts(false, "half a second after it was disabled")
	})
}
