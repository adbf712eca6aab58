package access_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
	"locum/models/tenancy"
)

// connected is an application that the organizations of the world use, registered
// as a client whose tokens follow switches, or not.
func connected(t *testing.T, w *modelstest.World, follows bool) tenancy.Application {
	t.Helper()
	app := planning(t, w)
	w.System(func(tx *store.Tx) error {
		for _, at := range []models.Party{w.Kade, w.Production} {
			if err := tx.Create(&tenancy.Enabled{CompanyID: at.Company, OrganizationID: at.Organization, ApplicationID: app.ID, EnabledAt: models.At(w.Now())}).Error; err != nil {
				return err
			}
		}
		return tx.Create(&client.Client{ApplicationID: app.ID, Kind: client.Public, RedirectURIs: "https://planning.example/cb", FollowsSwitch: follows,
			CreatedAt: models.At(w.Now()), UpdatedAt: models.At(w.Now())}).Error
	})
	return app
}

// made makes a token of a person in his first session.
func made(t *testing.T, w *modelstest.World, key string, in access.TokenDraft) (access.AccountToken, string) {
	t.Helper()
	in.Name, in.Days = "script", 90
	row, text, err := w.Sessions.MakeToken(w.Ctx, w.Actor(key), in)
	if err != nil {
		t.Fatal(err)
	}
	return row, text
}

// worksAt is where an application is told that a token works; "" for nobody.
func worksAt(t *testing.T, w *modelstest.World, text, application string) string {
	t.Helper()
	w.Advance(time.Second) // past what was told before
	a, err := w.Sessions.AnswerToken(w.Ctx, text, application, "")
	if err != nil {
		t.Fatal(err)
	}
	if a.Denied != "" {
		return string(a.Denied)
	}
	return a.Actor.Effective.Organization
}

func TestEdge10ATokenIsPinnedToTheOrganizationInWhichItWasMade(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.FourHours)
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
		w.Switch("sanne", w.Zonneveld)
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("a pinned token works in %q", at)
		}
		a, err := w.Sessions.AnswerToken(w.Ctx, text, app.ID, "")
		if err != nil || a.Actor.Visiting() || a.Actor.Delegation != "" || a.TokenEnds.IsZero() {
			t.Fatalf("%+v, %v", a, err)
		}
	})
}

func TestEdge10ATokenFollowsTheLastSwitchOverAllBrowsers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.FourHours)
		w.Delegate("jan", "sanne", delegation.FourHours)
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Follows: true})
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("before any switch it works in %q", at)
		}
		w.Switch("sanne", w.Zonneveld)
		if at := worksAt(t, w, text, app.ID); at != w.Zonneveld.Organization {
			t.Fatalf("after a switch it works in %q", at)
		}
		other := w.SignIn("sanne") // a second browser
		if at := worksAt(t, w, text, app.ID); at != w.Zonneveld.Organization {
			t.Fatalf("a sign-in is no switch, and it works in %q", at)
		}
		if _, err := w.Sessions.Switch(w.Ctx, w.ActorOf(other), w.Production.Organization); err != nil {
			t.Fatal(err)
		}
		if at := worksAt(t, w, text, app.ID); at != w.Production.Organization {
			t.Fatalf("after a switch in the other browser it works in %q", at)
		}
		a, err := w.Sessions.AnswerToken(w.Ctx, text, app.ID, "")
		if err != nil || !a.Actor.Visiting() || a.Actor.Epoch != w.ActorOf(other).Epoch {
			t.Fatalf("%+v, %v", a, err)
		}
		if _, err := w.Sessions.Leave(w.Ctx, w.ActorOf(other)); err != nil {
			t.Fatal(err)
		}
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("after switching back it works in %q", at)
		}
	})
}

func TestEdge10ATokenThatFollowedIsAtHomeOnceTheVisitIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Follows: true})
		w.Switch("sanne", w.Zonneveld)
		w.Advance(d.EndsAt.Sub(w.Now()))
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("after the end of the delegation it works in %q", at)
		}
	})
}

func TestEdge10ABrowserThatIsGoneKeepsNoVisitOpenForAToken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.Week)
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Follows: true})
		w.Switch("sanne", w.Zonneveld)
		w.Advance(13 * time.Hour) // no sweep ran
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("it works in %q", at)
		}
	})
}

