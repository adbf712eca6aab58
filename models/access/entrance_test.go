package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asked asks for a code, and is what to give it with.
func asked(w *modelstest.World, in access.Asking) access.Entering {
	w.T.Helper()
	in.BrowserHash = "browser"
	id, err := w.Entrance.Ask(w.Ctx, in)
	if err != nil {
		w.T.Fatal(err)
	}
	code, err := account.Code(w.Keys, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return access.Entering{Request: id, BrowserHash: "browser", Code: code, Address: "192.0.2.1", UserAgent: "test"}
}

// enters asks for a code and gives it.
func enters(w *modelstest.World, in access.Asking) (access.Entering, access.Entered) {
	w.T.Helper()
	entering := asked(w, in)
	out, err := w.Entrance.Enter(w.Ctx, entering)
	if err != nil {
		w.T.Fatal(err)
	}
	return entering, out
}

func TestSigningInByCode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		entering, out := enters(w, access.Asking{Email: " Karin@ZONNEVELD.example", ReturnTo: "/members"})
		karin := w.ActorOf(out.Token)
		if karin.Account != w.ID("karin") || out.New || out.ReturnTo != "/members" || karin.Method != "code" {
			t.Fatalf("in as %+v: %+v", karin, out)
		}
		_, err := w.Entrance.Enter(w.Ctx, entering) // used twice
		w.Wants(err, models.NotFound, "error.not_found")
		if w.Count(w.Zonneveld, event.SignedIn) != 1 {
			t.Fatalf("events: %v", w.Events(w.Zonneveld))
		}
		m := w.Mails(mail.CodeKind)
		if len(m) != 1 || m[0].AccountID != w.ID("karin") || m[0].CompanyID != store.Platform || strings.Contains(m[0].Data, entering.Code) {
			t.Fatalf("mail: %+v", m)
		}
	})
}

func TestTheAnswerIsTheSameForUnknownAddresses(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		known, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "karin@zonneveld.example", BrowserHash: "b"})
		no(t, err)
		unknown, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "nobody@zonneveld.example", BrowserHash: "b"})
		no(t, err)
		for _, id := range []string{known, unknown} {
			_, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: "b", Code: "00000000"})
			w.Wants(err, models.Invalid, "[code: account.error.code_wrong]")
			_, err = w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: "other", Code: "00000000"})
			w.Wants(err, models.NotFound, "error.not_found")
		}
		if n := len(w.Mails(mail.CodeKind)); n != 2 {
			t.Fatalf("%d mails", n)
		}
	})
}

func TestAMailboxAndAnAddressAskForSoManyCodes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ask := func(email, from string) error {
			_, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: email, BrowserHash: "b", Address: from})
			return err
		}
		asked := 0
		for ; ask("karin@zonneveld.example", "192.0.2.1") == nil; asked++ {
			if asked > 20 {
				t.Fatal("there is no limit")
			}
		}
		w.Wants(ask("KARIN@zonneveld.example", "192.0.2.99"), models.TooMany, "error.too_many")
		if n := len(w.Mails(mail.CodeKind)); n != asked {
			t.Fatalf("%d mails for %d", n, asked)
		}
		no(t, ask("pim@zonneveld.example", "192.0.2.1"))
		w.Advance(15 * time.Minute)
		no(t, ask("karin@zonneveld.example", "192.0.2.1"))
	})
}

func TestSigningUpMakesACompanyAnOrganizationAndItsSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, out := enters(w, access.Asking{Email: "noor@noorhendriks.example", SignUp: true, Name: "Noor Hendriks", Organization: "Noor Hendriks Advies", Language: "nl", TimeZone: "Europe/London"})
		noor := w.ActorOf(out.Token)
		if !out.New || noor.Name != "Noor Hendriks" || noor.Language != "nl" || noor.TimeZone != "Europe/London" || noor.Real.Name != "Noor Hendriks Advies" || noor.Effective != noor.Real {
			t.Fatalf("in as %+v", noor)
		}
		if !noor.May(models.ManageDelegations) || !noor.May(models.ManageCompany) || noor.May(models.OperatePlatform) || noor.Operator {
			t.Fatalf("she may %v", noor.Permissions)
		}
		types := strings.Join(w.Events(noor.Real), " ")
		for _, want := range []string{event.OrganizationCreated, event.AccountCreated, event.RoleGranted, event.SignedIn} {
			if !strings.Contains(types, want) {
				t.Errorf("no %s in %s", want, types)
			}
		}
	})
}

