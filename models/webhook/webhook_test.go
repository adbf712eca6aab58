package webhook_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
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

func TestAnEndpointGetsItsOwnTenantsEventsAlone(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		company, production, other := o.make("marieke", ""), o.make("marieke", o.Production.Organization), o.make("karin", "")
		o.bodies(company)
		o.bodies(production)
		o.bodies(other)
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Acceptance, event.ConnectorDeleted)
		o.happen(models.Party{Company: o.Production.Company}, event.DomainAdded)
		o.happen(o.Zonneveld, event.VisitEntered)
		for name, c := range map[string]struct {
			of   webhook.Endpoint
			want []string
		}{
			"the company":    {company, []string{event.ConnectorCreated, event.ConnectorDeleted, event.DomainAdded}},
			"Production":     {production, []string{event.ConnectorCreated}},
			"another tenant": {other, []string{event.VisitEntered}},
		} {
			if got := o.bodies(c.of); !slices.Equal(got, c.want) {
				t.Errorf("%s gets %v, want %v", name, got, c.want)
			}
		}
		// And its rows are nobody else's.
		for _, by := range []string{"karin", "jan"} {
			if _, err := o.hooks.Get(o.Ctx, o.Actor(by), webhook.OfCompany, company.ID, "", ""); err == nil {
				t.Errorf("%s reads it", by)
			}
		}
		_, err := o.hooks.Get(o.Ctx, o.Actor("karin"), webhook.OfCompany, company.ID, "", "")
		o.Wants(err, models.NotFound, "error.not_found")
		_, _, err = o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, webhook.Draft{URL: "https://x.example", OrganizationID: o.Zonneveld.Organization})
		if wrong := fields(err); wrong["organization"].Key != "error.choice" {
			t.Errorf("an organization of another company: %v", err)
		}
		_, err = o.hooks.List(o.Ctx, o.Actor("marieke"), webhook.OfPlatform)
		o.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func fields(err error) models.FieldErrors {
	if e, ok := err.(*models.Error); ok {
		return e.Fields
	}
	return nil
}

func TestAnEndpointGetsTheTypesItChose(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "visit", event.ConnectorCreated)
		o.happen(o.Production, event.ConnectorCreated, event.ConnectorChanged, event.VisitEntered, event.VisitLeft, event.FamilyChanged)
		if got := o.bodies(e); !slices.Equal(got, []string{event.ConnectorCreated, event.VisitEntered, event.VisitLeft}) {
			t.Errorf("it gets %v", got)
		}
	})
}

func TestAnOperatorsEndpointGetsEveryCompanysEvents(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", o.ID("thomas")).Update("operator", true).Error
		})
		e, _, err := o.hooks.Make(o.Ctx, o.Actor("thomas"), webhook.OfPlatform, webhook.Draft{URL: "https://hub.example/", Types: []string{"connector"}})
		if err != nil {
			t.Fatal(err)
		}
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Zonneveld, event.ConnectorDeleted)
		// A company that came later is followed from its first event.
		later := o.Found("Later", "Later", "lea", "Lea", "lea@later.example")
		o.happen(later, event.ConnectorChanged)
		got := o.bodies(e)
		slices.Sort(got)
		if !slices.Equal(got, []string{event.ConnectorChanged, event.ConnectorCreated, event.ConnectorDeleted}) {
			t.Errorf("it gets %v", got)
		}
	})
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

