package delegation_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// extended gives a firm another end, as it was read.
func extended(w *modelstest.World, by models.Actor, f delegation.Firm, period delegation.Period, date string) error {
	_, err := w.Delegations.ExtendFirm(w.Ctx, by, f.ID, f.Version, period, date)
	return err
}

// swept runs every sweep of delegations, twice as sweeps do.
func swept(w *modelstest.World) {
	w.T.Helper()
	for range 2 {
		for _, sweep := range []func() error{
			func() error { return w.Delegations.Expire(w.Ctx) }, func() error { return w.Delegations.Review(w.Ctx) },
			func() error { return w.Delegations.Remind(w.Ctx) }, func() error { return w.Delegations.LapseProposals(w.Ctx) }} {
			no(w.T.(*testing.T), sweep())
		}
	}
}

// recipients are who got mail of a kind, in their order.
func recipients(w *modelstest.World, kind mail.Kind) (list []string) {
	for _, m := range w.Mails(kind) {
		list = append(list, m.Recipient)
	}
	slices.Sort(list)
	return list
}

var bothSides = []string{"karin@zonneveld.example", "pim@zonneveld.example", "sanne@kade.example"}

func TestBothSidesAreWarnedOfTheEndOfAFirmAndToldOfIt(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		period delegation.Period
		before []time.Duration
	}{
		"a day": {delegation.Day, []time.Duration{time.Hour}}, "a week": {delegation.Week, []time.Duration{day}}, "a month": {delegation.Month, []time.Duration{7 * day, day}},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				f := toKade(w, func(in *delegation.FirmProposal) { in.Period = c.period })
				for i, before := range c.before {
					until(w, f.EndsAt.Add(-before-time.Second))
					swept(w)
					if n := len(w.Mails(mail.FirmExpiringKind)); n != 3*i {
						t.Fatalf("a second before %v: %d mails", before, n)
					}
					until(w, f.EndsAt.Add(-before))
					swept(w)
					if n := len(w.Mails(mail.FirmExpiringKind)); n != 3*(i+1) {
						t.Fatalf("%v before: %d mails", before, n)
					}
				}
				until(w, f.EndsAt.Add(time.Hour)) // the sweep is late
				swept(w)
				if got := recipients(w, mail.FirmExpiredKind); !slices.Equal(got, bothSides) {
					t.Errorf("told of the end are %v", got)
				}
				if n := w.Count(w.Zonneveld, event.FirmExpired); n != 1 {
					t.Errorf("its end is written down %d times", n)
				}
			})
		})
	}
}

func TestAFirmThatIsEndedIsNotWarnedOf(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		no(t, w.Delegations.EndFirm(w.Ctx, w.Actor("karin"), f.ID))
		until(w, f.EndsAt.Add(-time.Hour))
		swept(w)
		until(w, f.EndsAt.Add(time.Hour))
		swept(w)
		if got := w.Mails(mail.FirmExpiringKind, mail.FirmExpiredKind); len(got) != 0 || w.Count(w.Zonneveld, event.FirmExpired) != 0 {
			t.Errorf("of what was ended are told %+v", got)
		}
	})
}

func TestAProposalForAFirmThatNobodyApprovedIsWrittenDown(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		f := toKade(w, func(in *delegation.FirmProposal) { in.Period = delegation.Day })
		w.Advance(2 * 24 * time.Hour) // longer than it would last: its period moves with the approval
		swept(w)
		if s := firmOf(w, f.ID).Status(w.Now()); s != delegation.FirmWaiting {
			t.Fatalf("it is %s", s)
		}
		w.Advance(delegation.ApprovalTime)
		swept(w)
		if s := firmOf(w, f.ID).Status(w.Now()); s != delegation.FirmLapsed || w.Count(w.Zonneveld, event.FirmLapsed) != 1 || w.Count(w.Zonneveld, event.FirmExpired) != 0 {
			t.Errorf("it is %s, events %v", s, w.Events(w.Zonneveld))
		}
		if got := recipients(w, mail.FirmAnsweredKind); !slices.Equal(got, []string{"karin@zonneveld.example"}) {
			t.Errorf("told are %v", got)
		}
		if got := w.Mails(mail.FirmExpiredKind, mail.FirmExpiringKind, mail.FirmGivenKind); len(got) != 0 {
			t.Errorf("of what was never given: %+v", got)
		}
	})
}

