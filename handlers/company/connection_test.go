package company_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/openid"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func TestAnApplicationIsConnectedAndItsMistakesStandAtTheirFields(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, h.Actor("karin"), tenancy.Application{Key: "plan", Name: "Planning"})
	if err != nil {
		t.Fatal(err)
	}
	karin, at := h.As("karin"), "/platform/applications/"+app.ID
	karin.Get("/platform/applications").Says("Not connected")
	karin.Get(at).Says("Not connected yet")
	page := karin.Post(at+"/connection", "kind", "secret", "redirect_uris", "https://plan.example/cb#x", "hosts", "plan.example", "home_uri", "nowhere", "follows_switch", "yes").Page(http.StatusUnprocessableEntity)
	page.One("#redirect_uris-error")
	page.One("#home_uri-error")
	if text := uitest.Words(page.One("textarea[name=hosts]")); text != "plan.example" {
		t.Errorf("the hosts are lost: %q", text)
	}
	page.One("input[name=follows_switch][checked]")
	karin.Post(at+"/connection", "kind", "key", "redirect_uris", "https://plan.example/cb", "jwks", "{").Page(http.StatusUnprocessableEntity).One("#jwks-error")
	karin.Post(at+"/connection", "kind", "secret", "redirect_uris", "https://plan.example/cb\nhttps://plan.example/b", "home_uri", "https://plan.example/", "hosts", "plan.example").GoesTo(at)
	karin.Get(at).Says("Planning is connected.", "https://plan.example/b", app.ID, "http://localhost:8080/.well-known/openid-configuration", "http://localhost:8080/auth/verify", "http://localhost:8080/v1/usage", "With client ID and secret, or")
	karin.Get("/platform/applications").Says("With a secret", "Behind a proxy")
	karin.Post(at+"/connection", "kind", "public", "hosts", "plan.example").GoesTo(at)
	karin.Get("/platform/applications").Says("Behind a proxy")
	karin.Get(at).Hides("/.well-known/openid-configuration", "/v1/usage")
	karin.Get("/platform/applications/app_none/connection").Wants(http.StatusNotFound)
}

func TestASecretIsShownOnceAndItsRevocationSaysWhenItWasUsed(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, h.Actor("karin"), tenancy.Application{Key: "plan", Name: "Planning"})
	if err != nil {
		t.Fatal(err)
	}
	karin, at := h.As("karin"), "/platform/applications/"+app.ID
	karin.Post(at + "/secrets").Wants(http.StatusNotFound) // not connected
	karin.Post(at+"/connection", "kind", "secret", "redirect_uris", "https://plan.example/cb").GoesTo(at)
	made := karin.Post(at+"/secrets", "form", "a-key-of-this-form-0000000000")
	if made.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a browser keeps it: %q", made.Header.Get("Cache-Control"))
	}
	text := uitest.Words(made.Page(http.StatusOK).All(".copy code")[1])
	if !strings.HasPrefix(text, "lcs_") {
		t.Fatalf("shown %q", text)
	}
	karin.Get(at).Hides(text)
	h.Advance(time.Second)
	if _, err := h.Clients.Authenticate(h.Ctx, app.ID, text); err != nil {
		t.Fatal(err)
	}
	h.Advance(3 * time.Hour)
	found, err := h.Clients.Get(h.Ctx, h.Actor("karin"), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	revoke := at + "/secrets/" + found.Secrets[0].ID + "/revoke"
	karin.Get(revoke).Says("Last used: 11:00", "only live one")
	karin.Post(at + "/secrets").Wants(http.StatusOK)
	karin.Post(at + "/secrets").GoesTo(at + "#secrets")
	karin.Get(at).Says("Two secrets are live already")
	karin.Post(revoke).GoesTo(at + "#secrets")
	karin.Post(revoke).GoesTo(at + "#secrets") // a second click
	karin.Get(at).Says("is revoked.")
	karin.Get(revoke).GoesTo(at + "#secrets")
	h.Advance(time.Second)
	if _, err := h.Clients.Authenticate(h.Ctx, app.ID, text); models.KindOf(err) != models.Unauthenticated {
		t.Errorf("it still works: %v", err)
	}
}

