package delegation_test

import (
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
)

// until moves the clock to a moment.
func until(w *modelstest.World, at time.Time) { w.Advance(at.Sub(w.Now())) }

// awake signs people in again, when the clock has moved past their sessions.
func awake(w *modelstest.World, people ...string) {
	for _, key := range people {
		w.NewSession(key)
	}
}

// warned sweeps, twice as sweeps do, and counts the warnings so far.
func warned(w *modelstest.World) int {
	w.T.Helper()
	for range 2 {
		no(w.T.(*testing.T), w.Delegations.Remind(w.Ctx))
	}
	return len(w.Mails(mail.ExpiringKind))
}

// one reads a delegation as its host sees it.
func one(w *modelstest.World, id string) delegation.Details {
	w.T.Helper()
	awake(w, "karin")
	d, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), id)
	no(w.T.(*testing.T), err)
	return d
}

func TestWarningsAreScaledToTheLength(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		period delegation.Period
		date   string
		before []time.Duration
	}{
		"four hours":   {delegation.FourHours, "", []time.Duration{time.Hour}},
		"a day":        {delegation.Day, "", []time.Duration{time.Hour}},
		"a week":       {delegation.Week, "", []time.Duration{day}},
		"a month":      {delegation.Month, "", []time.Duration{7 * day, day}},
		"three months": {delegation.ThreeMonths, "", []time.Duration{7 * day, day}},
		"three weeks":  {delegation.UntilDate, "2026-12-07", []time.Duration{day}},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: c.period, Date: c.date, Language: "en"})
				no(t, err)
				no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
				for i, before := range c.before {
					until(w, d.EndsAt.Add(-before-time.Second))
					if n := warned(w); n != 3*i {
						t.Fatalf("a second before %v: %d mails", before, n)
					}
					until(w, d.EndsAt.Add(-before))
					if n := warned(w); n != 3*(i+1) { // two superusers and the consultant
						t.Fatalf("%v before: %d mails", before, n)
					}
				}
				until(w, d.EndsAt.Time)
				no(t, w.Delegations.Expire(w.Ctx))
				if n := warned(w); n != 3*len(c.before) || len(w.Mails(mail.ExpiredKind)) != 3 {
					t.Fatalf("after the end: %d warnings, %d mails of the end", n, len(w.Mails(mail.ExpiredKind)))
				}
			})
		})
	}
}

func TestASweepThatWasDownSkipsWarningsThatAreOvertaken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Month)
		until(w, d.EndsAt.Add(-5*time.Hour))
		if n := warned(w); n != 3 {
			t.Fatalf("%d mails", n)
		}
		awake(w, "karin", "thomas")
		brief := w.Delegate("karin", "thomas", delegation.FourHours)
		until(w, brief.EndsAt.Add(time.Hour))
		if n := warned(w); n != 3 {
			t.Fatalf("after the end: %d mails", n)
		}
	})
}

func TestAnExtensionIsWarnedOfAnew(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		until(w, d.EndsAt.Add(-time.Hour))
		if n := warned(w); n != 3 {
			t.Fatalf("%d mails", n)
		}
		d = one(w, d.ID).Delegation
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Day, ""))
		d = one(w, d.ID).Delegation
		if n := warned(w); n != 3 {
			t.Fatalf("the end was set a moment ago, and %d mails went out", n)
		}
		until(w, d.EndsAt.Add(-time.Hour))
		if n := warned(w); n != 6 {
			t.Fatalf("before the later end: %d mails", n)
		}
	})
}

func TestNobodyIsWarnedOfWhatLetsNobodyIn(t *testing.T) {
	for name, end := range map[string]func(w *modelstest.World, d delegation.Delegation) error{
		"revoked": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)
		},
		"given back": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.GiveBack(w.Ctx, w.Actor("thomas"), d.ID)
		},
		"suspended": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d := w.Delegate("karin", "thomas", delegation.Day)
				until(w, d.EndsAt.Add(-time.Hour))
				awake(w, "karin", "thomas", "sanne")
				no(t, end(w, d))
				if n := warned(w); n != 0 {
					t.Errorf("%d mails", n)
				}
			})
		})
	}
}

func TestNobodyIsWarnedOfAnInvitationThatWaits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day, Language: "en"})
		no(t, err)
		until(w, d.EndsAt.Add(-time.Minute))
		if n := warned(w); n != 0 {
			t.Errorf("%d mails", n)
		}
	})
}
