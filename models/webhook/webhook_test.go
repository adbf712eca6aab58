package webhook_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/webhook"
)

// office is a world with webhooks.
type office struct {
	*modelstest.World
	hooks *webhook.Webhooks
}

func each(t *testing.T, test func(t *testing.T, o office)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		hooks, err := webhook.New(w.Store, w.Keys)
		if err != nil {
			t.Fatal(err)
		}
		test(t, office{w, hooks})
	})
}

// make makes an endpoint of a person's company.
func (o office) make(by, organization string, types ...string) webhook.Endpoint {
	o.T.Helper()
	e, text, err := o.hooks.Make(o.Ctx, o.Actor(by), webhook.OfCompany, webhook.Draft{URL: "https://hooks.example/" + by, OrganizationID: organization, Types: types})
	if err != nil || !strings.HasPrefix(text, "whsec_") {
		o.T.Fatal(text, err)
	}
	return e
}

// happen records events in a company, one transaction each.
func (o office) happen(at models.Party, kinds ...string) {
	o.T.Helper()
	for _, kind := range kinds {
		err := o.Store.System(o.Ctx, "a test", func(tx *store.Tx) error {
			tx.Record(kind, store.About{ID: "thing", Name: "Thing", Company: at.Company, Organization: at.Organization})
			return nil
		})
		if err != nil {
			o.T.Fatal(err)
		}
	}
}

func (o office) follow() {
	o.T.Helper()
	if err := o.hooks.Follow(o.Ctx); err != nil {
		o.T.Fatal(err)
	}
}

// take takes the next delivery of an endpoint; nil when none is due.
func (o office) take(e webhook.Endpoint) *webhook.Parcel {
	o.T.Helper()
	p, err := o.hooks.Take(o.Ctx, webhook.Lane{Company: e.CompanyID, Endpoint: e.ID})
	if err != nil {
		o.T.Fatal(err)
	}
	return p
}

func (o office) settle(p *webhook.Parcel, out webhook.Outcome) {
	o.T.Helper()
	if out.Started.IsZero() {
		out.Started = o.Now()
	}
	if err := o.hooks.Settle(o.Ctx, *p, out); err != nil {
		o.T.Fatal(err)
	}
}

// bodies posts everything that is due, and gives the types.
func (o office) bodies(e webhook.Endpoint) (types []string) {
	o.T.Helper()
	o.follow()
	for p := o.take(e); p != nil; p = o.take(e) {
		var body struct{ Type string }
		if err := json.Unmarshal([]byte(p.Body), &body); err != nil {
			o.T.Fatal(err)
		}
		types = append(types, body.Type)
		o.settle(p, webhook.Outcome{Status: 200})
	}
	return types
}

func (o office) detail(by string, e webhook.Endpoint) webhook.Detail {
	o.T.Helper()
	o.NewSession(by) // the last one may have ended meanwhile
	d, err := o.hooks.Get(o.Ctx, o.Actor(by), webhook.OfCompany, e.ID, "", "")
	if err != nil {
		o.T.Fatal(err)
	}
	return d
}

// kill -9 at each point between a change and the note that it was posted.
func TestKilledBetweenChangeAndDeliveryItIsPostedAtLeastOnceUnderOneID(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated) // killed here: nothing followed yet
		restarted := func() {
			t.Helper()
			var err error
			if o.hooks, err = webhook.New(o.Store, o.Keys); err != nil {
				t.Fatal(err)
			}
		}
		restarted()
		o.follow() // killed here: written, not taken
		restarted()
		o.follow()
		first := o.take(e)
		if first == nil {
			t.Fatal("the event is lost")
		}
		restarted() // killed here: posted, not noted
		o.follow()
		if o.take(e) != nil {
			t.Fatal("it is posted by two at once")
		}
		o.Advance(webhook.Lease)
		second := o.take(e)
		if second == nil || second.Headers["Webhook-Id"] != first.Headers["Webhook-Id"] || second.Body != first.Body || second.Delivery != first.Delivery {
			t.Fatalf("posted again as %+v, first as %+v", second, first)
		}
		o.settle(second, webhook.Outcome{Status: 204})
		o.settle(first, webhook.Outcome{Status: 500}) // the one taken for dead, late
		d := o.detail("marieke", e)
		if len(d.Deliveries) != 1 || d.Deliveries[0].State != webhook.Delivered || d.Deliveries[0].Attempts != 1 || d.Health() != webhook.Healthy {
			t.Errorf("%+v", d)
		}
	})
}

