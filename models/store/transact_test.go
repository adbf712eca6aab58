package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// letter is a job of the tests.
type letter struct {
	To string `json:"to"`
}

func (letter) Kind() string { return "letter" }

// left counts what a transaction left behind: events of a type, and letters.
func left(t *testing.T, w *modelstest.World, kind string) (events, jobs int) {
	t.Helper()
	w.System(func(tx *store.Tx) error {
		events, jobs = count(t, tx, "events", "type = '"+kind+"'"), count(t, tx, "river_job", "kind = 'letter'")
		return nil
	})
	return events, jobs
}

func TestAChangeThatRecordsNothingIsAnError(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		rename := func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Production.Organization).Update("name", "Changed").Error
		}
		silent := map[string]error{
			"write":  w.Store.Write(w.Ctx, w.Actor("marieke"), models.ManageOrganization, rename),
			"system": w.Store.System(w.Ctx, "a test", rename),
		}
		for name, err := range silent {
			if err == nil || !strings.Contains(err.Error(), "recorded no event") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if name := w.Party(w.Production.Company, w.Production.Organization).Name; name != "De Vries Production" {
			t.Errorf("it is called %s all the same", name)
		}
	})
}

func TestATransactionInsideATransactionIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by := w.Actor("marieke")
		inner := func(*store.Tx) error { return nil }
		w.System(func(tx *store.Tx) error {
			for name, err := range map[string]error{
				"write":      w.Store.Write(tx.Context(), by, models.ManageMembers, inner),
				"read":       w.Store.Read(tx.Context(), by, models.ViewMembers, inner),
				"system":     w.Store.System(tx.Context(), "x", inner),
				"systemRead": w.Store.SystemRead(tx.Context(), "x", inner),
				"systemFor":  w.Store.SystemFor(tx.Context(), by, "x", inner),
			} {
				if err == nil || !strings.Contains(err.Error(), "transaction inside a transaction") {
					t.Errorf("%s: %v", name, err)
				}
			}
			return nil
		})
	})
}

func TestAReadCannotWrite(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		err := w.Store.SystemRead(w.Ctx, "a test", func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("company_id = ?", w.Kade.Company).Update("name", "Changed").Error
		})
		if err == nil || w.Party(w.Kade.Company, w.Kade.Organization).Name != "Kade Consultants" {
			t.Errorf("a read changed a name: %v", err)
		}
	})
}

func TestEventsAndJobsStandOrFallWithTheChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		change := func(tx *store.Tx) {
			tx.Record("test.changed", store.About{Company: w.Kade.Company, Organization: w.Kade.Organization})
			if err := tx.Enqueue(letter{To: "sanne"}); err != nil {
				t.Error(err)
			}
		}
		failed := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error { change(tx); return errDone })
		if events, jobs := left(t, w, "test.changed"); !errors.Is(failed, errDone) || events+jobs != 0 {
			t.Fatalf("an error left %d events and %d jobs: %v", events, jobs, failed)
		}
		func() { // the program dies between the change and the commit
			defer func() { _ = recover() }()
			_ = w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error { change(tx); panic("killed") })
		}()
		if events, jobs := left(t, w, "test.changed"); events+jobs != 0 {
			t.Fatalf("a crash left %d events and %d jobs", events, jobs)
		}
		w.System(func(tx *store.Tx) error { change(tx); return nil })
		if events, jobs := left(t, w, "test.changed"); events != 1 || jobs != 1 {
			t.Fatalf("a commit left %d events and %d jobs", events, jobs)
		}
	})
}

func TestAReactionStandsOrFallsWithTheChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		fails := true
		w.Store.React("test.changed", func(tx *store.Tx, about store.About) error {
			tx.Record("test.reacted", store.About{ID: about.ID, Company: about.Company})
			if fails {
				return errDone
			}
			return nil
		})
		change := func(tx *store.Tx) error {
			tx.Record("test.changed", store.About{ID: "x", Company: w.Kade.Company})
			return nil
		}
		if err := w.Store.System(w.Ctx, "a test", change); !errors.Is(err, errDone) {
			t.Fatalf("a reaction failed, and the change: %v", err)
		}
		if events, _ := left(t, w, "test.changed"); events != 0 {
			t.Fatal("the change stands without its reaction")
		}
		fails = false
		w.System(change)
		if events, _ := left(t, w, "test.reacted"); events != 1 {
			t.Fatalf("%d reactions", events)
		}
	})
}

func TestNobodyIsToldOfWhatWasRolledBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		told, end := w.Store.Follow("never", "done")
		defer end()
		_ = w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error { tx.Notify("never"); return errDone })
		w.System(func(tx *store.Tx) error { tx.Notify("done"); return nil })
		topic := <-told
		if topic == store.Everything { // the listener of PostgreSQL has just connected
			topic = <-told
		}
		if topic != "done" {
			t.Fatalf("told of %q", topic)
		}
	})
}

func TestAfterAGapInTheNotificationsEveryoneIsWoken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		told, end := w.Store.Follow("account:someone")
		defer end()
		dropped := make(chan struct{}, 8)
		w.Store.Drop(func() { dropped <- struct{}{} })
		w.Store.Gap()
		<-dropped
		if topic := <-told; topic != store.Everything {
			t.Fatalf("told of %q", topic)
		}
	})
}

