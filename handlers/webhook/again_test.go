package webhook_test

import (
	"testing"

	"locum/models/event"
	hooks "locum/models/webhook"
)

func TestReloadingThePageOfASecretMakesNoSecondOne(t *testing.T) {
	d := newDesk(t)
	b, at := d.As("marieke"), d.Production
	at.Organization = ""
	made := func(kind string) {
		t.Helper()
		if n := d.Count(at, kind); n != 1 {
			t.Errorf("%d times %s", n, kind)
		}
	}
	b.PostTwice(list+"/new", list+"/new", "url", "https://hooks.example/in")
	made(event.WebhookCreated)
	all, err := d.hooks.List(d.Ctx, d.Actor("marieke"), hooks.OfCompany)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	one := list + "/" + all[0].ID + "/secret"
	b.PostTwice(one, one)
	made(event.WebhookRotated)
	b.PostTwice("/company/api-tokens/new", "/company/api-tokens/new", "name", "Warehouse", "scope", "events.read", "days", "90")
	made(event.TokenCreated)
}