func TestWhoSignsInWithoutAnAccountGoesOnToSignUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		entering, out := enters(w, access.Asking{Email: "noor@noorhendriks.example"})
		if out.Token != "" || out.New {
			t.Fatalf("%+v", out)
		}
		r, err := w.Entrance.Request(w.Ctx, entering.Request, "browser")
		if err != nil || !r.Proven {
			t.Fatalf("%+v: %v", r, err)
		}
		_, err = w.Entrance.Complete(w.Ctx, entering, "", "")
		w.Wants(err, models.Invalid, "[name: error.required] [organization: error.required]")
		stolen := entering
		stolen.BrowserHash = "other"
		_, err = w.Entrance.Complete(w.Ctx, stolen, "Noor", "Noor")
		w.Wants(err, models.NotFound, "error.not_found")
		out, err = w.Entrance.Complete(w.Ctx, entering, "Noor Hendriks", "Noor Hendriks")
		if err != nil || out.Token == "" || !out.New {
			t.Fatalf("%+v: %v", out, err)
		}
		_, err = w.Entrance.Complete(w.Ctx, entering, "Noor Hendriks", "Noor Hendriks")
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestWithoutAProvenMailboxNobodySignsUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		id, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "noor@noorhendriks.example", BrowserHash: "browser"})
		no(t, err)
		_, err = w.Entrance.Complete(w.Ctx, access.Entering{Request: id, BrowserHash: "browser"}, "Noor", "Noor")
		w.Wants(err, models.Conflict, "account.error.code_expired")
	})
}

func TestADomainThatRequiresSingleSignOnGetsNoCode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		require := func(verified *models.Instant) {
			w.System(func(tx *store.Tx) error {
				if err := tx.Where("1 = 1").Delete(&tenancy.Domain{}).Error; err != nil {
					return err
				}
				return tx.Create(&tenancy.Domain{CompanyID: w.Production.Company, ID: "dom_1", Name: "devries.example", Token: "t", SSORequired: true, VerifiedAt: verified, CreatedAt: models.At(w.Now())}).Error
			})
		}
		ask := func() error {
			_, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "Marieke@DeVries.example", BrowserHash: "b"})
			return err
		}
		require(nil) // a domain that is not proven closes nobody out
		no(t, ask())
		require(models.AtPtr(w.Now()))
		w.Wants(ask(), models.Conflict, "account.error.sso_required")
		if n := len(w.Mails(mail.CodeKind)); n != 1 {
			t.Fatalf("%d mails", n)
		}
	})
}

func TestADeactivatedAccountDoesNotComeIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		open := w.Token("ria")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("ria")).Update("deactivated_at", models.At(w.Now())).Error
		})
		if !w.ActorOf(open).Anonymous() {
			t.Error("her session goes on")
		}
		_, err := w.Sessions.Open(w.Ctx, access.Opening{Account: w.ID("ria"), Method: "code"})
		w.Wants(err, models.Forbidden, "account.error.deactivated")
	})
}

func TestTheInstallationIsSetUpOnce(t *testing.T) {
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			ctx, now := t.Context(), modelstest.Start
			s, err := store.Open(ctx, store.Config{URL: modelstest.URL(t, database), Derive: access.Derive, Now: func() time.Time { return now }})
			no(t, err)
			t.Cleanup(s.Close)
			keys, err := secret.Ephemeral()
			no(t, err)
			entrance, sessions := access.NewEntrance(s, keys), access.NewSessions(s, keys)
			kind := func(err error) models.Kind { return models.KindOf(err) }

			first, err := entrance.PrepareSetup(ctx)
			no(t, err)
			second, err := entrance.PrepareSetup(ctx)
			no(t, err)
			if first == "" || second == "" || kind(entrance.SetupOpen(ctx, first)) != models.NotFound || kind(entrance.SetupOpen(ctx, "guess")) != models.NotFound {
				t.Fatal("an earlier address, or any, works")
			}
			in := access.Founding{Token: second, Name: "Marieke de Vries", Email: "marieke@devries.example", Company: "De Vries Logistiek", Organization: "De Vries Production", Language: "nl", TimeZone: "Europe/Amsterdam"}
			wrong := in
			wrong.Email, wrong.Company = "nobody", ""
			if _, err := entrance.Setup(ctx, wrong); kind(err) != models.Invalid || entrance.SetupOpen(ctx, second) != nil {
				t.Fatalf("a wrong form: %v", err)
			}
			now = now.Add(time.Hour)
			if _, err := entrance.Setup(ctx, in); kind(err) != models.NotFound {
				t.Fatalf("after an hour: %v", err)
			}
			if in.Token, err = entrance.PrepareSetup(ctx); err != nil || in.Token == "" {
				t.Fatal(err)
			}
			token, err := entrance.Setup(ctx, in)
			no(t, err)
			operator, err := sessions.Actor(ctx, token)
			if err != nil || !operator.Operator || !operator.May(models.OperatePlatform) || !operator.May(models.ManageCompany) || !operator.May(models.ManageDelegations) {
				t.Fatalf("%+v: %v", operator, err)
			}
			if _, err := entrance.Setup(ctx, in); kind(err) != models.NotFound {
				t.Fatalf("twice: %v", err)
			}
			if again, err := entrance.PrepareSetup(ctx); err != nil || again != "" {
				t.Fatalf("offered once more: %q, %v", again, err)
			}
		})
	}
}

func TestWhatIsNoAddressIsAnsweredAtItsField(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for typed, key := range map[string]string{"": "error.required", "  ": "error.required", "nobody": "account.error.email"} {
			_, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: typed, SignUp: true})
			var wrong *models.Error
			if !errors.As(err, &wrong) || wrong.Fields["email"].Key != key || wrong.Fields["name"].Key != "error.required" {
				t.Errorf("%q: %v", typed, err)
			}
		}
	})
}
