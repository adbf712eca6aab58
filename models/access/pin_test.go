package access_test

import (
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

// place finds a place in a person's list.
func place(t *testing.T, w *modelstest.World, by models.Actor, at models.Party) access.Place {
	t.Helper()
	list, err := w.Sessions.Places(w.Ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Place() == at.Place() {
			return p
		}
	}
	t.Fatalf("%s is not among %v", at.Label(), list)
	return access.Place{}
}

func TestAPinIsThePersonsAndStandsInEveryBrowser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		if err := w.Sessions.Pin(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization); err != nil {
			t.Fatal(err)
		}
		other := w.ActorOf(w.SignIn("sanne"))
		if !place(t, w, other, w.Zonneveld).Pinned || place(t, w, other, w.Kade).Pinned {
			t.Error("the other browser has other pins")
		}
		if place(t, w, w.Actor("karin"), w.Zonneveld).Pinned {
			t.Error("somebody else has the pin")
		}
		for range 2 { // the second time there is nothing to take away
			if err := w.Sessions.Unpin(w.Ctx, other, w.Zonneveld.Organization); err != nil {
				t.Fatal(err)
			}
		}
		if place(t, w, w.Actor("sanne"), w.Zonneveld).Pinned {
			t.Error("the pin is still there")
		}
	})
}

func TestAPinNeedsAPlaceWhereOneCanWork(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		foreign := w.Sessions.Pin(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
		w.Wants(foreign, models.NotFound, "error.not_found")
		w.Wants(w.Sessions.Pin(w.Ctx, w.Actor("sanne"), "org_unknown"), models.NotFound, "error.not_found")
	})
}

func TestPlacesSayWhenOneWentThereLast(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		if p := place(t, w, w.Actor("sanne"), w.Zonneveld); !p.Used.IsZero() {
			t.Errorf("used %s", p.Used)
		}
		w.Switch("sanne", w.Zonneveld)
		entered := w.Now()
		w.Advance(time.Hour)
		if p := place(t, w, w.Actor("sanne"), w.Zonneveld); !p.Used.Equal(entered) {
			t.Errorf("used %s, entered %s", p.Used, entered)
		}
		if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
			t.Fatal(err)
		}
		if p := place(t, w, w.Actor("sanne"), w.Kade); !p.Used.Equal(w.Now()) {
			t.Errorf("home was used %s", p.Used)
		}
	})
}

func TestASignInBeginsAtHomeWithTheLastPlaceToResume(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Hour)
		again := w.SignIn("sanne")
		if now := w.ActorOf(again); now.Effective.Organization != w.Kade.Organization {
			t.Errorf("begins in %s", now.Effective.Label())
		}
		list, err := w.Sessions.Places(w.Ctx, w.ActorOf(again))
		if err != nil {
			t.Fatal(err)
		}
		if last, found := access.Last(list); !found || last.Organization != w.Zonneveld.Organization {
			t.Errorf("offers %s, %t", last.Label(), found)
		}
		if _, found, err := w.Sessions.Resume(w.Ctx, again, "192.0.2.7"); err != nil || found {
			t.Errorf("resumes unasked: %t, %v", found, err)
		}
	})
}

// resumes has a person wish that a sign-in leads on.
func resumes(t *testing.T, w *modelstest.World, who string) {
	t.Helper()
	p := w.Actor(who)
	if err := w.Accounts.Save(w.Ctx, p, account.Settings{Name: p.Name, Language: p.Language, TimeZone: p.TimeZone, Resumes: true}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWishesItResumesByItselfAsAVisitWithMails(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		resumes(t, w, "sanne")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Hour)
		again := w.SignIn("sanne")
		a, found, err := w.Sessions.Resume(w.Ctx, again, "192.0.2.7")
		if err != nil || !found || a.Place.Organization != w.Zonneveld.Organization || !a.Via {
			t.Fatalf("%+v %t %v", a, found, err)
		}
		if now := w.ActorOf(again); !now.Visiting() || now.Visit == w.Actor("sanne").Visit {
			t.Errorf("works in %s, visit %s", now.Effective.Label(), now.Visit)
		}
		if n := w.Count(w.Zonneveld, event.VisitEntered); n != 2 {
			t.Errorf("%d visits", n)
		}
		if n := len(w.Mails(mail.EnteredKind)); n != 4 { // two superusers, two visits
			t.Errorf("%d mails", n)
		}
	})
}

func TestResumingEntersNoPlaceThatIsClosedOrWasLeft(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		resumes(t, w, "sanne")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Hour)
		if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
			t.Fatal(err)
		}
		again := w.SignIn("sanne")
		if _, found, err := w.Sessions.Resume(w.Ctx, again, ""); err != nil || found {
			t.Errorf("who went home is taken away: %t, %v", found, err)
		}
		w.Advance(time.Hour)
		w.Switch("sanne", w.Zonneveld)
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID); err != nil {
			t.Fatal(err)
		}
		third := w.SignIn("sanne")
		if _, found, err := w.Sessions.Resume(w.Ctx, third, ""); err != nil || found || w.ActorOf(third).Visiting() {
			t.Errorf("a revoked delegation is resumed: %t, %v", found, err)
		}
		w.System(func(tx *store.Tx) error {
			return tx.Model(&delegation.Delegation{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).
				Updates(map[string]any{"revoked_at": nil, "suspended_at": models.At(w.Now())}).Error
		})
		if _, found, err := w.Sessions.Resume(w.Ctx, third, ""); err != nil || found {
			t.Errorf("a suspended delegation is resumed: %t, %v", found, err)
		}
	})
}
