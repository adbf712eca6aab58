package access_test

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
	"locum/models/tenancy"
)

const (
	hubOrigin  = "https://hub.example"
	hubBrowser = "a-browser"
)

// ring is a world with passkeys in it.
type ring struct {
	*modelstest.World
	keys *passkey.Passkeys
	site passkey.Site
}

func newRing(w *modelstest.World) ring {
	public, err := url.Parse(hubOrigin)
	if err != nil {
		w.T.Fatal(err)
	}
	return ring{w, passkey.New(w.Store), passkey.SiteOf(public)}
}

func (r ring) ok(err error) {
	r.T.Helper()
	if err != nil {
		r.T.Fatal(err)
	}
}

// register gives a person a passkey in his first session.
func (r ring) register(key string) (*modelstest.Authenticator, passkey.Passkey) {
	r.T.Helper()
	device := modelstest.NewAuthenticator(r.T, hubOrigin, "hub.example")
	b, err := r.keys.BeginRegister(r.Ctx, r.Actor(key), r.site, hubBrowser)
	r.ok(err)
	made, err := r.keys.Register(r.Ctx, r.Actor(key), r.site, passkey.Answer{Ceremony: b.Ceremony, Browser: hubBrowser, Credential: device.Create(b.Options)}, "Laptop")
	r.ok(err)
	return device, made
}

func (r ring) begin() passkey.Begun {
	r.T.Helper()
	b, err := r.Sessions.BeginPasskey(r.Ctx, r.keys, r.site, hubBrowser, "192.0.2.7")
	r.ok(err)
	return b
}

func (r ring) signIn(ceremony, credential string) (string, string, error) {
	return r.Sessions.SignIn(r.Ctx, r.keys, r.site, passkey.Answer{Ceremony: ceremony, Browser: hubBrowser, Credential: credential},
		access.Entering{UserAgent: "test", Address: "192.0.2.7"})
}

// stepUp shows a passkey in a person's first session.
func (r ring) stepUp(key string, device *modelstest.Authenticator) error {
	r.T.Helper()
	b, err := r.keys.BeginStepUp(r.Ctx, r.Actor(key), r.site, hubBrowser)
	r.ok(err)
	device.Counter++
	return r.Sessions.StepUp(r.Ctx, r.Actor(key), r.keys, r.site, passkey.Answer{Ceremony: b.Ceremony, Browser: hubBrowser, Credential: device.Get(b.Options)})
}

