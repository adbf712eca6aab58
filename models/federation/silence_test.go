package federation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// comesIn signs Anna in, so long after what came before.
func (h *house) comesIn(after time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(after)
	_, err := h.signIn(anna().with("country", "NL"))
	h.must(err)
}

func (h *house) silences() (list []mail.Mail) {
	h.t.Helper()
	h.must(h.store.SystemRead(h.ctx, "test mails", func(tx *store.Tx) error {
		return tx.Where("kind = ?", mail.SilenceKind).Order("created_at, id").Find(&list).Error
	}))
	return list
}

func (h *house) warned(want int, when string) {
	h.t.Helper()
	for range 2 { // harmless to run twice
		h.must(h.federation.WarnOfSilence(h.ctx))
	}
	if got := len(h.silences()); got != want {
		h.t.Fatalf("%s there are %d mails, want %d", when, got, want)
	}
}

// TestAnIdentityProviderThatIsSilent is told of once, and again after somebody
// came in meanwhile.
func TestAnIdentityProviderThatIsSilent(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		for range 6 {
			h.comesIn(20 * time.Hour)
		}
		last := models.At(h.now)
		h.now = h.now.Add(72*time.Hour - time.Second)
		h.warned(0, "before 72 hours")
		h.now = h.now.Add(time.Second)
		h.warned(1, "after 72 hours")
		health, err := h.federation.Health(h.ctx, h.marieke)
		if err != nil || len(health) != 1 || !health[0].Silent {
			t.Errorf("health is %+v %v", health, err)
		}
		var content mail.Silence
		first := h.silences()[0]
		h.must(json.Unmarshal([]byte(first.Data), &content))
		if first.Recipient != "marieke@devries.example" || content.Connection != h.connection.ID || !content.Last.Equal(last.Time) || content.Hours != 72 ||
			!strings.HasSuffix(first.Key, fmt.Sprintf(":%d:%s", last.Unix(), h.marieke.Account)) {
			t.Errorf("%s got %+v by key %s", first.Recipient, content, first.Key)
		}
		h.now = h.now.Add(100 * time.Hour)
		h.warned(1, "long after")
		h.comesIn(time.Hour)
		h.warned(1, "when somebody came")
		if health, err := h.federation.Health(h.ctx, h.marieke); err != nil || health[0].Silent {
			t.Errorf("health is %+v %v", health, err)
		}
		h.now = h.now.Add(73 * time.Hour)
		h.warned(2, "when it fell silent again")
	})
}

// TestAConnectionThatIsNotMissed: hardly ever used, used only while it was set
// up, switched off, or of a company that does not want to know.
func TestAConnectionThatIsNotMissed(t *testing.T) {
	for name, c := range map[string]struct {
		gaps []time.Duration
		then func(*house)
	}{
		"never used":        {nil, nil},
		"a few times":       {slices.Repeat([]time.Duration{24 * time.Hour}, 4), nil},
		"while it was made": {slices.Repeat([]time.Duration{time.Minute}, 9), nil},
		"once a month":      {slices.Repeat([]time.Duration{30 * 24 * time.Hour}, 6), nil},
		"switched off": {slices.Repeat([]time.Duration{24 * time.Hour}, 6), func(h *house) {
			_, err := h.federation.Enable(h.ctx, h.marieke, h.connection.ID, false)
			h.must(err)
		}},
		"nobody wants to know": {slices.Repeat([]time.Duration{24 * time.Hour}, 6), func(h *house) {
			h.must(tenancy.NewCompanies(h.store).SetSilence(h.ctx, h.marieke, 0))
		}},
		"a longer time is chosen": {slices.Repeat([]time.Duration{24 * time.Hour}, 9), func(h *house) {
			h.must(tenancy.NewCompanies(h.store).SetSilence(h.ctx, h.marieke, 720))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for _, gap := range c.gaps {
				h.comesIn(gap)
			}
			if c.then != nil {
				c.then(h)
			}
			h.now = h.now.Add(80 * time.Hour)
			h.warned(0, name)
		})
	}
}

func TestHoursOfSilenceThatCannotBe(t *testing.T) {
	h := newHouse(t)
	for _, hours := range []int{-1, 721} {
		err := tenancy.NewCompanies(h.store).SetSilence(h.ctx, h.marieke, hours)
		if e, _ := refused(err); e == nil || e.Fields["silent_hours"].Key != "company.error.silent_hours" {
			t.Errorf("%d hours: %v", hours, err)
		}
	}
}

// TestClockSkewIsReported: by how much the provider's clock was off at the last
// sign-in, and a warning when that is more than a minute.
func TestClockSkewIsReported(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			ahead      time.Duration
			kept, told int
		}{
			{0, 0, 0}, {75 * time.Second, 75, 75}, {-2*time.Minute - time.Millisecond, -121, -121}, {time.Minute, 60, 0}, {-30 * time.Second, -30, 0}, {0, 0, 0},
		} {
			in := anna().with("country", "NL")
			in.ClockAhead = c.ahead
			_, err := h.signIn(in)
			h.must(err)
			health, err := h.federation.Health(h.ctx, h.marieke)
			h.must(err)
			if got := health[0]; got.Connection.ClockAhead != c.kept || got.ClockOff != c.told || got.Connection.ClockReadAt == nil {
				t.Errorf("%v ahead is kept as %d s and told as %d s", c.ahead, got.Connection.ClockAhead, got.ClockOff)
			}
		}
		// A test sign-in tells as well.
		in := anna().with("country", "NL")
		in.ClockAhead = 90 * time.Second
		_, err := h.test(in)
		h.must(err)
		if health, err := h.federation.Health(h.ctx, h.marieke); err != nil || health[0].ClockOff != 90 {
			t.Errorf("after a test: %+v %v", health, err)
		}
	})
}

// TestARefusalForTheClockSaysByHowMuch: the event keeps the number.
func TestARefusalForTheClockSaysByHowMuch(t *testing.T) {
	h := newHouse(t)
	why := models.Fail(models.Forbidden, "saml.error.not_yet_valid.body", "Count", 241)
	h.failed(h.federation.Refuse(h.ctx, h.connection, why), "saml.error.not_yet_valid.body")
	h.must(h.store.SystemRead(h.ctx, "test event", func(tx *store.Tx) error {
		var e store.Event
		err := tx.Where("type = ?", "session.refused").Take(&e).Error
		if !strings.Contains(e.Data, `"count":241`) {
			t.Errorf("recorded %s", e.Data)
		}
		return err
	}))
}
