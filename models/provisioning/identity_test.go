package provisioning_test

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// login is De Vries and Zonneveld with single sign-on, each for its domain.
type login struct {
	firm
	federation  *federation.Federation
	connections map[string]federation.Connection // by company
}

func eachLogin(t *testing.T, test func(t *testing.T, l login)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := firm{w, provisioning.NewConnectors(w.Store)}
		l := login{f, federation.New(w.Store, w.Keys, f.connectors.Resolve), map[string]federation.Connection{}}
		f.Person("olga", "Olga Brandt", "olga@hub.example")
		f.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", f.ID("olga")).Update("operator", true).Error
		})
		for domain, manager := range map[string]string{"devries.example": "marieke", "zonneveld.example": "karin"} {
			by := f.Actor(manager)
			_, err := l.federation.AddDomain(f.Ctx, by, domain)
			no(t, err)
			_, err = l.federation.VouchDomain(f.Ctx, f.Actor("olga"), by.Effective.Company, domain)
			no(t, err)
			provider := federation.Provider{EntityID: "https://" + domain, SSORedirect: "https://idp.example/sso", Certificates: []*x509.Certificate{{Raw: []byte("x")}}}
			l.connections[by.Effective.Company], err = l.federation.Connect(f.Ctx, by, federation.Draft{Name: "Login of " + domain, Provider: provider})
			no(t, err)
		}
		test(t, l)
	})
}

// signIn goes through a whole sign-in by a name and an address, at the company
// of a party, and gives the session's token.
func (l login) signIn(at models.Party, name, email string, groups ...string) (token string, err error) {
	l.T.Helper()
	c := l.connections[at.Company]
	begun, err := l.federation.Begin(l.Ctx, federation.Start{Connection: c.ID, RequestID: "_r1", BrowserHash: "b"})
	no(l.T, err)
	claimed, err := l.federation.Claim(l.Ctx, c.ID, begun.RelayState)
	no(l.T, err)
	ticket, err := l.federation.Finish(l.Ctx, claimed, federation.Told{Assertion: models.NewID("ass"), Expires: l.Now().Add(time.Minute), EntityID: c.EntityID, Name: name,
		Attributes: []federation.Attribute{{Name: "email", Values: []string{email}}, {Name: "groups", Values: groups}}})
	if err != nil {
		return "", err
	}
	token, _, err = l.federation.Redeem(l.Ctx, ticket, "b", federation.Visitor{})
	return token, err
}

func (l login) names(by, person string) []federation.Linked {
	l.T.Helper()
	list, err := l.federation.LinkedTo(l.Ctx, l.Actor(by), l.ID(person))
	no(l.T, err)
	return list
}

// TestAnUnlinkedNameTakesWhatRestedOnIt: sessions through the connection end,
// roles by rules go, roles by hand stay, and the name leads by its address anew.
func TestAnUnlinkedNameTakesWhatRestedOnIt(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		no(t, l.Companies.SetPolicy(l.Ctx, l.Actor("marieke"), policy(tenancy.Additive, tenancy.NoMatchNone)))
		l.save(t, l.rule("Editors", tenancy.Member, l.Acceptance))
		token, err := l.signIn(l.Production, "anna-7", "anna@devries.example", "Editors")
		no(t, err)
		own := l.Token("anna")
		if got := l.roles("anna"); !slices.Equal(got, []string{"member/manual", "member/rule"}) {
			t.Fatalf("she holds %q", got)
		}
		// Her name changed: she is taken for somebody who got her address.
		_, err = l.signIn(l.Production, "anna-8", "anna@devries.example", "Editors")
		l.Wants(err, models.Forbidden, "federation.error.taken")
		names := l.names("marieke", "anna")
		if len(names) != 1 || names[0].NameID != "anna-7" || names[0].Sessions != 1 || names[0].Connection != "Login of devries.example" {
			t.Fatalf("known by %+v", names)
		}
		for _, by := range []string{"karin", "jan"} {
			_, err = l.federation.Unlink(l.Ctx, l.Actor(by), l.ID("anna"), names[0].Handle())
			if kind := models.KindOf(err); kind != models.NotFound && kind != models.Forbidden {
				t.Errorf("%s: %v", by, err)
			}
		}
		done, err := l.federation.Unlink(l.Ctx, l.Actor("marieke"), l.ID("anna"), names[0].Handle())
		if err != nil || done.Sessions != 1 {
			t.Fatalf("unlinked with %d sessions, %v", done.Sessions, err)
		}
		if !l.ActorOf(token).Anonymous() || l.ActorOf(own).Anonymous() {
			t.Error("the session through the provider goes on, or the other one ended")
		}
		if got := l.roles("anna"); !slices.Equal(got, []string{"member/manual"}) {
			t.Errorf("she keeps %q", got)
		}
		if l.Count(models.Party{Company: l.Production.Company}, event.IdentityUnlinked) != 1 {
			t.Error("nothing tells of it")
		}
		_, err = l.federation.Unlink(l.Ctx, l.Actor("marieke"), l.ID("anna"), names[0].Handle())
		l.Wants(err, models.NotFound, "error.not_found")
		// Evaluating everyone gives nothing back: nothing is known of her any more.
		l.save(t, l.rule("Bakers", tenancy.Member, l.Production))
		if got := l.roles("anna"); !slices.Equal(got, []string{"member/manual"}) {
			t.Errorf("after the next change of rules she holds %q", got)
		}
		if _, err = l.signIn(l.Production, "anna-8", "anna@devries.example", "Editors"); err != nil {
			t.Fatal(err)
		}
		if names := l.names("marieke", "anna"); len(names) != 1 || names[0].NameID != "anna-8" {
			t.Errorf("known by %+v", names)
		}
		if got := l.roles("anna"); !slices.Equal(got, []string{"member/manual", "member/rule"}) {
			t.Errorf("signed in again she holds %q", got)
		}
	})
}

