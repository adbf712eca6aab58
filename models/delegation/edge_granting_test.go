package delegation_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestEdge17MixedScriptsAreAWarningAndNoRefusal(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		in := delegation.Proposal{Email: "sanne@kаde.example", Period: delegation.Week} // the а is Cyrillic
		plan, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), in)
		if err != nil || !plan.Email.Mixed || !strings.HasPrefix(plan.Email.Domain(), "xn--") {
			t.Fatalf("the plan is %+v, %v", plan.Email, err)
		}
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), in)
		no(t, err)
		if offers, err := w.Delegations.Offers(w.Ctx, w.Actor("sanne")); err != nil || len(offers) != 0 {
			t.Errorf("the other Sanne is offered %v, %v", offers, err)
		}
	})
}

func TestEdge18ALinkUsedTwiceBindsOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		no(t, err)
		sanne := w.Actor("sanne")
		answers := make(chan error, 2)
		for range 2 {
			go func() { answers <- w.Delegations.Accept(w.Ctx, sanne, d.ID) }()
		}
		first, second := <-answers, <-answers
		if first != nil {
			first, second = second, first
		}
		no(t, first)
		w.Wants(second, models.Conflict, "delegation.error.accepted_already")
		if w.Count(w.Zonneveld, "delegation.accepted") != 1 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
	})
}

func TestEdge20AnUnprovenAddressSeesNothingOfAnApprovedOneEither(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""))
		w.System(func(tx *store.Tx) error {
			return tx.Table("addresses").Where("account_id = ?", w.ID("sanne")).Updates(map[string]any{"proven_at": nil}).Error
		})
		offers, err := w.Delegations.Offers(w.Ctx, w.Actor("sanne"))
		if err != nil || len(offers) != 0 {
			t.Fatalf("she sees %v, %v", offers, err)
		}
		w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID), models.NotFound, "error.not_found")
	})
}

// Somebody with a role that manages delegations is left; nobody answers for them.
func TestEdge25WithoutSuperusersThereAreNoNewGrants(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		keeper(w, "ria")
		ria := w.Actor("ria")
		w.System(func(tx *store.Tx) error {
			return tx.Where("organization_id = ? AND role_id = ?", w.Zonneveld.Organization, tenancy.Superuser).Delete(&tenancy.Grant{}).Error
		})
		_, err := w.Delegations.Grant(w.Ctx, ria, delegation.Proposal{Email: "thomas@kade.example", Period: delegation.Week})
		w.Wants(err, models.Invalid, "[approval: granting.error.no_superusers]")
		w.Wants(w.Delegations.Extend(w.Ctx, ria, d.ID, d.Version, delegation.Month, ""), models.Invalid, "granting.error.no_superusers")
		_, err = w.Delegations.Amend(w.Ctx, ria, d.ID, d.Version, delegation.Proposal{Period: delegation.NoEnd})
		w.Wants(err, models.Invalid, "granting.error.no_superusers")
		// What is open stays, and can be made less.
		waits, err := w.Delegations.Amend(w.Ctx, ria, d.ID, d.Version, delegation.Proposal{Period: delegation.Day})
		if err != nil || waits {
			t.Fatalf("narrowing: %t, %v", waits, err)
		}
	})
}

func TestEdge26AStartInTheFuture(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	karin := w.Actor("karin")
	for _, c := range []struct {
		name, zone, now, date, time string
		period                      delegation.Period
		until, starts, ends         string
	}{
		{"a day begins at its first moment", "Europe/Amsterdam", "2026-11-16T10:00:00Z", "2026-11-20", "", delegation.Week, "", "2026-11-20T00:00:00+01:00", "2026-11-27T00:00:00+01:00"},
		{"a week over the change of clocks", "Europe/Amsterdam", "2026-03-01T10:00:00Z", "2026-03-26", "9:15", delegation.Week, "", "2026-03-26T09:15:00+01:00", "2026-04-02T09:15:00+02:00"},
		{"a time that the clocks skip", "Europe/Amsterdam", "2026-03-01T10:00:00Z", "2026-03-29", "2:30", delegation.FourHours, "", "2026-03-29T03:00:00+02:00", "2026-03-29T07:00:00+02:00"},
		{"the same where the guess goes the other way", "America/New_York", "2026-03-01T10:00:00Z", "2026-03-08", "2:30", delegation.FourHours, "", "2026-03-08T03:00:00-04:00", "2026-03-08T07:00:00-04:00"},
		{"a time that comes twice is the first", "Europe/Amsterdam", "2026-10-01T10:00:00Z", "2026-10-25", "2.30", delegation.FourHours, "", "2026-10-25T02:30:00+02:00", "2026-10-25T05:30:00+01:00"},
		{"a day that begins at one o'clock", "America/Havana", "2026-03-01T10:00:00Z", "2026-03-08", "", delegation.Day, "", "2026-03-08T01:00:00-04:00", "2026-03-09T01:00:00-04:00"},
		{"leap day", "Europe/Amsterdam", "2028-01-10T10:00:00Z", "29-2-2028", "10:00", delegation.Month, "", "2028-02-29T10:00:00+01:00", "2028-03-29T10:00:00+02:00"},
		{"a month from the end of one", "Europe/Amsterdam", "2026-12-10T10:00:00Z", "31-1-2027", "10:00", delegation.Month, "", "2027-01-31T10:00:00+01:00", "2027-02-28T10:00:00+01:00"},
		{"one day, from its beginning to its end", "Europe/Amsterdam", "2026-11-16T10:00:00Z", "2026-11-20", "", delegation.UntilDate, "2026-11-20", "2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00"},
		{"a year ahead", "Europe/Amsterdam", "2026-11-16T10:00:00Z", "2027-11-16", "11:00", delegation.Day, "", "2027-11-16T11:00:00+01:00", "2027-11-17T11:00:00+01:00"},
		{"far in the west", "America/Los_Angeles", "2026-11-16T10:00:00Z", "2026-11-16", "14:00", delegation.Day, "", "2026-11-16T14:00:00-08:00", "2026-11-17T14:00:00-08:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := func(text string) time.Time {
				moment, err := time.Parse(time.RFC3339, text)
				no(t, err)
				return moment
			}
			zoned(w, c.zone)
			w.Advance(at(c.now).Sub(w.Now()))
			w.NewSession("karin")
			karin = w.Actor("karin")
			in := delegation.Proposal{Email: "x@kade.example", Later: true, StartDate: c.date, StartTime: c.time, Period: c.period, Date: c.until}
			plan, err := w.Delegations.Preview(w.Ctx, karin, in)
			no(t, err)
			if !plan.Later || !plan.Starts.Equal(at(c.starts)) || !plan.Ends.Equal(at(c.ends)) {
				t.Errorf("from %s to %s, want %s to %s", plan.Starts, plan.Ends.In(plan.Host.Zone()), c.starts, c.ends)
			}
		})
	}
}

