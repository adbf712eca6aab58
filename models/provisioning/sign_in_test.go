package provisioning_test

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// firm is De Vries with connectors, on either database.
type firm struct {
	*modelstest.World
	connectors *provisioning.Connectors
}

func each(t *testing.T, test func(t *testing.T, f firm)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := firm{w, provisioning.NewConnectors(w.Store)}
		f.brake(provisioning.Loose)
		test(t, f)
	})
}

// brake sets how much passes unasked.
func (f firm) brake(b tenancy.Brakes) {
	f.System(func(tx *store.Tx) error { return provisioning.Brake(tx, b) })
}

func no(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rule gives everybody of a group a role in an organization.
func (f firm) rule(group, role string, at models.Party) provisioning.Connector {
	return provisioning.Connector{Name: group, State: provisioning.On, Role: role,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: at.Organization},
		Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: group}}
}

func (f firm) save(t *testing.T, c provisioning.Connector) provisioning.Saved {
	t.Helper()
	s, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), c, anyway)
	no(t, err)
	return s.Saved
}

func (f firm) said(who string, groups ...string) federation.Said {
	return federation.Said{Company: f.Production.Company, Account: f.ID(who), Connection: "con_1", Assertion: models.NewID("ass"), At: models.At(f.Now()),
		Attributes: []federation.Attribute{{Name: "groups", Values: groups}}}
}

// comesIn resolves what is said of a person, and then does something before the
// transaction ends.
func (f firm) comesIn(in federation.Said, then func()) error {
	return f.Store.System(f.Ctx, "a sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord()
		_, err := f.connectors.Resolve(tx, in)
		then()
		return err
	})
}

func nothing() {}

// roles are what a person holds, as role and source.
func (f firm) roles(who string) (list []string) {
	f.T.Helper()
	f.System(func(tx *store.Tx) error {
		var grants []tenancy.Grant
		err := tx.Where("account_id = ?", f.ID(who)).Find(&grants).Error
		for _, g := range grants {
			list = append(list, strings.TrimPrefix(g.RoleID, "rol_")+"/"+string(g.Source))
		}
		return err
	})
	slices.Sort(list)
	return list
}

// untilBlocked returns once another transaction waits for this one, or is done.
func (f firm) untilBlocked(done chan error) {
	f.T.Helper()
	f.untilWaiting(1, done)
}

// untilWaiting is untilBlocked for several. SQLite has one writer at a time.
func (f firm) untilWaiting(want int, done chan error) {
	f.T.Helper()
	if f.Database == "sqlite" {
		return
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var waiting []map[string]any
		no(f.T, f.Store.SystemRead(context.Background(), "a test", func(tx *store.Tx) error {
			return tx.Table("pg_locks").Where("NOT granted").Distinct("pid").Find(&waiting).Error
		}))
		if len(waiting) >= want || len(done) > 0 {
			return
		}
	}
	f.T.Error("nobody waits, and nobody is done")
}