// TestAnUnlinkedManagerKeepsTheLastManagersRole: nobody else could set it right.
func TestAnUnlinkedManagerKeepsTheLastManagersRole(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		l.save(t, provisioning.Connector{Name: "Managers", State: provisioning.On, Role: tenancy.Manager, Target: provisioning.Target{Level: models.CompanyLevel},
			Condition: l.rule("Owners", "", l.Production).Condition})
		_, err := l.signIn(l.Production, "marieke-1", "marieke@devries.example", "Owners")
		no(t, err)
		l.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND role_id = ? AND source = ?", l.ID("marieke"), tenancy.Manager, tenancy.Manual).Delete(&tenancy.Grant{}).Error
		})
		_, err = l.federation.Unlink(l.Ctx, l.Actor("marieke"), l.ID("marieke"), l.names("marieke", "marieke")[0].Handle())
		no(t, err)
		if got := l.roles("marieke"); !slices.Contains(got, "manager/rule") {
			t.Errorf("she holds %q", got)
		}
	})
}

// TestAPersonWhoIsKeptOut cannot come back by any door until let back in.
func TestAPersonWhoIsKeptOut(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		l.save(t, l.rule("Editors", tenancy.Member, l.Acceptance))
		token, err := l.signIn(l.Production, "anna-7", "anna@devries.example", "Editors")
		no(t, err)
		l.Wants(l.federation.KeepOut(l.Ctx, l.Actor("karin"), l.ID("anna")), models.NotFound, "error.not_found")
		l.Wants(l.federation.KeepOut(l.Ctx, l.Actor("jan"), l.ID("anna")), models.Forbidden, "forbidden")
		l.Wants(l.federation.KeepOut(l.Ctx, l.Actor("marieke"), l.ID("marieke")), models.Conflict, "company.error.self")
		no(t, l.federation.KeepOut(l.Ctx, l.Actor("marieke"), l.ID("anna")))
		if got := l.roles("anna"); len(got) != 0 || !l.ActorOf(token).Anonymous() {
			t.Fatalf("she holds %q, and signed in %v", got, !l.ActorOf(token).Anonymous())
		}
		_, err = l.signIn(l.Production, "anna-7", "anna@devries.example", "Editors")
		l.Wants(err, models.Forbidden, "federation.error.kept_out")
		l.save(t, l.rule("Bakers", tenancy.Member, l.Production)) // evaluates everyone
		if got := l.roles("anna"); len(got) != 0 {
			t.Errorf("rules gave %q", got)
		}
		_, err = l.Members.Invite(l.Ctx, l.Actor("jan"), "anna@devries.example", []string{tenancy.Member}, "en")
		if fields, _ := wrongOf(err); fields["email"].Key != "organization.error.kept_out" {
			t.Errorf("invited: %v", err)
		}
		_, err = l.Delegations.Grant(l.Ctx, l.Actor("jan"), delegation.Proposal{Email: "anna@devries.example", Period: delegation.Week, Language: "en"})
		if fields, _ := wrongOf(err); fields["email"].Key != "organization.error.kept_out" {
			t.Errorf("delegated: %v", err)
		}
		list, err := l.Companies.KeptOut(l.Ctx, l.Actor("marieke"))
		if err != nil || len(list) != 1 || list[0].Person.Name != "Anna Visser" || list[0].Block.BlockedByName != "Marieke de Vries" {
			t.Errorf("kept out: %+v %v", list, err)
		}
		one, err := l.connectors.KnownPerson(l.Ctx, l.Actor("marieke"), l.ID("anna"))
		if err != nil || one.Block == nil {
			t.Errorf("known as %+v %v", one, err)
		}
		if list, err := l.Companies.KeptOut(l.Ctx, l.Actor("karin")); err != nil || len(list) != 0 {
			t.Errorf("another company sees %+v %v", list, err)
		}
		_, err = l.Companies.LetBackIn(l.Ctx, l.Actor("karin"), l.ID("anna"))
		l.Wants(err, models.NotFound, "error.not_found")
		_, err = l.Companies.LetBackIn(l.Ctx, l.Actor("marieke"), l.ID("anna"))
		no(t, err)
		if _, err = l.signIn(l.Production, "anna-7", "anna@devries.example", "Editors"); err != nil || !slices.Equal(l.roles("anna"), []string{"employee/default", "member/rule"}) {
			t.Errorf("let back in she holds %q, %v", l.roles("anna"), err)
		}
		here := models.Party{Company: l.Production.Company}
		if l.Count(here, event.PersonBlocked) != 1 || l.Count(here, event.PersonUnblocked) != 1 || l.Count(here, event.Offboarded) != 1 {
			t.Errorf("events %v", l.Events(here))
		}
	})
}