// zoned gives Zonneveld another time zone.
func zoned(w *modelstest.World, zone string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Table("organizations").Where("id = ?", w.Zonneveld.Organization).Updates(map[string]any{"time_zone": zone}).Error
	})
}

func TestEdge26AStartThatCannotBe(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for name, c := range map[string]struct{ date, time, field, key string }{
			"an hour ago":           {"2026-11-16", "10:00", "start_date", "granting.error.start_past"},
			"yesterday":             {"2026-11-15", "", "start_date", "granting.error.start_past"},
			"more than a year away": {"2027-11-16", "11:01", "start_date", "granting.error.start_far"},
			"no day":                {"soon", "", "start_date", "delegation.error.date"},
			"an empty day":          {"", "", "start_date", "delegation.error.date"},
			"no time":               {"2026-12-01", "noon", "start_time", "granting.error.time"},
			"a time too many":       {"2026-12-01", "24:30", "start_time", "granting.error.time"},
		} {
			_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Later: true, StartDate: c.date, StartTime: c.time})
			if err == nil || !strings.Contains(err.Error(), "["+c.field+": "+c.key+"]") {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.UntilDate, Date: "2026-11-20", Later: true, StartDate: "2026-11-21"})
		w.Wants(err, models.Invalid, "[date: delegation.error.date_past]")
		plan, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Later: true, StartDate: "16-11-2026"})
		if err != nil || plan.Later || !plan.Starts.Equal(w.Now()) {
			t.Errorf("today alone means now, not %s: %v", plan.Starts, err)
		}
	})
}

func TestEdge26AZoneChangedAfterwardsMovesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.UntilDate, Date: "2026-11-27", Later: true, StartDate: "2026-11-20", StartTime: "9:00"})
		no(t, err)
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
		zoned(w, "America/Los_Angeles")
		now := read(w, d.ID)
		if !now.StartsAt.Equal(d.StartsAt.Time) || !now.EndsAt.Equal(d.EndsAt.Time) || now.Status(w.Now()) != delegation.Upcoming {
			t.Fatalf("it runs from %s to %s, %s", now.StartsAt, now.EndsAt, now.Status(w.Now()))
		}
		_, err = w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
		w.Wants(err, models.Forbidden, "acting.error.not_active")
		w.Advance(now.StartsAt.Sub(w.Now()) - time.Microsecond)
		w.NewSession("sanne")
		_, err = w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
		w.Wants(err, models.Forbidden, "acting.error.not_active")
		w.Advance(time.Microsecond)
		w.Switch("sanne", w.Zonneveld)
	})
}

// A service account is refused to those who know it: its own company. To others
// its address is one like any, so that the form tells nothing; it never binds.
func TestEdge17TheFormDoesNotTellAnotherCompanysServiceApart(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		thomas := w.Actor("thomas") // a service does not sign in; this session is of before
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("service", true).Error
		})
		in := delegation.Proposal{Email: "thomas@kade.example", Period: delegation.Week}
		known, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), in)
		no(t, err)
		unknown, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "nobody@kade.example", Period: delegation.Week})
		no(t, err)
		known.Email, unknown.Email = account.Email{}, account.Email{}
		if !reflect.DeepEqual(known, unknown) {
			t.Errorf("the form answers %+v for the service and %+v for nobody", known, unknown)
		}
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), in)
		no(t, err)
		if offers, err := w.Delegations.Offers(w.Ctx, thomas); err != nil || len(offers) != 0 {
			t.Errorf("the service is offered %v, %v", offers, err)
		}
		if offers, _, err := w.Delegations.OwnPart(w.Ctx, thomas, delegation.OwnPart{}); err != nil || len(offers) != 0 {
			t.Errorf("the service's program is offered %v, %v", offers, err)
		}
		w.Wants(w.Delegations.Accept(w.Ctx, thomas, d.ID), models.NotFound, "error.not_found")
		w.System(func(tx *store.Tx) error { // one of the host's own company, at home elsewhere in it
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("anna")).Update("service", true).Error
		})
		acceptance, err := w.Delegations.Preview(w.Ctx, w.Actor("marieke"), delegation.Proposal{Email: "thomas@kade.example", Period: delegation.Week})
		if err != nil || acceptance.Standing != nil {
			t.Errorf("another host: %+v, %v", acceptance, err)
		}
		w.Switch("marieke", w.Acceptance)
		_, err = w.Delegations.Preview(w.Ctx, w.Actor("marieke"), delegation.Proposal{Email: "anna@devries.example", Period: delegation.Week})
		w.Wants(err, models.Invalid, "[email: delegation.error.service]")
	})
}
