package usage_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/usage"
)

// Edge 28 of the delegation's specification.
func TestEdge28ChargesAfterLeavingAreAttributedByEventTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.Advance(10 * time.Minute)
		inside := d.Now()
		d.Advance(10 * time.Minute)
		d.leave("sanne")
		left := d.Now()
		d.Advance(30 * time.Minute)
		out := d.became(d.use("after", d.by("sanne"), in(visit), at(inside)), usage.Accepted, "")
		if out.Late != usage.AfterVisit {
			t.Errorf("it is late as %q", out.Late)
		}
		d.became(d.use("by-person", d.by("sanne"), at(inside)), usage.Accepted, "")
		d.became(d.use("by-visit", in(visit), at(inside)), usage.Accepted, "")
		l := d.one("karin", usage.OfOrganization)
		if l.Effective != d.Zonneveld.Organization || l.Real != d.Kade.Organization || l.RealName != "Kade Consultants" || l.Person != "Sanne Kuipers" ||
			!l.Visiting() || l.Quantity.String() != "3" || l.Late != 3 {
			t.Errorf("charged as %+v", l)
		}
		d.became(d.use("at-the-end", d.by("sanne"), in(visit), at(left)), usage.Quarantined, usage.OutsideVisit)
		d.became(d.use("later", d.by("sanne"), in(visit)), usage.Quarantined, usage.OutsideVisit)
		d.became(d.use("before", d.by("sanne"), at(inside.Add(-time.Hour))), usage.Quarantined, usage.OutsideVisit)
		future := d.use("future", at(d.Now().Add(6*time.Minute)))
		if out := d.send(future)[0]; out.Status != usage.Refused || out.Wrong["time"].Key != "usage.error.future" {
			t.Errorf("the future became %+v", out)
		}
		d.became(d.use("nearly", at(d.Now().Add(4*time.Minute))), usage.Accepted, "")
	})
}

func TestTheSameRecordCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.use("req-1", d.quantity("2.5"))
		d.became(r, usage.Accepted, "")
		d.became(r, usage.Duplicate, "")
		d.Advance(400 * 24 * time.Hour) // for ever
		d.NewSession("karin")
		d.NewSession("olga")
		d.became(r, usage.Duplicate, "")
		same := r
		same.Quantity = d.read(`{"specversion":"1.0","id":"x","source":"x","type":"locum.usage.query.v1","time":"2026-11-16T10:00:00Z","subject":"org_x","data":{"quantity":"2.50","unit":"query"}}`).Quantity
		d.became(same, usage.Duplicate, "") // as much, written longer
		for name, change := range map[string]func(*usage.Record){"quantity": d.quantity("2.6"), "person": d.by("ria"), "time": at(r.Time.Add(-time.Second))} {
			other := r
			change(&other)
			if out := d.send(other)[0]; out.Status != usage.Conflicting {
				t.Errorf("another %s became %s", name, out.Status)
			}
		}
		elsewhere := r
		elsewhere.Source = "/apps/bridge/2"
		d.became(elsewhere, usage.Accepted, "")
		out := d.send(d.use("twice"), d.use("twice"), d.use("twice", d.quantity("9")))
		if out[0].Status != usage.Accepted || out[1].Status != usage.Duplicate || out[2].Status != usage.Conflicting {
			t.Errorf("in one message: %+v", out)
		}
		other := d.register("till", "Till", "karin")
		if out, err := d.usage.Ingest(d.Ctx, other.ID, []usage.Record{r}); err != nil || out[0].Status != usage.Quarantined {
			t.Errorf("of another application: %+v %v", out, err) // it is new there, and there is no such meter
		}
	})
}

// Many replicas post the same at the same time: each record is counted by exactly one.
func TestManyAtOnceCountEachRecordOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var batch []usage.Record
		for n := range 200 {
			batch = append(batch, d.use(fmt.Sprint("req-", n)))
		}
		var mu sync.Mutex
		accepted := map[string]int{}
		var all sync.WaitGroup
		for n := range 8 {
			mine := slices.Clone(batch)
			if n%2 == 1 {
				slices.Reverse(mine)
			}
			all.Go(func() {
				out, err := d.usage.Ingest(d.Ctx, d.app.ID, mine)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, o := range out {
					switch o.Status {
					case usage.Accepted:
						accepted[o.ID]++
					case usage.Duplicate:
					default:
						t.Errorf("%s became %s", o.ID, o.Status)
					}
				}
			})
		}
		all.Wait()
		for _, r := range batch {
			if accepted[r.ID] != 1 {
				t.Errorf("%s was accepted %d times", r.ID, accepted[r.ID])
			}
		}
		if l := d.one("karin", usage.OfOrganization); l.Quantity.String() != "200" || l.Records != 200 {
			t.Errorf("%s counted by %d records", l.Quantity, l.Records)
		}
	})
}