// wrongOf are the fields' errors in an error.
func wrongOf(err error) (models.FieldErrors, bool) {
	e, ok := err.(*models.Error)
	if !ok {
		return nil, false
	}
	return e.Fields, true
}

// TestWhoIsKeptOutBetweenSignInAndSession gets none, and somebody without a role
// can be kept out as well.
func TestWhoIsKeptOutBetweenSignInAndSession(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		no(t, l.Companies.SetPolicy(l.Ctx, l.Actor("marieke"), policy(tenancy.Authoritative, tenancy.NoMatchNone)))
		daan := l.Person("daan", "Daan Mulder", "daan@devries.example")
		c := l.connections[l.Production.Company]
		begun, err := l.federation.Begin(l.Ctx, federation.Start{Connection: c.ID, RequestID: "_r1", BrowserHash: "b"})
		no(t, err)
		claimed, err := l.federation.Claim(l.Ctx, c.ID, begun.RelayState)
		no(t, err)
		ticket, err := l.federation.Finish(l.Ctx, claimed, federation.Told{Assertion: models.NewID("ass"), Expires: l.Now().Add(time.Minute), EntityID: c.EntityID, Name: "daan-1",
			Attributes: []federation.Attribute{{Name: "email", Values: []string{daan.Email}}}})
		no(t, err)
		no(t, l.federation.KeepOut(l.Ctx, l.Actor("marieke"), daan.ID))
		_, _, err = l.federation.Redeem(l.Ctx, ticket, "b", federation.Visitor{})
		l.Wants(err, models.Forbidden, "federation.error.kept_out")
		seen, err := l.federation.Examine(l.Ctx, l.Actor("marieke"), c.ID, federation.Told{EntityID: c.EntityID, Name: "daan-1", Attributes: []federation.Attribute{{Name: "email", Values: []string{daan.Email}}}})
		if err != nil || seen.Problem.Key != "federation.error.kept_out" {
			t.Errorf("a test says %+v %v", seen, err)
		}
	})
}

