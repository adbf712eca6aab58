package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/webhook"
)

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

func TestWhatWaitsForItsNextAttemptIsReplayedAndCounted(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "connector")
		o.happen(o.Production, event.ConnectorCreated)
		o.follow()
		o.settle(o.take(e), webhook.Outcome{Status: 503})
		if n, err := o.hooks.ReplayFailed(o.Ctx, o.Actor("marieke"), webhook.OfCompany, e.ID); n != 1 || err != nil {
			t.Error(n, err)
		}
		if o.take(e) == nil {
			t.Error("it waits on")
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
