package federation_test

import (
	"crypto/x509"
	"encoding/json"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
)

// TestAProvidersLogoutEndsAnOpenVisit: the consultant's own provider signs him
// out while he works elsewhere; the host's superusers are told that he left.
func TestAProvidersLogoutEndsAnOpenVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		f := federation.New(w.Store, w.Keys, func(*store.Tx, federation.Said) (*models.Error, error) { return nil, nil })
		f.Quicken()
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("sanne")).Update("operator", true).Error
		})
		sanne := w.Actor("sanne")
		_, err := f.AddDomain(w.Ctx, sanne, "kade.example")
		must(err)
		_, err = f.VouchDomain(w.Ctx, sanne, w.Kade.Company, "kade.example")
		must(err)
		c, err := f.Connect(w.Ctx, sanne, federation.Draft{Name: "Kade login", Provider: federation.Provider{EntityID: "https://idp.example", SSORedirect: "https://idp.example/sso",
			Certificates: []*x509.Certificate{{Raw: []byte("x")}}}})
		must(err)
		w.Delegate("karin", "thomas", delegation.Week)

		begun, err := f.Begin(w.Ctx, federation.Start{Connection: c.ID, RequestID: "_r1", BrowserHash: "b"})
		must(err)
		claimed, err := f.Claim(w.Ctx, c.ID, begun.RelayState)
		must(err)
		ticket, err := f.Finish(w.Ctx, claimed, federation.Told{Assertion: models.NewID("ass"), Expires: w.Now().Add(time.Minute), EntityID: "https://idp.example", Name: "thomas-1",
			SessionIndex: "_s1", Attributes: []federation.Attribute{{Name: "email", Values: []string{"thomas@kade.example"}}}})
		must(err)
		token, _, err := f.Redeem(w.Ctx, ticket, "b", federation.Visitor{})
		must(err)
		_, err = w.Sessions.Switch(w.Ctx, w.ActorOf(token), w.Zonneveld.Organization)
		must(err)
		if !w.ActorOf(token).Visiting() {
			t.Fatal("he is not on a visit")
		}
		before := len(w.Mails(mail.LeftKind))
		ended, err := f.EndSessions(w.Ctx, c.ID, federation.Farewell{Request: "_out1", Expires: w.Now().Add(time.Minute), Ours: "https://hub.example/metadata",
			Subject: federation.Subject{EntityID: "https://idp.example", Name: "thomas-1"}})
		if err != nil || ended != 1 {
			t.Fatalf("%d sessions ended, %v", ended, err)
		}
		if !w.ActorOf(token).Anonymous() {
			t.Error("the session goes on")
		}
		if w.Count(w.Zonneveld, event.VisitLeft) != 1 {
			t.Errorf("Zonneveld's events %v", w.Events(w.Zonneveld))
		}
		told := w.Mails(mail.LeftKind)[before:]
		if len(told) != 2 {
			t.Fatalf("%d mails say that he left, want one to each superuser", len(told))
		}
		for _, m := range told {
			var left mail.Left
			must(json.Unmarshal([]byte(m.Data), &left))
			if left.Person != "Thomas Bakker" || left.Why != string(delegation.SignedOut) {
				t.Errorf("%s is told %+v", m.Recipient, left)
			}
		}
	})
}
