package access_test

import (
	"fmt"
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/modelstest"
)

// Who is over the limit of his own address uses up nobody's mailbox.
func TestOneAddressCannotLockAnotherPersonOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ask := func(email, address string) error {
			_, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: email, BrowserHash: "b", Language: "en", Address: address})
			return err
		}
		// Of IPv6 a whole /64 is one address.
		for i := range 30 {
			if err := ask(fmt.Sprintf("person%d@elsewhere.example", i), fmt.Sprintf("2001:db8::%x", i+1)); err != nil {
				t.Fatal(err)
			}
		}
		for range 10 {
			w.Wants(ask("karin@zonneveld.example", "2001:db8::ffff"), models.TooMany, "error.too_many")
		}
		if err := ask("karin@zonneveld.example", "192.0.2.9"); err != nil {
			t.Errorf("Karin is locked out: %v", err)
		}
	})
}

// Strangers who sign up first do not keep an installation from its operator.
func TestSetupWaitsForAnOperatorAndNotForAnAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token, err := w.Entrance.PrepareSetup(w.Ctx) // there are people, and no operator
		if err != nil || token == "" {
			t.Fatalf("no set-up address: %v", err)
		}
		if _, err := w.Entrance.Setup(w.Ctx, access.Founding{Token: token, Name: "Lotte", Email: "lotte@hub.example", Company: "Hub", Organization: "Hub"}); err != nil {
			t.Fatal(err)
		}
		if again, err := w.Entrance.PrepareSetup(w.Ctx); err != nil || again != "" {
			t.Errorf("another set-up address beside an operator: %v", err)
		}
	})
}