// TestARefusedSignInTakesTheRolesAllTheSame goes through the whole sign-in.
func TestARefusedSignInTakesTheRolesAllTheSame(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		fed := federation.New(f.Store, f.Keys, f.connectors.Resolve)
		f.Person("olga", "Olga Brandt", "olga@hub.example")
		f.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", f.ID("olga")).Update("operator", true).Error
		})
		_, err := fed.AddDomain(f.Ctx, f.Actor("marieke"), "devries.example")
		no(t, err)
		_, err = fed.VouchDomain(f.Ctx, f.Actor("olga"), f.Production.Company, "devries.example")
		no(t, err)
		provider := federation.Provider{EntityID: "https://idp.example", SSORedirect: "https://idp.example/sso", Certificates: []*x509.Certificate{{Raw: []byte("x")}}}
		c, err := fed.Connect(f.Ctx, f.Actor("marieke"), federation.Draft{Name: "De Vries login", Provider: provider})
		no(t, err)
		signIn := func(groups ...string) error {
			begun, err := fed.Begin(f.Ctx, federation.Start{Connection: c.ID, RequestID: "_r1", BrowserHash: "b"})
			no(t, err)
			claimed, err := fed.Claim(f.Ctx, c.ID, begun.RelayState)
			no(t, err)
			_, err = fed.Finish(f.Ctx, claimed, federation.Told{Assertion: models.NewID("ass"), Expires: f.Now().Add(time.Minute), EntityID: "https://idp.example", Name: "anna-7",
				Attributes: []federation.Attribute{{Name: "email", Values: []string{"anna@devries.example"}}, {Name: "groups", Values: groups}}})
			return err
		}
		f.save(t, f.rule("Editors", tenancy.Member, f.Production))
		no(t, f.Companies.SetPolicy(f.Ctx, f.Actor("marieke"), policy(tenancy.Authoritative, tenancy.NoMatchRefuse)))
		no(t, signIn("Editors"))
		if got := f.roles("anna"); !slices.Equal(got, []string{"member/rule"}) {
			t.Fatalf("she holds %q", got)
		}
		f.Wants(signIn("Others"), models.Forbidden, "federation.error.no_match")
		if got := f.roles("anna"); len(got) != 0 {
			t.Errorf("refused, she keeps %q", got)
		}
		if f.Count(f.Production, event.RoleRemoved) != 1 {
			t.Errorf("events %v", f.Events(f.Production))
		}
		f.System(func(tx *store.Tx) error {
			p, err := provisioning.Known(tx, f.Production.Company, f.ID("anna"))
			if got := p.Values("group"); !slices.Equal(got, []string{"Others"}) {
				t.Errorf("known of her: %q", got)
			}
			return err
		})
		f.Wants(signIn("Others"), models.Forbidden, "federation.error.no_match")
		no(t, signIn("Editors"))
	})
}

// TestTheLastManagerIsNotRefused: nobody else could mend the rules.
func TestTheLastManagerIsNotRefused(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		no(t, f.Companies.SetPolicy(f.Ctx, f.Actor("marieke"), policy(tenancy.Authoritative, tenancy.NoMatchRefuse)))
		f.save(t, provisioning.Connector{Name: "Managers", State: provisioning.On, Role: tenancy.Manager, Target: provisioning.Target{Level: models.CompanyLevel},
			Condition: f.rule("Owners", "", f.Production).Condition})
		refused := func(in federation.Said) (refusal *models.Error) {
			f.System(func(tx *store.Tx) (err error) {
				refusal, err = f.connectors.Resolve(tx, in)
				return err
			})
			return refusal
		}
		if why := refused(f.said("marieke", "Others")); why != nil {
			t.Errorf("the last manager is refused: %v", why)
		}
		if refused(f.said("anna", "Others")) == nil {
			t.Error("somebody without a match is let in")
		}
	})
}

// TestASignInBesideAChangeOfTheRulesGoesByOneOfThem: the change waits for the
// sign-in, and finds its roles.
func TestASignInBesideAChangeOfTheRulesGoesByOneOfThem(t *testing.T) {
	for name, change := range map[string]func(f firm, marieke models.Actor, s provisioning.Saved) error{
		"deleted": func(f firm, marieke models.Actor, s provisioning.Saved) error {
			_, err := f.connectors.Delete(f.Ctx, marieke, s.ID, anyway)
			return err
		},
		"switched off": func(f firm, marieke models.Actor, s provisioning.Saved) error {
			s.State = provisioning.Off
			_, err := f.connectors.Save(f.Ctx, marieke, s.Connector, anyway)
			return err
		},
		"evaluated anew": func(f firm, marieke models.Actor, s provisioning.Saved) error {
			return f.Store.Write(f.Ctx, marieke, models.ManageConnectors, func(tx *store.Tx) error {
				tx.NothingToRecord()
				if err := provisioning.Drop(tx, s.ID, ""); err != nil {
					return err
				}
				_, err := f.connectors.Evaluate(tx, provisioning.ConfigurationApplied)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, f firm) {
				f.Person("daan", "Daan Mulder", "daan@devries.example")
				s := f.save(t, f.rule("Editors", tenancy.Member, f.Production))
				marieke, changed := f.Actor("marieke"), make(chan error, 1)
				no(t, f.comesIn(f.said("daan", "Editors"), func() {
					go func() { changed <- change(f, marieke, s) }()
					f.untilBlocked(changed)
				}))
				no(t, <-changed)
				if got := f.roles("daan"); slices.Contains(got, "member/rule") {
					t.Errorf("of a rule that is gone he keeps %q", got)
				}
			})
		})
	}
}