func TestLateRecordsAreAcceptedAndMarked(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.became(d.use("now"), usage.Accepted, "")
		for _, c := range []struct {
			id   string
			ago  time.Duration
			late usage.Lateness
		}{{"hour", time.Hour, ""}, {"more", time.Hour + time.Second, usage.AfterHour}, {"month", 17 * 24 * time.Hour, usage.AfterMonth}, {"edge", 15*24*time.Hour + 11*time.Hour + time.Second, usage.AfterMonth}} {
			if out := d.became(d.use(c.id, at(d.Now().Add(-c.ago))), usage.Accepted, ""); out.Late != c.late {
				t.Errorf("%s ago is late as %q", c.ago, out.Late)
			}
		}
		october, _ := usage.Month("2026-10")
		list, all, err := d.usage.Marked(d.Ctx, d.Actor("karin"), usage.OfOrganization, october, models.Of(1))
		if err != nil || all != 2 || len(list) != 2 || list[0].EventID != "edge" || list[0].Day != "2026-10-31" {
			t.Errorf("October shows %+v %v", list, err) // one second before midnight in Amsterdam
		}
		if st := d.statement("karin", usage.OfOrganization, october); len(st.Lines) != 1 || st.Lines[0].Quantity.String() != "2" {
			t.Errorf("October charges %+v", st.Lines)
		}
	})
}

func TestWhatDoesNotMatchIsKeptWithItsReason(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.Advance(time.Minute)
		for _, c := range []struct {
			record usage.Record
			told   usage.Reason
			kept   usage.Reason
		}{
			{d.use("nowhere", func(r *usage.Record) { r.Subject = "org_nowhere" }), usage.Stranger, usage.NoOrganization},
			{d.use("not-enabled", of(d.Kade)), usage.Stranger, usage.NotEnabled},
			{d.use("nobody", func(r *usage.Record) { r.Account = "acc_nobody" }), usage.NoAccount, usage.NoAccount},
			{d.use("stranger", d.by("marieke")), usage.NoAccount, usage.NoAccount},
			{d.use("of-another", d.by("thomas"), in(visit)), usage.NoVisit, usage.NoVisit},
			{d.use("of-another-host", in(visit), of(d.Production)), usage.NoVisit, usage.NoVisit},
			{d.use("no-visit", in("vis_none")), usage.NoVisit, usage.NoVisit},
			{d.use("outside", in(visit), at(d.Now().Add(-time.Hour))), usage.OutsideVisit, usage.OutsideVisit},
			{d.use("meter", func(r *usage.Record) { r.Meter, r.Type = "row", "locum.usage.row.v1" }), usage.NoMeter, usage.NoMeter},
			{d.use("unit", func(r *usage.Record) { r.Unit = "row" }), usage.OtherUnit, usage.OtherUnit},
			{d.use("corrects", correcting("never")), usage.NoOriginal, usage.NoOriginal},
		} {
			d.became(c.record, usage.Quarantined, c.told)
			d.became(c.record, usage.Duplicate, "")
			by, s := "karin", usage.OfOrganization
			switch c.kept {
			case usage.NoOrganization:
				by, s = "olga", usage.OfPlatform
			case usage.NotEnabled:
				by = "sanne"
				d.leave("sanne")
			}
			if c.record.Subject == d.Production.Organization {
				by = "marieke"
			}
			list, _, err := d.usage.Quarantine(d.Ctx, d.Actor(by), s, false, "")
			if err != nil || len(list) == 0 || list[0].EventID != c.record.ID || list[0].Reason != c.kept {
				t.Errorf("%s is shown as %+v %v", c.record.ID, list, err)
			}
			if c.kept == usage.NotEnabled {
				d.Switch("sanne", d.Zonneveld)
				d.Advance(time.Minute)
			}
		}
		if st := d.month("karin", usage.OfOrganization); len(st.Lines) != 0 || st.Aside != 8 {
			t.Errorf("charged are %+v, %d aside", st.Lines, st.Aside)
		}
		if n := d.Count(d.Zonneveld, event.UsageQuarantined); n != 1 {
			t.Errorf("the organization was told %d times", n)
		}
	})
}

