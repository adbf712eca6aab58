package usage_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	pages "locum/handlers/usage"
	"locum/handlers/webtest"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/usage"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// desk is the pages over a world in which an application reports.
type desk struct {
	*webtest.Hub
	t     *testing.T
	usage *usage.Usage
	app   tenancy.Application
	meter usage.Meter
}

func newDesk(t *testing.T) desk {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	d := desk{t: t, usage: usage.New(w.Store)}
	d.Hub = webtest.New(t, w, pages.New(d.usage))
	w.Person("olga", "Olga Operator", "olga@locum.example")
	w.System(func(tx *store.Tx) error {
		return tx.Table("accounts").Where("id = ?", w.ID("olga")).Update("operator", true).Error
	})
	var err error
	d.app, err = w.Companies.RegisterApplication(w.Ctx, w.Actor("olga"), tenancy.Application{Key: "bridge", Name: "=Bridge", Icon: "blocks"})
	d.ok(err)
	d.ok(tenancy.NewApplications(w.Store).Enable(w.Ctx, w.Actor("karin"), d.app.ID))
	return d
}

func (d desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// report has the application report a use at Zonneveld.
func (d desk) report(id, quantity, account string) {
	d.t.Helper()
	out, err := d.usage.Ingest(d.Ctx, d.app.ID, []usage.Record{{ID: id, Source: "/apps/bridge", Type: "locum.usage.query.v1", Meter: "query", Subject: d.Zonneveld.Organization,
		Time: d.Now(), Quantity: decimal.RequireFromString(quantity), Unit: "query", Account: account}})
	d.ok(err)
	if out[0].Status == usage.Refused {
		d.t.Fatal(out)
	}
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func TestMetersAndPricesFromTheirForms(t *testing.T) {
	d := newDesk(t)
	for by, at := range map[string]string{"karin": "/company/meters", "olga": "/platform/meters"} {
		b := d.As(by)
		b.Get(at + "/new").Says("New meter")
		b.Post(at+"/new", "application", d.app.ID, "key", "Query", "name", "", "unit", "=x").Wants(http.StatusUnprocessableEntity)
		b.Post(at+"/new", "application", d.app.ID, "key", "query", "name", "Queries", "unit", "query").GoesTo(at)
		b.Post(at+"/new", "application", d.app.ID, "key", "query", "name", "Queries", "unit", "query").Wants(http.StatusUnprocessableEntity)
		b.Get(at).Says("Queries", "No price: the quantity alone")
		scope := usage.OfCompany
		if by == "olga" {
			scope = usage.OfPlatform
		}
		list, err := d.usage.Meters(d.Ctx, d.Actor(by), scope)
		d.ok(err)
		var meter string
		for _, m := range list {
			if m.Key == "query" && (m.CompanyID == store.Platform) == (by == "olga") {
				meter = m.ID
			}
		}
		price := at + "/" + meter + "/prices/new"
		b.Get(price).Says("A new price for Queries")
		b.Post(price, "amount", "1e5", "currency", "EURO", "from", day(d.Now().AddDate(0, 0, -1))).Wants(http.StatusUnprocessableEntity)
		b.Post(price, "amount", "0,0025", "currency", "eur", "from", day(d.Now())).GoesTo(at)
		b.Post(price, "amount", "7", "currency", "EUR", "from", day(d.Now().AddDate(0, 0, 9))).GoesTo(at)
		shown := b.Get(at)
		shown.Says("€ 0.0025", "To come")
		from := strings.Index(shown.Body, "/prices/prc_")
		to := strings.Index(shown.Body[from:], "/withdraw")
		b.Post(at + "/" + meter + shown.Body[from:from+to] + "/withdraw").GoesTo(at)
		b.Get(at).Hides("To come")
	}
}

func TestTheReportTellsPartiesApart(t *testing.T) {
	d := newDesk(t)
	d.metered()
	d.Delegate("karin", "sanne", delegation.Week)
	d.Switch("sanne", d.Zonneveld)
	d.report("guest", "2000", d.ID("sanne"))
	_, err := d.Sessions.Leave(d.Ctx, d.Actor("sanne"))
	d.ok(err)
	d.report("own", "1234.5", d.ID("ria"))
	b := d.As("karin")
	page := b.Get("/usage")
	page.Wants(http.StatusOK)
	page.Says("Kade Consultants", "Sanne Kuipers", "Zonneveld Bakkerijen", "€ 323.45", "€ 200.00", "By 1 person of 1 organization", "16 of 30 days", "Show as a table")
	if n := strings.Count(page.Body, `<rect class="bar"`); n != 2 {
		t.Errorf("%d bars", n)
	}
	b.Get("/usage?by=person").Says("Ria Smeets", "€ 123.45")
	b.Get("/usage?by=nonsense&month=2026-13").Wants(http.StatusOK)
	b.Get("/usage?month=2026-10").Says("Nothing was used in this period")
	b.Get("/usage?from=2026-11-10&until=2026-11-20").Says("10 Nov", "20 Nov")
	b.Get("/usage/charge-back").Says("Charge-back for November 2026", "2,000 query", "€ 0.10")
	b.Get("/company/usage").Says("Zonneveld Bakkerijen", "€ 323.45")
	d.As("sanne").Get("/usage").Hides("323.45", "200.00", "Zonneveld")
	d.As("ria").Get("/usage").Wants(http.StatusForbidden)
}

// metered makes the application's meter, at ten cents.
func (d *desk) metered() {
	d.t.Helper()
	var err error
	d.meter, err = d.usage.NewMeter(d.Ctx, d.Actor("olga"), usage.OfPlatform, usage.MeterDraft{Application: d.app.ID, Key: "query", Name: "-Queries", Unit: "query"})
	d.ok(err)
	_, err = d.usage.SetPrice(d.Ctx, d.Actor("olga"), usage.OfPlatform, d.meter.ID, usage.PriceDraft{Amount: "0.10", Currency: "EUR", From: day(d.Now())})
	d.ok(err)
}

// The columns of the specification, in their order; what begins like a formula is
// escaped, and numbers stay numbers.
func TestTheFileHasTheColumnsAndNoFormulas(t *testing.T) {
	d := newDesk(t)
	d.metered()
	d.System(func(tx *store.Tx) error {
		return tx.Table("accounts").Where("id = ?", d.ID("sanne")).Update("name", "@Sanne").Error
	})
	_, err := d.Delegations.Grant(d.Ctx, d.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en", Reason: "x", Ticket: "=HYPERLINK(1)"})
	d.ok(err)
	var given delegation.Delegation
	d.System(func(tx *store.Tx) error { return tx.Where("ticket <> ''").Take(&given).Error })
	d.ok(d.Delegations.Accept(d.Ctx, d.Actor("sanne"), given.ID))
	d.Switch("sanne", d.Zonneveld)
	d.report("guest", "12.5", d.ID("sanne"))
	d.report("nobody", "3", "")
	answer := d.As("karin").Get("/usage/export?month=2026-11")
	if answer.Code != http.StatusOK || answer.Header.Get("Content-Disposition") != `attachment; filename="usage-2026-11-01-2026-11-30.csv"` {
		t.Fatal(answer.Code, answer.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.Body, "\uFEFF"))).ReadAll()
	d.ok(err)
	if got := strings.Join(rows[0], ","); got != "period,effective organization,real organization,person,delegation,ticket,application,meter,quantity,unit,unit price,amount,currency" {
		t.Errorf("the columns are %s", got)
	}
	want := map[string]bool{
		"2026-11|Zonneveld Bakkerijen|Kade Consultants|'@Sanne|" + given.ID + "|'=HYPERLINK(1)|'=Bridge|'-Queries|12.5|query|0.1|1.25|EUR": true,
	}
	found := false
	for _, row := range rows[1:] {
		found = found || want[strings.Join(row, "|")]
	}
	if !found {
		t.Errorf("the lines are %q", rows[1:])
	}
}

func TestQuarantineFromItsPages(t *testing.T) {
	d := newDesk(t)
	d.report("early", "1", "")
	out, err := d.usage.Ingest(d.Ctx, d.app.ID, []usage.Record{{ID: "stray", Source: "/apps/bridge", Type: "locum.usage.query.v1", Meter: "query", Subject: "org_nowhere",
		Time: d.Now(), Quantity: decimal.NewFromInt(1), Unit: "query"}})
	if err != nil || out[0].Status != usage.Quarantined {
		t.Fatal(out, err)
	}
	b := d.As("karin")
	b.Get("/usage").Says("1 record is in quarantine")
	b.Get("/usage/quarantine").Says("early", "have it made")
	b.Get("/company/usage/quarantine").Says("early")
	b.Get("/usage/quarantine").Hides("stray")
	d.As("olga").Get("/platform/usage").Says("stray", "org_nowhere")
	d.As("olga").Get("/platform/usage").Hides("early")
	list, _, err := d.usage.Quarantine(d.Ctx, d.Actor("karin"), usage.OfOrganization, false, "")
	d.ok(err)
	one := "/usage/quarantine/" + list[0].ID
	b.Post(one + "/try").GoesTo("/usage/quarantine")
	b.Get("/usage/quarantine").Says("early")
	b.Get(one+"/dismiss").Says("early", "Reason")
	b.Post(one+"/dismiss", "note", " ").Wants(http.StatusUnprocessableEntity)
	b.Post(one+"/dismiss", "note", "A trial run").GoesTo("/usage/quarantine")
	b.Get("/usage/quarantine").Says("Nothing here")
	b.Get("/usage/quarantine?dismissed=true").Says("early", "A trial run", "Karin Schouten")
	d.metered()
	b.Post(one + "/try").GoesTo("/usage/quarantine") // also out of what was dismissed
	b.Get("/usage").Says("€ 0.10")
	b.Post(one + "/try").Wants(http.StatusNotFound)
	d.As("marieke").Post(one + "/try").Wants(http.StatusNotFound)
}

func TestLateAndCorrectedRecordsAreShown(t *testing.T) {
	d := newDesk(t)
	d.metered()
	d.report("first", "100", "")
	d.Advance(3 * time.Hour)
	_, err := d.usage.Ingest(d.Ctx, d.app.ID, []usage.Record{{ID: "fix", Source: "/apps/bridge", Type: "locum.usage.query.v1", Meter: "query", Subject: d.Zonneveld.Organization,
		Time: d.Now(), Quantity: decimal.NewFromInt(1), Unit: "query", Corrects: "first"}})
	d.ok(err)
	b := d.As("karin")
	b.Get("/usage").Says("1 came late, 1 correction")
	b.Get("/usage/records").Says("Replaces first", "fix counts instead", "100 query")
}
