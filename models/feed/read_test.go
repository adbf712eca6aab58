package feed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"locum/models/event"
	"locum/models/feed"
	"locum/models/modelstest"
	"locum/models/store"
)

// reader reads a company's events behind where it stopped.
type reader struct {
	w     *modelstest.World
	feed  *feed.Feed
	token string
	after string
	seen  []int64
}

func newReader(t *testing.T, w *modelstest.World) *reader {
	t.Helper()
	f, err := feed.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := f.Make(w.Ctx, w.Actor("marieke"), feed.Draft{Name: "Reader", Scopes: []feed.Scope{feed.ReadEvents}, Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	return &reader{w: w, feed: f, token: token}
}

// reads takes one page, and says whether there is more.
func (r *reader) reads(limit int) (bool, error) {
	page, err := r.feed.Events(r.w.Ctx, r.token, feed.Query{After: r.after, Limit: limit})
	if err != nil {
		return false, err
	}
	for _, body := range page.Data {
		var one struct{ Sequence int64 }
		if err := json.Unmarshal(body, &one); err != nil {
			return false, err
		}
		r.seen = append(r.seen, one.Sequence)
	}
	r.after = page.Next
	return page.More, nil
}

// Many change a company at once, some give up, and one reads all the while: it gets
// every event once, in the order of the sequence, and never passes one that is
// committed later.
func TestAReaderMissesNothingWhileManyCommit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		const writers, changes = 12, 20
		r := newReader(t, w)
		for more := true; more; {
			var err error
			if more, err = r.reads(100); err != nil {
				t.Fatal(err)
			}
		}
		begun := len(r.seen)
		var writing sync.WaitGroup
		failed := make(chan error, writers*changes)
		gaveUp := errors.New("gave up")
		for n := range writers {
			writing.Go(func() {
				for i := range changes {
					err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
						for range 1 + (n+i)%3 {
							tx.Record(event.ConnectorChanged, store.About{ID: fmt.Sprint(n, i), Company: w.Production.Company})
						}
						if i%5 == 4 {
							return gaveUp
						}
						return nil
					})
					if err != nil && !errors.Is(err, gaveUp) {
						failed <- err
					}
				}
			})
		}
		over := make(chan struct{})
		go func() { writing.Wait(); close(over) }()
		for ended := false; !ended; {
			select {
			case <-over:
				ended = true
			default:
			}
			for more := true; more; { // once more after the last
				var err error
				if more, err = r.reads(7); err != nil {
					t.Fatal(err)
				}
			}
		}
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		want := 0
		for n := range writers {
			for i := range changes {
				if i%5 != 4 {
					want += 1 + (n+i)%3
				}
			}
		}
		if got := len(r.seen) - begun; got != want {
			t.Errorf("it got %d events of %d", got, want)
		}
		for i, sequence := range r.seen {
			if sequence != int64(i+1) {
				t.Fatalf("event %d has sequence %d: %v", i+1, sequence, r.seen[max(0, i-3):i+1])
			}
		}
	})
}

func TestAChoiceStandsForATypeAFamilyOrABeginning(t *testing.T) {
	for choice, want := range map[string][]string{
		event.RoleGranted:          {event.RoleGranted},
		"visit":                    {event.VisitEntered, event.VisitLeft, event.VisitEnded, event.VisitRefused, event.VisitHeld, event.AwayEntered, event.AwayLeft, event.VisitDenied},
		"visit.*":                  {event.VisitEntered, event.VisitLeft, event.VisitEnded, event.VisitRefused, event.VisitHeld, event.AwayEntered, event.AwayLeft, event.VisitDenied},
		"organization":             {event.OrganizationCreated, event.OrganizationChanged},
		"organization.directory.*": {event.DirectoryUserCreated, event.DirectoryUserUpdated, event.DirectoryUserDeleted, event.DirectoryGroupCreated, event.DirectoryGroupUpdated, event.DirectoryGroupDeleted},
	} {
		got, ok := feed.Expand([]string{choice})
		slices.Sort(got)
		slices.Sort(want)
		if !ok || !slices.Equal(got, want) {
			t.Errorf("%s stands for %v, want %v", choice, got, want)
		}
	}
	for _, wrong := range []string{"", "*", ".*", "rol", "rol.*", "role.granted.*", "role.*.x", "Role"} {
		if got, ok := feed.Expand([]string{wrong}); ok {
			t.Errorf("%q stands for %v", wrong, got)
		}
	}
}