// What the sender is told of an organization that does not use its application is,
// word for word, what it is told of one that is not there.
func TestASenderLearnsNothingOfOrganizationsThatDoNotUseIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		unknown := func(r *usage.Record) { r.Subject = "org_nowhere" }
		for _, to := range []func(*usage.Record){of(d.Kade), unknown} {
			for _, change := range []func(*usage.Record){func(*usage.Record) {}, d.by("sanne"), in("vis_none"), correcting("x"), at(d.Now().Add(-30 * 24 * time.Hour)),
				func(r *usage.Record) { r.Unit = "row" }} {
				out := d.send(d.use("a-"+models.NewID("x"), change, to))[0]
				if out.Status != usage.Quarantined || out.Reason != usage.Stranger || out.Late != "" {
					t.Errorf("%+v", out)
				}
			}
		}
		// One id for several of them: nor does it learn which are of one company.
		out := d.send(d.use("one", of(d.Kade)), d.use("one", unknown), d.use("one", func(r *usage.Record) { r.Subject = "org_elsewhere" }))
		for _, o := range out {
			if o.Status != usage.Quarantined {
				t.Errorf("%+v", o)
			}
		}
		for _, to := range []func(*usage.Record){of(d.Kade), unknown} {
			if out := d.send(d.use("one", to, d.quantity("2")))[0]; out.Status != usage.Conflicting {
				t.Errorf("another body became %+v", out)
			}
		}
	})
}

func TestACorrectionReplacesAndBothAreSeen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.became(d.use("first", in(visit), d.quantity("100")), usage.Accepted, "")
		d.leave("sanne")
		d.Advance(2 * time.Hour)
		fix := d.use("fix", correcting("first"), d.quantity("10.25"))
		d.became(fix, usage.Accepted, "")
		d.became(fix, usage.Duplicate, "")
		if l := d.one("karin", usage.OfOrganization); l.Quantity.String() != "10.25" || l.Person != "Sanne Kuipers" || l.Corrected != 1 || l.Records != 1 {
			t.Errorf("charged as %+v", l)
		}
		list, all, err := d.usage.Marked(d.Ctx, d.Actor("karin"), usage.OfOrganization, d.month("karin", usage.OfOrganization).Period, models.Of(1))
		if err != nil || all != 2 || list[0].Corrects != "first" || list[1].CorrectedBy != "fix" || list[1].Amount().String() != "100" {
			t.Errorf("shown are %+v %v", list, err)
		}
		d.became(d.use("again", correcting("first")), usage.Quarantined, usage.NoOriginal)
		d.became(d.use("chain", correcting("fix"), d.quantity("0")), usage.Accepted, "")
		if l := d.one("karin", usage.OfOrganization); !l.Quantity.IsZero() {
			t.Errorf("taken back it is %s", l.Quantity)
		}
		out := d.send(d.use("new-fix", correcting("new")), d.use("new", d.quantity("7")))
		if out[0].Status != usage.Accepted || out[1].Status != usage.Accepted {
			t.Errorf("in one message: %+v", out)
		}
		d.became(d.use("elsewhere", correcting("new-fix"), of(d.Production)), usage.Quarantined, usage.NoOriginal)
	})
}

func TestABatchIsTakenRecordByRecord(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		bad := d.read(`{"specversion":"1.0","id":"bad","source":"/apps/bridge","type":"locum.usage.query.v1","time":"2026-11-16T10:00:00Z","subject":"` + d.Zonneveld.Organization + `","data":{"quantity":"1e5","unit":"query"}}`)
		out := d.send(d.use("a"), bad, d.use("b", of(d.Production)), d.use("c", d.by("ria")))
		for i, want := range []usage.Status{usage.Accepted, usage.Refused, usage.Accepted, usage.Accepted} {
			if out[i].Status != want {
				t.Errorf("%d became %+v", i, out[i])
			}
		}
		if st := d.month("karin", usage.OfOrganization); len(st.Lines) != 2 || st.Lines[1].Person != "Ria Smeets" || st.Lines[1].Real != d.Zonneveld.Organization || st.Lines[1].Visiting() {
			t.Errorf("%+v", st.Lines)
		}
		_, err := d.usage.Ingest(d.Ctx, d.app.ID, make([]usage.Record, usage.MaxRecords+1))
		d.Wants(err, models.TooLarge, "usage.error.many")
	})
}

