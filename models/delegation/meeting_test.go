package delegation_test

import (
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

// hold is what a directory does whose brake keeps somebody's removal back.
func hold(w *modelstest.World, key string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error { return delegation.Hold(tx, w.Kade.Company, w.ID(key)) })
}

// noSuperusers takes the role from everybody at Zonneveld, past the rule that
// the last one stays.
func noSuperusers(w *modelstest.World) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Where("organization_id = ? AND role_id = ?", w.Zonneveld.Organization, tenancy.Superuser).Delete(&tenancy.Grant{}).Error
	})
}

// These are the places where two parts of a delegation's life meet: approval and
// what is extended, asked for or muted; a firm and what its people have.

func TestWhatIsExtendedInBulkMayWaitForAnotherSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		week, longer := w.Delegate("karin", "sanne", delegation.Week), w.Delegate("karin", "thomas", delegation.ThreeMonths)
		wants(w, tenancy.Hosting{Approval: true})
		chosen := []delegation.Chosen{{ID: week.ID, Version: week.Version}, {ID: longer.ID, Version: longer.Version}}
		got, err := w.Delegations.ExtendAll(w.Ctx, w.Actor("karin"), chosen, delegation.Month, "")
		no(t, err)
		if !got[0].Waits || got[0].Failure != nil || got[1].Waits || got[1].Failure == nil {
			t.Fatalf("what became of them: %+v", got)
		}
		if now := read(w, week.ID); !now.EndsAt.Equal(week.EndsAt.Time) || now.Waiting == nil {
			t.Fatalf("it ends at %s", now.EndsAt)
		}
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), week.ID, read(w, week.ID).Waiting.ID, ""))
		if now := read(w, week.ID); !now.EndsAt.After(week.EndsAt.Time) {
			t.Errorf("approved, it still ends at %s", now.EndsAt)
		}
	})
}

func TestARequestIsAnsweredByTheApprovalAndNotByTheProposal(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := link(w)
		wants(w, tenancy.Hosting{Approval: true})
		made, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
		propose := func() delegation.Details {
			d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), made.Proposal())
			no(t, err)
			return read(w, d.ID)
		}
		outcome := func(want delegation.RequestOutcome, id string) {
			t.Helper()
			now, err := w.Delegations.AccessRequest(w.Ctx, w.Actor("karin"), made.ID)
			if err != nil || now.Outcome(w.Now()) != want || now.DelegationID != id {
				t.Fatalf("the request is %q by %q, %v; want %q", now.Outcome(w.Now()), now.DelegationID, err, want)
			}
		}
		first := propose()
		outcome(delegation.RequestWaiting, "")
		no(t, w.Delegations.Reject(w.Ctx, w.Actor("pim"), first.ID, first.Waiting.ID, "Not this week"))
		outcome(delegation.RequestWaiting, "")
		second := propose()
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), second.ID, second.Waiting.ID, ""))
		outcome(delegation.RequestGranted, second.ID)
	})
}

func TestEdge15ALeaverLosesWhatHisFirmNamedHimForAndTheRestIsSuspended(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		byFirm, own := named(w, toKade(w), "thomas"), w.Delegate("jan", "thomas", delegation.Week)
		w.Switch("thomas", w.Zonneveld)
		no(t, w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")))
		if d := delegationOf(w, byFirm.ID); d.Status(w.Now()) != delegation.Revoked {
			t.Errorf("what the firm gave him is %s", d.Status(w.Now()))
		}
		if d := delegationOf(w, own.ID); d.Status(w.Now()) != delegation.Suspended || d.SuspendReason != delegation.Offboard {
			t.Errorf("what De Vries gave him is %s: %s", d.Status(w.Now()), d.SuspendReason)
		}
		if v := visits(w); len(v) != 1 || v[0].LeftAt == nil || len(w.Mails(mail.LeftKind)) != 2 {
			t.Errorf("his visit: %+v, %d mails", v, len(w.Mails(mail.LeftKind)))
		}
	})
}

// What a directory holds back is not decided yet: nothing is lost by it.
func TestEdge15AHoldSuspendsWhatAFirmGaveToo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		byFirm, own := named(w, toKade(w), "thomas"), w.Delegate("jan", "thomas", delegation.Week)
		hold(w, "thomas")
		for _, id := range []string{byFirm.ID, own.ID} {
			if d := delegationOf(w, id); d.Status(w.Now()) != delegation.Suspended || d.SuspendReason != delegation.Offboard {
				t.Errorf("%s is %s: %s", id, d.Status(w.Now()), d.SuspendReason)
			}
		}
	})
}

func TestAnAmendmentCannotPassTheEndOfTheFirm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := named(w, toKade(w), "thomas")
		for _, period := range []delegation.Period{delegation.ThreeMonths, delegation.NoEnd} {
			_, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Proposal{Period: period})
			w.Wants(err, models.Invalid, "firm.error.beyond")
			w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, period, ""), models.Invalid, "firm.error.beyond")
			out, err := w.Delegations.ExtendAll(w.Ctx, w.Actor("karin"), []delegation.Chosen{{ID: d.ID, Version: d.Version}}, period, "")
			if err != nil || out[0].Failure == nil || out[0].Failure.Key != "firm.error.beyond" {
				t.Errorf("%s in bulk: %+v, %v", period, out, err)
			}
		}
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Proposal{Period: delegation.Week})
		no(t, err)
	})
}

