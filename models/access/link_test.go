package access_test

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/mail"
	"locum/models/mandate"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// link makes a set-up link of De Vries for Ilse, who has no account, and gives
// the token of its address.
func link(w *modelstest.World, purposes ...models.Purpose) (mandate.Mandate, string) {
	w.T.Helper()
	m, err := w.Mandates.Make(w.Ctx, w.Actor("marieke"), mandate.Draft{Name: "Ilse Brouwer", Email: "ilse@it.example", Language: "nl", Purposes: purposes})
	if err != nil {
		w.T.Fatal(err)
	}
	token, err := mandate.Token(w.Keys, m.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return m, token
}

// askedByLink asks for a code by a link, and is what to give it with.
func askedByLink(w *modelstest.World, token, browser string) access.Entering {
	w.T.Helper()
	id, err := w.Entrance.AskByLink(w.Ctx, token, access.Asking{BrowserHash: browser, Language: "nl", Address: "192.0.2.1"})
	if err != nil {
		w.T.Fatal(err)
	}
	code, err := account.Code(w.Keys, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return access.Entering{Request: id, BrowserHash: browser, Code: code, Address: "192.0.2.1", UserAgent: "test"}
}

// byLink opens a link in a browser, and gives the token of the session.
func byLink(w *modelstest.World, token, browser string) string {
	w.T.Helper()
	session, err := w.Entrance.EnterByLink(w.Ctx, token, askedByLink(w, token, browser))
	if err != nil {
		w.T.Fatal(err)
	}
	return session
}

func accounts(w *modelstest.World) (n int64) {
	w.System(func(tx *store.Tx) error { return tx.Model(&account.Account{}).Count(&n).Error })
	return n
}

// company is De Vries as a party without an organization, where its own events
// stand.
func company(w *modelstest.World) models.Party { return models.Party{Company: w.Production.Company} }

func TestALinkGivesItsPurposesInOneCompanyAndMakesNobodyAMember(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		before := accounts(w)
		m, token := link(w, models.ForDomains)
		ilse := w.ActorOf(byLink(w, token, "b"))
		if ilse.Anonymous() || !ilse.ByLink() || ilse.Account != "" || !ilse.Real.None() || ilse.Name != "Ilse Brouwer" || ilse.Email != "ilse@it.example" {
			t.Fatalf("in as %+v", ilse)
		}
		if ilse.Effective.Company != w.Production.Company || ilse.Effective.Organization != "" || !ilse.Ends.Equal(m.EndsAt.Time) {
			t.Errorf("in %+v until %s", ilse.Effective, ilse.Ends)
		}
		if len(ilse.Permissions) != 1 || !ilse.May(models.ManageDomains) || ilse.May(models.OwnAccount) || ilse.May(models.HandOverSetUp) || ilse.Operator {
			t.Errorf("she may %v", ilse.Permissions)
		}
		if accounts(w) != before {
			t.Error("there is an account more")
		}
		var held int64
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Grant{}).Where("account_id = ?", "").Count(&held).Error
		})
		if held != 0 {
			t.Error("she holds a role")
		}
	})
}

func TestALinkIsBoundToItsAddress(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForSingleSignOn)
		o, err := w.Entrance.Offer(w.Ctx, token)
		if err != nil || o.Masked() != "i•••@it.example" || o.Company != "De Vries Logistiek" || o.ID != m.ID {
			t.Fatalf("the link says %+v: %v", o, err)
		}
		in := askedByLink(w, token, "b")
		sent := w.Mails(mail.CodeKind)
		if len(sent) != 1 || sent[0].Recipient != "ilse@it.example" || !strings.Contains(sent[0].Data, "De Vries Logistiek") {
			t.Fatalf("the code went out as %+v", sent)
		}
		for what, wrong := range map[string]access.Entering{
			"in another browser": {Request: in.Request, BrowserHash: "other", Code: in.Code},
			"for no request":     {Request: "sic_none", BrowserHash: "b", Code: in.Code},
		} {
			_, err := w.Entrance.EnterByLink(w.Ctx, token, wrong)
			if models.KindOf(err) != models.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		// A code for another address, or to sign in, opens no link; and hers signs nobody in.
		other := asked(w, access.Asking{Email: "karin@zonneveld.example"})
		other.BrowserHash = "browser"
		_, err = w.Entrance.EnterByLink(w.Ctx, token, other)
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.Enter(w.Ctx, in)
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.Complete(w.Ctx, in, "Ilse", "Ilse")
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Entrance.Again(w.Ctx, in.Request, "b", "192.0.2.1")
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestACodeOfOneLinkOpensNoOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, narrow := link(w, models.ForCertificate)
		_, wide := link(w, models.ForSingleSignOn)
		_, err := w.Entrance.EnterByLink(w.Ctx, wide, askedByLink(w, narrow, "b"))
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestALinkWorksWhereTheDomainRequiresSingleSignOn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Create(&tenancy.Domain{CompanyID: w.Production.Company, ID: "dom_1", Name: "it.example", Token: "t", SSORequired: true, VerifiedAt: models.AtPtr(w.Now()), CreatedAt: models.At(w.Now())}).Error
		})
		_, token := link(w, models.ForCertificate)
		if w.ActorOf(byLink(w, token, "b")).Anonymous() {
			t.Error("who is to mend the single sign-on is kept out by it")
		}
	})
}

func TestAWrongCodeFiveTimesSpendsIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, token := link(w, models.ForDomains)
		in := askedByLink(w, token, "b")
		wrong := in
		wrong.Code = "00000000"
		for range account.CodeTries {
			_, err := w.Entrance.EnterByLink(w.Ctx, token, wrong)
			w.Wants(err, models.Invalid, "account.error.code_")
		}
		_, err := w.Entrance.EnterByLink(w.Ctx, token, in)
		w.Wants(err, models.Invalid, "account.error.code_tries")
		asked := 1
		for ; asked < 20; asked++ {
			if _, err = w.Entrance.AskByLink(w.Ctx, token, access.Asking{BrowserHash: "b", Address: "192.0.2.9"}); err != nil {
				break
			}
		}
		w.Wants(err, models.TooMany, "error.too_many")
	})
}

func TestAWrongAnExpiredAndARevokedLinkAreAnsweredAlike(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		revoked, tokenOfRevoked := link(w, models.ForDomains)
		_, err := w.Mandates.Revoke(w.Ctx, w.Actor("marieke"), revoked.ID)
		no(t, err)
		_, suspended := link(w, models.ForDomains)
		_, expired := link(w, models.ForDomains)
		in := askedByLink(w, expired, "b")
		check := func(token string) {
			t.Helper()
			_, offered := w.Entrance.Offer(w.Ctx, token)
			_, asked := w.Entrance.AskByLink(w.Ctx, token, access.Asking{BrowserHash: "b"})
			_, _, read := w.Entrance.RequestByLink(w.Ctx, token, in.Request, "b")
			_, entered := w.Entrance.EnterByLink(w.Ctx, token, in)
			for _, err := range []error{offered, asked, read, entered} {
				w.Wants(err, models.NotFound, "error.not_found")
			}
		}
		check("a guess")
		check("")
		check(tokenOfRevoked)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Company{}).Where("id = ?", w.Production.Company).Update("suspended_at", models.At(w.Now())).Error
		})
		check(suspended)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Company{}).Where("id = ?", w.Production.Company).Update("suspended_at", nil).Error
		})
		w.Advance(mandate.LinkLife)
		check(expired)
	})
}

func TestRevokingALinkEndsItsSessionsAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForDomains)
		one, two := byLink(w, token, "one"), byLink(w, token, "two")
		ilse := w.ActorOf(one)
		cached, err := w.Sessions.Actor(w.Ctx, one) // in the cache, as for an open page
		if err != nil || cached.Anonymous() {
			t.Fatal(err)
		}
		signals, stop := w.Sessions.Follow(ilse)
		defer stop()
		_, err = w.Mandates.Revoke(w.Ctx, w.Actor("marieke"), m.ID)
		no(t, err)
		select {
		case <-signals:
		default:
			t.Error("an open page is not told")
		}
		for _, session := range []string{one, two} {
			a, err := w.Sessions.Actor(w.Ctx, session)
			if err != nil || !a.Anonymous() || len(a.Permissions) != 0 || a.Ended == nil || a.Ended.Reason != "link_revoked" || a.Ended.Organization != "De Vries Logistiek" {
				t.Errorf("she is %+v: %v", a, err)
			}
		}
		_, err = federation.New(w.Store, w.Keys, nil).AddDomain(w.Ctx, ilse, "late.example")
		w.Wants(err, models.Unauthenticated, "error.unauthenticated")
		_, err = w.Mandates.Revoke(w.Ctx, w.Actor("marieke"), m.ID)
		w.Wants(err, models.Conflict, "setup.error.over")
	})
}

func TestAnExpiredLinkEndsItsSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForDomains)
		w.Advance(mandate.LinkLife - time.Hour)
		session := byLink(w, token, "b")
		ilse := w.ActorOf(session)
		w.Advance(time.Hour)
		a := w.ActorOf(session)
		if !a.Anonymous() || a.Ended == nil || a.Ended.Reason != "link_expired" || !a.Ended.At.Equal(m.EndsAt.Time) {
			t.Errorf("she is %+v", a)
		}
		_, err := federation.New(w.Store, w.Keys, nil).AddDomain(w.Ctx, ilse, "late.example")
		w.Wants(err, models.Unauthenticated, "error.unauthenticated")
		no(t, w.Mandates.Expire(w.Ctx))
		no(t, w.Mandates.Expire(w.Ctx))
		if w.Count(company(w), event.SetUpLinkExpired) != 1 {
			t.Errorf("events %v", w.Events(company(w)))
		}
	})
}

func TestASessionByALinkEndsWhenItIsNotUsed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, token := link(w, models.ForDomains)
		idle, used := byLink(w, token, "idle"), byLink(w, token, "used")
		w.Advance(mandate.SessionIdle - time.Minute)
		w.Sessions.Seen(w.Ctx, w.ActorOf(used))
		w.Advance(time.Minute)
		if a := w.ActorOf(idle); !a.Anonymous() || a.Ended == nil || a.Ended.Reason != "link_idle" {
			t.Errorf("unused she is %+v", a)
		}
		if w.ActorOf(used).Anonymous() {
			t.Error("a session in use ended")
		}
	})
}

func TestTwoBrowsersByOneLinkAreTwoSessionsAndListed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForDomains)
		waiting, err := w.Mandates.List(w.Ctx, w.Actor("marieke"))
		if err != nil || len(waiting) != 1 || waiting[0].State(w.Now()) != mandate.Waiting {
			t.Fatalf("%+v: %v", waiting, err)
		}
		one, two := byLink(w, token, "one"), byLink(w, token, "two")
		list, err := w.Mandates.List(w.Ctx, w.Actor("marieke"))
		if err != nil || len(list) != 1 || len(list[0].Sessions) != 2 || list[0].State(w.Now()) != mandate.InUse || list[0].LastUsedAt == nil {
			t.Fatalf("%+v: %v", list, err)
		}
		no(t, w.Sessions.SignOut(w.Ctx, w.ActorOf(one)))
		if !w.ActorOf(one).Anonymous() || w.ActorOf(two).Anonymous() {
			t.Error("signing out in one browser is not of that browser alone")
		}
		if told := w.Mails(mail.SetUpOpenedKind); len(told) != 1 || told[0].Recipient != "marieke@devries.example" {
			t.Errorf("told %+v", told) // the first time, and its manager
		}
		if w.Count(company(w), event.SetUpLinkOpened) != 2 || w.Count(company(w), event.SignedOut) != 1 {
			t.Errorf("events %v", w.Events(company(w)))
		}
		_ = m
	})
}

func TestSigningInByALinkReplacesTheSessionOfTheBrowser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, token := link(w, models.ForDomains)
		in := askedByLink(w, token, "b")
		in.Instead = w.Actor("karin").Session
		session, err := w.Entrance.EnterByLink(w.Ctx, token, in)
		no(t, err)
		if !w.Actor("karin").Anonymous() {
			t.Error("a session goes on that no browser can end")
		}
		_, err = w.Sessions.Open(w.Ctx, access.Opening{Account: w.ID("karin"), Method: "code", Instead: w.ActorOf(session).Session})
		no(t, err)
		if !w.ActorOf(session).Anonymous() {
			t.Error("the set-up goes on in a browser that lost it")
		}
	})
}