func TestPositionsFollowTheOrderOfCommitWithoutGaps(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		const writers, writes = 6, 15
		companies := []models.Party{w.Production, w.Zonneveld, w.Kade}
		before := map[string]int{}
		w.System(func(tx *store.Tx) error {
			for _, p := range companies {
				before[p.Company] = count(t, tx, "events", "company_id = '"+p.Company+"'")
			}
			return nil
		})
		var writing sync.WaitGroup
		for n := range writers {
			writing.Go(func() {
				for i := range writes {
					err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
						for j := range companies { // in another order each time, and one of them twice
							p := companies[(n+i+j)%len(companies)]
							tx.Record("test.one", store.About{Company: p.Company})
						}
						tx.Record("test.two", store.About{Company: companies[n%len(companies)].Company})
						if i%4 == 3 {
							return errDone // takes no position
						}
						return nil
					})
					if err != nil && !errors.Is(err, errDone) {
						t.Error(err)
					}
				}
			})
		}
		stop, watched := make(chan struct{}), make(chan struct{})
		go func() { // a reader by cursor: what it has read never gets something before it
			defer close(watched)
			for cursor := 0; ; {
				if err := contiguous(w, companies[0], &cursor); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		writing.Wait()
		close(stop)
		<-watched
		for _, p := range companies {
			cursor := 0
			if err := contiguous(w, p, &cursor); err != nil || cursor <= before[p.Company] {
				t.Errorf("%s ends at %d: %v", p.Name, cursor, err)
			}
		}
	})
}

// contiguous reads on from a cursor, and fails where a position is missing.
func contiguous(w *modelstest.World, p models.Party, cursor *int) error {
	return w.Store.SystemRead(w.Ctx, "a test", func(tx *store.Tx) error {
		var positions []int
		err := tx.Model(&store.Event{}).Where("company_id = ? AND position > ?", p.Company, *cursor).Order("position").Pluck("position", &positions).Error
		for _, at := range positions {
			if at != *cursor+1 {
				return fmt.Errorf("after position %d came %d", *cursor, at)
			}
			*cursor = at
		}
		return err
	})
}

func TestARefusalIsRecorded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		touched := false
		do := func(tx *store.Tx) error { touched = true; return nil }
		w.Wants(w.Store.Write(w.Ctx, w.Actor("anna"), models.ManageMembers, do), models.Forbidden, "error.forbidden")
		w.Wants(w.Store.Read(w.Ctx, w.Actor("anna"), models.ViewCompany, do), models.Forbidden, "error.forbidden")
		if touched {
			t.Fatal("it was done before it was refused")
		}
		events, err := w.Trail.Organization(w.Ctx, w.Actor("marieke"), event.Filter{Type: event.AccessRefused})
		if err != nil || len(events) != 2 {
			t.Fatalf("%d refusals: %v", len(events), err)
		}
		e := events[1]
		if e.AccountID != w.ID("anna") || e.EffectiveOrganizationID != w.Production.Organization || !strings.Contains(e.Data, string(models.ManageMembers)) || e.SessionID == "" {
			t.Errorf("recorded: %+v", e)
		}
	})
}

func TestNobodyWithoutASessionGetsThroughADoor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		do := func(*store.Tx) error { t.Error("it was done"); return nil }
		for _, by := range []models.Actor{{}, {Account: w.ID("marieke"), Permissions: models.OrganizationPermissions}, {Session: "ses_unknown", Account: w.ID("marieke")}} {
			w.Wants(w.Store.Write(w.Ctx, by, models.ManageMembers, do), models.Unauthenticated, "error.unauthenticated")
			w.Wants(w.Store.Read(w.Ctx, by, models.OwnAccount, do), models.Unauthenticated, "error.unauthenticated")
			w.Wants(w.Store.SystemFor(w.Ctx, by, "x", do), models.Unauthenticated, "error.unauthenticated")
		}
		// What an actor says of himself is not believed.
		anna := w.Actor("anna")
		anna.Permissions, anna.Effective, anna.Account = models.OrganizationPermissions, w.Zonneveld, w.ID("karin")
		w.Wants(w.Store.Write(w.Ctx, anna, models.ManageMembers, do), models.Forbidden, "error.forbidden")
	})
}

func TestAFormOfAnotherContextWritesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		before := w.Actor("marieke")
		w.Switch("marieke", w.Acceptance)
		err := w.Store.Write(w.Ctx, before, models.ManageOrganization, func(*store.Tx) error { t.Error("it was done"); return nil })
		w.Wants(err, models.Stale, "error.stale")
	})
}

func TestWhoHasACompanyAloneReachesNoOrganization(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		eline := w.Person("eline", "Eline Peeters", "eline@devries.example")
		w.System(func(tx *store.Tx) error {
			role := tenancy.Role{ID: "rol_wide", Level: models.CompanyLevel, Key: "wide", Name: "Wide", Permissions: `["members.view"]`}
			role.CreatedAt.Time = w.Now()
			if err := tx.Create(&role).Error; err != nil {
				return err
			}
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: eline.ID, RoleID: role.ID, Source: tenancy.Manual}, eline.Name)
		})
		err := w.Store.Read(w.Ctx, w.Actor("eline"), models.ViewMembers, func(*store.Tx) error { t.Error("all organizations at once"); return nil })
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}
