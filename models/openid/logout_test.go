package openid_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/vault"
)

const verifier = "a-verifier-of-at-least-forty-three-characters-0123456789"

// bridge is an application that Zonneveld uses and that wants to hear of ends.
func bridge(t *testing.T, w *modelstest.World) client.Client {
	t.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
	})
	by := w.Actor("karin")
	app, err := w.Companies.RegisterApplication(w.Ctx, by, tenancy.Application{Key: "bridge", Name: "Bridge"})
	if err != nil {
		t.Fatal(err)
	}
	w.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Enabled{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, ApplicationID: app.ID, EnabledAt: models.At(w.Now())}).Error
	})
	err = w.Clients.Connect(w.Ctx, by, app.ID, client.Draft{Kind: client.BySecret, RedirectURIs: "https://bridge.example/callback", LogoutURI: "https://bridge.example/logout"})
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.Clients.ByID(w.Ctx, app.ID)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// signIn lets Bridge know of a person's first session.
func signIn(t *testing.T, w *modelstest.World, to client.Client, person string, scopes ...string) openid.Grant {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	code, told, err := w.OpenID.Authorize(w.Ctx, w.Actor(person), openid.Request{Client: to, RedirectURI: to.RedirectURIs, Scopes: append(scopes, "openid"),
		Challenge: base64.RawURLEncoding.EncodeToString(sum[:])})
	if err != nil || told.Denied != "" {
		t.Fatalf("%s: %q, %v", person, told.Denied, err)
	}
	grant, err := w.OpenID.Exchange(w.Ctx, to.ApplicationID, code, to.RedirectURIs, verifier)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// words are what Bridge was or will be told.
func words(t *testing.T, w *modelstest.World, of client.Client) []openid.Logout {
	t.Helper()
	list, err := w.OpenID.Logouts(w.Ctx, w.Actor("karin"), of.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnApplicationIsToldOnceThatASessionIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		session := w.Actor("ria").Session
		signIn(t, w, to, "ria")
		signIn(t, w, to, "ria")
		if len(words(t, w, to)) != 0 {
			t.Fatal("told before the end")
		}
		if err := w.Sessions.SignOut(w.Ctx, w.Actor("ria")); err != nil {
			t.Fatal(err)
		}
		list := words(t, w, to)
		if len(list) != 1 || list[0].SessionID != session || list[0].VisitID != "" || list[0].AccountID != w.ID("ria") || list[0].State != openid.Waiting {
			t.Fatalf("%+v", list)
		}
		word, err := w.OpenID.Word(w.Ctx, list[0].ID)
		if err != nil || word == nil || word.To != "https://bridge.example/logout" {
			t.Fatalf("%+v, %v", word, err)
		}
		if err := w.OpenID.Settle(w.Ctx, word.ID, openid.Attempt{Failure: "status", Status: 500, Next: w.Now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if list = words(t, w, to); list[0].State != openid.Waiting || list[0].Attempts != 1 || list[0].Status != 500 || list[0].NextAt == nil {
			t.Errorf("after a failure: %+v", list[0])
		}
		if err := w.OpenID.Settle(w.Ctx, word.ID, openid.Attempt{Status: 200}); err != nil {
			t.Fatal(err)
		}
		if list = words(t, w, to); list[0].State != openid.Delivered || list[0].NextAt != nil {
			t.Errorf("once it was taken: %+v", list[0])
		}
		if word, err := w.OpenID.Word(w.Ctx, word.ID); err != nil || word != nil {
			t.Errorf("to be told again: %+v, %v", word, err)
		}
	})
}

func TestAnApplicationIsToldOfTheEndOfAVisitInWhichItGotTokens(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		visit := w.Actor("sanne").Visit
		signIn(t, w, to, "sanne")
		signIn(t, w, to, "ria") // who goes on
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID); err != nil {
			t.Fatal(err)
		}
		if list := words(t, w, to); len(list) != 1 || list[0].VisitID != visit || list[0].AccountID != w.ID("sanne") {
			t.Fatalf("%+v", list)
		}
	})
}