func TestWhatALinkDoesIsRecordedWithWhoMadeIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForDomains)
		_, err := federation.New(w.Store, w.Keys, nil).AddDomain(w.Ctx, w.ActorOf(byLink(w, token, "b")), "devries.example")
		no(t, err)
		for _, kind := range []string{event.SetUpLinkMade, event.SetUpLinkOpened, event.DomainAdded} {
			list, err := w.Trail.Company(w.Ctx, w.Actor("marieke"), event.Filter{Type: kind})
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %+v, %v", kind, list, err)
			}
			e := list[0]
			if kind == event.SetUpLinkMade {
				if e.AccountName != "Marieke de Vries" || strings.Contains(e.Data, "mandate_by") || e.SubjectID != m.ID {
					t.Errorf("made: %+v", e)
				}
				continue
			}
			if e.AccountName != "Ilse Brouwer" || e.AccountID != "" || !strings.Contains(e.Data, `"mandate_by":"Marieke de Vries"`) || !strings.Contains(e.Data, `"mandate_kind":"link"`) || e.SessionID == "" {
				t.Errorf("%s: %+v", kind, e)
			}
		}
		var row mandate.Mandate
		w.System(func(tx *store.Tx) error { return tx.Where("id = ?", m.ID).Take(&row).Error })
		sent := w.Mails(mail.SetUpLinkKind)
		if len(sent) != 1 || sent[0].Recipient != "ilse@it.example" || sent[0].Language != "nl" || strings.Contains(sent[0].Data, token) || row.TokenHash == token {
			t.Errorf("the token stands in clear, or the mail is wrong: %+v", sent)
		}
	})
}

func TestALinkCannotDoWhatBelongsToPeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		m, token := link(w, models.ForSingleSignOn, models.ForDirectory, models.ForDomains, models.ForCertificate, models.ForRoleMapping)
		ilse := w.ActorOf(byLink(w, token, "b"))
		_, switched := w.Sessions.Switch(w.Ctx, ilse, w.Production.Organization)
		_, atCompany := w.Sessions.Switch(w.Ctx, ilse, w.Production.Company)
		_, left := w.Sessions.Leave(w.Ctx, ilse)
		_, accepted := w.Members.Accept(w.Ctx, ilse, "inv_1")
		_, others := w.Sessions.RevokeOthers(w.Ctx, ilse)
		_, own := w.Accounts.Own(w.Ctx, ilse)
		_, made := w.Mandates.Make(w.Ctx, ilse, mandate.Draft{Email: "friend@it.example", Language: "en", Purposes: []models.Purpose{models.ForDomains}})
		_, listed := w.Mandates.List(w.Ctx, ilse)
		_, revoked := w.Mandates.Revoke(w.Ctx, ilse, m.ID)
		_, activity := w.Trail.Company(w.Ctx, ilse, event.Filter{})
		_, person := w.Companies.Person(w.Ctx, ilse, w.ID("anna"))
		_, began := w.Sessions.BeginSetUp(w.Ctx, ilse, w.Zonneveld.Company, "why not")
		for what, err := range map[string]error{"switch": switched, "switch to the company": atCompany, "leave": left, "accept an invitation": accepted,
			"accept a delegation": w.Delegations.Accept(w.Ctx, ilse, "dlg_1"), "end sessions": others, "read an account": own,
			"change the account":  w.Accounts.Save(w.Ctx, ilse, account.Settings{Name: "Ilse", Language: "en", TimeZone: "Europe/Amsterdam"}),
			"change the language": w.Accounts.SetLanguage(w.Ctx, ilse, "en"), "make a link": made, "list links": listed, "revoke a link": revoked,
			"read the activity": activity, "read people": person, "set up another company": began} {
			if models.KindOf(err) != models.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		places, err := w.Sessions.Places(w.Ctx, ilse)
		if err != nil || len(places) != 0 {
			t.Errorf("she can go to %v: %v", places, err)
		}
	})
}

func TestALinkReachesOneCompanyAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := federation.New(w.Store, w.Keys, nil)
		theirs, err := f.AddDomain(w.Ctx, w.Actor("karin"), "zonneveld.example")
		no(t, err)
		m, token := link(w, models.ForDomains)
		ilse := w.ActorOf(byLink(w, token, "b"))
		w.Wants(f.RemoveDomain(w.Ctx, ilse, theirs.ID), models.NotFound, "error.not_found")
		list, err := f.Domains(w.Ctx, ilse)
		if err != nil || len(list) != 0 {
			t.Errorf("she sees %+v: %v", list, err)
		}
		_, err = w.Mandates.Revoke(w.Ctx, w.Actor("karin"), m.ID) // a link of another company
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Mandates.Get(w.Ctx, w.Actor("karin"), m.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		if list, err := w.Mandates.List(w.Ctx, w.Actor("karin")); err != nil || len(list) != 0 {
			t.Errorf("Zonneveld lists %+v: %v", list, err)
		}
		ilse.Effective = w.Zonneveld // what a caller says of himself counts for nothing
		d, err := f.AddDomain(w.Ctx, ilse, "ilse.example")
		if err != nil || d.CompanyID != w.Production.Company {
			t.Errorf("made at %s: %v", d.CompanyID, err)
		}
	})
}