// TestAPolicyWaitsForASignIn, so that this one goes by the old as a whole.
func TestAPolicyWaitsForASignIn(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		marieke, changed := f.Actor("marieke"), make(chan error, 1)
		no(t, f.comesIn(f.said("anna", "Editors"), func() {
			go func() {
				changed <- f.Companies.SetPolicy(f.Ctx, marieke, policy(tenancy.Additive, tenancy.NoMatchNone))
			}()
			f.untilBlocked(changed)
			if len(changed) > 0 {
				t.Error("it did not wait")
			}
		}))
		no(t, <-changed)
	})
}

// TestTwoSignInsOfOnePersonAreTakenUpOneAfterTheOther, also the first two, and
// through two connections.
func TestTwoSignInsOfOnePersonAreTakenUpOneAfterTheOther(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.Person("daan", "Daan Mulder", "daan@devries.example")
		f.save(t, f.rule("Editors", tenancy.Member, f.Production))
		later, done := f.said("daan", "Others"), make(chan error, 1)
		later.Connection = "con_2"
		no(t, f.comesIn(f.said("daan", "Editors"), func() {
			go func() { done <- f.comesIn(later, nothing) }()
			f.untilBlocked(done)
		}))
		no(t, <-done)
		if got := f.roles("daan"); slices.Contains(got, "member/rule") {
			t.Errorf("he keeps %q, which the later one does not give", got)
		}
	})
}

// TestARuleThatWasRolledBackGivesNothing: what was compiled for it is not kept.
func TestARuleThatWasRolledBackGivesNothing(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		f.Person("daan", "Daan Mulder", "daan@devries.example")
		undo := errors.New("undo")
		err := f.Store.Write(f.Ctx, f.Actor("marieke"), models.ManageConnectors, func(tx *store.Tx) error {
			if _, err := provisioning.Keep(tx, f.rule("Editors", tenancy.Member, f.Production), ""); err != nil {
				return err
			}
			if _, err := f.connectors.Evaluate(tx, provisioning.ConfigurationApplied); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		f.save(t, f.rule("Viewers", tenancy.Member, f.Production)) // at the same instant
		no(t, f.comesIn(f.said("daan", "Editors"), nothing))
		if got := f.roles("daan"); slices.Contains(got, "member/rule") {
			t.Errorf("of a rule that never was he has %q", got)
		}
	})
}

// TestSignInsThatLoseSuperusersAtOnceDoNotWaitForEachOther: two people hold the
// role in two organizations, given in the opposite order.
func TestSignInsThatLoseSuperusersAtOnceDoNotWaitForEachOther(t *testing.T) {
	f := firm{World: modelstest.New(t, "postgres")}
	f.connectors = provisioning.NewConnectors(f.Store)
	f.save(t, f.rule("Owners", tenancy.Superuser, f.Production))
	f.Person("daan", "Daan Mulder", "daan@devries.example")
	f.Person("fatima", "Fatima El Idrissi", "fatima@devries.example")
	for who, at := range map[string][]models.Party{"daan": {f.Production, f.Acceptance}, "fatima": {f.Acceptance, f.Production}} {
		for _, p := range at {
			f.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: p.Company, OrganizationID: p.Organization, AccountID: f.ID(who), RoleID: tenancy.Superuser, Source: tenancy.Rule}, who)
			})
			f.Advance(time.Second)
		}
	}
	done := make(chan error, 2)
	f.System(func(tx *store.Tx) error {
		if err := tenancy.Lock(tx, f.Production.Organization); err != nil {
			return err
		}
		for n, who := range []string{"daan", "fatima"} {
			go func() { done <- f.comesIn(f.said(who, "Others"), nothing) }()
			f.untilWaiting(n+1, done)
		}
		return nil
	})
	for range 2 {
		no(t, <-done)
	}
	if got := append(f.roles("daan"), f.roles("fatima")...); slices.Contains(got, "superuser/rule") {
		t.Errorf("they keep %q", got)
	}
}
