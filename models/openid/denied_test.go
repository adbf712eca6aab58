package openid_test

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
)

// Edge 12 of the delegations: what is denied to visitors is denied at the door of an
// application, when tokens are given and when they are asked about, and each visit's
// refusal is recorded once.
func TestAnApplicationThatIsClosedToVisitorsGivesThemNothingAndThatIsRecorded(t *testing.T) {
	for name, ask := range map[string]func(t *testing.T, w *modelstest.World, held openid.Grant) bool{
		"at the door": func(t *testing.T, w *modelstest.World, held openid.Grant) bool {
			to, err := w.Clients.ByID(w.Ctx, held.ApplicationID)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(verifier))
			code, told, err := w.OpenID.Authorize(w.Ctx, w.Actor("sanne"), openid.Request{Client: to, RedirectURI: to.RedirectURIs, Scopes: []string{"openid"},
				Challenge: base64.RawURLEncoding.EncodeToString(sum[:])})
			return err == nil && code == "" && told.Denied == access.NotForVisitors
		},
		"when tokens are given": func(_ *testing.T, w *modelstest.World, held openid.Grant) bool {
			_, err := w.OpenID.Refresh(w.Ctx, held.ApplicationID, held.Refresh, nil)
			return models.KeyOf(err) == "oidc.error.grant"
		},
		"when tokens are asked about": func(_ *testing.T, w *modelstest.World, held openid.Grant) bool {
			_, ok, err := w.OpenID.TellTo(w.Ctx, held.ApplicationID, held.Access, "")
			return err == nil && !ok
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				to := bridge(t, w)
				w.Delegate("karin", "sanne", delegation.Week)
				w.Switch("sanne", w.Zonneveld)
				held := signIn(t, w, to, "sanne", "offline_access")
				w.System(func(tx *store.Tx) error {
					tx.Notify(store.Everything)
					return tx.Table("applications").Where("id = ?", to.ApplicationID).Update("not_for_visitors", true).Error
				})
				for range 2 {
					if !ask(t, w, held) {
						t.Error("it is not denied")
					}
				}
				if n := w.Count(w.Zonneveld, event.VisitDenied); n != 1 {
					t.Errorf("recorded %d times", n)
				}
				if n := w.Count(w.Zonneveld, event.ApplicationEntered); n != 1 { // before it was closed
					t.Errorf("somebody entered %d times", n)
				}
			})
		})
	}
}
