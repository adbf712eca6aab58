package delegation_test

import (
	"errors"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
)

func visitsOfAll(w *modelstest.World) (list []delegation.Visit) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error { return tx.Order("entered_at").Find(&list).Error })
	return list
}

// What goes wrong with the end of one visit keeps no other open, and it is tried
// again.
func TestAVisitThatCannotBeClosedKeepsNoOtherOpen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for _, who := range []string{"sanne", "thomas"} {
			w.Delegate("karin", who, delegation.Month)
			w.Switch(who, w.Zonneveld)
		}
		broken := true
		w.Store.React(event.VisitLeft, func(_ *store.Tx, about store.About) error {
			if broken && about.As.Account == w.ID("sanne") {
				return errors.New("broken")
			}
			return nil
		})
		w.Advance(20 * time.Hour)
		if err := w.Delegations.EndIdle(w.Ctx); err == nil {
			t.Error("the sweep does not say that one failed")
		}
		for _, v := range visitsOfAll(w) {
			if closed := v.LeftAt != nil; closed != (v.AccountID == w.ID("thomas")) {
				t.Errorf("the visit of %s is closed: %v", v.AccountName, closed)
			}
		}
		broken = false
		no(t, w.Delegations.EndIdle(w.Ctx))
		for _, v := range visitsOfAll(w) {
			if v.LeftAt == nil || v.LeaveReason != delegation.Idle {
				t.Errorf("tried again, the visit of %s ended by %q", v.AccountName, v.LeaveReason)
			}
		}
	})
}

func TestAListReadsTheVisitsOfLatelyAndAlwaysTheNewest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.ThreeMonths)
		stay := func() {
			awake(w, "sanne")
			w.Switch("sanne", w.Zonneveld)
			w.Advance(time.Hour)
			w.Switch("sanne", w.Kade)
			w.Advance(23 * time.Hour)
		}
		count := func() int {
			awake(w, "karin")
			list, err := w.Delegations.List(w.Ctx, w.Actor("karin"))
			no(t, err)
			return len(list[0].Visits)
		}
		for range 3 {
			stay()
		}
		if n := count(); n != 3 {
			t.Fatalf("three visits of this week, %d listed", n)
		}
		w.Advance(40 * 24 * time.Hour)
		awake(w, "karin")
		list, err := w.Delegations.List(w.Ctx, w.Actor("karin"))
		no(t, err)
		if last, there := list[0].Last(); len(list[0].Visits) != 1 || !there || !last.EnteredAt.Equal(d.StartsAt.Add(48*time.Hour)) || !list[0].Dormant(w.Now()) {
			t.Fatalf("of old ones the newest: %+v", list[0].Visits)
		}
		stay()
		if n := count(); n != 1 {
			t.Fatalf("one of today, %d listed", n)
		}
		awake(w, "karin")
		if all, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID); err != nil || len(all.Visits) != 4 {
			t.Errorf("its own page shows %d, %v", len(all.Visits), err)
		}
	})
}
