package usage_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/usage"
)

func (d *desk) price(by string, s usage.Scope, amount, from string) usage.Price {
	d.t.Helper()
	p, err := d.usage.SetPrice(d.Ctx, d.Actor(by), s, d.meter.ID, usage.PriceDraft{Amount: amount, Currency: "EUR", From: from})
	d.ok(err)
	return p
}

// today is the day of the world's clock, moved by some days.
func (d *desk) day(days int) string { return d.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// A price applies from its day: what was used before keeps the one of then, also when
// it arrives later.
func TestAPriceAppliesFromItsDayAndNeverBackwards(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.became(d.use("unpriced", d.quantity("3"), at(d.Now().Add(-24*time.Hour))), usage.Accepted, "")
		d.price("olga", usage.OfPlatform, "0.10", d.day(0))
		d.price("olga", usage.OfPlatform, "0.255", d.day(2))
		d.became(d.use("first", d.quantity("10")), usage.Accepted, "")
		midnight := time.Date(2026, time.November, 18, 0, 0, 0, 0, d.zone())
		d.Advance(3 * 24 * time.Hour)
		d.NewSession("karin")
		d.NewSession("olga")
		d.became(d.use("before", d.quantity("1"), at(midnight.Add(-time.Second))), usage.Accepted, "")
		d.became(d.use("after", d.quantity("5"), at(midnight)), usage.Accepted, "")
		got := ""
		st := d.month("karin", usage.OfOrganization)
		for _, l := range st.Lines {
			got += fmt.Sprintf("%s at %s is %s%s; ", l.Quantity, l.Price, l.Amount.StringFixed(2), l.Currency)
		}
		if want := "3 at 0 is 0.00; 11 at 0.1 is 1.10EUR; 5 at 0.255 is 1.28EUR; "; got != want {
			t.Errorf("%s", got)
		}
		if total := st.Total(nil)["EUR"]; total.StringFixed(2) != "2.38" {
			t.Errorf("together %s", total)
		}
		for _, from := range []string{d.day(-1), d.day(0), "2026-02-30", "", "yesterday"} {
			_, err := d.usage.SetPrice(d.Ctx, d.Actor("olga"), usage.OfPlatform, d.meter.ID, usage.PriceDraft{Amount: "9", Currency: "EUR", From: from})
			d.Wants(err, models.Invalid, "usage.error")
		}
		for _, amount := range []string{"", "-1", "1e5", "٣", "1.2345678", "1.", "1234567890123", "NaN", "+1", "0x1"} {
			_, err := d.usage.SetPrice(d.Ctx, d.Actor("olga"), usage.OfPlatform, d.meter.ID, usage.PriceDraft{Amount: amount, Currency: "EUR", From: d.day(5)})
			d.Wants(err, models.Invalid, "usage.error.amount")
		}
		coming := d.price("olga", usage.OfPlatform, "7", d.day(1))
		_, err := d.usage.WithdrawPrice(d.Ctx, d.Actor("olga"), usage.OfPlatform, coming.ID)
		d.ok(err)
		coming = d.price("olga", usage.OfPlatform, "7", d.day(1))
		d.Advance(24 * time.Hour)
		d.NewSession("olga")
		_, err = d.usage.WithdrawPrice(d.Ctx, d.Actor("olga"), usage.OfPlatform, coming.ID)
		d.Wants(err, models.Conflict, "usage.error.counts")
	})
}

func (d *desk) zone() *time.Location {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	d.ok(err)
	return zone
}

func TestACompanysOwnPriceGoesBeforeThePlatforms(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.price("olga", usage.OfPlatform, "1", d.day(0))
		d.price("karin", usage.OfCompany, "3", d.day(1))
		d.Advance(24 * time.Hour)
		d.NewSession("karin")
		d.NewSession("marieke")
		d.became(d.use("ours", d.quantity("2")), usage.Accepted, "")
		d.became(d.use("theirs", d.quantity("2"), of(d.Production)), usage.Accepted, "")
		if l := d.one("karin", usage.OfOrganization); l.Amount.String() != "6" {
			t.Errorf("Zonneveld is charged %s", l.Amount)
		}
		if l := d.one("marieke", usage.OfCompany); l.Amount.String() != "2" {
			t.Errorf("De Vries is charged %s", l.Amount)
		}
	})
}

// Sums are exact on both databases, also where one column could not hold them.
func TestSumsAreExact(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.price("olga", usage.OfPlatform, "0.000001", d.day(0))
		var batch []usage.Record
		for n := range 30 {
			batch = append(batch, d.use(fmt.Sprint("huge-", n), d.quantity("999999999999.999999")))
		}
		batch = append(batch, d.use("tiny", d.quantity("0.000001")), d.use("third", d.quantity("0.1")), d.use("fourth", d.quantity("0.2")))
		d.send(batch...)
		if l := d.one("karin", usage.OfOrganization); l.Quantity.String() != "30000000000000.299971" || l.Amount.String() != "30000000" {
			t.Errorf("%s, %s", l.Quantity, l.Amount)
		}
		c, err := d.usage.Chart(d.Ctx, d.Actor("karin"), usage.OfOrganization, d.month("karin", usage.OfOrganization).Period, usage.ByPerson, d.meter.ID)
		if err != nil || len(c.Series) != 1 || c.Series[0].Days[15].String() != "30000000000000.299971" {
			t.Errorf("drawn as %+v %v", c.Series, err)
		}
	})
}

