package access_test

import (
	"strings"
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
	"locum/models/tenancy"
)

// outage is De Vries with single sign-on required, two managers, and Jan named
// as break-glass. Marieke is signed in still.
func outage(w *modelstest.World) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		now := models.At(w.Now())
		if err := tx.Create(&tenancy.Domain{CompanyID: w.Production.Company, ID: "dom_1", Name: "devries.example", Token: "t", SSORequired: true, VerifiedAt: &now, CreatedAt: now}).Error; err != nil {
			return err
		}
		return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Jan-Willem Hoekstra")
	})
	no(w.T.(*testing.T), w.Companies.NameBreakGlass(w.Ctx, w.Actor("marieke"), w.ID("jan")))
}

// pulls asks for a break-glass code, and is what to give it with.
func pulls(w *modelstest.World, email string) access.Entering {
	w.T.Helper()
	id, err := w.Entrance.AskBreakGlass(w.Ctx, access.Asking{Email: email, BrowserHash: "browser", Address: "192.0.2.1"})
	if err != nil {
		w.T.Fatal(err)
	}
	code, err := account.Code(w.Keys, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return access.Entering{Request: id, BrowserHash: "browser", Code: code, Address: "192.0.2.1"}
}

// breaks goes all the way in.
func breaks(w *modelstest.World, email string) (token string) {
	w.T.Helper()
	token, err := w.Entrance.EnterBreakGlass(w.Ctx, pulls(w, email), "The provider is down")
	if err != nil {
		w.T.Fatal(err)
	}
	return token
}

const janMail, mariekeMail = "jan@devries.example", "marieke@devries.example"

func TestABreakGlassManagerComesInAndEveryManagerIsTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		jan := w.ActorOf(breaks(w, "Jan@DeVries.example"))
		if jan.Account != w.ID("jan") || jan.BreakGlass == nil || jan.BreakGlass.Company != w.Production.Company || !jan.BreakGlass.Ends.Equal(w.Now().Add(time.Hour)) {
			t.Fatalf("in as %+v", jan)
		}
		if jan.Effective.Company != w.Production.Company || jan.Effective.Organization != "" || !jan.May(models.ManageConnections) {
			t.Fatalf("at %+v with %v", jan.Effective, jan.Permissions)
		}
		told := map[string]bool{}
		for _, m := range w.Mails(mail.BreakGlassEnteredKind) {
			told[m.Recipient] = strings.Contains(m.Data, "The provider is down")
		}
		if len(told) != 2 || !told[janMail] || !told[mariekeMail] {
			t.Fatalf("told: %v", told)
		}
		if n := w.Count(models.Party{Company: w.Production.Company}, event.BreakGlassEntered); n != 1 {
			t.Fatalf("%d events", n)
		}
		now, err := w.Sessions.BreakGlassNow(w.Ctx, w.Actor("marieke"))
		if err != nil || len(now) != 1 || now[0].AccountName != "Jan-Willem Hoekstra" || now[0].Reason != "The provider is down" {
			t.Fatalf("%+v: %v", now, err)
		}
	})
}

func TestTheAnswerNeverTellsWhoIsBreakGlass(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		for _, email := range []string{janMail, mariekeMail, "anna@devries.example", "nobody@devries.example", "karin@zonneveld.example", "nobody@nowhere.example"} {
			in := pulls(w, email)
			right := in.Code
			r, err := w.Entrance.BreakGlassRequest(w.Ctx, in.Request, "browser")
			if err != nil || r.Email != email || r.Left != account.CodeTries {
				t.Fatalf("%s: %+v: %v", email, r, err)
			}
			in.Code = "00000000"
			_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "")
			w.Wants(err, models.Invalid, "[reason: error.required]")
			for range account.CodeTries - 1 {
				_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "why")
				w.Wants(err, models.Invalid, "[code: account.error.code_wrong]")
			}
			if email != janMail {
				in.Code = right // which no mail has
			}
			_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "why")
			w.Wants(err, models.Invalid, "[code: account.error.code_tries]")
		}
		if m := w.Mails(mail.CodeKind); len(m) != 1 || m[0].Recipient != janMail {
			t.Fatalf("codes went to %+v", m)
		}
		var refused []string
		for _, m := range w.Mails(mail.NoBreakGlassKind) {
			refused = append(refused, m.Recipient)
		}
		if got := strings.Join(refused, " "); got != "marieke@devries.example anna@devries.example karin@zonneveld.example" {
			t.Fatalf("told that it is not possible: %s", got)
		}
		if n := len(w.Mails(mail.BreakGlassEnteredKind)); n != 0 {
			t.Fatalf("%d alerts, and nobody came in", n)
		}
	})
}

