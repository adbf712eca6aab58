package access_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
)

func TestASessionEndsWhenIdleAndAfterItsLife(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		idle, used := w.SignIn("anna"), w.SignIn("anna")
		for elapsed := time.Duration(0); elapsed < account.SessionLife; elapsed += 11 * time.Hour {
			if w.ActorOf(used).Anonymous() {
				t.Fatalf("over after %s in use", elapsed)
			}
			w.Sessions.Seen(w.Ctx, w.ActorOf(used))
			w.Advance(time.Hour)
			if (elapsed+time.Hour >= account.SessionIdle) != w.ActorOf(idle).Anonymous() {
				t.Fatalf("unused for %s: anonymous %t", elapsed, w.ActorOf(idle).Anonymous())
			}
			w.Advance(10 * time.Hour)
		}
		if !w.ActorOf(used).Anonymous() {
			t.Fatal("a session outlives seven days")
		}
	})
}

func TestASessionIsIdleAtTheMoment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := w.SignIn("anna")
		w.Advance(account.SessionIdle - time.Microsecond)
		if w.ActorOf(token).Anonymous() {
			t.Fatal("too early")
		}
		w.Advance(time.Microsecond)
		if !w.ActorOf(token).Anonymous() {
			t.Fatal("too late")
		}
	})
}

func TestSigningOutEndsTheVisitWithItsMail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		sanne, token := w.Actor("sanne"), w.Token("sanne")
		no(t, w.Sessions.SignOut(w.Ctx, sanne))
		if !w.ActorOf(token).Anonymous() || len(w.Mails(mail.LeftKind)) != 2 || w.Count(w.Zonneveld, event.VisitLeft) != 1 || w.Count(w.Kade, event.SignedOut) != 1 {
			t.Fatalf("%d mails, %v / %v", len(w.Mails(mail.LeftKind)), w.Events(w.Zonneveld), w.Events(w.Kade))
		}
		content, err := w.Mails(mail.LeftKind)[0].Content()
		no(t, err)
		if left := content.(mail.Left); left.Why != string(delegation.SignedOut) {
			t.Fatalf("left because %q", left.Why)
		}
		w.Wants(w.Sessions.SignOut(w.Ctx, sanne), models.Unauthenticated, "error.unauthenticated")
	})
}

func TestAPersonEndsHisOwnSessionsAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		phone, laptop := w.SignIn("anna"), w.SignIn("anna")
		theirs := w.Actor("jan")
		no(t, w.Sessions.Revoke(w.Ctx, w.ActorOf(laptop), w.ActorOf(phone).Session))
		if !w.ActorOf(phone).Anonymous() || w.ActorOf(laptop).Anonymous() {
			t.Fatal("the wrong one ended")
		}
		w.Wants(w.Sessions.Revoke(w.Ctx, w.ActorOf(laptop), theirs.Session), models.NotFound, "error.not_found")
		w.Wants(w.Sessions.Revoke(w.Ctx, w.ActorOf(laptop), "ses_unknown"), models.NotFound, "error.not_found")
		list, err := w.Sessions.List(w.Ctx, w.ActorOf(laptop))
		if err != nil || len(list) != 1 || !list[0].Current {
			t.Fatalf("%+v: %v", list, err)
		}
	})
}

// clocked is a world's sessions with their cache, which ActorOf goes around.
func clocked(w *modelstest.World, token string) models.Actor {
	w.T.Helper()
	a, err := w.Sessions.Actor(w.Ctx, token)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

// behindItsBack changes the database without anybody being told.
func behindItsBack(w *modelstest.World, id string, name string) {
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", id).Update("name", name).Error
	})
}

func TestTheCacheHoldsForHalfASecond(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := w.SignIn("anna")
		cached := func(name string) bool {
			clocked(w, token)
			behindItsBack(w, w.ID("anna"), name)
			return clocked(w, token).Name != name
		}
		for n := 0; !cached(fmt.Sprint("Changed ", n)); n++ { // news of earlier changes may still come in and drop it
			if n == 50 {
				t.Fatal("there is no cache")
			}
		}
		behindItsBack(w, w.ID("anna"), "Changed at last")
		w.Advance(500 * time.Millisecond)
		if clocked(w, token).Name != "Changed at last" {
			t.Fatal("older than half a second")
		}
	})
}

func TestTheCacheNeverOutlivesADelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		w.Switch("sanne", w.Zonneveld)
		w.Advance(d.EndsAt.Sub(w.Now()) - time.Millisecond)
		if !clocked(w, w.Token("sanne")).Visiting() {
			t.Fatal("it ended early")
		}
		w.Advance(time.Millisecond) // well within half a second
		if clocked(w, w.Token("sanne")).Visiting() {
			t.Fatal("the cache let her stay")
		}
	})
}

