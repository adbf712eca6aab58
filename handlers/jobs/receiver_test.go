package jobs_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"locum/handlers/jobs"
	"locum/handlers/web"
	"locum/handlers/webtest"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/webhook"
)

// receiver is testdata/receiver.mjs, run by node.
type receiver struct {
	*webtest.Node
	address string
}

// heard is what it says of one request.
type heard struct{ ID, Type, Email, Name, Role, Organization, Refused string }

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	n := webtest.RunNode(t, "standardwebhooks", "webhooks are not verified by a receiver that is not ours", "testdata/receiver.mjs")
	return &receiver{n, n.Line()}
}

// knows gives it the secret that it verifies with from now on.
func (r *receiver) knows(secret string) {
	r.T.Helper()
	r.Tell(secret)
	if got := r.Line(); got != "ready" {
		r.T.Fatal(got)
	}
}

func (r *receiver) heard() (h heard) {
	r.T.Helper()
	if err := json.Unmarshal([]byte(r.Line()), &h); err != nil {
		r.T.Fatal(err)
	}
	return h
}

// directoryUser is the data of an event of a directory, with its published object.
var directoryUser = map[string]any{"request": "req_1", event.Object: event.DirectoryUser{ID: "diruser_1", OrganizationID: "org_1", ProviderID: "00u1", PreferredUsername: "jd",
	Email: "jd@x.example", Active: true, Name: "J D", GivenName: "J", FamilyName: "D", Groups: []event.DirectoryGroup{{ID: "dirgroup_1", Name: "Eng"}},
	Roles: []event.DirectoryRole{{Name: "viewer"}}, CustomAttributes: map[string]any{}, RawAttributes: map[string]any{}}}

// A receiver written from the published shape works unchanged, and verifies with
// the old secret and the new one while they are replaced.
func TestAReceiverThatIsNotOursVerifiesAndReadsIt(t *testing.T) {
	node := newReceiver(t)
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		node.T = t
		w.Advance(time.Since(w.Now())) // receivers refuse what is older than five minutes
		w.NewSession("marieke")
		hooks, err := webhook.New(w.Store, w.Keys)
		if err != nil {
			t.Fatal(err)
		}
		e, first, err := hooks.Make(w.Ctx, w.Actor("marieke"), webhook.OfCompany, webhook.Draft{URL: node.address, Insecure: true, Types: []string{"organization.directory", "connector"}})
		if err != nil {
			t.Fatal(err)
		}
		courier := &jobs.Courier{Post: hooks, Client: web.Outbound{Loopback: true}.Client(), Now: w.Now, Log: slog.New(slog.DiscardHandler)}
		running, stop := context.WithCancel(w.Ctx)
		defer stop()
		over := make(chan struct{})
		go func() { defer close(over); courier.Run(running) }()
		defer func() { stop(); <-over }()

		post := func(kind string, data map[string]any) heard {
			t.Helper()
			err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
				tx.Record(kind, store.About{ID: "diruser_1", Name: "J D", Company: w.Production.Company, Data: data})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := hooks.Follow(w.Ctx); err != nil {
				t.Fatal(err)
			}
			return node.heard()
		}
		node.knows(first)
		got := post("organization.directory.user_updated", directoryUser)
		if want := (heard{ID: got.ID, Type: "organization.directory.user_updated", Email: "jd@x.example", Name: "J D", Role: "viewer", Organization: w.Production.Company}); got != want || got.ID == "" {
			t.Errorf("it reads %+v, want %+v", got, want)
		}
		_, second, err := hooks.Rotate(w.Ctx, w.Actor("marieke"), webhook.OfCompany, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, secret := range map[string]string{"the old secret": first, "the new one": second} {
			node.knows(secret)
			if got := post("connector.created", nil); got.Refused != "" || got.Type != "connector.created" {
				t.Errorf("with %s it says %+v", name, got)
			}
		}
		node.knows("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
		if got := post("connector.deleted", nil); got.Refused == "" {
			t.Errorf("with a wrong secret it says %+v", got)
		}
	})
}