func TestTenThousandRecordsAreOneMessage(t *testing.T) {
	w := modelstest.New(t, "postgres")
	d := newDesk(t, w)
	var batch []usage.Record
	for n := range usage.MaxRecords {
		batch = append(batch, d.use(fmt.Sprint("req-", n)))
	}
	for _, o := range d.send(batch...) {
		if o.Status != usage.Accepted {
			t.Fatalf("%+v", o)
		}
	}
	if l := d.one("karin", usage.OfOrganization); l.Records != usage.MaxRecords {
		t.Errorf("%d records", l.Records)
	}
}

// Of several that come at the same time under one id, with another body each, one counts.
func TestTheSameIDWithOtherBodiesAtOnceCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var mu sync.Mutex
		var all sync.WaitGroup
		became := map[usage.Status]int{}
		for n := range 6 {
			mine := []usage.Record{d.use("one", d.quantity(fmt.Sprint(n+1))), d.use(fmt.Sprint("own-", n))}
			all.Go(func() {
				out, err := d.usage.Ingest(d.Ctx, d.app.ID, mine)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				became[out[0].Status]++
				if out[1].Status != usage.Accepted {
					t.Errorf("what came with it became %+v", out[1])
				}
			})
		}
		all.Wait()
		if became[usage.Accepted] != 1 || became[usage.Conflicting] != 5 {
			t.Errorf("%v", became)
		}
	})
}

// Who is a member no more is charged for what he used while he was one.
func TestAFormerMemberIsChargedForWhatHeUsedBefore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		during := d.Now()
		d.Advance(10 * time.Minute)
		d.ok(d.Members.Remove(d.Ctx, d.Actor("karin"), d.ID("ria")))
		d.Advance(20 * time.Minute)
		d.became(d.use("during", d.by("ria"), at(during)), usage.Accepted, "")
		d.became(d.use("after", d.by("ria")), usage.Quarantined, usage.NoAccount)
		d.became(d.use("elsewhere", d.by("ria"), at(during), of(d.Production)), usage.Quarantined, usage.NoAccount)
		if l := d.one("karin", usage.OfOrganization); l.Person != "Ria Smeets" || l.Real != d.Zonneveld.Organization || l.Visiting() {
			t.Errorf("charged as %+v", l)
		}
	})
}

// An application that tells whole seconds tells that in which the visit began.
func TestAWholeSecondIsWithinTheVisitThatBeganInIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		second := d.Now().Truncate(time.Second)
		d.Advance(second.Add(1400 * time.Millisecond).Sub(d.Now()))
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.became(d.use("whole", in(visit)), usage.Accepted, "")
		d.became(d.use("part", in(visit), at(d.Now().Add(-time.Millisecond))), usage.Quarantined, usage.OutsideVisit)
		d.became(d.use("earlier", in(visit), at(second)), usage.Quarantined, usage.OutsideVisit)
	})
}

// Somebody dismisses a record while others try it again: it counts once, or not at all.
func TestDismissingAndTryingAgainAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.became(d.use("early", d.quantity("5"), func(r *usage.Record) { r.Meter, r.Type = "row", "locum.usage.row.v1" }, func(r *usage.Record) { r.Unit = "row" }),
			usage.Quarantined, usage.NoMeter)
		list, _, err := d.usage.Quarantine(d.Ctx, d.Actor("karin"), usage.OfOrganization, false, "")
		d.ok(err)
		d.newMeter("olga", usage.OfPlatform, "row", "row")
		var all sync.WaitGroup
		var mu sync.Mutex
		times := 0
		karin, pim := d.Actor("karin"), d.Actor("pim")
		for range 4 {
			all.Go(func() {
				counted, _, err := d.usage.TryAgain(d.Ctx, karin, usage.OfOrganization, list[0].ID)
				if err != nil && models.KindOf(err) != models.NotFound {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if counted {
					times++
				}
			})
			all.Go(func() {
				err := d.usage.Dismiss(d.Ctx, pim, usage.OfOrganization, list[0].ID, "A trial run")
				if err != nil && models.KindOf(err) != models.NotFound {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if l := d.one("karin", usage.OfOrganization); times != 1 || l.Quantity.String() != "5" || l.Records != 1 {
			t.Errorf("counted %d times as %+v", times, l)
		}
		if n := d.Count(d.Zonneveld, event.UsageRetried); n != 1 {
			t.Errorf("%d retries are recorded", n)
		}
	})
}