// TestAPersonInTwoCompanies: each company's provider decides there, and says
// nothing of the other; what the one takes the other keeps.
func TestAPersonInTwoCompanies(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		l.save(t, l.rule("Editors", tenancy.Member, l.Production))
		there := l.rule("Bakers", tenancy.Superuser, l.Zonneveld)
		_, err := l.connectors.Save(l.Ctx, l.Actor("karin"), there, anyway)
		no(t, err)
		// Daan has an address at each.
		daan := l.Person("daan", "Daan Mulder", "daan@devries.example")
		l.System(func(tx *store.Tx) error {
			now := models.At(tx.Now())
			return tx.Create(&account.Address{ID: models.NewID("adr"), AccountID: daan.ID, Email: "daan@zonneveld.example", Normal: "daan@zonneveld.example", ProvenAt: &now, CreatedAt: now}).Error
		})
		_, err = l.signIn(l.Production, "d-1", "daan@devries.example", "Editors")
		no(t, err)
		_, err = l.signIn(l.Zonneveld, "z-1", "daan@zonneveld.example", "Bakers")
		no(t, err)
		want := []string{"employee/default", "employee/default", "member/rule", "superuser/rule"}
		if got := l.roles("daan"); !slices.Equal(got, want) {
			t.Fatalf("he holds %q", got)
		}
		if a, b := l.names("marieke", "daan"), l.names("karin", "daan"); len(a) != 1 || a[0].NameID != "d-1" || len(b) != 1 || b[0].NameID != "z-1" {
			t.Errorf("De Vries knows %+v, Zonneveld %+v", a, b)
		}
		// The one's groups say nothing to the other, and its loss is not the other's.
		_, err = l.signIn(l.Production, "d-1", "daan@devries.example", "Bakers")
		no(t, err)
		if got := l.roles("daan"); !slices.Equal(got, []string{"employee/default", "employee/default", "superuser/rule"}) {
			t.Errorf("after De Vries took its role he holds %q", got)
		}
		no(t, l.federation.KeepOut(l.Ctx, l.Actor("marieke"), daan.ID))
		if _, err = l.signIn(l.Zonneveld, "z-1", "daan@zonneveld.example", "Bakers"); err != nil {
			t.Errorf("De Vries keeps him out of Zonneveld: %v", err)
		}
		if got := l.roles("daan"); !slices.Equal(got, []string{"employee/default", "superuser/rule"}) {
			t.Errorf("Zonneveld's roles are now %q", got)
		}
	})
}

// TestAPersonWhoseAddressMovedToAnotherCompany: the domain, and with it the
// address, belongs to another company now. The old provider can no longer speak
// for it, what it gave goes with the person's removal there, and the new one
// links the same account.
func TestAPersonWhoseAddressMovedToAnotherCompany(t *testing.T) {
	eachLogin(t, func(t *testing.T, l login) {
		l.save(t, l.rule("Editors", tenancy.Member, l.Production))
		_, err := l.connectors.Save(l.Ctx, l.Actor("karin"), l.rule("Bakers", tenancy.Member, l.Zonneveld), anyway)
		no(t, err)
		daan := l.Person("daan", "Daan Mulder", "daan@devries.example")
		_, err = l.signIn(l.Production, "d-1", "daan@devries.example", "Editors")
		no(t, err)
		// The domain moves: De Vries gives it up, Zonneveld takes it.
		domains, err := l.federation.Domains(l.Ctx, l.Actor("marieke"))
		no(t, err)
		for _, d := range domains {
			no(t, l.federation.RemoveDomain(l.Ctx, l.Actor("marieke"), d.ID))
		}
		_, err = l.federation.AddDomain(l.Ctx, l.Actor("karin"), "devries.example")
		no(t, err)
		_, err = l.federation.VouchDomain(l.Ctx, l.Actor("olga"), l.Zonneveld.Company, "devries.example")
		no(t, err)
		_, err = l.signIn(l.Production, "d-1", "daan@devries.example", "Editors")
		l.Wants(err, models.Forbidden, "federation.error.foreign_domain")
		_, err = l.signIn(l.Zonneveld, "z-9", "daan@devries.example", "Bakers")
		no(t, err)
		if names := l.names("karin", "daan"); len(names) != 1 || names[0].AccountID != daan.ID {
			t.Fatalf("Zonneveld knows %+v", names)
		}
		no(t, l.Companies.Offboard(l.Ctx, l.Actor("marieke"), daan.ID))
		if got := l.roles("daan"); !slices.Equal(got, []string{"employee/default", "member/rule"}) {
			t.Errorf("he holds %q", got)
		}
	})
}
