package access_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// hosting sets what Zonneveld asks of its visitors.
func hosting(w *modelstest.World, h tenancy.Hosting) {
	w.T.Helper()
	h.Notify = tenancy.AtOnce
	if err := w.Members.SetHosting(w.Ctx, w.Actor("karin"), h); err != nil {
		w.T.Fatal(err)
	}
}

// enter has sanne enter Zonneveld from an address.
func enter(w *modelstest.World, address string) error {
	w.T.Helper()
	_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne").From(address), w.Zonneveld.Organization)
	return err
}

// wantNeeds fails the test unless these are missing.
func wantNeeds(t *testing.T, got []models.Need, want ...models.Need) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("missing is %v, want %v", got, want)
	}
}

// look is what every request of the visit that shows something does.
func look(w *modelstest.World, address string) error {
	return w.Sessions.Check(w.Ctx, w.Actor("sanne").From(address), models.ViewMembers)
}

func TestSecondFactorAtTheDoorAndInside(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		w.NewSession("sanne")
		w.Delegate("karin", "sanne", "1w")
		hosting(w, tenancy.Hosting{SecondFactor: true})
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedSecondFactor)
		if w.Count(w.Zonneveld, event.VisitRefused) != 1 || w.Count(w.Zonneveld, event.VisitEntered) != 0 {
			t.Errorf("events %v", w.Events(w.Zonneveld))
		}
		r.ok(r.stepUp("sanne", device))
		r.ok(enter(w, "192.0.2.7"))
		r.ok(look(w, "192.0.2.7"))
	})
}

// A wish that begins while somebody is inside holds him where he is.
func TestAPolicySwitchedOnWhileInside(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		w.NewSession("sanne")
		w.Delegate("karin", "sanne", "1w")
		r.ok(enter(w, "192.0.2.7"))
		before := w.Actor("sanne")
		if cached, err := w.Sessions.Actor(w.Ctx, w.Token("sanne")); err != nil || len(cached.Permissions) == 0 {
			t.Fatalf("she may nothing: %v", err)
		}
		hosting(w, tenancy.Hosting{SecondFactor: true})
		w.Advance(time.Hour)
		// Neither the cache nor a write lets her go on.
		cached, err := w.Sessions.Actor(w.Ctx, w.Token("sanne"))
		r.ok(err)
		wantNeeds(t, cached.Needs, models.NeedSecondFactor)
		if len(cached.Permissions) > 0 || cached.Visit != before.Visit {
			t.Errorf("she may %v in %q", cached.Permissions, cached.Visit)
		}
		wantNeeds(t, models.NeedsOf(w.Sessions.Check(w.Ctx, before, models.ViewMembers)), models.NeedSecondFactor)
		// What is her own stays hers, and so does the way out.
		r.ok(w.Sessions.Check(w.Ctx, cached, models.OwnAccount))
		for range 3 {
			r.ok(w.Sessions.Hold(w.Ctx, cached))
		}
		if n := w.Count(w.Zonneveld, event.VisitHeld); n != 1 {
			t.Errorf("recorded %d times", n)
		}
		// The visit goes on, the same one, once she showed it.
		r.ok(r.stepUp("sanne", device))
		if after := w.Actor("sanne"); after.Visit != before.Visit || len(after.Needs) > 0 {
			t.Errorf("after the step-up: %+v", after)
		}
		r.ok(look(w, "192.0.2.7"))
	})
}

func TestAHeldVisitCanBeLeft(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", "1w")
		if err := enter(w, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
		hosting(w, tenancy.Hosting{SecondFactor: true})
		if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
			t.Fatal(err)
		}
		if a := w.Actor("sanne"); a.Visiting() || !a.May(models.ViewMembers) {
			t.Errorf("she is in %s and may %v", a.Effective.Label(), a.Permissions)
		}
	})
}