func TestWhoMakesALinkIsNotAnybody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		half := tenancy.Role{ID: models.NewID("rol"), Level: models.CompanyLevel, Key: "sso", Name: "Sign-on", Permissions: `["connections.manage"]`, CreatedAt: models.At(w.Now())}
		w.System(func(tx *store.Tx) error {
			if err := tx.Create(&half).Error; err != nil {
				return err
			}
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("anna"), RoleID: half.ID, Source: tenancy.Manual}, "Anna Visser")
		})
		in := mandate.Draft{Email: "ilse@it.example", Language: "en", Purposes: []models.Purpose{models.ForSingleSignOn, models.ForCertificate}}
		_, err := w.Mandates.Make(w.Ctx, w.Actor("jan"), in) // superuser of one organization
		w.Wants(err, models.Forbidden, "error.forbidden")
		_, err = w.Mandates.Make(w.Ctx, w.Actor("anna"), in)
		no(t, err)
		in.Purposes = append(in.Purposes, models.ForRoleMapping) // which she has not herself
		_, err = w.Mandates.Make(w.Ctx, w.Actor("anna"), in)
		w.Wants(err, models.Forbidden, "error.forbidden")
		if offered := mandate.Offered(w.Actor("anna")); len(offered) != 3 { // the directory is a part of connections
			t.Errorf("she is offered %v", offered)
		}
		for _, wrong := range []struct {
			draft mandate.Draft
			want  string
		}{
			{mandate.Draft{Email: "", Language: "en", Purposes: in.Purposes}, "email: error.required"},
			{mandate.Draft{Email: "nobody", Language: "en", Purposes: in.Purposes}, "email: account.error.email"},
			{mandate.Draft{Email: "a@b.example", Language: "en"}, "purpose: setup.error.purpose"},
			{mandate.Draft{Email: "a@b.example", Language: "en", Purposes: []models.Purpose{"payroll"}}, "purpose: error.choice"},
			{mandate.Draft{Email: "a@b.example", Language: "tlh", Purposes: in.Purposes}, "language: error.choice"},
		} {
			_, err := w.Mandates.Make(w.Ctx, w.Actor("marieke"), wrong.draft)
			w.Wants(err, models.Invalid, wrong.want)
		}
	})
}

func TestTheLinksOfSomebodyWhoIsRemovedEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Jan-Willem Hoekstra")
		})
		_, token := link(w, models.ForDomains)
		session := byLink(w, token, "b")
		w.System(func(tx *store.Tx) error {
			tx.Record(event.Offboarded, store.About{ID: w.ID("marieke"), Name: "Marieke de Vries", Company: w.Production.Company, Data: map[string]any{"home": true}})
			return nil
		})
		if !w.ActorOf(session).Anonymous() {
			t.Error("the link of a removed manager goes on")
		}
	})
}

func TestALinkEndsWhenItsMakerMayNoLongerDoWhatItIsFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("jan"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Jan-Willem Hoekstra")
		})
		_, token := link(w, models.ForDomains, models.ForSingleSignOn)
		session := byLink(w, token, "b")
		take := func(role string) {
			w.System(func(tx *store.Tx) error {
				var g tenancy.Grant
				if err := tx.Where("account_id = ? AND role_id = ?", w.ID("marieke"), role).Take(&g).Error; err != nil {
					return err
				}
				return tenancy.Take(tx, g, "Marieke de Vries")
			})
		}
		take(tenancy.Superuser)
		if w.ActorOf(session).Anonymous() {
			t.Fatal("the link ended with a role that it does not rest on")
		}
		take(tenancy.Manager)
		if !w.ActorOf(session).Anonymous() {
			t.Error("the link goes on, and who made it is no manager any more")
		}
		if _, err := w.Entrance.AskByLink(w.Ctx, token, access.Asking{BrowserHash: "c", Address: "192.0.2.1"}); err == nil {
			t.Error("it can be opened again")
		}
	})
}

func TestABreakGlassSessionHandsNothingOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		outage(w)
		_, err := w.Mandates.Make(w.Ctx, w.ActorOf(breaks(w, janMail)), mandate.Draft{Name: "Ilse", Email: "ilse@it.example", Language: "nl", Purposes: []models.Purpose{models.ForDomains}})
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
	})
}
