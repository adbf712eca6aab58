package api_test

import (
	"net/http"
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

// registered is an application of the registry that nobody uses yet.
func (d desk) registered() tenancy.Application {
	d.t.Helper()
	d.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", d.ID("jan")).Update("operator", true).Error
	})
	app, err := d.Companies.RegisterApplication(d.Ctx, d.Actor("jan"), tenancy.Application{Key: "plan", Name: "Planning"})
	if err != nil {
		d.t.Fatal(err)
	}
	return app
}

type used struct {
	ID        string
	Enabled   *string `json:"enabled_at"`
	Connected bool
}

func TestAMachineTakesAnApplicationIntoUseAndOut(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		app := d.registered()
		_, token := d.ofOrganization("karin", feed.WriteApplications)
		_, reader := d.ofOrganization("karin", feed.ReadApplications)
		var list struct{ Data []used }
		d.ask("/v1/applications", reader, http.StatusOK, &list)
		if len(list.Data) != 0 { // who reads alone is shown what is in use
			t.Errorf("%+v", list)
		}
		d.call("/v1/applications/"+app.ID+"/enable", reader, "", http.StatusForbidden, nil)
		var one used
		d.call("/v1/applications/"+app.ID+"/enable", token, "", http.StatusOK, &one, "Idempotency-Key", "k1")
		if one.Enabled == nil || d.Count(d.Zonneveld, event.ApplicationEnabled) != 1 {
			t.Errorf("%+v", one)
		}
		again := d.call("/v1/applications/"+app.ID+"/enable", token, "", http.StatusOK, &one, "Idempotency-Key", "k1")
		if again.Header.Get("Idempotency-Replayed") != "true" {
			t.Error("it was done again")
		}
		d.ask("/v1/applications/"+app.ID, reader, http.StatusOK, &one)
		d.call("/v1/applications/"+app.ID+"/disable", token, "", http.StatusOK, &one)
		if one.Enabled != nil {
			t.Errorf("%+v", one)
		}
		d.call("/v1/applications/"+app.ID+"/disable", token, "", http.StatusNotFound, nil)
		d.ask("/v1/applications/app_none", reader, http.StatusNotFound, nil)
	})
}

func TestEdge10ATokenOfAPersonWorksAtTheAPIWhereItWasMade(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		app := d.registered()
		d.Delegate("karin", "sanne", delegation.Week)
		make := func(key string, scopes ...string) string {
			_, text, err := d.Sessions.MakeToken(d.Ctx, d.Actor(key), access.TokenDraft{Name: "script", Days: 30, Scopes: scopes})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		own := make("karin", "applications.write", "delegations.read")
		d.call("/v1/applications/"+app.ID+"/enable", own, "", http.StatusOK, nil, "Idempotency-Key", "k1")
		d.call("/v1/applications/"+app.ID+"/enable", own, "", http.StatusOK, nil, "Idempotency-Key", "k1")
		d.ask("/v1/delegations", own, http.StatusOK, nil)
		d.ask("/v1/visits", own, http.StatusForbidden, nil) // it is not for that
		d.Switch("sanne", d.Zonneveld)
		visiting := make("sanne", "applications.read")
		var list struct{ Data []used }
		d.ask("/v1/applications", visiting, http.StatusOK, &list)
		if len(list.Data) != 1 || list.Data[0].ID != app.ID {
			t.Errorf("%+v", list)
		}
		d.ask("/v1/delegations", visiting, http.StatusForbidden, nil)
		if _, err := d.Sessions.Leave(d.Ctx, d.Actor("sanne")); err != nil {
			t.Fatal(err)
		}
		d.ask("/v1/applications", visiting, http.StatusUnauthorized, nil)
		d.ask("/v1/events", own, http.StatusUnauthorized, nil) // which belong to the company
		var e store.Event
		d.System(func(tx *store.Tx) error { return tx.Where("type = ?", event.ApplicationEnabled).Take(&e).Error })
		if e.AccountID != d.ID("karin") || e.Channel != string(models.API) || e.EffectiveOrganizationID != d.Zonneveld.Organization {
			t.Errorf("%+v", e)
		}
	})
}
