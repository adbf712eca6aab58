package usage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/usage"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// desk is a world in which Zonneveld and De Vries use an application that is metered.
type desk struct {
	*modelstest.World
	t     testing.TB
	usage *usage.Usage
	app   tenancy.Application
	meter usage.Meter
}

func each(t *testing.T, test func(t *testing.T, d *desk)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(t, newDesk(t, w)) })
}

func newDesk(t *testing.T, w *modelstest.World) *desk {
	t.Helper()
	return deskOf(t, w)
}

func deskOf(t testing.TB, w *modelstest.World) *desk {
	t.Helper()
	d := &desk{World: w, t: t, usage: usage.New(w.Store)}
	w.Person("olga", "Olga Operator", "olga@locum.example")
	w.System(func(tx *store.Tx) error {
		return tx.Table("accounts").Where("id = ?", w.ID("olga")).Update("operator", true).Error
	})
	d.app = d.register("bridge", "Bridge", "karin", "marieke")
	d.meter = d.newMeter("olga", usage.OfPlatform, "query", "query")
	return d
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// register makes an application, and has some organizations use it.
func (d *desk) register(key, name string, users ...string) tenancy.Application {
	d.t.Helper()
	app, err := d.Companies.RegisterApplication(d.Ctx, d.Actor("olga"), tenancy.Application{Key: key, Name: name, Icon: "blocks"})
	d.ok(err)
	for _, by := range users {
		d.enable(by, app.ID)
	}
	return app
}

func (d *desk) enable(by, app string) {
	d.t.Helper()
	d.ok(tenancy.NewApplications(d.Store).Enable(d.Ctx, d.Actor(by), app))
}

func (d *desk) newMeter(by string, s usage.Scope, key, unit string) usage.Meter {
	d.t.Helper()
	m, err := d.usage.NewMeter(d.Ctx, d.Actor(by), s, usage.MeterDraft{Application: d.app.ID, Key: key, Name: strings.ToUpper(key[:1]) + key[1:], Unit: unit})
	d.ok(err)
	return m
}

// use is a record of one query at Zonneveld by nobody, now.
func (d *desk) use(id string, change ...func(*usage.Record)) usage.Record {
	d.t.Helper()
	r := d.read(fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/apps/bridge","type":"locum.usage.query.v1","time":%q,"subject":%q,"data":{"quantity":"1","unit":"query"}}`,
		id, d.Now().Format(time.RFC3339), d.Zonneveld.Organization))
	for _, c := range change {
		c(&r)
	}
	return r
}

func (d *desk) read(text string) usage.Record {
	d.t.Helper()
	r, err := usage.Parse([]byte(text))
	d.ok(err)
	return r
}

func (d *desk) quantity(text string) func(*usage.Record) {
	return func(r *usage.Record) {
		q, ok := usage.ParseDecimal(text)
		if !ok {
			d.t.Fatalf("%q is no decimal", text)
		}
		r.Quantity = q
	}
}

func (d *desk) by(person string) func(*usage.Record) {
	return func(r *usage.Record) { r.Account = d.ID(person) }
}

func in(visit string) func(*usage.Record) { return func(r *usage.Record) { r.Visit = visit } }

func of(p models.Party) func(*usage.Record) {
	return func(r *usage.Record) { r.Subject = p.Organization }
}

func at(t time.Time) func(*usage.Record) { return func(r *usage.Record) { r.Time = t } }

func correcting(id string) func(*usage.Record) { return func(r *usage.Record) { r.Corrects = id } }

// send takes records, and says what became of each.
func (d *desk) send(records ...usage.Record) []usage.Outcome {
	d.t.Helper()
	out, err := d.usage.Ingest(d.Ctx, d.app.ID, records)
	d.ok(err)
	return out
}

// became fails unless one record becomes this.
func (d *desk) became(r usage.Record, want usage.Status, why usage.Reason) usage.Outcome {
	d.t.Helper()
	out := d.send(r)[0]
	if out.Status != want || out.Reason != why {
		d.t.Fatalf("%s became %s %q %v, want %s %q", r.ID, out.Status, out.Reason, out.Wrong, want, why)
	}
	return out
}

// month is the charge-back of the month in which the world's clock stands, without
// Locum's own meters.
func (d *desk) month(by string, s usage.Scope) usage.Statement {
	d.t.Helper()
	p, _ := usage.Month(usage.MonthOf(d.Now(), time.UTC))
	return d.statement(by, s, p)
}

func (d *desk) statement(by string, s usage.Scope, p usage.Period) usage.Statement {
	d.t.Helper()
	st, err := d.usage.ChargeBack(d.Ctx, d.Actor(by), s, p)
	d.ok(err)
	var lines []usage.Line
	for _, l := range st.Lines {
		if l.ApplicationID != usage.Own {
			lines = append(lines, l)
		}
	}
	st.Lines = lines
	return st
}

// one is the one line of a charge-back.
func (d *desk) one(by string, s usage.Scope) usage.Line {
	d.t.Helper()
	st := d.month(by, s)
	if len(st.Lines) != 1 {
		d.t.Fatalf("%d lines: %+v", len(st.Lines), st.Lines)
	}
	return st.Lines[0]
}

// visit has a person work in an organization until leave.
func (d *desk) visit(host, guest string, place models.Party) (visit string) {
	d.t.Helper()
	d.Delegate(host, guest, delegation.Month)
	d.Switch(guest, place)
	return d.Actor(guest).Visit
}

func (d *desk) leave(guest string) {
	d.t.Helper()
	_, err := d.Sessions.Leave(d.Ctx, d.Actor(guest))
	d.ok(err)
}
