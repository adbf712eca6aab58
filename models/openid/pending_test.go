package openid_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
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

func TestSoManyRequestsWaitInAll(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		const more = 3
		rows := make([]openid.Pending, openid.MostPending+more)
		for i := range rows {
			rows[i] = openid.Pending{ID: fmt.Sprintf("arq_%06d", i), BrowserHash: "flood", CreatedAt: models.At(w.Now().Add(time.Duration(i) * time.Microsecond))}
		}
		w.System(func(tx *store.Tx) error { return tx.CreateInBatches(rows, 1000).Error })
		w.System(openid.Prune)
		var left, oldest int64
		w.System(func(tx *store.Tx) error {
			if err := tx.Model(&openid.Pending{}).Where("id < ?", rows[more].ID).Count(&oldest).Error; err != nil {
				return err
			}
			return tx.Model(&openid.Pending{}).Count(&left).Error
		})
		if left != openid.MostPending || oldest != 0 {
			t.Errorf("%d requests wait, %d of them of the oldest", left, oldest)
		}
	})
}
