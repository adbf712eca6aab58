package delegation_test

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/tenancy"
)

func TestAConsultantAsksForMoreTime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		more := delegation.More{Period: delegation.Month, Reason: "The stock count takes longer"}
		no(t, w.Delegations.AskMore(w.Ctx, w.Actor("sanne"), d.ID, more))
		got := one(w, d.ID)
		if !got.Asked(w.Now()) || got.MorePeriod != delegation.Month || got.MoreReason != more.Reason || got.EndsAt.Time != d.EndsAt.Time {
			t.Fatalf("it asks %+v", got.Living)
		}
		if len(w.Mails(mail.MoreAskedKind)) != 2 || w.Count(w.Zonneveld, event.DelegationMoreAsked) != 1 {
			t.Fatal("the superusers were not told")
		}
		w.Wants(w.Delegations.AskMore(w.Ctx, w.Actor("sanne"), d.ID, more), models.Conflict, "delegation.error.asked_already")
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Month, ""), models.Conflict, "delegation.error.changed") // seen before he asked
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, got.Version, got.MorePeriod, got.MoreDate))
		if got = one(w, d.ID); got.Asked(w.Now()) || !got.EndsAt.After(d.EndsAt.Time) {
			t.Errorf("it ends %v and asks %v", got.EndsAt, got.MoreAskedAt)
		}
	})
}

func TestARequestForMoreTimeIsRefusedWithANote(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Wants(w.Delegations.RefuseMore(w.Ctx, w.Actor("karin"), d.ID, d.Version, ""), models.Conflict, "delegation.error.not_asked")
		no(t, w.Delegations.AskMore(w.Ctx, w.Actor("sanne"), d.ID, delegation.More{Period: delegation.Month, Reason: "More work"}))
		got := one(w, d.ID)
		w.Wants(w.Delegations.RefuseMore(w.Ctx, w.Actor("karin"), d.ID, d.Version, ""), models.Conflict, "delegation.error.changed")
		w.Wants(w.Delegations.RefuseMore(w.Ctx, w.Actor("karin"), d.ID, got.Version, strings.Repeat("x", 501)), models.Invalid, "[note: error.too_long]")
		no(t, w.Delegations.RefuseMore(w.Ctx, w.Actor("karin"), d.ID, got.Version, "We do the rest ourselves"))
		if got = one(w, d.ID); got.Asked(w.Now()) || !got.EndsAt.Equal(d.EndsAt.Time) {
			t.Errorf("it ends %v and asks %v", got.EndsAt, got.MoreAskedAt)
		}
		told := w.Mails(mail.MoreRefusedKind)
		if len(told) != 1 || told[0].Recipient != "sanne@kade.example" || !strings.Contains(told[0].Data, "the rest ourselves") {
			t.Errorf("told: %+v", told)
		}
	})
}

func TestMoreTimeIsAskedForWithinBounds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, endless := w.Delegate("karin", "sanne", delegation.Week), w.Delegate("jan", "sanne", delegation.NoEnd)
		ask := func(by, id string, in delegation.More) error {
			return w.Delegations.AskMore(w.Ctx, w.Actor(by), id, in)
		}
		good := delegation.More{Period: delegation.Month, Reason: "More work"}
		w.Wants(ask("thomas", d.ID, good), models.NotFound, "error.not_found")
		w.Wants(ask("sanne", "dlg_unknown", good), models.NotFound, "error.not_found")
		w.Wants(ask("sanne", endless.ID, good), models.Conflict, "delegation.error.has_no_end")
		w.Wants(ask("sanne", d.ID, delegation.More{Period: delegation.NoEnd, Reason: "x"}), models.Invalid, "[period: error.choice]")
		w.Wants(ask("sanne", d.ID, delegation.More{Period: delegation.UntilDate, Reason: "x"}), models.Invalid, "[date: delegation.error.date]")
		w.Wants(ask("sanne", d.ID, delegation.More{Period: delegation.Day, Reason: "x"}), models.Invalid, "[period: delegation.error.earlier]")
		w.Wants(ask("sanne", d.ID, delegation.More{Period: delegation.Month}), models.Invalid, "[reason: error.required]")
		for i := range 4 {
			err := ask("sanne", d.ID, good)
			if i == 3 {
				w.Wants(err, models.TooMany, "error.too_many")
				break
			}
			no(t, err)
			no(t, w.Delegations.RefuseMore(w.Ctx, w.Actor("karin"), d.ID, one(w, d.ID).Version, ""))
		}
		w.Advance(25 * time.Hour)
		awake(w, "sanne", "karin")
		no(t, ask("sanne", d.ID, good))
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		w.Wants(ask("sanne", d.ID, good), models.Conflict, "delegation.error.over")
	})
}

func TestSeveralAreShortenedEachByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		month, endless, day := w.Delegate("karin", "sanne", delegation.Month), w.Delegate("karin", "thomas", delegation.NoEnd), w.Delegate("karin", "anna", delegation.Day)
		foreign := w.Delegate("jan", "thomas", delegation.Month)
		wants(w, tenancy.Hosting{Approval: true}) // what narrows waits for nobody
		var chosen []delegation.Chosen
		for _, d := range []delegation.Delegation{month, endless, day, foreign} {
			chosen = append(chosen, delegation.Chosen{ID: d.ID, Version: d.Version})
		}
		shorten := func(by string, period delegation.Period, date string) ([]delegation.Result, error) {
			return w.Delegations.ShortenAll(w.Ctx, w.Actor(by), chosen, period, date)
		}
		for want, in := range map[string][2]string{"[period: error.choice]": {string(delegation.NoEnd), ""}, "[date: delegation.error.date]": {string(delegation.UntilDate), ""},
			"[date: delegation.error.date_past]": {string(delegation.UntilDate), "1-1-2020"}} {
			_, err := shorten("karin", delegation.Period(in[0]), in[1])
			w.Wants(err, models.Invalid, want)
		}
		_, err := shorten("ria", delegation.Week, "")
		w.Wants(err, models.Forbidden, "error.forbidden")
		out, err := shorten("karin", delegation.Week, "")
		no(t, err)
		if out[0].Failure != nil || out[0].Waits || out[1].Failure != nil || out[2].Failure == nil || out[2].Failure.Key != "delegation.error.not_earlier" ||
			out[3].Failure == nil || out[3].Failure.Key != "error.not_found" {
			t.Fatalf("outcomes: %+v", out)
		}
		week := w.Now().AddDate(0, 0, 7)
		for _, id := range []string{month.ID, endless.ID} {
			if d := one(w, id); d.EndsAt == nil || !d.EndsAt.Equal(week) {
				t.Errorf("it ends %v, want %v", d.EndsAt, week)
			}
		}
		if d := one(w, day.ID); !d.EndsAt.Equal(day.EndsAt.Time) || w.Count(w.Zonneveld, event.DelegationAmended) != 2 || w.Count(w.Production, event.DelegationAmended) != 0 {
			t.Errorf("it ends %v; events: %v", d.EndsAt, w.Events(w.Zonneveld))
		}
		out, err = shorten("karin", delegation.FourHours, "")
		no(t, err)
		if out[0].Failure == nil || out[0].Failure.Key != "delegation.error.changed" {
			t.Errorf("with the versions of before: %+v", out)
		}
	})
}

func TestSeveralAreChangedEachByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		week, endless, foreign := w.Delegate("karin", "sanne", delegation.Week), w.Delegate("karin", "thomas", delegation.NoEnd), w.Delegate("jan", "thomas", delegation.Week)
		chosen := []delegation.Chosen{{ID: endless.ID, Version: endless.Version}, {ID: week.ID, Version: week.Version}, {ID: foreign.ID, Version: foreign.Version}}
		_, err := w.Delegations.ExtendAll(w.Ctx, w.Actor("karin"), chosen, delegation.UntilDate, "soon")
		w.Wants(err, models.Invalid, "[date: delegation.error.date]")
		_, err = w.Delegations.ExtendAll(w.Ctx, w.Actor("ria"), chosen, delegation.Month, "")
		w.Wants(err, models.Forbidden, "error.forbidden")
		out, err := w.Delegations.ExtendAll(w.Ctx, w.Actor("karin"), chosen, delegation.NoEnd, "")
		no(t, err)
		if out[0].Failure == nil || out[0].Failure.Key != "delegation.error.endless" || out[1].Failure != nil || out[2].Failure == nil || out[2].Failure.Key != "error.not_found" {
			t.Fatalf("outcomes: %+v", out)
		}
		if one(w, week.ID).EndsAt != nil {
			t.Fatal("the one in the middle was not extended")
		}
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), week.ID))
		out, err = w.Delegations.RevokeAll(w.Ctx, w.Actor("karin"), chosen[:2])
		no(t, err)
		if out[0].Failure != nil || out[1].Failure == nil || out[1].Failure.Key != "delegation.error.over" {
			t.Fatalf("outcomes: %+v", out)
		}
		if one(w, endless.ID).RevokedAt == nil || w.Count(w.Zonneveld, event.DelegationRevoked) != 2 || w.Count(w.Production, event.DelegationRevoked) != 0 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
		_, err = w.Delegations.RevokeAll(w.Ctx, w.Actor("karin"), make([]delegation.Chosen, 201))
		w.Wants(err, models.Conflict, "delegation.error.too_many")
	})
}

func TestASuperuserEndsOneVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, sanne := inside(w)
		no(t, works(w, sanne))
		here, err := w.Delegations.Visitors(w.Ctx, w.Actor("karin"))
		no(t, err)
		if len(here) != 1 || here[0].Delegation.ID != d.ID || len(here[0].Done) != 1 || here[0].Done[0].Type != "test.worked" || here[0].Done[0].Count != 1 {
			t.Fatalf("inside are %+v", here)
		}
		_, err = w.Delegations.Visitors(w.Ctx, w.Actor("ria"))
		w.Wants(err, models.Forbidden, "error.forbidden")
		end := func(by models.Actor) error { _, err := w.Delegations.EndVisit(w.Ctx, by, here[0].ID); return err }
		w.Wants(end(w.Actor("jan")), models.NotFound, "error.not_found")
		w.Wants(end(sanne), models.Forbidden, "error.forbidden")
		no(t, end(w.Actor("karin")))
		w.Wants(works(w, sanne), models.Forbidden, "error.delegation_ended")
		got := w.Actor("sanne")
		if got.Visiting() || got.Ended == nil || got.Ended.Reason != string(delegation.ByHost) || got.Effective.Organization != w.Kade.Organization {
			t.Fatalf("she is told %+v", got.Ended)
		}
		if v := visits(w)[0]; v.LeaveReason != delegation.ByHost || len(w.Mails(mail.LeftKind)) != 2 ||
			w.Count(w.Zonneveld, event.VisitEnded) != 1 || w.Count(w.Zonneveld, event.VisitLeft) != 1 || w.Count(w.Kade, event.AwayLeft) != 1 {
			t.Fatalf("the visit ended by %q: %v", v.LeaveReason, w.Events(w.Zonneveld))
		}
		w.Wants(end(w.Actor("karin")), models.Conflict, "delegation.error.left_already")
		no(t, w.Sessions.Settle(w.Ctx, w.Actor("sanne")))
		w.Switch("sanne", w.Zonneveld) // the delegation stands
		w.Advance(8 * 24 * time.Hour)
		awake(w, "karin")
		if here, err := w.Delegations.Visitors(w.Ctx, w.Actor("karin")); err != nil || len(here) != 0 {
			t.Errorf("the delegation ran out, and inside are %v %v", here, err)
		}
	})
}

func TestTheCalendarSaysWhatEndsWhen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		month, endless := w.Delegate("pim", "sanne", delegation.Month), w.Delegate("karin", "thomas", delegation.NoEnd)
		week := w.Delegate("pim", "marieke", delegation.Week)
		gone := w.Delegate("karin", "jan", delegation.Day)
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), gone.ID))
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("pim")))
		list, err := w.Delegations.Calendar(w.Ctx, w.Actor("karin"))
		no(t, err)
		want := []struct {
			id string
			is delegation.Occasion
			at time.Time
		}{{week.ID, delegation.Ends, week.EndsAt.Time}, {month.ID, delegation.Confirm, w.Now().Add(14 * day)}, {month.ID, delegation.Ends, month.EndsAt.Time},
			{endless.ID, delegation.Review, endless.StartsAt.Add(90 * day)}}
		if len(list) != len(want) {
			t.Fatalf("%d dates", len(list))
		}
		for i, c := range want {
			if got := list[i]; got.Delegation.ID != c.id || got.Occasion != c.is || !got.At.Equal(c.at) {
				t.Errorf("%d: %s %s at %v, want %s at %v", i, got.Delegation.ID, got.Occasion, got.At, c.is, c.at)
			}
		}
		if foreign, err := w.Delegations.Calendar(w.Ctx, w.Actor("jan")); err != nil || len(foreign) != 0 {
			t.Errorf("De Vries sees %v %v", foreign, err)
		}
	})
}

func TestDormantIsWhatNobodyUsedForThirtyDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.ThreeMonths)
		dormant := func() bool { return one(w, d.ID).Dormant(w.Now()) }
		w.Advance(30*day - time.Second)
		if dormant() {
			t.Error("dormant too early")
		}
		w.Advance(time.Second)
		if !dormant() {
			t.Error("not dormant after thirty days")
		}
		enter(w, "sanne")
		if dormant() {
			t.Error("dormant while she is inside")
		}
		_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
		no(t, err)
		w.Advance(29 * day)
		if dormant() {
			t.Error("dormant 29 days after a visit")
		}
		w.Advance(day)
		if !dormant() {
			t.Error("not dormant thirty days after a visit")
		}
		w.Advance(40 * day)
		if dormant() {
			t.Error("dormant although it is over")
		}
	})
}