func TestAPasskeyFromRegisteringToRemoving(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, made := r.register("sanne")
		if got := w.Actor("sanne"); got.SecondFactor != "passkey" || !got.SecondFactorAt.Equal(w.Now()) {
			t.Errorf("making it did not show it: %q %s", got.SecondFactor, got.SecondFactorAt)
		}
		w.Advance(time.Minute)
		device.Counter = 7
		b := r.begin()
		token, _, err := r.signIn(b.Ceremony, device.Get(b.Options))
		r.ok(err)
		if got := w.ActorOf(token); got.Account != w.ID("sanne") || got.Method != "passkey" || got.SecondFactor != "passkey" || !got.AuthTime.Equal(w.Now()) {
			t.Errorf("signed in as %+v", got)
		}
		list, err := r.keys.List(w.Ctx, w.Actor("sanne"))
		r.ok(err)
		if len(list) != 1 || list[0].SignCount != 7 || list[0].LastUsedAt == nil || list[0].Name != "Laptop" || list[0].BackupEligible {
			t.Errorf("the list is %+v", list)
		}
		if others, err := r.keys.List(w.Ctx, w.Actor("karin")); err != nil || len(others) != 0 {
			t.Errorf("Karin sees %d passkeys: %v", len(others), err)
		}
		w.Wants(r.keys.Rename(w.Ctx, w.Actor("karin"), made.ID, "Mine"), models.NotFound, "error.not_found")
		r.ok(r.keys.Rename(w.Ctx, w.Actor("sanne"), made.ID, "Work laptop"))
		_, err = r.keys.Remove(w.Ctx, w.Actor("karin"), made.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = r.keys.Remove(w.Ctx, w.Actor("sanne"), made.ID)
		r.ok(err)
		if got := w.ActorOf(token); got.SecondFactor != "" {
			t.Error("what was shown with a removed passkey still counts")
		}
		if n := w.Count(w.Kade, event.PasskeyAdded) + w.Count(w.Kade, event.PasskeyRemoved); n != 2 {
			t.Errorf("%d events", n)
		}
		if n := len(w.Mails(mail.PasskeyKind)); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
}

func TestAPasskeyIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, made := r.register("sanne")
		device.Counter = 10
		again := func(change func(*modelstest.Authenticator)) modelstest.Authenticator {
			other := *device
			change(&other)
			return other
		}
		refuse := func(name string, as modelstest.Authenticator, kind models.Kind, key string) {
			t.Helper()
			b := r.begin()
			token, _, err := r.signIn(b.Ceremony, as.Get(b.Options))
			if token != "" {
				t.Errorf("%s: signed in", name)
			}
			w.Wants(err, kind, key)
			// Whatever came of it, the challenge is gone.
			good := again(func(a *modelstest.Authenticator) { a.Counter = 90 })
			_, _, err = r.signIn(b.Ceremony, good.Get(b.Options))
			w.Wants(err, models.Conflict, "passkey.error.used")
		}
		refuse("wrong origin", again(func(a *modelstest.Authenticator) { a.Origin = "https://hub.example.evil.example" }), models.Forbidden, "passkey.error.refused")
		refuse("wrong relying party", again(func(a *modelstest.Authenticator) { a.RPID = "evil.example" }), models.Forbidden, "passkey.error.refused")
		refuse("user not verified", again(func(a *modelstest.Authenticator) { a.Unverified = true }), models.Forbidden, "passkey.error.refused")
		refuse("handle of somebody else", again(func(a *modelstest.Authenticator) { a.Handle = w.ID("karin") }), models.Forbidden, "passkey.error.refused")

		b := r.begin()
		answer := device.Get(b.Options)
		_, _, err := r.signIn(b.Ceremony, answer)
		r.ok(err)
		_, _, err = r.signIn(b.Ceremony, answer)
		w.Wants(err, models.Conflict, "passkey.error.used") // replayed

		refuse("counter that went back", again(func(a *modelstest.Authenticator) { a.Counter = 3 }), models.Forbidden, "passkey.error.cloned")
		if w.Count(w.Kade, event.PasskeyRefused) != 1 {
			t.Error("nobody was told of the double")
		}

		old := r.begin()
		w.Advance(passkey.CeremonyLife)
		_, _, err = r.signIn(old.Ceremony, device.Get(old.Options))
		w.Wants(err, models.Conflict, "passkey.error.used") // too late

		other := r.begin()
		_, _, err = r.Sessions.SignIn(w.Ctx, r.keys, r.site, passkey.Answer{Ceremony: other.Ceremony, Browser: "another-browser", Credential: device.Get(other.Options)}, access.Entering{})
		w.Wants(err, models.Conflict, "passkey.error.used")

		w.NewSession("sanne")
		device.Counter = 20
		r.ok(r.stepUp("sanne", device))
		_, err = r.keys.Remove(w.Ctx, w.Actor("sanne"), made.ID)
		r.ok(err)
		refuse("removed", again(func(a *modelstest.Authenticator) { a.Counter = 80 }), models.Forbidden, "passkey.error.unknown")
	})
}

// A challenge for one purpose serves no other.
func TestAChallengeServesOnePurpose(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		b, err := r.keys.BeginStepUp(w.Ctx, w.Actor("sanne"), r.site, hubBrowser)
		r.ok(err)
		device.Counter = 1
		_, _, err = r.signIn(b.Ceremony, device.Get(b.Options))
		w.Wants(err, models.Conflict, "passkey.error.used")
	})
}

func TestOneChallengeAnsweredAtOnceManyTimes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		device.Counter = 5
		b := r.begin()
		answer := device.Get(b.Options)
		var all sync.WaitGroup
		var mu sync.Mutex
		opened := 0
		for range 12 {
			all.Go(func() {
				if token, _, err := r.signIn(b.Ceremony, answer); err == nil && token != "" {
					mu.Lock()
					defer mu.Unlock()
					opened++
				}
			})
		}
		all.Wait()
		if opened != 1 {
			t.Errorf("%d sessions", opened)
		}
	})
}

