package access_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// A host's wishes hold whichever way leads in: by itself at a sign-in too.
func TestPoliciesHoldWhenAVisitIsResumed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		resumes(t, w, "sanne")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Hour)
		hosting(w, tenancy.Hosting{SecondFactor: true, Networks: "192.0.2.0/24"})
		again := w.SignIn("sanne")
		if _, found, err := w.Sessions.Resume(w.Ctx, again, "192.0.2.7"); err != nil || found {
			t.Fatalf("brought there without a second factor: %t, %v", found, err)
		}
		if a := w.ActorOf(again); a.Visiting() || w.Count(w.Zonneveld, event.VisitEntered) != 1 || w.Count(w.Zonneveld, event.VisitRefused) != 1 {
			t.Errorf("she works in %s; events %v", a.Effective.Label(), w.Events(w.Zonneveld))
		}
		hosting(w, tenancy.Hosting{Networks: "198.51.100.0/24"})
		if _, found, err := w.Sessions.Resume(w.Ctx, again, "192.0.2.7"); err != nil || found {
			t.Fatalf("brought there from elsewhere: %t, %v", found, err)
		}
		hosting(w, tenancy.Hosting{Networks: "192.0.2.0/24"})
		if _, found, err := w.Sessions.Resume(w.Ctx, again, "192.0.2.7"); err != nil || !found {
			t.Fatalf("not brought there though nothing is missing: %t, %v", found, err)
		}
	})
}

// Whom a firm named is a visitor like any other.
func TestPoliciesHoldForWhomAFirmNamed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			now := models.At(w.Now())
			return tx.Create(&tenancy.Domain{CompanyID: w.Kade.Company, ID: models.NewID("dom"), Name: "kade.example", Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
		})
		f, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 1, Period: delegation.Week})
		if err != nil {
			t.Fatal(err)
		}
		d, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("sanne"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID); err != nil {
			t.Fatal(err)
		}
		hosting(w, tenancy.Hosting{SecondFactor: true, Networks: "198.51.100.0/24"})
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedSecondFactor, models.NeedNetwork)
		hosting(w, tenancy.Hosting{})
		if err := enter(w, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
		hosting(w, tenancy.Hosting{SecondFactor: true})
		wantNeeds(t, models.NeedsOf(look(w, "192.0.2.7")), models.NeedSecondFactor)
	})
}

// A visit that the host's wishes hold is one all the same: it ends with its
// delegation, and its mails and its record say so.
func TestAHeldVisitEndsWithItsDelegation(t *testing.T) {
	for name, c := range map[string]struct {
		end func(w *modelstest.World, d delegation.Delegation) error
		why delegation.LeaveReason
	}{
		"revoked": {func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)
		}, delegation.ByRevocation},
		"expired": {func(w *modelstest.World, d delegation.Delegation) error {
			w.Advance(5 * time.Hour)
			return w.Delegations.Expire(w.Ctx)
		}, delegation.ByExpiry},
		"ended by the host": {func(w *modelstest.World, d delegation.Delegation) error {
			_, err := w.Delegations.EndVisit(w.Ctx, w.Actor("karin"), w.Actor("sanne").Visit)
			return err
		}, delegation.ByHost},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d := w.Delegate("karin", "sanne", delegation.FourHours)
				if err := enter(w, "192.0.2.7"); err != nil {
					t.Fatal(err)
				}
				hosting(w, tenancy.Hosting{SecondFactor: true})
				if err := w.Sessions.Hold(w.Ctx, w.Actor("sanne")); err != nil {
					t.Fatal(err)
				}
				if n := w.Count(w.Zonneveld, event.VisitHeld); n != 1 {
					t.Fatalf("held %d times", n)
				}
				if err := c.end(w, d); err != nil {
					t.Fatal(err)
				}
				var v delegation.Visit
				w.System(func(tx *store.Tx) error { return tx.Where("1 = 1").Take(&v).Error })
				if v.HeldBy == "" || v.LeftAt == nil || v.LeaveReason != c.why {
					t.Fatalf("the visit: %+v", v)
				}
				var to []string
				for _, m := range w.Mails(mail.LeftKind) {
					to = append(to, m.Recipient)
				}
				slices.Sort(to)
				if !slices.Equal(to, []string{"karin@zonneveld.example", "pim@zonneveld.example"}) || w.Count(w.Zonneveld, event.VisitLeft) != 1 {
					t.Errorf("told of leaving are %v; events %v", to, w.Events(w.Zonneveld))
				}
				if w.Actor("sanne").Visiting() {
					t.Error("she is inside")
				}
			})
		})
	}
}
