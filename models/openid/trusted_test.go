package openid_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/secret"
	"locum/models/store"
)

// A replica that hears of nothing, as while its connection to the database's
// notifications is broken, trusts what it looked up for half a second at most.
func TestWhatWasLookedUpOfATokenIsTrustedForHalfASecondAtMost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		_, text, err := w.Clients.AddSecret(w.Ctx, w.Actor("karin"), to.ApplicationID)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := w.Clients.Authenticate(w.Ctx, to.ApplicationID, text)
		if err != nil {
			t.Fatal(err)
		}
		own, _, err := w.OpenID.GiveOwn(w.Ctx, shown, nil)
		if err != nil {
			t.Fatal(err)
		}
		held := signIn(t, w, to, "ria").Access
		asked := map[string]func() (bool, error){
			"a token of a person's": func() (bool, error) { _, ok, err := w.OpenID.Tell(w.Ctx, held, ""); return ok, err },
			"a token of its own":    func() (bool, error) { _, ok, err := w.OpenID.TellOwn(w.Ctx, own); return ok, err },
		}
		for what, ask := range asked {
			if ok, err := ask(); !ok || err != nil {
				t.Fatalf("%s is not told: %v", what, err)
			}
		}
		w.System(func(tx *store.Tx) error { // and nobody is notified
			now := models.At(tx.Now())
			if err := tx.Model(&openid.Token{}).Where("token_hash = ?", secret.Hash(held)).Update("revoked_at", now).Error; err != nil {
				return err
			}
			return tx.Model(&openid.OwnToken{}).Where("token_hash = ?", secret.Hash(own)).Update("revoked_at", now).Error
		})
		w.Advance(500 * time.Millisecond)
		for what, ask := range asked {
			if ok, err := ask(); ok || err != nil {
				t.Errorf("%s is told half a second after it was revoked: %v", what, err)
			}
		}
	})
}