func TestAPasskeyDoesNotGoRoundRequiredSingleSignOn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		w.System(func(tx *store.Tx) error {
			now := models.At(w.Now())
			return tx.Create(&tenancy.Domain{CompanyID: w.Kade.Company, ID: models.NewID("dom"), Name: "kade.example", SSORequired: true, VerifiedAt: &now, CreatedAt: now}).Error
		})
		device.Counter = 1
		b := r.begin()
		token, email, err := r.signIn(b.Ceremony, device.Get(b.Options))
		w.Wants(err, models.Conflict, "account.error.sso_required")
		if token != "" || email != "sanne@kade.example" {
			t.Errorf("%q, %q", token, email)
		}
	})
}

// Whoever reads somebody's mail must not give himself a second factor of his.
func TestAnotherPasskeyNeedsTheFirst(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, made := r.register("sanne")
		w.NewSession("sanne") // by code
		_, err := r.keys.BeginRegister(w.Ctx, w.Actor("sanne"), r.site, hubBrowser)
		w.Wants(err, models.Conflict, passkey.KeyShowFirst)
		_, err = r.keys.Remove(w.Ctx, w.Actor("sanne"), made.ID)
		w.Wants(err, models.Conflict, passkey.KeyShowFirst)
		r.ok(r.stepUp("sanne", device))
		r.register("sanne")
		w.Advance(passkey.ShownFor + time.Second)
		_, err = r.keys.BeginRegister(w.Ctx, w.Actor("sanne"), r.site, hubBrowser)
		w.Wants(err, models.Conflict, passkey.KeyShowFirst)
	})
}

// A credential that is registered already is nobody else's (section 7.1, step 26).
func TestACredentialBelongsToOnePerson(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		r.register("sanne")
		device := modelstest.NewAuthenticator(t, hubOrigin, "hub.example")
		for i, key := range []string{"karin", "pim"} {
			b, err := r.keys.BeginRegister(w.Ctx, w.Actor(key), r.site, hubBrowser)
			r.ok(err)
			_, err = r.keys.Register(w.Ctx, w.Actor(key), r.site, passkey.Answer{Ceremony: b.Ceremony, Browser: hubBrowser, Credential: device.Create(b.Options)}, "Key")
			if i == 0 {
				r.ok(err)
			} else {
				w.Wants(err, models.Conflict, "passkey.error.known")
			}
		}
	})
}

func TestEdge27StepUpDuringAVisitAuthenticatesTheRealPerson(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		device, _ := r.register("sanne")
		others, _ := r.register("thomas")
		karins, _ := r.register("karin")
		w.NewSession("sanne")
		w.Delegate("karin", "sanne", "1w")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Hour)
		before := w.Actor("sanne")
		// Neither a colleague nor anybody of the host can answer for her.
		for _, wrong := range []*modelstest.Authenticator{others, karins} {
			w.Wants(r.stepUp("sanne", wrong), models.Forbidden, "passkey.error.other_person")
		}
		if got := w.Actor("sanne"); got.SecondFactor != "" || !got.AuthTime.Equal(before.AuthTime) {
			t.Fatalf("somebody else's passkey counted: %+v", got)
		}
		r.ok(r.stepUp("sanne", device))
		after := w.Actor("sanne")
		if after.Visit != before.Visit || after.Epoch != before.Epoch || after.Session != before.Session || !after.AuthTime.Equal(w.Now()) || after.SecondFactor != "passkey" {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
		if w.Count(w.Kade, event.SteppedUp) != 1 || w.Count(w.Zonneveld, event.SteppedUp) != 0 {
			t.Errorf("it stands in %v and %v", w.Events(w.Kade), w.Events(w.Zonneveld))
		}
	})
}

// Whoever has as many as can be must be able to take one away.
func TestOneOfTheMostPasskeysCanBeRemoved(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		r := newRing(w)
		_, made := r.register("sanne")
		w.System(func(tx *store.Tx) error {
			for range passkey.Most - 1 {
				one := made
				one.ID, one.CredentialID = models.NewID("pky"), models.NewID("credential")
				if err := tx.Create(&one).Error; err != nil {
					return err
				}
			}
			return nil
		})
		_, err := r.keys.BeginRegister(w.Ctx, w.Actor("sanne"), r.site, hubBrowser)
		w.Wants(err, models.Conflict, "passkey.error.most")
		_, err = r.keys.Remove(w.Ctx, w.Actor("sanne"), made.ID)
		r.ok(err)
	})
}