func TestAnApplicationIsToldOfASessionThatRanOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		grant := signIn(t, w, to, "ria", "offline_access")
		if err := w.OpenID.EndOver(w.Ctx); err != nil || len(words(t, w, to)) != 0 {
			t.Fatalf("told of a session that goes on: %v", err)
		}
		w.Advance(account.SessionIdle)
		if _, err := w.OpenID.Refresh(w.Ctx, to.ApplicationID, grant.Refresh, nil); models.KeyOf(err) != "oidc.error.grant" {
			t.Errorf("a refresh token outlives its session: %v", err)
		}
		w.NewSession("karin")
		for range 2 {
			if err := w.OpenID.EndOver(w.Ctx); err != nil {
				t.Fatal(err)
			}
		}
		if list := words(t, w, to); len(list) != 1 || list[0].AccountID != w.ID("ria") {
			t.Fatalf("%+v", list)
		}
	})
}

func TestATokenWorksAtTheAPIForWhatItsScopesAreForAndNotInAVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		grant := signIn(t, w, to, "pim", "delegations.read")
		by, err := w.Delegations.Get(w.Ctx, models.Actor{Session: grant.Token.ID}, "dlg_unknown")
		w.Wants(err, models.NotFound, "")
		_ = by
		_, err = w.Delegations.Grant(w.Ctx, models.Actor{Session: grant.Token.ID}, delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en"})
		w.Wants(err, models.Forbidden, "error.forbidden")
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		visiting := signIn(t, w, to, "sanne", "delegations.read", "delegations.write")
		if strings.Contains(visiting.Token.Scopes, "delegations") {
			t.Errorf("a visitor's token is for %q", visiting.Token.Scopes)
		}
		_, err = w.Delegations.Get(w.Ctx, models.Actor{Session: visiting.Token.ID}, "dlg_unknown")
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

// What an application may use of an organization's secrets is what its person may
// there, a visitor included, as long as the visit goes on.
func TestAnApplicationUsesSecretsWithTheAuthorityOfTheVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		to := bridge(t, w)
		kept, err := w.Vault.Make(w.Ctx, w.Actor("karin"), vault.Draft{Name: "Till", Kind: vault.Text, Value: "canary"})
		if err != nil {
			t.Fatal(err)
		}
		var role tenancy.Role
		w.System(func(tx *store.Tx) (err error) {
			role, err = tenancy.AddRole(tx, tenancy.Role{Level: models.OrganizationLevel, Key: "helper", Name: "helper"}, []models.Permission{models.UseSecrets})
			return err
		})
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{tenancy.Member, role.ID}, Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID); err != nil {
			t.Fatal(err)
		}
		w.Switch("sanne", w.Zonneveld)
		use := func(scopes ...string) (string, error) {
			by := models.Actor{Session: signIn(t, w, to, "sanne", scopes...).Token.ID, Method: access.ApplicationMethod, Application: to.ApplicationID}
			given, err := w.Vault.Use(w.Ctx, by, kept.ID, 0)
			if err == nil {
				if err := w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Vault.Use(w.Ctx, by, kept.ID, 0); models.KindOf(err) != models.Unauthenticated {
					t.Errorf("after the visit: %v", err)
				}
			}
			return given.Text, err
		}
		if _, err := use("secrets.read"); models.KindOf(err) != models.Forbidden {
			t.Errorf("without the scope: %v", err)
		}
		if text, err := use("secrets.use"); err != nil || text != "canary" {
			t.Errorf("%q, %v", text, err)
		}
		w.System(func(tx *store.Tx) error {
			var e store.Event
			err := tx.Where("type = ?", event.SecretUsed).Take(&e).Error
			if e.DelegationID != d.ID || e.VisitID == "" || e.OrganizationID != w.Zonneveld.Organization {
				t.Errorf("recorded %+v", e)
			}
			return err
		})
	})
}
