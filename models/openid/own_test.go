package openid_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"locum/models"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
)

// ownTokens are the tokens of an application's own that wait to run out.
func ownTokens(w *modelstest.World) (n int64) {
	w.System(func(tx *store.Tx) error { return tx.Model(&openid.OwnToken{}).Count(&n).Error })
	return n
}

// The clock stands still: nothing that was looked up grows old meanwhile.
func TestATokenOfAnApplicationsOwnEndsWithWhatItWasGivenFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		by := w.Actor("karin")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		given := func(text string) string {
			t.Helper()
			shown, err := w.Clients.Authenticate(w.Ctx, to.ApplicationID, text)
			must(err)
			token, row, err := w.OpenID.GiveOwn(w.Ctx, shown, nil)
			must(err)
			if row.ExpiresAt.Sub(row.CreatedAt.Time) > openid.TokenLife || row.Scopes != openid.WriteUsage || row.TokenHash == token {
				t.Fatalf("given %+v", row)
			}
			return token
		}
		stands := func(token, when string, want bool) {
			t.Helper()
			application, err := w.OpenID.ByOwnToken(w.Ctx, token, openid.WriteUsage)
			if want && (err != nil || application != to.ApplicationID) {
				t.Errorf("%s: %q, %v", when, application, err)
			}
			if !want && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s it still works: %q, %v", when, application, err)
			}
		}
		old, oldText, err := w.Clients.AddSecret(w.Ctx, by, to.ApplicationID)
		must(err)
		_, freshText, err := w.Clients.AddSecret(w.Ctx, by, to.ApplicationID)
		must(err)
		a, b := given(oldText), given(freshText)
		stands(a, "at first", true)
		stands(b, "at first", true)
		_, err = w.Clients.RevokeSecret(w.Ctx, by, to.ApplicationID, old.ID) // the end of a rotation
		must(err)
		stands(a, "once its secret was revoked", false)
		stands(b, "once the other secret was revoked", true)
		must(w.Clients.Disable(w.Ctx, by, to.ApplicationID))
		stands(b, "while the application is disabled", false)
		must(w.Clients.Enable(w.Ctx, by, to.ApplicationID))
		stands(b, "once it is enabled again", true)
		must(w.OpenID.Revoke(w.Ctx, "app_other", b))
		stands(b, "once another application gave it back", true)
		must(w.OpenID.Revoke(w.Ctx, to.ApplicationID, b))
		stands(b, "once it was given back", false)
		c := given(freshText)
		stands(c, "at first", true)
		w.Advance(openid.TokenLife)
		stands(c, "after an hour", false)
		w.Advance(time.Second)
		w.System(openid.Prune)
		if n := ownTokens(w); n != 0 {
			t.Errorf("%d tokens are kept", n)
		}
		if _, err := w.OpenID.ByOwnToken(w.Ctx, "loc_guess", openid.WriteUsage); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("a guess: %v", err)
		}
	})
}

func TestATokenOfAnApplicationsOwnEndsWithItsKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		by := w.Actor("karin")
		made := func() jose.JSONWebKey {
			private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return jose.JSONWebKey{Key: private.Public()}
		}
		register := func(keys ...jose.JSONWebKey) client.Client {
			set, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
			if err == nil {
				err = w.Clients.Connect(w.Ctx, by, to.ApplicationID, client.Draft{Kind: client.ByKey, RedirectURIs: to.RedirectURIs, JWKS: string(set)})
			}
			if err != nil {
				t.Fatal(err)
			}
			row, err := w.Clients.ByID(w.Ctx, to.ApplicationID)
			if err != nil {
				t.Fatal(err)
			}
			return row
		}
		first, second := made(), made()
		shown := client.Shown{Client: register(first, second)}
		var err error
		if shown.By, err = client.Thumbprint(first); err != nil {
			t.Fatal(err)
		}
		token, _, err := w.OpenID.GiveOwn(w.Ctx, shown, []string{openid.WriteUsage})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok, err := w.OpenID.TellOwn(w.Ctx, token); !ok || err != nil {
			t.Fatalf("at first: %v, %v", ok, err)
		}
		register(second)
		if _, ok, err := w.OpenID.TellOwn(w.Ctx, token); ok || err != nil {
			t.Errorf("once its key is withdrawn: %v, %v", ok, err)
		}
		_, _, err = w.OpenID.GiveOwn(w.Ctx, shown, nil)
		w.Wants(err, models.Unauthenticated, "client.error.credentials")
	})
}

func TestAnApplicationHasNoTokenForWhatOnlyPeopleMayDo(t *testing.T) {
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
		for _, scope := range append([]string{"usage", "*", "usage.write secrets.reveal"}, openid.Scopes...) {
			if _, _, err := w.OpenID.GiveOwn(w.Ctx, shown, []string{scope}); models.KindOf(err) != models.Invalid {
				t.Errorf("%s: %v", scope, err)
			}
		}
		public := to
		public.Kind = client.Public
		_, _, err = w.OpenID.GiveOwn(w.Ctx, client.Shown{Client: public}, nil)
		w.Wants(err, models.Unauthenticated, "client.error.credentials")
		token, _, err := w.OpenID.GiveOwn(w.Ctx, shown, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.OpenID.ByOwnToken(w.Ctx, token, "secrets.read")
		w.Wants(err, models.Forbidden, "feed.error.scope")
		if told, ok, err := w.OpenID.TellTo(w.Ctx, to.ApplicationID, token, ""); ok || err != nil {
			t.Errorf("somebody stands behind it: %+v, %v", told, err)
		}
		if n := ownTokens(w); n != 1 {
			t.Errorf("%d tokens were given", n)
		}
	})
}

// Public clients may give tokens back without showing anything: what is remembered on
// every replica is not theirs to empty.
func TestGivingBackATokenThatIsNoneWakesNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		signal, stop := w.Store.Follow("client:app_other")
		defer stop()
		if err := w.OpenID.Revoke(w.Ctx, "app_other", "loc_guess"); err != nil {
			t.Fatal(err)
		}
		select {
		case <-signal:
			t.Error("it drops what is remembered")
		default:
		}
	})
}