func TestABreakGlassCodeOpensNoOtherDoor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		in := pulls(w, janMail)
		_, err := w.Entrance.Enter(w.Ctx, in)
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.Request(w.Ctx, in.Request, "browser")
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.Complete(w.Ctx, in, "Jan", "Jan")
		w.Wants(err, models.NotFound, "error.not_found")
		ordinary := asked(w, access.Asking{Email: "karin@zonneveld.example"})
		_, err = w.Entrance.EnterBreakGlass(w.Ctx, ordinary, "why")
		w.Wants(err, models.NotFound, "error.not_found")
		other := in
		other.BrowserHash = "other"
		_, err = w.Entrance.EnterBreakGlass(w.Ctx, other, "why")
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "why")
		no(t, err)
		_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "why")
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestABreakGlassSessionLastsAnHour(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		token := breaks(w, janMail)
		w.Advance(59 * time.Minute)
		jan, err := w.Sessions.Actor(w.Ctx, token)
		if err != nil || jan.Anonymous() {
			t.Fatalf("over too soon: %v", err)
		}
		w.Sessions.Seen(w.Ctx, jan)
		w.Advance(time.Minute)
		if !w.ActorOf(token).Anonymous() {
			t.Fatal("it goes on")
		}
		if now, err := w.Sessions.BreakGlassNow(w.Ctx, w.Actor("marieke")); err != nil || len(now) != 0 {
			t.Fatalf("%+v: %v", now, err)
		}
	})
}

func TestABreakGlassSessionReachesItsCompanyAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		w.System(func(tx *store.Tx) error { // he is an operator, and works for Kade too
			if err := tx.Model(&account.Account{}).Where("id = ?", w.ID("jan")).Update("operator", true).Error; err != nil {
				return err
			}
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Kade.Company, OrganizationID: w.Kade.Organization, AccountID: w.ID("jan"), RoleID: tenancy.Superuser, Source: tenancy.Manual}, "Jan")
		})
		d := w.Delegate("karin", "jan", delegation.Week)
		offered, err := w.Delegations.Grant(w.Ctx, w.Actor("pim"), delegation.Proposal{Email: "anna@devries.example", Period: delegation.Week, Language: "en"})
		no(t, err)
		jan := w.ActorOf(breaks(w, janMail))
		if jan.Operator || jan.May(models.OperatePlatform) {
			t.Error("he operates the platform")
		}
		for _, there := range []models.Party{w.Kade, w.Zonneveld} {
			_, err := w.Sessions.Switch(w.Ctx, jan, there.Organization)
			w.Wants(err, models.NotFound, "error.not_found")
		}
		places, err := w.Sessions.Places(w.Ctx, jan)
		no(t, err)
		for _, p := range places {
			if p.Company != w.Production.Company {
				t.Errorf("he may go to %+v", p)
			}
		}
		w.Wants(w.Delegations.GiveBack(w.Ctx, jan, d.ID), models.Forbidden, "breakglass.error.not_here")
		w.Wants(w.Delegations.Accept(w.Ctx, jan, offered.ID), models.Forbidden, "breakglass.error.not_here")
		_, err = w.Members.Accept(w.Ctx, jan, "inv_1")
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		w.Wants(w.Companies.NameBreakGlass(w.Ctx, jan, w.ID("marieke")), models.Forbidden, "breakglass.error.not_here")
		w.Wants(w.Companies.RemoveBreakGlass(w.Ctx, jan, w.ID("jan")), models.Forbidden, "breakglass.error.not_here")
		_, err = w.Sessions.Switch(w.Ctx, jan, w.Production.Organization) // his own company's
		no(t, err)
	})
}

func TestAnotherManagerEndsABreakGlassSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		token := breaks(w, janMail)
		session := w.ActorOf(token).Session
		_, err := w.Sessions.EndBreakGlass(w.Ctx, w.Actor("karin"), session) // of another company
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Sessions.EndBreakGlass(w.Ctx, w.Actor("anna"), session)
		w.Wants(err, models.Forbidden, "error.forbidden")
		ended, err := w.Sessions.EndBreakGlass(w.Ctx, w.Actor("marieke"), session)
		if err != nil || ended.AccountName != "Jan-Willem Hoekstra" {
			t.Fatalf("%+v: %v", ended, err)
		}
		if !w.ActorOf(token).Anonymous() {
			t.Fatal("it goes on")
		}
		_, err = w.Sessions.EndBreakGlass(w.Ctx, w.Actor("marieke"), session)
		w.Wants(err, models.NotFound, "error.not_found")
		list, err := w.Sessions.List(w.Ctx, w.Actor("jan"))
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v: %v", list, err)
		}
	})
}

func TestSigningOutEndsABreakGlassSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		no(t, w.Sessions.SignOut(w.Ctx, w.ActorOf(breaks(w, janMail))))
		if now, err := w.Sessions.BreakGlassNow(w.Ctx, w.Actor("marieke")); err != nil || len(now) != 0 {
			t.Fatalf("%+v: %v", now, err)
		}
		if n := w.Count(models.Party{Company: w.Production.Company}, event.BreakGlassEnded); n != 1 {
			t.Fatalf("%d events", n)
		}
	})
}

// loses takes Jan's role of manager, as a connector, an end date and a manager
// would.
func loses(w *modelstest.World) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		var g tenancy.Grant
		if err := tx.Where("account_id = ? AND role_id = ?", w.ID("jan"), tenancy.Manager).Take(&g).Error; err != nil {
			return err
		}
		return tenancy.Take(tx, g, "Jan")
	})
}

func TestWhoIsNoManagerAnyMoreIsNoBreakGlassManager(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		token, waiting := breaks(w, janMail), pulls(w, janMail)
		loses(w)
		if !w.ActorOf(token).Anonymous() {
			t.Error("his session goes on")
		}
		_, err := w.Entrance.EnterBreakGlass(w.Ctx, waiting, "why")
		w.Wants(err, models.Invalid, "[code: account.error.code_expired]")
		list, err := w.Companies.BreakGlass(w.Ctx, w.Actor("marieke"))
		if err != nil || len(list) != 1 || list[0].Named != nil {
			t.Fatalf("%+v: %v", list, err)
		}
		if n := w.Count(models.Party{Company: w.Production.Company}, event.BreakGlassRemoved); n != 1 {
			t.Errorf("%d events", n)
		}
		w.System(func(tx *store.Tx) error { // and does not become one again with the role
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Jan")
		})
		in := pulls(w, janMail)
		_, err = w.Entrance.EnterBreakGlass(w.Ctx, in, "why")
		w.Wants(err, models.Invalid, "[code: account.error.code_wrong]")
	})
}

func TestAManagerStaysNamedWhileAnythingMakesHimOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Rule, SourceID: "con_1"}, "Jan")
		})
		token := breaks(w, janMail)
		loses(w)
		if w.ActorOf(token).Anonymous() {
			t.Fatal("his session is over")
		}
	})
}

func TestADeactivatedAccountBreaksNoGlass(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		token, waiting := breaks(w, janMail), pulls(w, janMail)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("jan")).Update("deactivated_at", models.At(w.Now())).Error
		})
		if !w.ActorOf(token).Anonymous() {
			t.Error("his session goes on")
		}
		_, err := w.Entrance.EnterBreakGlass(w.Ctx, waiting, "why")
		w.Wants(err, models.Invalid, "[code: account.error.code_expired]")
		before := len(w.Mails(mail.CodeKind, mail.NoBreakGlassKind))
		pulls(w, janMail)
		if n := len(w.Mails(mail.CodeKind, mail.NoBreakGlassKind)); n != before {
			t.Fatal("he got mail")
		}
	})
}

