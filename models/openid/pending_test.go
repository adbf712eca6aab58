package openid_test

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/openid"
)

func TestFewRequestsWaitInOneBrowser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		keep := func(browser string) string {
			t.Helper()
			id, err := w.OpenID.Keep(w.Ctx, "client_id=x", browser)
			if err != nil {
				t.Fatal(err)
			}
			w.Advance(time.Second)
			return id
		}
		waits := func(id, browser string) bool {
			t.Helper()
			_, err := w.OpenID.Kept(w.Ctx, id, browser)
			if err != nil && models.KindOf(err) != models.NotFound {
				t.Fatal(err)
			}
			return err == nil
		}
		others := keep("another")
		var ids []string
		for range openid.MostOfBrowser + 5 {
			ids = append(ids, keep("one"))
		}
		for n, id := range ids {
			if waits(id, "one") != (n >= 5) {
				t.Errorf("request %d of %d waits: %v", n, len(ids), n < 5)
			}
		}
		if !waits(others, "another") || waits(others, "one") {
			t.Error("the browsers are mixed up")
		}
		if _, err := w.OpenID.Keep(w.Ctx, strings.Repeat("x", openid.MostQuery+1), "one"); models.KindOf(err) != models.TooLarge {
			t.Errorf("a request without end: %v", err)
		}
		w.Advance(openid.RequestLife)
		w.System(openid.Prune)
		if waits(ids[len(ids)-1], "one") {
			t.Error("it waits for ever")
		}
	})
}
