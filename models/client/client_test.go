package client_test

import (
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// connected is an application with a registration, and its operator.
func connected(t *testing.T, w *modelstest.World, key string, in client.Draft) (models.Actor, tenancy.Application) {
	t.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
	})
	by := w.Actor("karin")
	app, err := w.Companies.RegisterApplication(w.Ctx, by, tenancy.Application{Key: key, Name: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Clients.Connect(w.Ctx, by, app.ID, in); err != nil {
		t.Fatal(err)
	}
	return by, app
}

func TestAClientIsKnownByEitherOfTwoSecretsAndNoThirdIsMade(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by, app := connected(t, w, "planning", client.Draft{Kind: client.BySecret, RedirectURIs: "https://planning.example/callback"})
		first, text, err := w.Clients.AddSecret(w.Ctx, by, app.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, second, err := w.Clients.AddSecret(w.Ctx, by, app.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = w.Clients.AddSecret(w.Ctx, by, app.ID)
		w.Wants(err, models.Conflict, "client.error.two")
		for _, good := range []string{text, second} {
			if row, err := w.Clients.Authenticate(w.Ctx, app.ID, good); err != nil || row.ApplicationID != app.ID {
				t.Fatalf("%+v, %v", row, err)
			}
		}
		if _, err := w.Clients.RevokeSecret(w.Ctx, by, app.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Clients.Authenticate(w.Ctx, app.ID, text)
		w.Wants(err, models.Unauthenticated, "client.error.credentials")
		_, err = w.Clients.Authenticate(w.Ctx, "app_unknown", second)
		w.Wants(err, models.Unauthenticated, "client.error.credentials")
		if err := w.Clients.Disable(w.Ctx, by, app.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Clients.Authenticate(w.Ctx, app.ID, second)
		w.Wants(err, models.Unauthenticated, "client.error.credentials")
	})
}

func TestAHostBelongsToOneApplication(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by, app := connected(t, w, "planning", client.Draft{Kind: client.Public, Hosts: "Planning.Example\nplanning.example:8443"})
		if row, err := w.Clients.ByHost(w.Ctx, "planning.example"); err != nil || row.ApplicationID != app.ID {
			t.Fatalf("%+v, %v", row, err)
		}
		_, err := w.Clients.ByHost(w.Ctx, "other.example")
		w.Wants(err, models.NotFound, "")
		_, other := connected(t, w, "stock", client.Draft{Kind: client.Public, Hosts: "stock.example"})
		err = w.Clients.Connect(w.Ctx, by, other.ID, client.Draft{Kind: client.Public, Hosts: "stock.example planning.example"})
		if models.KindOf(err) != models.Invalid {
			t.Fatalf("a host of another is taken: %v", err)
		}
		if row, err := w.Clients.ByHost(w.Ctx, "stock.example"); err != nil || row.ApplicationID != other.ID {
			t.Fatalf("a refused change took a host away: %+v, %v", row, err)
		}
	})
}

func TestAnAddressMustBeWholeAndSafe(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by, app := connected(t, w, "planning", client.Draft{Kind: client.Public, RedirectURIs: "http://127.0.0.1:9000/cb\nhttps://a.example/cb"})
		for _, bad := range []string{"http://a.example/cb", "/cb", "https://*.a.example/cb", "https://a.example/cb#x", "https://u@a.example/cb", "javascript:alert(1)", "https:a.example"} {
			if err := w.Clients.Connect(w.Ctx, by, app.ID, client.Draft{Kind: client.Public, RedirectURIs: bad}); models.KindOf(err) != models.Invalid {
				t.Errorf("%s: %v", bad, err)
			}
		}
	})
}
