package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/handlers/webhook"
	"locum/handlers/webtest"
	"locum/models/account"
	"locum/models/feed"
	"locum/models/modelstest"
	"locum/models/store"
	hooks "locum/models/webhook"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// desk is the pages over a world.
type desk struct {
	*webtest.Hub
	t     *testing.T
	hooks *hooks.Webhooks
}

func newDesk(t *testing.T) desk {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	f, err := feed.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hooks.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	return desk{webtest.New(t, w, webhook.New(h, f)), t, h}
}

const list = "/company/webhooks"

// made has Marieke make an endpoint, and gives its page's address and its secret.
func (d desk) made(fields ...string) (page, secret string) {
	d.t.Helper()
	answer := d.As("marieke").Post(list+"/new", append([]string{"url", "https://hooks.example/in"}, fields...)...)
	shown := answer.Page(http.StatusOK)
	if answer.Header.Get("Cache-Control") != "no-store" {
		d.t.Error("a secret may be kept by the browser")
	}
	secret = uitest.Attr(shown.One("button[data-copy]"), "data-copy")
	return uitest.Attr(shown.One("a.btn-primary"), "href"), secret
}

func TestAWebhookFromItsMakingToItsRemoval(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	b.Get(list).Says("No webhooks yet")
	page, secret := d.made("description", "The warehouse", "type", "role", "type", "visit")
	if !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("the secret is %q", secret)
	}
	b.Get(page).Hides(secret)
	b.Get(page).Says("hooks.example", "The warehouse", "Roles given and taken", "Not used yet")
	b.Get(list).Says("hooks.example", "Not used yet")

	b.Post(page+"/edit", "url", "https://other.example/in", "type", "role").GoesTo(page)
	b.Get(page).Says("other.example")
	tested := b.Post(page + "/test")
	tested.Wants(http.StatusSeeOther)
	b.Get(tested.Location).Says("webhook.test", "It is on its way", "webhook-id")
	again := b.Post(page + "/secret")
	again.Says("Your secret", "The old secret still signs")
	b.Get(page).Says("Signs until")

	b.Post(page + "/secret/retire").GoesTo(page)
	b.Get(page).Hides("Signs until")

	b.Post(page + "/off").GoesTo(page)
	b.Get(page).Says("Somebody switched it off")
	off := b.Post(page + "/test")
	off.Wants(http.StatusConflict)
	off.Says("Switch it on first")
	b.Get(page + "/on").Says("What happened meanwhile")
	b.Post(page+"/on", "missed", "skip").GoesTo(page)
	b.Get(page + "?state=dropped").Says("Left out")

	wrong := b.Post(page+"/replay", "since", "2026-11-17T10:00", "until", "2026-11-16T10:00")
	wrong.Wants(http.StatusUnprocessableEntity)
	wrong.Says("The end comes after the beginning")
	b.Post(page+"/replay", "since", "2026-11-01T10:00", "until", "2026-12-01T10:00").GoesTo(page)
	b.Post(page + "/remove").GoesTo(list)
	b.Get(page).Wants(http.StatusNotFound)
}

func TestADeliveryShowsItsAttempts(t *testing.T) {
	d := newDesk(t)
	page, _ := d.made()
	b := d.As("marieke")
	b.Post(page + "/test")
	id := strings.TrimPrefix(page, list+"/")
	parcel, err := d.hooks.Take(d.Ctx, hooks.Lane{Company: d.Production.Company, Endpoint: id})
	if err != nil || parcel == nil {
		t.Fatal(err)
	}
	err = d.hooks.Settle(d.Ctx, *parcel, hooks.Outcome{Started: d.Now(), Status: 503, ResponseBody: "<b>closed</b>",
		ResponseHeaders: map[string]string{"Server": "till"}, RequestHeaders: map[string]string{"Webhook-Id": "evt"}})
	if err != nil {
		t.Fatal(err)
	}
	one := b.Get(page + "/deliveries/" + parcel.Delivery)
	one.Says("Tried again", "Attempt 1", "503", "The receiver did not take it", "Server: till")
	if strings.Contains(one.Body, "<b>closed") {
		t.Error("an answer is taken for markup")
	}
	b.Get(page).Says("It has been failing since", "Send all failed again")
	b.Post(page + "/deliveries/" + parcel.Delivery + "/replay").GoesTo(page)
	b.Post(page + "/replay-failed").GoesTo(page)
}

