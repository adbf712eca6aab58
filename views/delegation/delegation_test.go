package delegation

import (
	"context"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
	"locum/views/ui/uitest"
)

var now = time.Date(2026, 11, 24, 9, 42, 0, 0, time.UTC)

func reader(language, zone string) context.Context {
	return i18n.With(context.Background(), i18n.For(language, zone))
}

// Keys that are put together of a word and a value are not found by the test
// of the catalogs.
func TestEveryStateAndReasonHasWords(t *testing.T) {
	var keys []string
	for _, l := range looks {
		keys = append(keys, l.key)
	}
	for _, p := range delegation.Periods {
		keys = append(keys, periodKey(p))
	}
	for _, tab := range Tabs {
		keys = append(keys, tab.key())
	}
	for why := range leaveIcons {
		keys = append(keys, "delegation.left."+string(why))
	}
	for _, why := range []string{delegation.Redundant, delegation.Offboard, delegation.Unreviewed, delegation.Unconfirmed, delegation.Readdressed, delegation.Rehomed} {
		keys = append(keys, "delegation.suspended."+why, "delegation.suspended."+why+".text")
	}
	for _, look := range occasions {
		keys = append(keys, look.key, "delegation.occasion.ics."+look.key[len("delegation.occasion."):])
	}
	for _, do := range []Do{DoExtend, DoShorten, DoNarrow, DoRevoke} {
		keys = append(keys, "delegation.bulk."+string(do)+".title", "delegation.bulk."+string(do)+".text", "delegation.bulk."+string(do)+".do")
	}
	for _, q := range []delegation.Question{delegation.ReviewDue, delegation.GranterGone} {
		keys = append(keys, "delegation.history.questioned."+string(q), "delegation.chip."+string(q))
	}
	for _, language := range i18n.Languages() {
		keys = append(keys, "delegation.language."+language)
	}
	for _, kind := range event.Types {
		if what, ours := strings.CutPrefix(kind, "delegation."); ours {
			keys = append(keys, "delegation.history."+what)
		}
	}
	for _, key := range keys {
		if !i18n.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
	if len(looks) != 12 || len(leaveIcons) != 11 {
		t.Errorf("%d states and %d reasons have a look", len(looks), len(leaveIcons))
	}
}

func moment(at time.Time) *models.Instant { i := models.At(at); return &i }

func TestAStateReadsInBothLanguages(t *testing.T) {
	given := delegation.Delegation{ID: "dlg_1", AccountID: "acc_1", AccountName: "Sanne Kuipers", AcceptedAt: moment(now.Add(-48 * time.Hour)),
		StartsAt: models.At(now.Add(-48 * time.Hour)), EndsAt: moment(now.Add(5 * 24 * time.Hour))}
	change := func(do func(*delegation.Delegation)) delegation.Delegation {
		d := given
		do(&d)
		return d
	}
	for _, c := range []struct {
		d                        delegation.Delegation
		tone, english, dutch, at string
	}{
		{given, ui.OK, "5 days left", "nog 5 dagen", "until Sun 29 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.EndsAt = nil }), ui.Off, "No end date", "Geen einddatum", "since Sun 22 Nov, 10:42"},
		{change(func(d *delegation.Delegation) {
			d.RevokedAt, d.RevokedBy, d.RevokedByName = moment(now), "acc_2", "Karin Schouten"
		}), ui.Bad, "Revoked by Karin Schouten", "Ingetrokken door Karin Schouten", "Tue 24 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.RevokedAt, d.RevokedBy = moment(now), "acc_1" }), ui.Off, "Finished early", "Eerder klaar", "Tue 24 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.EndsAt = moment(now) }), ui.Off, "Ran its full time", "Liep tot het einde", "ended Tue 24 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.AcceptedAt, d.AccountID = nil, "" }), ui.Info, "Not accepted yet", "Nog niet aangenomen", "until Sun 29 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.DeclinedAt = moment(now) }), ui.Off, "Not accepted", "Niet aangenomen", "on Tue 24 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.SuspendedAt, d.SuspendReason = moment(now), delegation.Redundant }), ui.Warn, "Became a member", "Werd zelf lid", "until Sun 29 Nov, 10:42"},
		{change(func(d *delegation.Delegation) { d.StartsAt = models.At(now.Add(26 * time.Hour)) }), ui.Info, "Starts in 1 day", "Begint over 1 dag", "until Sun 29 Nov, 10:42"},
	} {
		english, dutch := reader("en", "Europe/Amsterdam"), reader("nl", "Europe/Amsterdam")
		if got := headline(english, c.d, now); !strings.HasPrefix(got, c.english) {
			t.Errorf("%s reads %q, want %q", c.d.Status(now), got, c.english)
		}
		if got := headline(dutch, c.d, now); !strings.HasPrefix(got, c.dutch) {
			t.Errorf("%s reads %q in Dutch, want %q", c.d.Status(now), got, c.dutch)
		}
		if got := detail(english, c.d, now); got != c.at {
			t.Errorf("%s: %q, want %q", c.d.Status(now), got, c.at)
		}
		if got := lookOf(c.d, false, now).tone; got != c.tone {
			t.Errorf("%s has the tone %s, want %s", c.d.Status(now), got, c.tone)
		}
	}
}

func TestEachPeriodSaysItsEndOnTheHostsClock(t *testing.T) {
	p := Periods{Chosen: delegation.Week, Host: tenancy.Organization{Name: "Zonneveld Bakkerijen", TimeZone: "Europe/Amsterdam"}, Now: now}
	page := uitest.Render(reader("en", "America/New_York"), t, periodField(p))
	words := uitest.Words(page.Root)
	for _, text := range []string{"4 hours until Tue 24 Nov, 14:42", "until Wed 25 Nov, 10:42", "until Tue 1 Dec, 10:42", "until Thu 24 Dec, 10:42", "until Wed 24 Feb 2027, 10:42",
		"in the time zone of Zonneveld Bakkerijen (Europe/Amsterdam)", "Such as 01-12-2026"} {
		if !strings.Contains(words, text) {
			t.Errorf("the form lacks %q: %s", text, words)
		}
	}
	if checked := page.All("input[name=period][checked]"); len(checked) != 1 || uitest.Attr(checked[0], "value") != "1w" {
		t.Errorf("%d periods are chosen", len(checked))
	}
}

func TestThePreviewSaysTheEndOnBothClocks(t *testing.T) {
	plan := delegation.Plan{Host: tenancy.Organization{Name: "Zonneveld Bakkerijen", TimeZone: "Europe/Amsterdam"}, Ends: moment(now), RoleNames: []string{"Member"}}
	plan.Email.Typed = "<b>noor</b>@noorhendriks.example"
	p := Preview{Plan: &plan, Period: delegation.Day, Language: "nl", Now: now}
	page := uitest.Render(reader("en", "America/New_York"), t, Plain(p))
	words := uitest.Words(page.Root)
	for _, text := range []string{"until Tue 24 Nov 2026, 10:42", "On your clock it ends Tue 24 Nov 2026, 04:42"} {
		if !strings.Contains(words, text) {
			t.Errorf("the preview lacks %q: %s", text, words)
		}
	}
	if strings.Contains(page.Text, "<b>noor") {
		t.Error("what was typed became markup")
	}
	if same := uitest.Words(uitest.Render(reader("en", "Europe/Amsterdam"), t, Plain(p)).Root); strings.Contains(same, "your clock") {
		t.Errorf("one clock is shown twice: %s", same)
	}
}
