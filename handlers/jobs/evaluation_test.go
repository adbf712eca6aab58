package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
)

// An evaluation that was queued with a change is carried out once that is
// committed, and tried again when it failed.
func TestAQueuedEvaluationIsCarriedOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		done := make(chan provisioning.Evaluation, 4)
		failures := 1
		worker := &EvaluationWorker{CatchUp: func(_ context.Context, job provisioning.Evaluation) error {
			done <- job
			if failures--; failures >= 0 {
				return errors.New("the database went away")
			}
			return nil
		}}
		want := provisioning.Evaluation{Company: w.Production.Company, Family: "fam_1", Version: 3}
		w.System(func(tx *store.Tx) error { return tx.Enqueue(want) })
		stop, err := w.Store.Work(t.Context(), Workers(&MailWorker{}, worker, &LogoutWorker{}))
		if err != nil {
			t.Fatal(err)
		}
		defer stop(context.WithoutCancel(t.Context()))
		for range 2 {
			select {
			case job := <-done:
				if job != want {
					t.Errorf("carried out is %+v", job)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("nothing is carried out")
			}
		}
	})
}