// unmade takes the superuser role from somebody.
func unmade(w *modelstest.World, person string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		if err := tx.Where("account_id = ? AND organization_id = ? AND role_id = ?", w.ID(person), w.Zonneveld.Organization, tenancy.Superuser).Delete(&tenancy.Grant{}).Error; err != nil {
			return err
		}
		tx.Record(event.RoleRemoved, store.About{ID: w.ID(person), Company: w.Zonneveld.Company, Organization: w.Zonneveld.Organization, Data: map[string]any{"role": tenancy.Superuser}})
		return nil
	})
}

func TestEdge14AFirmWhoseGranterIsSuperuserNoMoreIsQuestionedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		unmade(w, "karin")
		if got := firmOf(w, f.ID); got.Question != delegation.GranterGone || !got.AnswerBy.Equal(w.Now().Add(14*24*time.Hour)) {
			t.Fatalf("asked %q by %v", got.Question, got.AnswerBy)
		}
		if got := recipients(w, mail.FirmQuestionKind); !slices.Equal(got, []string{"pim@zonneveld.example"}) || len(w.Mails(mail.QuestionKind)) != 0 {
			t.Fatalf("asked are %v, of its people %d", got, len(w.Mails(mail.QuestionKind)))
		}
		w.Advance(11 * 24 * time.Hour)
		swept(w)
		if n := len(w.Mails(mail.FirmQuestionKind)); n != 2 {
			t.Fatalf("asked %d times", n)
		}
		w.Advance(3 * 24 * time.Hour)
		awake(w, "thomas")
		w.Switch("thomas", w.Zonneveld)
		swept(w)
		if s := firmOf(w, f.ID).Status(w.Now()); s != delegation.FirmSuspended {
			t.Fatalf("without an answer it is %s", s)
		}
		if after := delegationOf(w, d.ID); after.SuspendReason != delegation.Unconfirmed || w.Actor("thomas").Visiting() {
			t.Fatalf("he is suspended for %q", after.SuspendReason)
		}
		awake(w, "sanne", "pim")
		_, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("sanne"))
		w.Wants(err, models.Conflict, "firm.error.over")
		no(t, w.Delegations.ConfirmFirm(w.Ctx, w.Actor("pim"), f.ID, firmOf(w, f.ID).Version))
		if firmOf(w, f.ID).Status(w.Now()) != delegation.FirmRunning || delegationOf(w, d.ID).SuspendedAt != nil {
			t.Error("confirmed, and still suspended")
		}
		w.Wants(w.Delegations.ConfirmFirm(w.Ctx, w.Actor("pim"), f.ID, firmOf(w, f.ID).Version), models.Conflict, "firm.error.not_asked")
		_, err = w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("sanne"))
		no(t, err)
	})
}

// Who is out for a reason of his own stays out when his firm is confirmed.
func TestConfirmingAFirmLiftsOnlyWhatWasSuspendedWithIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&delegation.Delegation{}).Where("id = ?", d.ID).
				Updates(map[string]any{"suspended_at": models.At(w.Now()), "suspend_reason": delegation.Readdressed}).Error
		})
		unmade(w, "karin")
		w.Advance(14 * 24 * time.Hour)
		swept(w)
		awake(w, "pim")
		no(t, w.Delegations.ConfirmFirm(w.Ctx, w.Actor("pim"), f.ID, firmOf(w, f.ID).Version))
		if after := delegationOf(w, d.ID); after.SuspendReason != delegation.Readdressed {
			t.Errorf("he is suspended for %q", after.SuspendReason)
		}
	})
}

func TestAFirmWithoutAnEndIsReviewedAfter90Days(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w, func(in *delegation.FirmProposal) { in.Period = delegation.NoEnd })
		named(w, f, "thomas")
		began := w.Now()
		until(w, began.Add(75*24*time.Hour))
		swept(w)
		if n := len(w.Mails(mail.FirmQuestionKind)); n != 0 {
			t.Fatalf("asked %d times after 75 days", n)
		}
		until(w, began.Add(77*24*time.Hour))
		swept(w)
		if got := firmOf(w, f.ID); got.Question != delegation.ReviewDue || len(w.Mails(mail.FirmQuestionKind)) != 2 || len(w.Mails(mail.QuestionKind)) != 0 {
			t.Fatalf("asked %q, mails %d, of its people %d", got.Question, len(w.Mails(mail.FirmQuestionKind)), len(w.Mails(mail.QuestionKind)))
		}
		awake(w, "karin")
		no(t, w.Delegations.ConfirmFirm(w.Ctx, w.Actor("karin"), f.ID, firmOf(w, f.ID).Version))
		until(w, began.Add(100*24*time.Hour))
		swept(w)
		if got := firmOf(w, f.ID); got.Question != "" || got.Status(w.Now()) != delegation.FirmRunning {
			t.Errorf("after the answer it is %s, asked %q", got.Status(w.Now()), got.Question)
		}
		until(w, began.Add(200*24*time.Hour))
		swept(w)
		w.Advance(15 * 24 * time.Hour)
		swept(w)
		if s := firmOf(w, f.ID).Status(w.Now()); s != delegation.FirmSuspended {
			t.Errorf("the next review without an answer: %s", s)
		}
	})
}