func TestASuspendedCompanyHasNoBreakGlass(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		token := breaks(w, janMail)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Company{}).Where("id = ?", w.Production.Company).Update("suspended_at", models.At(w.Now())).Error
		})
		if !w.ActorOf(token).Anonymous() {
			t.Error("the session goes on")
		}
		_, err := w.Entrance.EnterBreakGlass(w.Ctx, pulls(w, janMail), "why")
		w.Wants(err, models.Invalid, "[code: account.error.code_wrong]")
	})
}

func TestBreakGlassIsAskedForLessOftenThanOtherCodes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		ask := func(email, from string) error {
			_, err := w.Entrance.AskBreakGlass(w.Ctx, access.Asking{Email: email, BrowserHash: "b", Address: from})
			return err
		}
		for _, email := range []string{janMail, "nobody@devries.example"} { // alike
			for range 3 {
				no(t, ask(email, "192.0.2.1"))
			}
			w.Wants(ask(email, "192.0.2.1"), models.TooMany, "error.too_many")
			no(t, ask(email, "192.0.2.99")) // whoever is somewhere else is not shut out by that
		}
		for range 2 {
			no(t, ask(models.NewID("x")+"@devries.example", "192.0.2.1"))
		}
		w.Wants(ask("pim@zonneveld.example", "192.0.2.1"), models.TooMany, "error.too_many")
		w.Advance(time.Hour)
		no(t, ask(janMail, "192.0.2.1"))
	})
}

func TestNamingBreakGlassManagersIsRecordedAndMailed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		if n := len(w.Mails(mail.BreakGlassNamedKind)); n != 2 {
			t.Fatalf("%d mails of the naming", n)
		}
		no(t, w.Companies.NameBreakGlass(w.Ctx, w.Actor("marieke"), w.ID("jan"))) // again changes nothing
		w.Wants(w.Companies.NameBreakGlass(w.Ctx, w.Actor("marieke"), w.ID("anna")), models.NotFound, "error.not_found")
		w.Wants(w.Companies.NameBreakGlass(w.Ctx, w.Actor("marieke"), w.ID("karin")), models.NotFound, "error.not_found")
		w.Wants(w.Companies.NameBreakGlass(w.Ctx, w.Actor("anna"), w.ID("jan")), models.Forbidden, "error.forbidden")
		token := breaks(w, janMail)
		no(t, w.Companies.RemoveBreakGlass(w.Ctx, w.Actor("marieke"), w.ID("jan")))
		if !w.ActorOf(token).Anonymous() {
			t.Error("the session goes on")
		}
		at := models.Party{Company: w.Production.Company}
		if w.Count(at, event.BreakGlassNamed) != 1 || w.Count(at, event.BreakGlassRemoved) != 1 || len(w.Mails(mail.BreakGlassNamedKind)) != 4 {
			t.Fatalf("events %v, %d mails", w.Events(at), len(w.Mails(mail.BreakGlassNamedKind)))
		}
	})
}

func TestWithoutRequiredSingleSignOnThereIsNoGlassToBreak(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Domain{}).Where("name = ?", "devries.example").Update("sso_required", false).Error
		})
		_, err := w.Entrance.EnterBreakGlass(w.Ctx, pulls(w, janMail), "why")
		w.Wants(err, models.Invalid, "[code: account.error.code_wrong]")
	})
}

func TestWhatIsDoneBehindBrokenGlassIsMarked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		policy := tenancy.StandardPolicy
		policy.Ownership = tenancy.Additive
		no(t, w.Companies.SetPolicy(w.Ctx, w.ActorOf(breaks(w, janMail)), policy))
		no(t, w.Companies.SetPolicy(w.Ctx, w.Actor("marieke"), tenancy.StandardPolicy))
		var marked []bool
		w.System(func(tx *store.Tx) error {
			var events []store.Event
			err := tx.Where("type = ?", event.CompanyChanged).Order("position").Find(&events).Error
			for _, e := range events {
				marked = append(marked, strings.Contains(e.Data, `"break_glass":true`))
			}
			return err
		})
		if len(marked) != 2 || !marked[0] || marked[1] {
			t.Fatalf("marked: %v", marked)
		}
	})
}