func TestEdge10TokensMadeDuringAVisitDieWithIt(t *testing.T) {
	ends := map[string]func(w *modelstest.World, d delegation.Delegation) error{
		"switched back": func(w *modelstest.World, _ delegation.Delegation) error {
			_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
			return err
		},
		"expired, and no sweep ran": func(w *modelstest.World, d delegation.Delegation) error {
			w.Advance(d.EndsAt.Sub(w.Now()))
			return nil
		},
		"revoked": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)
		},
		"signed out": func(w *modelstest.World, _ delegation.Delegation) error {
			return w.Sessions.SignOut(w.Ctx, w.Actor("sanne"))
		},
		"the browser was left": func(w *modelstest.World, _ delegation.Delegation) error {
			w.Advance(13 * time.Hour)
			return nil
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				app := connected(t, w, true)
				d := w.Delegate("karin", "sanne", delegation.Week)
				w.Switch("sanne", w.Zonneveld)
				_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
				_, api := made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
				if at := worksAt(t, w, text, app.ID); at != w.Zonneveld.Organization {
					t.Fatalf("during the visit it works in %q", at)
				}
				if a, err := w.Sessions.ActorOfToken(w.Ctx, api, "applications.read", "", func(s string) bool { return s == "applications.read" }); err != nil || !a.Visiting() {
					t.Fatalf("%+v, %v", a, err)
				}
				if err := end(w, d); err != nil {
					t.Fatal(err)
				}
				if at := worksAt(t, w, text, app.ID); at != "" {
					t.Fatalf("after the visit it works in %q", at)
				}
				_, err := w.Sessions.ActorOfToken(w.Ctx, api, "applications.read", "", func(string) bool { return true })
				w.Wants(err, models.Unauthenticated, "")
				w.NewSession("sanne")
				w.Switch("sanne", w.Kade)
				if name != "revoked" && !w.Now().After(d.EndsAt.Time.Add(-time.Minute)) {
					w.Switch("sanne", w.Zonneveld)
					if at := worksAt(t, w, text, app.ID); at != "" {
						t.Fatalf("in the next visit it lives again, in %q", at)
					}
				}
			})
		})
	}
}

func TestEdge11ATokenThatFollowsGoesNowhereThroughAHost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.FourHours)
		w.Delegate("jan", "karin", delegation.FourHours) // the host's own delegation to another
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Follows: true})
		w.Switch("sanne", w.Zonneveld)
		if _, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Production.Organization); models.KindOf(err) != models.NotFound {
			t.Fatalf("she switched through the host: %v", err)
		}
		if at := worksAt(t, w, text, app.ID); at != w.Zonneveld.Organization {
			t.Fatalf("it works in %q", at)
		}
		if _, err := w.Sessions.Switch(w.Ctx, models.Actor{Session: tokenID(t, w, text), Account: w.ID("sanne")}, w.Kade.Organization); models.KindOf(err) != models.Unauthenticated {
			t.Fatalf("a token switched: %v", err)
		}
	})
}

func tokenID(t *testing.T, w *modelstest.World, text string) (id string) {
	t.Helper()
	list, err := w.Sessions.OwnTokens(w.Ctx, w.Actor("sanne"))
	if err != nil || len(list) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0].ID
}

func TestEdge12ATokenOfAVisitDoesNothingThatVisitorsAreDenied(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.FourHours)
		w.Switch("sanne", w.Zonneveld)
		_, _, err := w.Sessions.MakeToken(w.Ctx, w.Actor("sanne"), access.TokenDraft{Name: "x", Days: 30, Scopes: []string{"delegations.write"}})
		w.Wants(err, models.Invalid, "")
		row, _ := made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
		w.System(func(tx *store.Tx) error { // as if it had come to be for more
			return tx.Model(&access.AccountToken{}).Where("id = ?", row.ID).Update("scopes", `["delegations.write","delegations.read","visits.write","applications.write"]`).Error
		})
		by := models.Actor{Session: row.ID, Account: w.ID("sanne"), Channel: models.API}
		_, err = w.Delegations.Grant(w.Ctx, by, delegation.Proposal{Email: "new@elsewhere.example", Period: delegation.FourHours})
		w.Wants(err, models.Forbidden, "")
		_, err = w.Delegations.Visitors(w.Ctx, by)
		w.Wants(err, models.Forbidden, "")
		_, _, err = w.Sessions.MakeToken(w.Ctx, by, access.TokenDraft{Name: "x", Days: 30, Scopes: []string{"applications.read"}})
		w.Wants(err, models.Unauthenticated, "")
	})
}

func TestTheTokenOfAnotherApplicationIsNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, false)
		_, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
		_, api := made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
		for _, wrong := range [][2]string{{text, "app_other"}, {text, ""}, {api, app.ID}, {api, ""}, {"lpt_x", app.ID}, {"", app.ID}, {w.Token("sanne"), app.ID}} {
			if a, err := w.Sessions.AnswerToken(w.Ctx, wrong[0], wrong[1], ""); err != nil || !a.Actor.Anonymous() {
				t.Errorf("%v: %+v, %v", wrong, a, err)
			}
		}
		_, err := w.Sessions.ActorOfToken(w.Ctx, text, "applications.read", "", func(string) bool { return true })
		w.Wants(err, models.Unauthenticated, "")
		_, err = w.Sessions.ActorOfToken(w.Ctx, api, "visits.read", "", func(s string) bool { return s == "visits.read" })
		w.Wants(err, models.Forbidden, "feed.error.scope")
		_, _, err = w.Sessions.MakeToken(w.Ctx, w.Actor("sanne"), access.TokenDraft{Name: "x", Days: 30, Application: app.ID, Follows: true})
		w.Wants(err, models.Invalid, "")
	})
}

func TestTokensDieWithTheAccountAndTheMembership(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		_, pinned := made(t, w, "anna", access.TokenDraft{Application: app.ID})
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Kade.Company, OrganizationID: w.Kade.Organization, AccountID: w.ID("anna"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Anna")
		})
		_, follows := made(t, w, "anna", access.TokenDraft{Application: app.ID, Follows: true})
		if err := w.Members.Remove(w.Ctx, w.Actor("jan"), w.ID("anna")); err != nil {
			t.Fatal(err)
		}
		if at := worksAt(t, w, pinned, app.ID); at != "" {
			t.Fatalf("after the membership it works in %q", at)
		}
		if at := worksAt(t, w, follows, app.ID); at != w.Kade.Organization {
			t.Fatalf("one that follows works in %q", at)
		}
		w.System(func(tx *store.Tx) error { // who comes back brings no token with him
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, AccountID: w.ID("anna"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Anna")
		})
		if at := worksAt(t, w, pinned, app.ID); at != "" {
			t.Fatalf("it is back, in %q", at)
		}
		w.System(func(tx *store.Tx) error {
			tx.Record(event.AccountDeactivated, store.About{ID: w.ID("anna"), Name: "Anna", Company: store.Platform})
			return nil
		})
		if at := worksAt(t, w, follows, app.ID); at != "" {
			t.Fatalf("after the account it works in %q", at)
		}
	})
}

func TestAHostSeesAndEndsTheTokensOfItsVisits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		_, own := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
		w.Switch("sanne", w.Zonneveld)
		row, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
		list, err := w.Sessions.VisitTokens(w.Ctx, w.Actor("karin"), d.ID)
		if err != nil || len(list) != 1 || list[0].ID != row.ID || list[0].Over || list[0].Application != app.Name {
			t.Fatalf("%+v, %v", list, err)
		}
		if list, err := w.Sessions.VisitTokens(w.Ctx, w.Actor("jan"), d.ID); err != nil || len(list) != 0 {
			t.Fatalf("another host sees %+v, %v", list, err)
		}
		_, err = w.Sessions.RevokeVisitToken(w.Ctx, w.Actor("jan"), row.ID)
		w.Wants(err, models.NotFound, "")
		if _, err := w.Sessions.RevokeVisitToken(w.Ctx, w.Actor("karin"), row.ID); err != nil {
			t.Fatal(err)
		}
		if at := worksAt(t, w, text, app.ID); at != "" {
			t.Fatalf("it works in %q", at)
		}
		if at := worksAt(t, w, own, app.ID); at != w.Kade.Organization {
			t.Fatalf("her own at home works in %q", at)
		}
		if w.Count(w.Zonneveld, event.AccountTokenCreated) != 1 || w.Count(w.Zonneveld, event.AccountTokenRevoked) != 1 || w.Count(w.Kade, event.AccountTokenCreated) != 1 {
			t.Fatalf("recorded: %v, %v", w.Events(w.Zonneveld), w.Events(w.Kade))
		}
	})
}

func TestWhoHasASecondFactorShowsItToMakeAToken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		connected(t, w, true)
		w.System(func(tx *store.Tx) error {
			return tx.Create(&passkey.Passkey{ID: "pky_1", AccountID: w.ID("sanne"), Name: "key", CredentialID: "h", PublicKey: "p", CreatedAt: models.At(w.Now())}).Error
		})
		in := access.TokenDraft{Name: "x", Days: 30, Scopes: []string{"applications.read"}}
		_, _, err := w.Sessions.MakeToken(w.Ctx, w.Actor("sanne"), in)
		w.Wants(err, models.Conflict, passkey.KeyShowFirst)
	})
}