func TestAgeOfTheSignInCountsAtTheDoorAndInside(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		w.NewSession("sanne")
		w.Delegate("karin", "sanne", "1w")
		hosting(w, tenancy.Hosting{SignInMinutes: 30})
		w.Advance(30*time.Minute + time.Second)
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedFreshSignIn)
		r.ok(r.stepUp("sanne", device))
		r.ok(enter(w, "192.0.2.7"))
		visit := w.Actor("sanne").Visit
		w.Advance(30 * time.Minute)
		r.ok(look(w, "192.0.2.7"))
		w.Advance(time.Second)
		wantNeeds(t, models.NeedsOf(look(w, "192.0.2.7")), models.NeedFreshSignIn)
		// The visit waits for her; it did not end.
		r.ok(r.stepUp("sanne", device))
		r.ok(look(w, "192.0.2.7"))
		if got := w.Actor("sanne").Visit; got != visit {
			t.Errorf("the visit is %q, it was %q", got, visit)
		}
	})
}

func TestNetworksAtTheDoorAndAtEachRequest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		w.Delegate("karin", "sanne", "1w")
		hosting(w, tenancy.Hosting{Networks: "192.0.2.0/24\n2001:db8:1::/48"})
		for address, in := range map[string]bool{"192.0.2.200": true, "::ffff:192.0.2.9": true, "2001:db8:1::5": true, "2001:db8:1::5%eth0": true,
			"192.0.3.1": false, "2001:db8:2::5": false, "": false, "no address": false} {
			if got := models.Comes(address, (tenancy.Hosting{Networks: "192.0.2.0/24\n2001:db8:1::/48"}).Prefixes()); got != in {
				t.Errorf("%q: %t", address, got)
			}
		}
		wantNeeds(t, models.NeedsOf(enter(w, "198.51.100.4")), models.NeedNetwork)
		r.ok(enter(w, "192.0.2.7"))
		r.ok(look(w, "192.0.2.7"))
		// The address changes in the middle of the session: what is cached for the
		// one is no authority for the other.
		cached, err := w.Sessions.Actor(w.Ctx, w.Token("sanne"))
		r.ok(err)
		outside := cached.From("198.51.100.4")
		wantNeeds(t, outside.Needs, models.NeedNetwork)
		if len(outside.Permissions) > 0 || len(cached.From("192.0.2.8").Permissions) == 0 {
			t.Error("the address does not count")
		}
		wantNeeds(t, models.NeedsOf(look(w, "198.51.100.4")), models.NeedNetwork)
		wantNeeds(t, models.NeedsOf(w.Sessions.Check(w.Ctx, func() models.Actor { a := cached; a.Address = ""; return a }(), models.ViewMembers)), models.NeedNetwork)
		r.ok(w.Sessions.Hold(w.Ctx, outside))
		r.ok(w.Sessions.Hold(w.Ctx, outside))
		if n := w.Count(w.Zonneveld, event.VisitHeld); n != 1 {
			t.Errorf("recorded %d times", n)
		}
		// Back in the network the visit goes on.
		r.ok(look(w, "192.0.2.7"))
		if w.Count(w.Zonneveld, event.VisitLeft) != 0 {
			t.Error("the visit ended")
		}
	})
}

func TestOwnSingleSignOnOfAVerifiedDomain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		w.Delegate("karin", "sanne", "1w")
		hosting(w, tenancy.Hosting{OwnSignOn: true})
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedOwnSignOn)
		connect := func(company, id string) {
			w.System(func(tx *store.Tx) error {
				now := models.At(w.Now())
				return tx.Table("connections").Create(map[string]any{"company_id": company, "id": id, "name": "Login", "entity_id": "x", "enabled": true, "created_at": now, "updated_at": now}).Error
			})
		}
		through := func(id string) {
			w.System(func(tx *store.Tx) error {
				return access.Renew(tx, access.Renewal{Session: w.Actor("sanne").Session, Account: w.ID("sanne"), Method: "saml", Connection: id, AuthTime: w.Now()})
			})
		}
		sealed := func(name string, verified bool) {
			w.System(func(tx *store.Tx) error {
				d := tenancy.Domain{CompanyID: w.Kade.Company, ID: models.NewID("dom"), Name: name, CreatedAt: models.At(w.Now())}
				if verified {
					now := models.At(w.Now())
					d.VerifiedAt = &now
				}
				return tx.Create(&d).Error
			})
		}
		connect(w.Production.Company, "con_other")
		through("con_other") // another company's
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedOwnSignOn)
		connect(w.Kade.Company, "con_kade")
		through("con_kade") // her company's, of no verified domain
		sealed("kade.test", true)
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedOwnSignOn)
		sealed("kade.example", true)
		r.ok(enter(w, "192.0.2.7"))
		r.ok(look(w, "192.0.2.7"))
		// And at each request: the domain may be lost meanwhile.
		w.System(func(tx *store.Tx) error {
			return tx.Where("name = ?", "kade.example").Delete(&tenancy.Domain{}).Error
		})
		wantNeeds(t, models.NeedsOf(look(w, "192.0.2.7")), models.NeedOwnSignOn)
	})
}

