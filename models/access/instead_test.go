package access_test

import (
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
)

// TestSigningInOverALiveSessionEndsIt whichever way somebody signs in, and with
// it its visit: nobody holds the old cookie any more.
func TestSigningInOverALiveSessionEndsIt(t *testing.T) {
	// enter goes all the way with a code, also where an account is missing.
	enter := func(t *testing.T, w *modelstest.World, in access.Asking, instead string) string {
		t.Helper()
		entering := asked(w, in)
		entering.Instead = instead
		out, err := w.Entrance.Enter(w.Ctx, entering)
		no(t, err)
		if out.Token != "" {
			return out.Token
		}
		out, err = w.Entrance.Complete(w.Ctx, entering, "Noor Hendriks", "Noor Hendriks Advies")
		no(t, err)
		return out.Token
	}
	for name, signIn := range map[string]func(t *testing.T, w *modelstest.World, instead string) string{
		"the same person by code": func(t *testing.T, w *modelstest.World, instead string) string {
			return enter(t, w, access.Asking{Email: "sanne@kade.example"}, instead)
		},
		"another by code": func(t *testing.T, w *modelstest.World, instead string) string {
			return enter(t, w, access.Asking{Email: "karin@zonneveld.example"}, instead)
		},
		"by signing up": func(t *testing.T, w *modelstest.World, instead string) string {
			return enter(t, w, access.Asking{Email: "noor@noorhendriks.example", SignUp: true, Name: "Noor Hendriks", Organization: "Noor Hendriks Advies"}, instead)
		},
		"by completing what was missing": func(t *testing.T, w *modelstest.World, instead string) string {
			return enter(t, w, access.Asking{Email: "noor@noorhendriks.example"}, instead)
		},
		"by setting up": func(t *testing.T, w *modelstest.World, instead string) string {
			token, err := w.Entrance.PrepareSetup(w.Ctx)
			no(t, err)
			session, err := w.Entrance.Setup(w.Ctx, access.Founding{Token: token, Name: "Olga Brandt", Email: "olga@hub.example", Company: "Hub", Organization: "Hub", Instead: instead})
			no(t, err)
			return session
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				w.Delegate("karin", "sanne", delegation.Week)
				w.Switch("sanne", w.Zonneveld)
				elsewhere := w.SignIn("sanne")
				token := signIn(t, w, w.Actor("sanne").Session)
				if in := w.ActorOf(token); in.Anonymous() || in.Visiting() {
					t.Errorf("in as %+v", in)
				}
				if !w.Actor("sanne").Anonymous() || w.ActorOf(elsewhere).Anonymous() {
					t.Error("the old session goes on, or another does not")
				}
				w.System(func(tx *store.Tx) error {
					var v delegation.Visit
					err := tx.Take(&v).Error
					if v.LeftAt == nil || v.LeaveReason != delegation.SignedOut {
						t.Errorf("the visit: %+v", v)
					}
					return err
				})
				var out store.Event
				w.System(func(tx *store.Tx) error {
					return tx.Where("type = ? AND company_id = ?", event.SignedOut, w.Kade.Company).Take(&out).Error
				})
				if out.AccountID != w.ID("sanne") || out.RealOrganizationID != w.Kade.Organization || out.Channel != string(models.Browser) {
					t.Errorf("recorded as %+v", out)
				}
				if n := len(w.Mails(mail.LeftKind)); n != 2 || w.Count(w.Zonneveld, event.VisitLeft) != 1 {
					t.Errorf("%d mails, events %v", n, w.Events(w.Zonneveld))
				}
			})
		})
	}
}

// TestASignInThatFailsEndsNoSession: the browser keeps what it has.
func TestASignInThatFailsEndsNoSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		entering := asked(w, access.Asking{Email: "karin@zonneveld.example"})
		entering.Code, entering.Instead = "WRONG000", w.Actor("sanne").Session
		if _, err := w.Entrance.Enter(w.Ctx, entering); models.KindOf(err) != models.Invalid {
			t.Fatal(err)
		}
		if w.Actor("sanne").Anonymous() {
			t.Error("signed out by a wrong code")
		}
	})
}