func TestTheCacheIsDroppedByARevocationHere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		told, end := w.Store.Follow("account:" + w.ID("sanne"))
		defer end()
		drain(told)
		if !clocked(w, w.Token("sanne")).Visiting() {
			t.Fatal("not inside")
		}
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		<-told // the caches drop before anybody is woken
		if clocked(w, w.Token("sanne")).Visiting() {
			t.Fatal("the cache let her stay")
		}
	})
}

func TestTheCacheIsDroppedByARevocationOnAnotherReplica(t *testing.T) {
	w := modelstest.New(t, "postgres")
	other, err := store.Open(w.Ctx, store.Config{URL: w.Address, Derive: access.Derive, Now: w.Now})
	no(t, err)
	defer other.Close()
	replica := access.NewSessions(other, w.Keys)
	d := w.Delegate("karin", "sanne", delegation.Week)
	w.Switch("sanne", w.Zonneveld)
	told, end := other.Follow("account:" + w.ID("sanne"))
	defer end()
	heard(w, told) // it listens
	sanne, err := replica.Actor(w.Ctx, w.Token("sanne"))
	if err != nil || !sanne.Visiting() {
		t.Fatalf("not inside: %v", err)
	}
	no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
	select {
	case <-told:
	case <-time.After(time.Second):
		t.Error("the other replica does not hear of it within a second")
	}
	if sanne, err = replica.Actor(w.Ctx, w.Token("sanne")); err != nil || sanne.Visiting() || sanne.Ended == nil {
		t.Fatalf("the other replica let her stay: %v", err)
	}
}

// heard tells of sanne until the other replica hears it.
func heard(w *modelstest.World, told <-chan string) {
	for {
		w.System(func(tx *store.Tx) error { tx.Notify("account:" + w.ID("sanne")); return nil })
		select {
		case <-told:
			drain(told)
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func drain(told <-chan string) {
	for {
		select {
		case <-told:
		default:
			return
		}
	}
}

func TestAnOperatorRunsThePlatformAndNoTenant(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("anna")).Update("operator", true).Error
		})
		anna := w.Actor("anna")
		if !anna.Operator || !anna.May(models.OperatePlatform) || anna.May(models.ManageMembers) || anna.May(models.ViewCompany) {
			t.Fatalf("she may %v", anna.Permissions)
		}
		w.Delegate("karin", "anna", delegation.Week)
		w.Switch("anna", w.Zonneveld)
		if anna = w.Actor("anna"); anna.Operator || anna.May(models.OperatePlatform) {
			t.Fatal("the platform is open during a visit")
		}
		err := w.Store.Write(w.Ctx, anna, models.OperatePlatform, func(*store.Tx) error { t.Error("it was done"); return nil })
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestWorkingElsewhereAsAMemberIsNoVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		before := w.Actor("marieke")
		a := w.Switch("marieke", w.Acceptance)
		marieke := w.Actor("marieke")
		if a.Via || marieke.Visiting() || marieke.Real != marieke.Effective || marieke.Effective.Organization != w.Acceptance.Organization || marieke.Epoch != before.Epoch+1 {
			t.Fatalf("%+v", marieke)
		}
		if n := len(w.Mails(mail.EnteredKind, mail.LeftKind)); n != 0 || w.Count(w.Acceptance, event.OrganizationChosen) != 1 {
			t.Fatalf("%d mails; %v", n, w.Events(w.Acceptance))
		}
	})
}

func TestOfTwoSwitchesFromOnePlaceOneWins(t *testing.T) {
	w := modelstest.New(t, "postgres")
	w.Delegate("karin", "sanne", delegation.Week)
	w.Delegate("marieke", "sanne", delegation.Week)
	for range 5 {
		sanne := w.Actor("sanne")
		done := make(chan error)
		for _, to := range []models.Party{w.Zonneveld, w.Production} {
			go func() { _, err := w.Sessions.Switch(w.Ctx, sanne, to.Organization); done <- err }()
		}
		for range 2 {
			if err := <-done; err != nil && models.KindOf(err) != models.Stale {
				t.Fatal(err)
			}
		}
		if !w.Actor("sanne").Visiting() {
			t.Fatal("neither won")
		}
		_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
		no(t, err)
	}
	if entered, left := len(w.Mails(mail.EnteredKind)), len(w.Mails(mail.LeftKind)); entered != left {
		t.Fatalf("%d entered, %d left", entered, left)
	}
}
