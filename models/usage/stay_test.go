package usage_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/store"
	"locum/models/usage"
)

// One message holds use of long ago and of now, without the ids of visits: each record
// belongs to the visit of its own time.
func TestUseWithoutAVisitIsAttributedByTheVisitOfItsTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.visit("karin", "sanne", d.Zonneveld)
		began := d.Now()
		d.Advance(time.Hour)
		d.leave("sanne")
		left := d.Now()
		d.Advance(20 * 24 * time.Hour)
		d.NewSession("sanne")
		d.NewSession("karin")
		d.Switch("sanne", d.Zonneveld)
		now := d.Actor("sanne").Visit
		d.Advance(time.Minute)
		cases := []struct {
			at    time.Time
			visit string
			why   usage.Reason
		}{
			{began, old, ""}, {began.Add(30 * time.Minute), old, ""}, {left.Add(-time.Second), old, ""},
			{left, "", usage.OutsideVisit}, {began.Add(-time.Minute), "", usage.OutsideVisit}, {left.Add(10 * 24 * time.Hour), "", usage.OutsideVisit},
			{d.Now(), now, ""}, {d.Now().Add(-10 * time.Second), now, ""},
		}
		for _, whole := range []bool{true, false} {
			var records []usage.Record
			for i, c := range cases {
				r := d.use(fmt.Sprintf("%v-%d", whole, i), d.by("sanne"), at(c.at))
				records = append(records, r, d.use(fmt.Sprintf("%v-%d-stranger", whole, i), d.by("thomas"), at(c.at)))
				if !whole {
					d.send(records[len(records)-2:]...)
				}
			}
			if whole {
				d.send(records...)
			}
			for i, c := range cases {
				var kept, stranger usage.Entry
				d.System(func(tx *store.Tx) error {
					if err := tx.Where("event_id = ?", fmt.Sprintf("%v-%d-stranger", whole, i)).Take(&stranger).Error; err != nil {
						return err
					}
					return tx.Where("event_id = ?", fmt.Sprintf("%v-%d", whole, i)).Take(&kept).Error
				})
				if kept.VisitID != c.visit || kept.Reason != c.why || c.visit != "" && kept.RealOrganizationID != d.Kade.Organization {
					t.Errorf("in one message %v: at %v it belongs to %q (%q), want %q (%q)", whole, c.at, kept.VisitID, kept.Reason, c.visit, c.why)
				}
				if stranger.Reason != usage.NoAccount {
					t.Errorf("in one message %v: a stranger's use at %v is %q", whole, c.at, stranger.Reason)
				}
			}
		}
	})
}

// A message whose records lie far apart is read in one go all the same.
func TestAMessageOfManyTimesIsAttributed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visit := d.visit("karin", "sanne", d.Zonneveld)
		d.Advance(time.Minute)
		var records []usage.Record
		for i := range 40 {
			records = append(records, d.use(fmt.Sprint("r", i), d.by("sanne"), at(d.Now().AddDate(0, 0, -2*i))))
		}
		for i, out := range d.send(records...) {
			if want := map[bool]usage.Status{true: usage.Accepted, false: usage.Quarantined}[i == 0]; out.Status != want || i > 0 && out.Reason != usage.OutsideVisit {
				t.Errorf("%d days ago: %+v", 2*i, out)
			}
		}
		var kept usage.Entry
		d.System(func(tx *store.Tx) error { return tx.Where("event_id = ?", "r0").Take(&kept).Error })
		if kept.VisitID != visit {
			t.Errorf("it belongs to %q", kept.VisitID)
		}
		var visits int64
		d.System(func(tx *store.Tx) error { return tx.Model(&delegation.Visit{}).Count(&visits).Error })
		if visits != 1 {
			t.Errorf("%d visits", visits)
		}
	})
}

// What is used after a delegation ran out is not of its visit, however late the visit
// is closed: before the sweep it is what it is after.
func TestUseAfterTheEndOfADelegationIsOfNoVisitHoweverLateTheSweep(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		given := d.Delegate("karin", "sanne", delegation.FourHours)
		d.Switch("sanne", d.Zonneveld)
		visit, end := d.Actor("sanne").Visit, given.EndsAt.Time
		d.Advance(end.Add(-time.Second).Sub(d.Now()))
		if out := d.became(d.use("goes-on", d.by("sanne"), in(visit), at(d.Now())), usage.Accepted, ""); out.Late != "" {
			t.Errorf("in the visit it is late as %q", out.Late)
		}
		d.Advance(30 * time.Minute)
		for _, swept := range []string{"before", "after"} {
			for name, by := range map[string]func(*usage.Record){"visit": in(visit), "person": d.by("sanne")} {
				d.became(d.use(swept+"-end-"+name, by, at(end)), usage.Quarantined, usage.OutsideVisit)
				d.became(d.use(swept+"-over-"+name, by, at(d.Now())), usage.Quarantined, usage.OutsideVisit)
				if out := d.became(d.use(swept+"-inside-"+name, by, at(end.Add(-time.Second))), usage.Accepted, ""); out.Late != usage.AfterVisit {
					t.Errorf("%s the sweep, by %s: it is late as %q", swept, name, out.Late)
				}
			}
			d.ok(d.Delegations.Expire(d.Ctx))
		}
	})
}