func TestChartsTellUseApart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.price("olga", usage.OfPlatform, "0.5", d.day(0))
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.became(d.use("guest", in(visit), d.quantity("4")), usage.Accepted, "")
		d.leave("sanne")
		d.became(d.use("own", d.by("ria"), d.quantity("8")), usage.Accepted, "")
		p, _ := usage.Month("2026-11")
		for by, want := range map[usage.Dimension]string{
			usage.ByParty: "Zonneveld Bakkerijen 4 Kade Consultants 2 ", usage.ByPerson: "Ria Smeets 4 Sanne Kuipers 2 ",
			usage.ByApplication: "Bridge 6 ", usage.ByMeter: "Query 6 ", usage.ByTicket: " 6 ", usage.ByEffective: "Zonneveld Bakkerijen 6 ",
		} {
			c, err := d.usage.Chart(d.Ctx, d.Actor("karin"), usage.OfOrganization, p, by, "")
			if err != nil || c.Currency != "EUR" {
				t.Fatal(c, err)
			}
			got := ""
			for _, s := range c.Series {
				got += fmt.Sprintf("%s %s ", s.Name, s.Total)
				if !s.Days[15].Equal(s.Total) || len(s.Days) != 30 {
					t.Errorf("%s: %v", by, s.Days)
				}
			}
			if got != want {
				t.Errorf("by %s: %q", by, got)
			}
		}
	})
}

// Usage is the organization's in which it was: not the consultant's own people see it,
// nor another organization of the company.
func TestUsageIsBehindTheWall(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visit := d.visit("karin", "thomas", d.Zonneveld)
		d.became(d.use("guest", in(visit)), usage.Accepted, "")
		d.became(d.use("theirs", of(d.Production)), usage.Accepted, "")
		d.became(d.use("doubt", of(d.Production), in("vis_none")), usage.Quarantined, usage.NoVisit)
		d.leave("thomas")
		for _, who := range []struct {
			by    string
			scope usage.Scope
			lines int
			aside int64
		}{{"karin", usage.OfOrganization, 1, 0}, {"karin", usage.OfCompany, 1, 0}, {"sanne", usage.OfOrganization, 0, 0}, {"sanne", usage.OfCompany, 0, 0},
			{"marieke", usage.OfOrganization, 1, 1}, {"marieke", usage.OfCompany, 1, 1}} {
			if st := d.month(who.by, who.scope); len(st.Lines) != who.lines || st.Aside != who.aside {
				t.Errorf("%s of the %s sees %+v, %d aside", who.by, who.scope, st.Lines, st.Aside)
			}
		}
		d.Switch("marieke", d.Acceptance)
		if st := d.month("marieke", usage.OfOrganization); len(st.Lines) != 0 || st.Aside != 0 {
			t.Errorf("the other organization sees %+v", st.Lines)
		}
		p, _ := usage.Month("2026-11")
		for _, by := range []string{"ria", "thomas"} {
			for _, s := range usage.Scopes {
				_, err := d.usage.ChargeBack(d.Ctx, d.Actor(by), s, p)
				d.Wants(err, models.Forbidden, "error.forbidden")
			}
		}
		d.Switch("marieke", d.Production)
		list, _, err := d.usage.Quarantine(d.Ctx, d.Actor("marieke"), usage.OfOrganization, false, "")
		d.ok(err)
		_, err = d.usage.One(d.Ctx, d.Actor("karin"), usage.OfCompany, list[0].ID)
		d.Wants(err, models.NotFound, "error.not_found")
		_, _, err = d.usage.TryAgain(d.Ctx, d.Actor("karin"), usage.OfOrganization, list[0].ID)
		d.Wants(err, models.NotFound, "error.not_found")
		d.Wants(d.usage.Dismiss(d.Ctx, d.Actor("karin"), usage.OfOrganization, list[0].ID, "x"), models.NotFound, "error.not_found")
		_, err = d.usage.SetPrice(d.Ctx, d.Actor("karin"), usage.OfCompany, "mtr_else", usage.PriceDraft{Amount: "1", Currency: "EUR", From: d.day(1)})
		d.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestQuarantineIsTriedAgainOrDismissed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		till := d.register("till", "Till")
		d.app, d.meter = till, usage.Meter{}
		early := d.use("early", func(r *usage.Record) { r.Meter, r.Type, r.Unit = "sale", "locum.usage.sale.v1", "sale" }, d.quantity("2"))
		d.became(early, usage.Quarantined, usage.Stranger)
		d.became(d.use("wrong", d.by("marieke")), usage.Quarantined, usage.Stranger)
		first := func() usage.Held {
			t.Helper()
			list, _, err := d.usage.Quarantine(d.Ctx, d.Actor("karin"), usage.OfOrganization, false, "")
			if err != nil || len(list) == 0 {
				t.Fatal(list, err)
			}
			return list[len(list)-1]
		}
		retry := func(want bool, why usage.Reason) {
			t.Helper()
			counted, reason, err := d.usage.TryAgain(d.Ctx, d.Actor("karin"), usage.OfOrganization, first().ID)
			if err != nil || counted != want || reason != why {
				t.Fatalf("tried again: %v %q %v", counted, reason, err)
			}
		}
		retry(false, usage.NotEnabled)
		d.enable("karin", till.ID)
		retry(false, usage.NoMeter)
		d.became(early, usage.Duplicate, "") // it moved to where it belongs
		d.newMeter("karin", usage.OfCompany, "sale", "sale")
		retry(true, "")
		d.became(early, usage.Duplicate, "")
		if l := d.one("karin", usage.OfOrganization); l.Quantity.String() != "2" || l.Application != "Till" {
			t.Errorf("charged as %+v", l)
		}
		d.Wants(d.usage.Dismiss(d.Ctx, d.Actor("karin"), usage.OfOrganization, first().ID, " "), models.Invalid, "usage.error.note")
		id := first().ID
		d.ok(d.usage.Dismiss(d.Ctx, d.Actor("karin"), usage.OfOrganization, id, "Not ours"))
		d.ok(d.usage.Dismiss(d.Ctx, d.Actor("karin"), usage.OfOrganization, id, "Not ours"))
		list, _, err := d.usage.Quarantine(d.Ctx, d.Actor("karin"), usage.OfOrganization, true, "")
		if err != nil || len(list) != 1 || list[0].Note != "Not ours" || list[0].SettledByName != "Karin Schouten" {
			t.Errorf("dismissed are %+v %v", list, err)
		}
		d.became(d.use("wrong", d.by("marieke")), usage.Duplicate, "")
		for kind, want := range map[string]int{event.UsageQuarantined: 1, event.UsageRetried: 2, event.UsageDismissed: 1} {
			if n := d.Count(d.Zonneveld, kind); n != want {
				t.Errorf("%s is recorded %d times", kind, n)
			}
		}
	})
}