func TestARejectedWebhookKeepsWhatWasTyped(t *testing.T) {
	d := newDesk(t)
	refused := d.As("marieke").Post(list+"/new", "url", "ftp://hooks.example", "description", "Mine", "type", "role")
	refused.Wants(http.StatusUnprocessableEntity)
	refused.Says("Type an address such as")
	page := uitest.Parse(t, refused.Body)
	if uitest.Attr(page.One("#url"), "value") != "ftp://hooks.example" || uitest.Attr(page.One("#description"), "value") != "Mine" {
		t.Error("what was typed is gone")
	}
	page.One("input[name=type][value=role][checked]")
}

func TestOthersReachNeitherWebhooksNorTokens(t *testing.T) {
	d := newDesk(t)
	page, _ := d.made()
	for _, to := range []string{page, page + "/edit", page + "/secret", page + "/remove", page + "/replay"} {
		d.As("karin").Get(to).Wants(http.StatusNotFound)
		d.As("jan").Get(to).Wants(http.StatusForbidden)
	}
	for _, to := range []string{"/test", "/secret", "/off", "/on", "/remove", "/replay-failed"} {
		d.As("karin").Post(page + to).Wants(http.StatusNotFound)
	}
	d.As("jan").Get("/company/api-tokens").Wants(http.StatusForbidden)
}

// An organization and the platform have the same pages, each in its area.
func TestOrganizationsAndOperatorsHaveWebhooksOfTheirOwn(t *testing.T) {
	d := newDesk(t)
	d.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", d.ID("thomas")).Update("operator", true).Error
	})
	for _, c := range []struct{ by, path, says, other string }{
		{"jan", "/webhooks", "De Vries Production", "ria"},
		{"thomas", "/platform/webhooks", "Every company", "marieke"},
	} {
		b := d.As(c.by)
		b.Get(c.path).Says("No webhooks yet")
		form := b.Get(c.path + "/new")
		form.Hides(`name="organization"`)
		b.Post(c.path+"/new", "url", "ftp://hooks.example").Wants(http.StatusUnprocessableEntity)
		answer := b.Post(c.path+"/new", "url", "https://hooks.example/"+c.by)
		page := uitest.Attr(answer.Page(http.StatusOK).One("a.btn-primary"), "href")
		if !strings.HasPrefix(page, c.path+"/whe_") {
			t.Fatalf("%s goes on to %s", c.path, page)
		}
		b.Get(page).Says("hooks.example", c.says)
		tested := b.Post(page + "/test")
		tested.Wants(http.StatusSeeOther)
		b.Get(tested.Location).Says("It is on its way")
		for _, below := range []string{"/edit", "/secret", "/replay", "/remove"} {
			shown := b.Get(page + below)
			shown.Wants(http.StatusOK)
			if !strings.Contains(shown.Body, `action="`+page+below+`"`) {
				t.Errorf("%s%s sends its form elsewhere", page, below)
			}
		}
		b.Post(page + "/off").GoesTo(page)
		b.Get(page + "/on").Says("What happened meanwhile")
		d.As(c.other).Get(page).Wants(http.StatusForbidden)
		d.As("karin").Get("/webhooks/" + strings.TrimPrefix(page, c.path+"/")).Wants(http.StatusNotFound)
		b.Post(page + "/remove").GoesTo(c.path)
		b.Get(page).Wants(http.StatusNotFound)
	}
}

func TestATokenIsShownOnce(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	b.Get("/company/api-tokens").Says("No tokens yet", "/v1/openapi.json")
	refused := b.Post("/company/api-tokens/new", "name", "", "days", "7")
	refused.Wants(http.StatusUnprocessableEntity)
	refused.Says("Choose at least one")
	answer := b.Post("/company/api-tokens/new", "name", "Warehouse", "scope", "events.read", "days", "30")
	token := uitest.Attr(answer.Page(http.StatusOK).One("button[data-copy]"), "data-copy")
	if !strings.HasPrefix(token, "locum_") {
		t.Fatalf("the token is %q", token)
	}
	shown := b.Get("/company/api-tokens")
	shown.Hides(token)
	shown.Says("Warehouse", "…"+token[len(token)-4:], "events.read", "Active", "Never")
	revoke := uitest.Attr(shown.Page(http.StatusOK).One("a.btn-danger"), "href")
	b.Get(revoke).Says("Revoke Warehouse?")
	d.As("karin").Get(revoke).Wants(http.StatusNotFound)
	d.As("karin").Post(revoke).Wants(http.StatusNotFound)
	b.Post(revoke).GoesTo("/company/api-tokens")
	b.Get("/company/api-tokens").Says("Revoked", "by Marieke de Vries")
	b.Post(revoke).Wants(http.StatusConflict)
}
