package i18n

import (
	"context"
	"testing"
	"time"

	"locum/models"
)

var (
	english = For("en", "Europe/Amsterdam")
	dutch   = For("nl", "Europe/Amsterdam")
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, english.Location())
	if err != nil {
		t.Fatal(err)
	}
	return moment.UTC()
}

func TestDatesAreWrittenInTheReadersZoneAndLanguage(t *testing.T) {
	end := at(t, "2026-11-27 17:00")
	for _, c := range []struct{ got, want string }{
		{english.Date(end), "Fri 27 Nov 2026"},
		{dutch.Date(end), "vr 27 nov 2026"},
		{english.DateTime(end), "Fri 27 Nov 2026, 17:00"},
		{dutch.DateTime(end), "vr 27 nov 2026, 17:00"},
		{english.Time(end), "17:00"},
		{For("en", "").Time(end), "16:00"},
		{For("en", "Nowhere/Atall").Time(end), "16:00"},
		{Locale{}.DateTime(end), "Fri 27 Nov 2026, 16:00"},
		{english.ShortDateTime(at(t, "2026-01-01 00:30"), end), "Fri 27 Nov, 17:00"},
		{english.ShortDateTime(at(t, "2027-01-01 00:30"), end), "Fri 27 Nov 2026, 17:00"},
		{dutch.Date(at(t, "2026-03-01 12:00")), "zo 1 mrt 2026"},
		{english.DayMonth(end), "27 Nov"},
		{english.FormatDate(end), "27-11-2026"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestRelative(t *testing.T) {
	now := at(t, "2026-11-24 10:42")
	for when, want := range map[string]string{
		"2026-11-24 10:42": "just now", "2026-11-24 09:31": "09:31", "2026-11-24 17:00": "17:00",
		"2026-11-23 16:48": "Yesterday 16:48", "2026-11-23 00:01": "Yesterday 00:01", "2026-11-25 08:00": "Tomorrow 08:00",
		"2026-11-20 17:00": "Fri 20 Nov", "2025-11-20 17:00": "Thu 20 Nov 2025",
	} {
		if got := english.Relative(now, at(t, when)); got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	if got := dutch.Relative(now, at(t, "2026-11-23 16:48")); got != "Gisteren 16:48" {
		t.Errorf("Dutch: %q", got)
	}
}

func TestLeft(t *testing.T) {
	now := at(t, "2026-11-24 10:00")
	for _, c := range []struct {
		left   time.Duration
		en, nl string
	}{
		{78 * time.Hour, "3 days 6 hours left", "nog 3 dagen 6 uur"},
		{25 * time.Hour, "1 day 1 hour left", "nog 1 dag 1 uur"},
		{48 * time.Hour, "2 days left", "nog 2 dagen"},
		{22*24*time.Hour + 5*time.Hour, "22 days left", "nog 22 dagen"},
		{5*time.Hour + 12*time.Minute, "5 h 12 min left", "nog 5 u 12 min"},
		{time.Minute, "1 minute left", "nog 1 minuut"},
		{59 * time.Second, "under a minute left", "nog minder dan een minuut"},
		{0, "Ended", "Afgelopen"},
		{-time.Hour, "Ended", "Afgelopen"},
	} {
		if got := english.Left(now, now.Add(c.left)); got != c.en {
			t.Errorf("%v: got %q, want %q", c.left, got, c.en)
		}
		if got := dutch.Left(now, now.Add(c.left)); got != c.nl {
			t.Errorf("%v: got %q, want %q", c.left, got, c.nl)
		}
	}
	if got := english.Left(now, time.Time{}); got != "No end date" {
		t.Errorf("no end: %q", got)
	}
}

func TestDurationNumberAndList(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{english.Duration(2*time.Hour + 4*time.Minute), "2 h 04 min"},
		{dutch.Duration(2*time.Hour + 4*time.Minute), "2 u 04 min"},
		{english.Duration(38 * time.Minute), "38 min"},
		{english.Duration(20 * time.Second), "under a minute"},
		{english.Number(1284), "1,284"},
		{dutch.Number(1284), "1.284"},
		{english.List(nil), ""},
		{english.List([]string{"a"}), "a"},
		{english.List([]string{"a", "b"}), "a and b"},
		{dutch.List([]string{"a", "b", "c"}), "a, b en c"},
		{english.N("common.period.days", 1), "1 day"},
		{dutch.N("common.period.days", 2000), "2.000 dagen"},
		{english.T("common.no.such.key"), "common.no.such.key"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDatesAreReadAsPeopleWriteThem(t *testing.T) {
	want := at(t, "2026-11-07 00:00")
	for _, text := range []string{"7-11-2026", "07/11/2026", " 7.11.2026 ", "2026-11-07"} {
		if got, err := english.ParseDate(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "tomorrow", "31-2-2026", "13/13/2026", "7-11-26"} {
		if got, err := english.ParseDate(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestMatchPicksTheReadersLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"nl-BE,nl;q=0.9,en;q=0.5": "nl", "en-GB": "en", "de, fr;q=0.9": "en", "de, nl;q=0.5": "nl", "": "en", ";;;": "en", "*": "en",
	} {
		if got := Match(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestMessagesOfTheDomainAreSaid(t *testing.T) {
	ctx := With(context.Background(), dutch)
	if got := Say(ctx, models.Text("common.errors", "Count", 1)); got != "Nog niet opgeslagen. Er is één punt dat je aandacht vraagt." {
		t.Errorf("plural: %q", got)
	}
	end := at(t, "2026-11-27 17:00")
	for _, value := range []any{end, models.At(end)} {
		if got := Say(ctx, models.Text("common.time.left", "Period", value)); got != "nog vr 27 nov 2026, 17:00" {
			t.Errorf("%T: %q", value, got)
		}
	}
	if got := Say(ctx, models.Text("common.time.left", "Period", []string{"a", "b"})); got != "nog a en b" {
		t.Errorf("words: %q", got)
	}
	if got := T(context.Background(), "common.save"); got != "Save" {
		t.Errorf("without a locale: %q", got)
	}
}