// What was sent before and after its organization took the application into use counts
// once, whichever is tried again.
func TestARecordThatCameTwiceAroundEnablingCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.app = d.register("till", "Till")
		r := d.use("sale")
		d.became(r, usage.Quarantined, usage.Stranger)
		d.enable("karin", d.app.ID)
		d.became(r, usage.Duplicate, "")
		other := r
		d.quantity("5")(&other)
		if out := d.send(other)[0]; out.Status != usage.Conflicting {
			t.Errorf("another body became %+v", out)
		}
	})
}

func TestLocumsOwnUseIsCounted(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.NewSession("ria")
		d.NewSession("karin")
		for range 3 {
			d.usage.Called(d.Zonneveld.Company, d.Zonneveld.Organization)
		}
		d.usage.Called(d.Zonneveld.Company, "")
		d.ok(d.usage.Flush(d.Ctx))
		d.ok(d.usage.Flush(d.Ctx))
		d.usage.Called(d.Zonneveld.Company, d.Zonneveld.Organization)
		d.Advance(time.Hour)
		d.usage.Called(d.Zonneveld.Company, d.Zonneveld.Organization)
		d.ok(d.usage.Flush(d.Ctx))
		p, _ := usage.Month("2026-11")
		st, err := d.usage.ChargeBack(d.Ctx, d.Actor("karin"), usage.OfCompany, p)
		d.ok(err)
		got := map[string]string{}
		for _, l := range st.Lines {
			got[l.Meter.Key+"@"+l.EffectiveName] = fmt.Sprint(l.Quantity, " in ", l.Records)
		}
		if got["api_calls@Zonneveld Bakkerijen"] != "5 in 2" {
			t.Errorf("counted are %v", got)
		}
		if got["sign_ins@Zonneveld Bakkerijen"] != "3 in 1" { // karin's first session too
			t.Errorf("counted are %v", got)
		}
		if len(st.Lines) != 3 {
			t.Errorf("%d lines: %v", len(st.Lines), got)
		}
	})
}

// A company's own price does not reach back into a day for which the platform's counts.
func TestAnOwnPriceDoesNotReachBackBehindThePlatforms(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.price("olga", usage.OfPlatform, "0.10", d.day(0))
		d.became(d.use("first", d.quantity("10")), usage.Accepted, "")
		_, err := d.usage.SetPrice(d.Ctx, d.Actor("karin"), usage.OfCompany, d.meter.ID, usage.PriceDraft{Amount: "5", Currency: "EUR", From: d.day(0)})
		d.Wants(err, models.Invalid, "usage.error.from")
		if l := d.one("karin", usage.OfOrganization); l.Amount.String() != "1" {
			t.Errorf("charged as %+v", l)
		}
		d.price("karin", usage.OfCompany, "5", d.day(1))
	})
}
