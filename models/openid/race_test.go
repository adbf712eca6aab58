package openid_test

import (
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/openid"
)

// twice runs something from two goroutines at once, and gives what succeeded.
func twice(t *testing.T, do func() (openid.Grant, error)) (given []openid.Grant) {
	t.Helper()
	var mu sync.Mutex
	var both sync.WaitGroup
	begin := make(chan struct{})
	for range 2 {
		both.Go(func() {
			<-begin
			grant, err := do()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				given = append(given, grant)
			} else if models.KeyOf(err) != "oidc.error.grant" {
				t.Errorf("the other is answered %v", err)
			}
		})
	}
	close(begin)
	both.Wait()
	return given
}

// Two who show one code, or one refresh token, at the same moment: one of them stole
// it. One at most gets tokens, and they are worth nothing.
func TestACodeAndARefreshTokenAreTakenOnceByTwoAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		dead := func(what string, given []openid.Grant) {
			t.Helper()
			if len(given) > 1 {
				t.Errorf("%s gives tokens twice", what)
			}
			for _, grant := range given {
				if _, ok, err := w.OpenID.Tell(w.Ctx, grant.Access, ""); err != nil || ok {
					t.Errorf("%s: the tokens of the first are still worth something: %v", what, err)
				}
				if _, err := w.OpenID.Refresh(w.Ctx, to.ApplicationID, grant.Refresh, nil); models.KeyOf(err) != "oidc.error.grant" {
					t.Errorf("%s: it goes on by the refresh token: %v", what, err)
				}
			}
		}
		sum := sha256.Sum256([]byte(verifier))
		for range 5 {
			code, _, err := w.OpenID.Authorize(w.Ctx, w.Actor("ria"), openid.Request{Client: to, RedirectURI: to.RedirectURIs, Scopes: []string{"openid", "offline_access"},
				Challenge: base64.RawURLEncoding.EncodeToString(sum[:])})
			if err != nil {
				t.Fatal(err)
			}
			dead("a code", twice(t, func() (openid.Grant, error) {
				return w.OpenID.Exchange(w.Ctx, to.ApplicationID, code, to.RedirectURIs, verifier)
			}))
			held := signIn(t, w, to, "ria", "offline_access")
			dead("a refresh token", twice(t, func() (openid.Grant, error) {
				return w.OpenID.Refresh(w.Ctx, to.ApplicationID, held.Refresh, nil)
			}))
		}
	})
}