// What is rolled back with the deliveries stays to be written: the cursor moves
// in the same transaction.
func TestNoEventIsLostOrDoubledHoweverOftenItIsFollowed(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector", "domain")
		var want []string
		for i := range 450 { // more than two batches
			kind := []string{event.ConnectorCreated, event.DomainAdded, event.RunStarted}[i%3]
			if kind != event.RunStarted {
				want = append(want, kind)
			}
		}
		err := o.Store.System(o.Ctx, "a test", func(tx *store.Tx) error {
			for i := range 450 {
				tx.Record([]string{event.ConnectorCreated, event.DomainAdded, event.RunStarted}[i%3], store.About{Company: o.Production.Company})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 3)
		for range 3 { // three replicas at once
			go func() { done <- o.hooks.Follow(o.Ctx) }()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		var positions []int64
		o.System(func(tx *store.Tx) error {
			return tx.Model(&webhook.Delivery{}).Where("endpoint_id = ?", e.ID).Order("position").Pluck("position", &positions).Error
		})
		if len(positions) != len(want) || len(slices.Compact(positions)) != len(want) {
			t.Errorf("%d deliveries, want %d", len(positions), len(want))
		}
	})
}

func TestTwoSecretsSignWhileOneIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		if _, text, err := o.hooks.Rotate(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); err != nil || !strings.HasPrefix(text, "whsec_") {
			t.Fatal(err)
		}
		signatures := func() int {
			o.happen(o.Production, event.ConnectorCreated)
			o.follow()
			p := o.take(e)
			o.settle(p, webhook.Outcome{Status: 200})
			return len(strings.Fields(p.Headers["Webhook-Signature"]))
		}
		if n := signatures(); n != 2 {
			t.Errorf("%d signatures", n)
		}
		if _, _, err := o.hooks.Rotate(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); err != nil { // at most two live
			t.Fatal(err)
		}
		if n := signatures(); n != 2 {
			t.Errorf("%d signatures after another one", n)
		}
		o.Advance(webhook.Overlap)
		if n := signatures(); n != 1 {
			t.Errorf("%d signatures when the old one ended", n)
		}
		o.NewSession("marieke")
		if _, _, err := o.hooks.Rotate(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice, as from two tabs
			if _, err := o.hooks.Retire(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n := signatures(); n != 1 || o.Count(models.Party{Company: o.Production.Company}, event.WebhookRetired) != 1 {
			t.Errorf("%d signatures when the old one was retired", n)
		}
		o.System(func(tx *store.Tx) error {
			var rows []webhook.Secret
			err := tx.Find(&rows).Error
			for _, row := range rows {
				if strings.Contains(row.Sealed, "whsec_") {
					t.Error("a secret lies in clear")
				}
			}
			return err
		})
	})
}

func TestATestAndReplaysOfOneAndOfARange(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		if _, err := o.hooks.Test(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); err != nil {
			t.Fatal(err)
		}
		if got := o.bodies(e); !slices.Equal(got, []string{webhook.TestType}) {
			t.Errorf("a test posts %v", got)
		}
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Zonneveld, event.ConnectorDeleted)
		o.bodies(e)
		first := o.detail("marieke", e).Deliveries[0]
		if err := o.hooks.Replay(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		if p := o.take(e); p == nil || p.Headers["Webhook-Id"] != first.MessageID || p.Body != first.Body {
			t.Fatalf("replayed as %+v", p)
		} else {
			o.settle(p, webhook.Outcome{Status: 200})
		}
		n, err := o.hooks.ReplayRange(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, webhook.Range{From: o.Now().Add(-time.Hour), Until: o.Now().Add(time.Hour)})
		if err != nil || n != 1 { // not the other company's
			t.Errorf("%d events again, %v", n, err)
		}
		_, err = o.hooks.ReplayRange(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, webhook.Range{From: o.Now(), Until: o.Now()})
		if fields(err)["until"].Key != "webhook.error.until" {
			t.Error(err)
		}
	})
}

func TestAddressesThatCannotBeEndpoints(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		for address, want := range map[string]string{"": "error.required", "hooks": "webhook.error.address", "ftp://x.example": "webhook.error.address",
			"http://x.example/": "webhook.error.https", "https://a:b@x.example/": "webhook.error.password", "https://localhost/": "webhook.error.private",
			"https://127.0.0.1/": "webhook.error.private", "https://[::1]/": "webhook.error.private", "https://\x00": "webhook.error.address"} {
			_, _, err := o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, webhook.Draft{URL: address})
			if got := fields(err)["url"].Key; got != want {
				t.Errorf("%q is refused by %q, want %q (%v)", address, got, want, err)
			}
		}
	})
}

// A visit is told to its host by name, and never by network address or session.
func TestABodyTellsNoMoreThanTheTrail(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("karin", "", "visit", "delegation")
		o.Delegate("karin", "sanne", delegation.Week)
		o.Switch("sanne", o.Zonneveld)
		o.follow()
		seen := false
		for p := o.take(e); p != nil; p = o.take(e) {
			o.settle(p, webhook.Outcome{Status: 200})
			for _, secret := range []string{"192.0.2.7", o.Actor("sanne").Session, o.Kade.Organization, o.Kade.Company} {
				if strings.Contains(p.Body, secret) {
					t.Errorf("%s is told:\n%s", secret, p.Body)
				}
			}
			seen = seen || strings.Contains(p.Body, `"visit.entered"`) && strings.Contains(p.Body, "Kade Consultants")
		}
		if !seen {
			t.Error("the visit is not told")
		}
	})
}