func TestAnAmendmentAnswersWhatWasAskedAboutTheEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		no(t, w.Delegations.AskMore(w.Ctx, w.Actor("sanne"), d.ID, delegation.More{Period: delegation.Month, Reason: "Not ready"}))
		amend := func(in delegation.Proposal) delegation.Details {
			t.Helper()
			_, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, read(w, d.ID).Version, in)
			no(t, err)
			return read(w, d.ID)
		}
		if now := amend(delegation.Proposal{Period: delegation.Keep, Reason: "Stock count"}); now.MoreAskedAt == nil || now.EndSetAt != nil {
			t.Errorf("another reason answered the question about the end: %+v", now.Living)
		}
		if now := amend(delegation.Proposal{Period: delegation.Month}); now.MoreAskedAt != nil || now.MoreReason != "" || now.EndSetAt == nil {
			t.Errorf("another end did not: %+v", now.Living)
		}
	})
}

func TestAnAmendmentAnswersTheReview(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.NoEnd)
		w.Advance(80 * day)
		no(t, w.Delegations.Review(w.Ctx))
		was := one(w, d.ID)
		if was.Question != delegation.ReviewDue {
			t.Fatalf("nobody was asked: %+v", was.Living)
		}
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, was.Version, delegation.Proposal{Period: delegation.Month})
		no(t, err)
		now := read(w, d.ID)
		if now.Question != "" || now.AnswerBy != nil || now.ReviewedAt == nil || now.EndSetAt == nil {
			t.Errorf("the question is open: %+v", now.Living)
		}
		w.Advance(15 * day)
		no(t, w.Delegations.Review(w.Ctx))
		if now := one(w, d.ID); now.SuspendedAt != nil {
			t.Error("suspended, though the host decided")
		}
	})
}

func TestALaterEndOfTheFirmAnswersWhatItsPeopleAskedFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		no(t, w.Delegations.AskMore(w.Ctx, w.Actor("thomas"), d.ID, delegation.More{Period: delegation.ThreeMonths, Reason: "Not ready"}))
		no(t, extended(w, w.Actor("karin"), f, delegation.ThreeMonths, ""))
		if now := delegationOf(w, d.ID); now.MoreAskedAt != nil || now.EndSetAt == nil || !now.EndsAt.After(d.EndsAt.Time) {
			t.Errorf("he still asks: %+v", now.Living)
		}
	})
}

// Nobody answers for what a host without superusers gives to a firm either.
func TestEdge25WithoutSuperusersNothingIsGivenToAFirm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		keeper(w, "ria")
		ria := w.Actor("ria")
		noSuperusers(w)
		w.Wants(extended(w, ria, f, delegation.ThreeMonths, ""), models.Invalid, "granting.error.no_superusers")
		no(t, w.Delegations.EndFirm(w.Ctx, ria, f.ID))
		again := delegation.FirmProposal{Firm: "kade.example", People: 1, Period: delegation.Week}
		_, err := w.Delegations.PreviewFirm(w.Ctx, ria, again)
		w.Wants(err, models.Invalid, "granting.error.no_superusers")
		_, err = w.Delegations.GrantFirm(w.Ctx, ria, again)
		w.Wants(err, models.Invalid, "granting.error.no_superusers")
	})
}

// The period of a proposal moves with its approval: until then the floor is kept
// for it however short it is, and for one that lapsed it is not.
func TestTheWatcherFloorHoldsForAProposalAsLongAsItCanBeApproved(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.FourHours})
		byVisit := func(who string) error {
			return w.Delegations.SetWatchDefault(w.Ctx, w.Actor(who), tenancy.PerVisit)
		}
		no(t, byVisit("karin"))
		w.Advance(5 * time.Hour)
		w.Wants(byVisit("pim"), models.Conflict, "notice.error.floor")
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""))
		w.Wants(byVisit("pim"), models.Conflict, "notice.error.floor")
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("pim"), d.ID))
		no(t, byVisit("pim"))
		no(t, w.Delegations.SetWatchDefault(w.Ctx, w.Actor("pim"), tenancy.AtOnce))
		proposed(w, delegation.Proposal{Period: delegation.Month})
		w.Wants(byVisit("pim"), models.Conflict, "notice.error.floor")
		w.Advance(delegation.ApprovalTime)
		awake(w, "pim")
		no(t, byVisit("pim")) // no sweep came by yet
	})
}

// A suspended delegation can be confirmed by anybody who manages them: who hears
// of it then is settled while it is suspended.
func TestTheWatcherFloorHoldsForASuspendedDelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "thomas", delegation.Month)
		no(t, watch(w, "karin", d, muted))
		hold(w, "thomas")
		w.Wants(watch(w, "pim", d, muted), models.Conflict, "notice.error.floor")
		if got := gone(w, "karin", mail.SuspendedKind); len(got) != 1 {
			t.Errorf("who muted it got %d mails of the suspension", len(got))
		}
	})
}

func TestNeverMutedWhatIsApprovedAndWhatWidens(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Join("otto", "Otto Maas", "otto@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		no(t, watch(w, "otto", d.Delegation, muted))
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""))
		if got := gone(w, "otto", mail.GrantedKind); len(got) != 1 {
			t.Errorf("of the approval he got %d mails", len(got))
		}
		no(t, watch(w, "otto", d.Delegation, muted)) // the approval came after it
		if waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, read(w, d.ID).Version, delegation.Proposal{Period: delegation.Month}); err != nil || !waits {
			t.Fatal(waits, err)
		}
		if got := gone(w, "otto", mail.ApprovalAskedKind); len(got) != 2 {
			t.Errorf("he was asked %d times", len(got))
		}
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, read(w, d.ID).Waiting.ID, ""))
		if got := gone(w, "otto", mail.AmendedKind); len(got) != 1 {
			t.Errorf("of the longer period he got %d mails", len(got))
		}
		if n := w.Count(w.Zonneveld, event.DelegationAmended); n != 1 {
			t.Errorf("%d amendments", n)
		}
	})
}
