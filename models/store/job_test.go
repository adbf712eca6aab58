package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"locum/models/modelstest"
	"locum/models/store"
)

// As many sweeps begin at once as there are when the program starts: each holds
// a connection for its lock, and must still get another for its work.
func TestManyThatRunByThemselvesGetTheirConnections(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ctx, cancel := context.WithTimeout(w.Ctx, 30*time.Second)
		defer cancel()
		var all sync.WaitGroup
		var together sync.WaitGroup
		together.Add(40)
		for i := range 40 {
			all.Go(func() {
				together.Done()
				together.Wait()
				ran, err := w.Store.Exclusive(ctx, fmt.Sprintf("sweep %d", i), func(ctx context.Context) error {
					return w.Store.SystemRead(ctx, "a look", func(tx *store.Tx) error {
						var n int64
						return tx.Table("accounts").Count(&n).Error
					})
				})
				if err != nil || !ran {
					t.Errorf("sweep %d: ran %t, %v", i, ran, err)
				}
			})
		}
		all.Wait()
	})
}