func TestEdge06MailServerDownEnteringWorksUnlessTheHostSaysNoMailNoEntry(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		w.Delegate("karin", "sanne", "1w")
		all := func(changes map[string]any) {
			w.System(func(tx *store.Tx) error { return tx.Model(&mail.Mail{}).Where("1 = 1").Updates(changes).Error })
		}
		sent := models.At(w.Now())
		all(map[string]any{"sent_at": sent})
		leave := func() {
			_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
			r.ok(err)
		}
		w.Advance(time.Minute)
		r.ok(enter(w, "192.0.2.7"))
		// The server goes down: entering works all the same, and is told in the application.
		w.System(func(tx *store.Tx) error {
			return tx.Model(&mail.Mail{}).Where("kind = ?", mail.EnteredKind).Updates(map[string]any{"attempts": 1, "failure": "connection refused"}).Error
		})
		leave()
		r.ok(enter(w, "192.0.2.7"))
		if n, err := w.Outbox.Stuck(w.Ctx, w.Actor("karin")); err != nil || n == 0 {
			t.Errorf("superusers are told of %d mails: %v", n, err)
		}
		leave()
		hosting(w, tenancy.Hosting{MailNeeded: true})
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedMail)
		// It is up again.
		all(map[string]any{"sent_at": models.At(w.Now())})
		r.ok(enter(w, "192.0.2.7"))
		// Who is inside when it goes down stays inside.
		w.System(func(tx *store.Tx) error {
			return tx.Model(&mail.Mail{}).Where("1 = 1").Updates(map[string]any{"sent_at": nil, "attempts": 2}).Error
		})
		r.ok(look(w, "192.0.2.7"))
		leave()
		all(map[string]any{"sent_at": models.At(w.Now())})
		r.ok(enter(w, "192.0.2.7"))
		leave() // whose mails nobody tries to send
		w.Advance(6 * time.Minute)
		wantNeeds(t, models.NeedsOf(enter(w, "192.0.2.7")), models.NeedMail)
	})
}

// By code a sign-in is renewed in the session and the browser that asked, and no
// second factor comes of it.
func TestACodeRenewsTheSignInOfItsSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		w.Delegate("karin", "sanne", "1w")
		r.ok(enter(w, "192.0.2.7"))
		w.Advance(time.Hour)
		before := w.Actor("sanne")
		ask := func() (string, string) {
			id, err := w.Entrance.AskToRenew(w.Ctx, w.Actor("sanne"), hubBrowser, "/in/x/")
			r.ok(err)
			code, err := account.Code(w.Keys, id)
			r.ok(err)
			return id, code
		}
		id, code := ask()
		_, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: hubBrowser, Code: code, Instead: w.Actor("karin").Session})
		w.Wants(err, models.NotFound, "error.not_found") // Karin has the browser by now
		out, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: hubBrowser, Code: code, Instead: before.Session})
		r.ok(err)
		after := w.Actor("sanne")
		if out.Token != "" || !out.Renewed || out.ReturnTo != "/in/x/" || after.Visit != before.Visit || after.Epoch != before.Epoch || !after.AuthTime.Equal(w.Now()) || after.SecondFactor != "" {
			t.Errorf("out %+v, after %+v", out, after)
		}
	})
}
