package access_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
)

func TestGuessesAtTheSameTimeAreAllCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		id, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "karin@zonneveld.example", BrowserHash: "b"})
		if err != nil {
			t.Fatal(err)
		}
		var guesses sync.WaitGroup
		var counted, spent atomic.Int32
		for range 20 {
			guesses.Go(func() {
				_, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: "b", Code: "WRONG000"})
				switch {
				case err == nil:
					t.Error("a guess came in")
				case strings.Contains(err.Error(), "code_wrong"):
					counted.Add(1)
				case strings.Contains(err.Error(), "code_tries"):
					spent.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		guesses.Wait()
		if counted.Load() != account.CodeTries-1 || spent.Load() != 20-account.CodeTries+1 {
			t.Errorf("%d guesses were told that they have tries left, %d that they have none", counted.Load(), spent.Load())
		}
	})
}

func TestACodeThatIsGivenTwiceAtTheSameTimeOpensOneSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for _, in := range []access.Asking{
			{Email: "karin@zonneveld.example", BrowserHash: "b"},
			{Email: "noor@noorhendriks.example", BrowserHash: "b", SignUp: true, Name: "Noor Hendriks", Organization: "Noor Hendriks"},
		} {
			id, err := w.Entrance.Ask(w.Ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			code, err := account.Code(w.Keys, id)
			if err != nil {
				t.Fatal(err)
			}
			var both sync.WaitGroup
			var opened, gone atomic.Int32
			for range 2 {
				both.Go(func() {
					out, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: id, BrowserHash: "b", Code: code})
					switch {
					case err == nil && out.Token != "":
						opened.Add(1)
					case models.KindOf(err) == models.NotFound:
						gone.Add(1)
					default:
						t.Errorf("%s: %v", in.Email, err)
					}
				})
			}
			both.Wait()
			if opened.Load() != 1 || gone.Load() != 1 {
				t.Errorf("%s: %d sessions", in.Email, opened.Load())
			}
		}
	})
}

func TestANewCodeKeepsWhatWasFilledIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		first, err := w.Entrance.Ask(w.Ctx, access.Asking{Email: "noor@noorhendriks.example", BrowserHash: "b", SignUp: true, Name: "Noor Hendriks",
			Organization: "Hendriks Advies", Language: "nl", TimeZone: "Europe/London", ReturnTo: "/offers/dlg_1"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Entrance.Again(w.Ctx, first, "another browser", "")
		w.Wants(err, models.NotFound, "error.not_found")
		again, err := w.Entrance.Again(w.Ctx, first, "b", "")
		if err != nil || again == first {
			t.Fatalf("%s: %v", again, err)
		}
		code, err := account.Code(w.Keys, again)
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.Entrance.Enter(w.Ctx, access.Entering{Request: again, BrowserHash: "b", Code: code})
		if err != nil || !out.New || out.ReturnTo != "/offers/dlg_1" {
			t.Fatalf("%+v: %v", out, err)
		}
		noor := w.ActorOf(out.Token)
		if noor.Name != "Noor Hendriks" || noor.Effective.Name != "Hendriks Advies" || noor.Language != "nl" || noor.TimeZone != "Europe/London" {
			t.Errorf("she is %+v", noor)
		}
	})
}

func TestSigningOutElsewhereEndsTheVisitsThere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		visiting, other := w.Token("sanne"), w.SignIn("sanne")
		ended, err := w.Sessions.RevokeOthers(w.Ctx, w.ActorOf(other))
		if err != nil || ended != 1 {
			t.Fatalf("%d: %v", ended, err)
		}
		if !w.ActorOf(visiting).Anonymous() || w.ActorOf(other).Anonymous() {
			t.Error("the wrong session was ended")
		}
		if w.Count(w.Zonneveld, "visit.left") != 1 || w.Count(w.Kade, "session.revoked") != 1 {
			t.Errorf("events: %v / %v", w.Events(w.Zonneveld), w.Events(w.Kade))
		}
	})
}
