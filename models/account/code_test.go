package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
)

// asked writes a request for a code, and gives the code.
func asked(w *modelstest.World) (account.CodeRequest, string) {
	w.T.Helper()
	row := account.CodeRequest{ID: models.NewID("sic"), BrowserHash: "browser", Email: "sanne@kade.example", Normal: "sanne@kade.example",
		ExpiresAt: models.At(w.Now().Add(account.CodeLife)), CreatedAt: models.At(w.Now())}
	w.System(func(tx *store.Tx) error { return tx.Create(&row).Error })
	code, err := account.Code(w.Keys, row.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return row, code
}

// try gives a code, and the key of what is wrong with it.
func try(w *modelstest.World, id, browser, typed string) (key string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		var row account.CodeRequest
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return err
		}
		wrong, err := row.Try(tx, w.Keys, browser, typed)
		if wrong != nil {
			key = wrong.Key
		}
		return err
	})
	return key
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row, code := asked(w)
		letters := strings.NewReplacer("0", "O", "1", "I").Replace(code)
		for _, typed := range []string{code, strings.ToLower(code), code[:4] + "-" + code[4:], " " + code[:4] + " " + code[4:] + "\n",
			strings.Join(strings.Split(code, ""), " "), letters, strings.ReplaceAll(letters, "I", "l"), strings.ToLower(letters), code[:4] + "–" + code[4:]} {
			if key := try(w, row.ID, "browser", typed); key != "" {
				t.Errorf("%q for %s: %s", typed, code, key)
			}
		}
	})
}

func TestACodeHasFiveTries(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row, code := asked(w)
		for n := range account.CodeTries - 1 {
			if key := try(w, row.ID, "browser", fmt.Sprintf("WRONG%03d", n)); key != "account.error.code_wrong" {
				t.Fatalf("try %d: %q", n+1, key)
			}
		}
		if key := try(w, row.ID, "browser", ""); key != "account.error.code_tries" {
			t.Fatalf("the last try: %q", key)
		}
		if key := try(w, row.ID, "browser", code); key != "account.error.code_tries" {
			t.Fatalf("the right code after it: %q", key)
		}
	})
}

func TestACodeIsOfOneBrowserAndOneTime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		row, code := asked(w)
		if key := try(w, row.ID, "another", code); key != "account.error.code_other_browser" {
			t.Errorf("in another browser: %q", key)
		}
		w.Advance(account.CodeLife - time.Microsecond)
		if key := try(w, row.ID, "browser", code); key != "" {
			t.Errorf("just in time: %q", key)
		}
		w.Advance(time.Microsecond)
		if key := try(w, row.ID, "browser", code); key != "account.error.code_expired" {
			t.Errorf("too late: %q", key)
		}
		row, code = asked(w)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.CodeRequest{}).Where("id = ?", row.ID).Update("used_at", models.At(tx.Now())).Error
		})
		if key := try(w, row.ID, "browser", code); key != "account.error.code_used" {
			t.Errorf("used: %q", key)
		}
	})
}

func TestACodeIsOfItsRequestAndOfTheseKeys(t *testing.T) {
	keys, err := secret.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	others, err := secret.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n := range 200 {
		id := fmt.Sprintf("sic_%d", n)
		one, _ := account.Code(keys, id)
		again, _ := account.Code(keys, id)
		other, _ := account.Code(others, id)
		if len(one) != 8 || one != again || one == other || seen[one] || strings.Trim(one, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("%s: %s, %s, %s", id, one, again, other)
		}
		seen[one] = true
	}
}

func TestALimitCountsInItsWindow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		count := func(key string) error { return w.Sessions.Rate(w.Ctx, key, 3, 10*time.Minute) }
		for range 3 {
			if err := count("a"); err != nil {
				t.Fatal(err)
			}
		}
		w.Wants(count("a"), models.TooMany, "error.too_many")
		w.Wants(count("a"), models.TooMany, "error.too_many") // what is refused counts too
		if err := count("b"); err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * time.Minute)
		if err := count("a"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestALimitCountsWhatIsDoneAtTheSameTime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		answers := make(chan error)
		for range 12 {
			go func() { answers <- w.Sessions.Rate(w.Ctx, "a", 5, time.Hour) }()
		}
		passed := 0
		for range 12 {
			err := <-answers
			if err == nil {
				passed++
			} else if models.KindOf(err) != models.TooMany {
				t.Error(err)
			}
		}
		if passed != 5 {
			t.Fatalf("%d passed", passed)
		}
	})
}

func TestWhatNoLongerMattersIsPruned(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		old, _ := asked(w)
		if err := w.Sessions.Rate(w.Ctx, "old", 3, time.Minute); err != nil {
			t.Fatal(err)
		}
		w.Advance(25 * time.Hour)
		fresh, _ := asked(w)
		w.System(account.Prune)
		var codes []string
		var counters int64
		w.System(func(tx *store.Tx) error {
			if err := tx.Model(&account.CodeRequest{}).Pluck("id", &codes).Error; err != nil {
				return err
			}
			return tx.Model(&account.Counter{}).Where("key = 'old'").Count(&counters).Error
		})
		if len(codes) != 1 || codes[0] != fresh.ID || counters != 0 {
			t.Fatalf("left: %v (old was %s), %d counters", codes, old.ID, counters)
		}
	})
}