func TestAConnectionIsSwitchedOffAndOn(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, h.Actor("karin"), tenancy.Application{Key: "plan", Name: "Planning"})
	if err != nil {
		t.Fatal(err)
	}
	karin, at := h.As("karin"), "/platform/applications/"+app.ID
	karin.Get(at + "/disable").GoesTo(at)
	karin.Post(at+"/connection", "kind", "public", "redirect_uris", "https://plan.example/cb").GoesTo(at)
	karin.Get(at+"/disable").Says("Switch Planning off?", "a proxy lets nobody through")
	karin.Post(at + "/disable").GoesTo(at)
	karin.Get(at).Says("The application is off.", "Off since")
	if _, err := h.Clients.ByID(h.Ctx, app.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("it still asks: %v", err)
	}
	karin.Post(at + "/enable").GoesTo(at)
	karin.Get(at).Hides("Off since")
	h.System(func(tx *store.Tx) error {
		var rows []store.Event
		err := tx.Where("company_id = ? AND subject_id = ?", store.Platform, app.ID).Order("position").Find(&rows).Error
		var kinds []string
		for _, r := range rows {
			kinds = append(kinds, r.Type)
		}
		if got, want := strings.Join(kinds, " "), strings.Join([]string{event.ApplicationRegistered, event.ClientConnected, event.ClientDisabled, event.ClientEnabled}, " "); got != want {
			t.Errorf("recorded %s, want %s", got, want)
		}
		return err
	})
}

func TestOperatorsSeeWhatAnApplicationWasToldOfSignOuts(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, h.Actor("karin"), tenancy.Application{Key: "plan", Name: "Planning"})
	if err != nil {
		t.Fatal(err)
	}
	karin, at := h.As("karin"), "/platform/applications/"+app.ID
	karin.Post(at+"/connection", "kind", "public", "redirect_uris", "https://plan.example/cb").GoesTo(at)
	karin.Get(at).Page(http.StatusOK).None("#logouts")
	karin.Post(at+"/connection", "kind", "public", "redirect_uris", "https://plan.example/cb", "logout_uri", "https://plan.example/out").GoesTo(at)
	if text := uitest.Words(karin.Get(at).Page(http.StatusOK).One("#logouts")); !strings.Contains(text, "Nothing yet.") {
		t.Errorf("before the first: %q", text)
	}
	next, made := models.At(h.Now().Add(time.Minute)), models.At(h.Now())
	h.System(func(tx *store.Tx) error {
		for _, row := range []openid.Logout{
			{ID: "blo_1", SessionID: "ses_1", AccountName: "Ria Smeets", State: openid.Waiting, Attempts: 1, Failure: "timeout", NextAt: &next},
			{ID: "blo_2", SessionID: "ses_2", VisitID: "vis_1", AccountName: "Sanne Kuipers", State: openid.Failed, Attempts: 10, Failure: "tls"},
			{ID: "blo_3", SessionID: "ses_3", AccountName: "Pim Vos", State: openid.Delivered, Attempts: 2, Failure: "tls", Status: 200},
		} {
			row.ApplicationID, row.AccountID, row.CreatedAt = app.ID, h.ID("ria"), made
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	text := uitest.Words(karin.Get(at).Page(http.StatusOK).One("#logouts"))
	for _, want := range []string{"Ria Smeets Tried again A session that ended", "No answer within 15 seconds. Next attempt", "Sanne Kuipers Failed A visit that ended", "The certificate is not trusted.", "Pim Vos Delivered"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in %q", want, text)
		}
	}
	if strings.Count(text, "certificate") != 1 {
		t.Errorf("a failure stands at what was delivered: %q", text)
	}
	h.As("jan").Get(at).Wants(http.StatusForbidden)
}
