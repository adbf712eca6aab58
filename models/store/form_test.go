package store_test

import (
	"sync"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
)

// sent makes a change as from a form with a key.
func sent(w *modelstest.World, as, key string) error {
	by := w.Actor(as)
	by.Form = key
	return w.Store.Write(w.Ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		tx.Record(event.CompanyChanged, store.About{})
		return nil
	})
}

func TestAFormThatIsSentAgainChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		if err := sent(w, "marieke", "one"); err != nil {
			t.Fatal(err)
		}
		w.Wants(sent(w, "marieke", "one"), models.Conflict, models.FormUsed)
		for _, key := range []string{"two", "", ""} {
			if err := sent(w, "marieke", key); err != nil {
				t.Errorf("with the key %q: %v", key, err)
			}
		}
		if got, _ := left(t, w, event.CompanyChanged); got != 4 {
			t.Errorf("%d changes, want 4", got)
		}
	})
}

func TestAFormThatIsSentTwiceAtTheSameTimeChangesOneThing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = sent(w, "marieke", "same") })
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if models.KeyOf(err) != models.FormUsed {
				t.Error(err)
			}
		}
		if got, _ := left(t, w, event.CompanyChanged); made != 1 || got != 1 {
			t.Errorf("%d were made, and %d recorded", made, got)
		}
	})
}

// A key is of the person who was given the form: nobody uses up another's.
func TestAFormsKeyIsOfOnePerson(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Found("Another", "Another", "odd", "Odd", "odd@another.example")
		for _, as := range []string{"marieke", "odd"} {
			if err := sent(w, as, "one"); err != nil {
				t.Errorf("%s: %v", as, err)
			}
		}
	})
}
