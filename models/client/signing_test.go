package client_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"locum/models/account"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/secret"
)

// checked is what a published key says a JWT holds; empty where none fits.
func checked(t *testing.T, w *modelstest.World, keys *client.Keys, jws string) string {
	t.Helper()
	parsed, err := jose.ParseSigned(jws, client.Algorithms)
	if err != nil {
		t.Fatal(err)
	}
	set, err := keys.Public(w.Ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range set.Key(parsed.Signatures[0].Header.KeyID) {
		if !key.IsPublic() {
			t.Fatal("a private key is published")
		}
		if payload, err := parsed.Verify(key); err == nil {
			return string(payload)
		}
	}
	return ""
}

func sign(t *testing.T, w *modelstest.World, keys *client.Keys, by jose.SignatureAlgorithm) string {
	t.Helper()
	jws, err := keys.Sign(w.Ctx, by, "JWT", map[string]string{"sub": "acc_1"})
	if err != nil {
		t.Fatal(err)
	}
	return jws
}

func TestAKeyIsPublishedBeforeItSignsAndAfterIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		keys := client.NewKeys(w.Store, w.Keys)
		for _, by := range client.Algorithms {
			old := sign(t, w, keys, by)
			if checked(t, w, keys, old) != `{"sub":"acc_1"}` {
				t.Fatalf("%s: what was signed does not check", by)
			}
		}
		old := sign(t, w, keys, jose.ES256)
		before, _ := keys.Active(w.Ctx, jose.ES256)
		if err := keys.Rotate(w.Ctx); err != nil {
			t.Fatal(err)
		}
		if err := keys.Rotate(w.Ctx); err != nil { // one waits already
			t.Fatal(err)
		}
		if set, _ := keys.Public(w.Ctx); len(set.Keys) != 4 {
			t.Fatalf("%d keys are published, want each algorithm's present and next", len(set.Keys))
		}
		if now, _ := keys.Active(w.Ctx, jose.ES256); now.ID != before.ID {
			t.Fatal("a key signs before anybody could read it")
		}
		w.Advance(10 * time.Minute)
		if now, _ := keys.Active(w.Ctx, jose.ES256); now.ID == before.ID {
			t.Fatal("the new key does not sign")
		}
		if checked(t, w, keys, old) == "" || checked(t, w, keys, sign(t, w, keys, jose.ES256)) == "" {
			t.Fatal("a signature does not check around the change")
		}
		w.Advance(account.SessionLife)
		if checked(t, w, keys, old) == "" {
			t.Fatal("a session goes on, and its ID token is nothing any more")
		}
		w.Advance(25 * time.Hour)
		if checked(t, w, keys, old) != "" {
			t.Fatal("the old key is published for ever")
		}
		if err := keys.RotateDue(w.Ctx); err != nil {
			t.Fatal(err)
		}
		w.Advance(91 * 24 * time.Hour)
		now, _ := keys.Active(w.Ctx, jose.RS256)
		if err := keys.RotateDue(w.Ctx); err != nil {
			t.Fatal(err)
		}
		w.Advance(11 * time.Minute)
		if next, _ := keys.Active(w.Ctx, jose.RS256); next.ID == now.ID {
			t.Fatal("the clock makes no new key after ninety days")
		}
	})
}

func TestTwoReplicasMakeOneFirstKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		var all sync.WaitGroup
		ids := make([]string, 4)
		for i := range ids {
			all.Go(func() {
				key, err := client.NewKeys(w.Store, w.Keys).Active(w.Ctx, jose.ES256)
				if err != nil {
					t.Error(err)
				}
				ids[i] = key.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("replicas sign with different keys: %v", ids)
			}
		}
	})
}

func TestKeysSealedByAnotherKeyFileDoNotOpen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		sign(t, w, client.NewKeys(w.Store, w.Keys), jose.ES256)
		others, err := secret.Ephemeral()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.NewKeys(w.Store, others).Sign(w.Ctx, jose.ES256, "JWT", json.RawMessage(`{}`)); err == nil {
			t.Fatal("a key of another installation signs")
		}
	})
}