func TestTheRetrySchedule(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated)
		o.follow()
		id := ""
		waits := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
		for i := range 10 {
			p := o.take(e)
			if p == nil || p.Attempt != i+1 || id != "" && p.Headers["Webhook-Id"] != id {
				t.Fatalf("attempt %d is %+v", i+1, p)
			}
			id = p.Headers["Webhook-Id"]
			o.settle(p, webhook.Outcome{Status: 503})
			if i == len(waits) {
				break
			}
			o.Advance(waits[i] - time.Second)
			if o.take(e) != nil {
				t.Fatalf("attempt %d comes too early", i+2)
			}
			o.Advance(time.Second + waits[i]/10) // jitter
		}
		d := o.detail("marieke", e)
		if d.Deliveries[0].State != webhook.Failed || d.Failed != 1 || d.Health() != webhook.Troubled {
			t.Errorf("%+v", d)
		}
		tried, err := o.hooks.Delivery(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, d.Deliveries[0].ID)
		if err != nil || len(tried.All) != 10 || tried.All[0].Status != 503 || tried.All[0].Failure != webhook.BadStatus {
			t.Errorf("%+v %v", tried, err)
		}
		if n, err := o.hooks.ReplayFailed(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if p := o.take(e); p == nil || p.Headers["Webhook-Id"] != id {
			t.Errorf("replayed as %+v", p)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated, event.ConnectorChanged)
		o.follow()
		o.settle(o.take(e), webhook.Outcome{Status: 429, RetryAfter: time.Hour})
		o.Advance(time.Hour - time.Second)
		if o.take(e) != nil {
			t.Error("another delivery goes to an endpoint that asked us to wait")
		}
		o.Advance(2 * time.Second)
		if o.take(e) == nil {
			t.Error("nothing goes after the time it asked for")
		}
	})
}

func TestAnEndpointThatIsGoneIsSwitchedOffAndManagersAreTold(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated)
		o.follow()
		o.settle(o.take(e), webhook.Outcome{Status: http.StatusGone})
		o.happen(o.Production, event.ConnectorChanged)
		o.Advance(time.Hour)
		o.follow()
		if d := o.detail("marieke", e); d.Enabled || d.OffWhy != webhook.Gone || o.take(e) != nil {
			t.Errorf("%+v", d)
		}
		if n := len(o.Mails(mail.WebhookOffKind)); n != 1 {
			t.Errorf("%d mails", n)
		}
		if o.Count(models.Party{Company: o.Production.Company}, event.WebhookSwitchedOff) != 1 {
			t.Error("it is not recorded")
		}
		// Switched on again it gets what it missed.
		if _, err := o.hooks.SwitchOn(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, true); err != nil {
			t.Fatal(err)
		}
		if got := o.bodies(e); !slices.Equal(got, []string{event.ConnectorCreated, event.ConnectorChanged}) {
			t.Errorf("it gets %v", got)
		}
	})
}

func TestAnEndpointThatFailsForFiveDaysIsSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		for day := range 6 {
			o.happen(o.Production, event.ConnectorCreated)
			o.follow()
			for p := o.take(e); p != nil; p = o.take(e) {
				o.settle(p, webhook.Outcome{Fault: webhook.TimedOut})
			}
			if on := o.detail("marieke", e).Enabled; on != (day < 5) {
				t.Fatalf("after %d days it is on: %v", day, on)
			}
			o.Advance(24 * time.Hour)
		}
		if n := len(o.Mails(mail.WebhookOffKind)); n != 1 {
			t.Errorf("%d mails", n)
		}
		// Without what it missed: from now on alone.
		o.NewSession("marieke")
		if _, err := o.hooks.SwitchOn(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, false); err != nil {
			t.Fatal(err)
		}
		o.happen(o.Production, event.ConnectorDeleted)
		if got := o.bodies(e); !slices.Equal(got, []string{event.ConnectorDeleted}) {
			t.Errorf("it gets %v", got)
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

// What came back is kept as both databases take it.
func TestAnswersThatAreNoTextAreKept(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated)
		o.follow()
		o.settle(o.take(e), webhook.Outcome{Status: 500, ResponseBody: "a\x00b\xff" + strings.Repeat("x", 5000), ResponseHeaders: map[string]string{"X": "\x00\xff"}})
		d := o.detail("marieke", e)
		tried, err := o.hooks.Delivery(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID, d.Deliveries[0].ID)
		if err != nil || !strings.HasPrefix(tried.All[0].ResponseBody, "a\uFFFDb\uFFFD") || len(tried.All[0].ResponseBody) > 4<<10+8 {
			t.Errorf("%+v %v", tried.All, err)
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