// What two have to agree to for one person, one does not do for a whole firm: he
// proposes it, and another agrees.
func TestALaterEndOfAFirmWaitsForAnotherSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		wants(w, tenancy.Hosting{Approval: true})
		waits, err := w.Delegations.ExtendFirm(w.Ctx, w.Actor("karin"), f.ID, f.Version, delegation.ThreeMonths, "")
		no(t, err)
		asked := firmOf(w, f.ID)
		if !waits || !asked.Wanted(w.Now()) || !asked.EndsAt.Equal(f.EndsAt.Time) || !delegationOf(w, d.ID).EndsAt.Equal(d.EndsAt.Time) {
			t.Fatalf("by the word of one it ends %v, waits %v", asked.EndsAt, waits)
		}
		if got := recipients(w, mail.FirmProposedKind); !slices.Equal(got, []string{"pim@zonneveld.example"}) {
			t.Fatalf("asked are %v", got)
		}
		w.Wants(extended(w, w.Actor("pim"), asked, delegation.ThreeMonths, ""), models.Conflict, "granting.error.waits")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("karin"), f.ID, asked.Version), models.Conflict, "firm.error.own_proposal")
		keeper(w, "ria")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("ria"), f.ID, asked.Version), models.Forbidden, "granting.error.superuser")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("marieke"), f.ID, asked.Version), models.NotFound, "not_found")
		no(t, w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, asked.Version))
		after := firmOf(w, f.ID)
		if !after.EndsAt.Equal(asked.WantedEndsAt.Time) || after.WantedDue != nil || !delegationOf(w, d.ID).EndsAt.Equal(after.EndsAt.Time) {
			t.Errorf("approved, it ends %v and he %v", after.EndsAt, delegationOf(w, d.ID).EndsAt)
		}
		if got := recipients(w, mail.FirmAnsweredKind); !slices.Equal(got, []string{"karin@zonneveld.example"}) {
			t.Errorf("told of the answer are %v", got)
		}
	})
}

func TestALaterEndOfAFirmIsRefusedTakenBackOrLapses(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		wants(w, tenancy.Hosting{Approval: true})
		ask := func() delegation.Firm {
			no(t, extended(w, w.Actor("karin"), firmOf(w, f.ID), delegation.ThreeMonths, ""))
			return firmOf(w, f.ID)
		}
		no(t, w.Delegations.RefuseFirmExtension(w.Ctx, w.Actor("pim"), f.ID, ask().Version))
		no(t, w.Delegations.RefuseFirmExtension(w.Ctx, w.Actor("karin"), f.ID, ask().Version))
		w.Wants(w.Delegations.RefuseFirmExtension(w.Ctx, w.Actor("karin"), f.ID, firmOf(w, f.ID).Version), models.Conflict, "firm.error.nothing_waits")
		late := ask()
		w.Advance(delegation.ApprovalTime)
		awake(w, "pim")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, late.Version), models.Conflict, "firm.error.approved")
		swept(w)
		for _, kind := range []string{event.FirmExtensionRejected, event.FirmExtensionWithdrawn, event.FirmExtensionLapsed} {
			if n := w.Count(w.Zonneveld, kind); n != 1 {
				t.Errorf("%s is written down %d times", kind, n)
			}
		}
		if after := firmOf(w, f.ID); !after.EndsAt.Equal(f.EndsAt.Time) || after.WantedDue != nil {
			t.Errorf("it ends %v", after.EndsAt)
		}
		if n := len(w.Mails(mail.FirmAnsweredKind)); n != 2 { // refused and lapsed
			t.Errorf("%d answers", n)
		}
	})
}

func TestALaterEndOfAFirmKeepsToTheCapOfTheDayOfApproval(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		wants(w, tenancy.Hosting{Approval: true})
		no(t, extended(w, w.Actor("karin"), f, delegation.ThreeMonths, ""))
		wants(w, tenancy.Hosting{Approval: true, LongestDays: 40})
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, firmOf(w, f.ID).Version), models.Conflict, "granting.error.cap")
	})
}
