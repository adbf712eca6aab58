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

// wants sets what Zonneveld asks of delegations.
func wants(w *modelstest.World, h tenancy.Hosting) {
	w.T.Helper()
	h.Notify = tenancy.AtOnce
	if err := w.Members.SetHosting(w.Ctx, w.Actor("karin"), h); err != nil {
		w.T.Fatal(err)
	}
}

// proposed is a delegation of karin's for sanne that waits for another superuser.
func proposed(w *modelstest.World, in delegation.Proposal) delegation.Details {
	w.T.Helper()
	wants(w, tenancy.Hosting{Approval: true})
	in.Email, in.Language = "sanne@kade.example", "en"
	d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), in)
	if err != nil {
		w.T.Fatal(err)
	}
	return read(w, d.ID)
}

func read(w *modelstest.World, id string) delegation.Details {
	w.T.Helper()
	d, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return d
}

func mails(w *modelstest.World, kind mail.Kind) (to []string) {
	for _, m := range w.Mails(kind) {
		to = append(to, m.Recipient)
	}
	return to
}

func TestAProposedDelegationIsNothingYet(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		sanne := w.Actor("sanne")
		offers, err := w.Delegations.Offers(w.Ctx, sanne)
		no(t, err)
		_, unknown := w.Delegations.Offer(w.Ctx, sanne, d.ID)
		w.Wants(unknown, models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Accept(w.Ctx, sanne, d.ID), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Decline(w.Ctx, sanne, d.ID), models.NotFound, "error.not_found")
		_, err = w.Sessions.Switch(w.Ctx, sanne, w.Zonneveld.Organization)
		w.Wants(err, models.NotFound, "error.not_found")
		if len(offers) != 0 || len(w.Mails(mail.InvitationKind)) != 0 || d.Status(w.Now()) != delegation.Proposed || d.Waiting == nil {
			t.Fatalf("she is offered %v; it is %s", offers, d.Status(w.Now()))
		}
		if got := mails(w, mail.ApprovalAskedKind); len(got) != 1 || got[0] != "pim@zonneveld.example" {
			t.Errorf("asked are %v", got)
		}
		if w.Count(w.Zonneveld, event.DelegationProposed) != 1 || w.Count(w.Zonneveld, event.DelegationGranted) != 0 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
		// Nothing but a decision changes it.
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Proposal{Period: delegation.Month})
		w.Wants(err, models.Conflict, "granting.error.waits")
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Month, ""), models.Conflict, "granting.error.waits")
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("pim"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
		w.Wants(err, models.Invalid, "[email: delegation.error.open_already]")
	})
}

func TestOnlyAnotherSuperuserApproves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		role := keeper(w, "ria")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("karin"), d.ID, d.Waiting.ID, ""), models.Conflict, "granting.error.own")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("ria"), d.ID, d.Waiting.ID, ""), models.Forbidden, "granting.error.superuser")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("anna"), d.ID, d.Waiting.ID, ""), models.Forbidden, "error.forbidden")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("jan"), d.ID, d.Waiting.ID, ""), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, "prp_unknown", ""), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Withdraw(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID), models.Conflict, "granting.error.not_yours")
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, "Agreed on the phone"))
		now := read(w, d.ID)
		if now.ApprovedByName != "Pim Zonneveld" || now.Waiting != nil || now.Status(w.Now()) != delegation.Invited || role == "" {
			t.Fatalf("it is %+v", now.Delegation)
		}
		if got := mails(w, mail.ApprovalAnsweredKind); len(got) != 1 || got[0] != "karin@zonneveld.example" {
			t.Errorf("told are %v", got)
		}
		if len(w.Mails(mail.InvitationKind)) != 1 || len(w.Mails(mail.GrantedKind)) != 0 {
			t.Error("the invitation did not go out, or those who know were told again")
		}
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
		w.Switch("sanne", w.Zonneveld)
	})
}

// keeper gives somebody a role at Zonneveld that manages delegations and is not
// the superuser's.
func keeper(w *modelstest.World, person string) string {
	w.T.Helper()
	role := tenancy.Role{ID: models.NewID("rol"), Level: models.OrganizationLevel, Key: "keeper", Name: "Keeper",
		Permissions: `["` + string(models.ManageDelegations) + `"]`, CreatedAt: models.At(w.Now())}
	w.System(func(tx *store.Tx) error {
		if err := tx.Create(&role).Error; err != nil {
			return err
		}
		return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
			AccountID: w.ID(person), RoleID: role.ID, Source: tenancy.Manual}, person)
	})
	return role.ID
}

func TestTheStartMovesToTheApprovalAndThePeriodKeepsItsLength(t *testing.T) {
	for name, c := range map[string]struct {
		in           delegation.Proposal
		wait         time.Duration
		starts, ends string
	}{
		"a week from now":           {delegation.Proposal{Period: delegation.Week}, 50 * time.Hour, "2026-11-18T12:00:00Z", "2026-11-25T12:00:00Z"},
		"four hours, long ago":      {delegation.Proposal{Period: delegation.FourHours}, 50 * time.Hour, "2026-11-18T12:00:00Z", "2026-11-18T16:00:00Z"},
		"a last day stays the last": {delegation.Proposal{Period: delegation.UntilDate, Date: "2026-11-20"}, 50 * time.Hour, "2026-11-18T12:00:00Z", "2026-11-20T23:00:00Z"},
		"without an end":            {delegation.Proposal{Period: delegation.NoEnd}, time.Hour, "2026-11-16T11:00:00Z", ""},
		"a start that is to come":   {delegation.Proposal{Period: delegation.Day, Later: true, StartDate: "2026-12-01", StartTime: "9:00"}, 50 * time.Hour, "2026-12-01T08:00:00Z", "2026-12-02T08:00:00Z"},
		"a start that has passed":   {delegation.Proposal{Period: delegation.Day, Later: true, StartDate: "2026-11-17", StartTime: "9:00"}, 50 * time.Hour, "2026-11-18T12:00:00Z", "2026-11-19T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := modelstest.New(t, "sqlite")
			d := proposed(w, c.in)
			w.Advance(c.wait)
			w.NewSession("pim")
			w.NewSession("karin")
			no(t, w.Delegations.Expire(w.Ctx)) // which leaves what only waits alone
			no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""))
			now, ends := read(w, d.ID), ""
			if now.EndsAt != nil {
				ends = now.EndsAt.UTC().Format(time.RFC3339)
			}
			if starts := now.StartsAt.UTC().Format(time.RFC3339); starts != c.starts || ends != c.ends {
				t.Errorf("from %s to %s, want %s to %s", starts, ends, c.starts, c.ends)
			}
		})
	}
}

func TestARejectedProposalIsOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		no(t, w.Delegations.Reject(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, "Not in December"))
		now := read(w, d.ID)
		if now.Status(w.Now()) != delegation.Rejected || now.RevokedByName != "Pim Zonneveld" || now.GivenBack() || len(w.Mails(mail.InvitationKind, mail.RevokedKind)) != 0 {
			t.Fatalf("it is %s", now.Status(w.Now()))
		}
		_, err := w.Delegations.Offer(w.Ctx, w.Actor("sanne"), d.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""), models.Conflict, "granting.error.decided.rejected")
		if got := mails(w, mail.ApprovalAnsweredKind); len(got) != 1 || got[0] != "karin@zonneveld.example" {
			t.Errorf("told are %v", got)
		}
		// There is room for another.
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
		no(t, err)
	})
}

func TestWhoProposedTakesItBackAndTheConsultantHearsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		no(t, w.Delegations.Withdraw(w.Ctx, w.Actor("karin"), d.ID, d.Waiting.ID))
		if now := read(w, d.ID); now.Status(w.Now()) != delegation.Revoked || w.Count(w.Zonneveld, event.DelegationWithdrawn) != 1 {
			t.Fatalf("it is %s", now.Status(w.Now()))
		}
		again, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
		no(t, err)
		waiting := read(w, again.ID).Waiting.ID
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("pim"), again.ID))
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), again.ID, waiting, ""), models.Conflict, "granting.error.decided.withdrawn")
		for _, m := range w.Mails(mail.InvitationKind, mail.RevokedKind) {
			if m.Recipient == "sanne@kade.example" {
				t.Errorf("she got a mail: %s", m.Kind)
			}
		}
	})
}

func TestAProposalLapsesAfterSevenDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Month})
		w.Advance(delegation.ApprovalTime - time.Second)
		w.NewSession("pim")
		w.NewSession("karin")
		no(t, w.Delegations.LapseProposals(w.Ctx))
		if now := read(w, d.ID); now.Status(w.Now()) != delegation.Proposed {
			t.Fatalf("a second early it is %s", now.Status(w.Now()))
		}
		w.Advance(time.Second)
		// The sweep has not come by: it is over all the same.
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""), models.Conflict, "granting.error.decided.lapsed")
		if now := read(w, d.ID); now.Status(w.Now()) != delegation.Lapsed {
			t.Fatalf("before the sweep it is %s", now.Status(w.Now()))
		}
		w.Advance(time.Hour)
		no(t, w.Delegations.LapseProposals(w.Ctx))
		no(t, w.Delegations.LapseProposals(w.Ctx))
		now := read(w, d.ID)
		if now.Status(w.Now()) != delegation.Lapsed || !now.RevokedAt.Equal(modelstest.Start.Add(delegation.ApprovalTime)) || now.RevokedByName != "" {
			t.Fatalf("it is %s since %v", now.Status(w.Now()), now.RevokedAt)
		}
		if w.Count(w.Zonneveld, event.DelegationLapsed) != 1 || len(mails(w, mail.ApprovalAnsweredKind)) != 1 || len(w.Mails(mail.InvitationKind)) != 0 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
	})
}

func TestALapsedProposalMakesRoomBeforeTheSweep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Month})
		w.Advance(delegation.ApprovalTime)
		w.NewSession("pim")
		w.NewSession("karin")
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("pim"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
		no(t, err)
		if now := read(w, d.ID); now.Status(w.Now()) != delegation.Lapsed || now.RevokedBy != "" {
			t.Errorf("it is %s, by %q", now.Status(w.Now()), now.RevokedBy)
		}
	})
}

func TestOfTwoWhoDecideAtOnceOneDoes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Join("els", "Els Bakker", "els@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		pim, els := w.Actor("pim"), w.Actor("els")
		answers := make(chan error, 2)
		go func() { answers <- w.Delegations.Approve(w.Ctx, pim, d.ID, d.Waiting.ID, "") }()
		go func() { answers <- w.Delegations.Reject(w.Ctx, els, d.ID, d.Waiting.ID, "") }()
		first, second := <-answers, <-answers
		if first != nil {
			first, second = second, first
		}
		no(t, first)
		w.Wants(second, models.Conflict, "granting.error.decided.")
		if got := w.Count(w.Zonneveld, event.DelegationApproved) + w.Count(w.Zonneveld, event.DelegationRejected); got != 1 {
			t.Errorf("%d decisions: %v", got, w.Events(w.Zonneveld))
		}
		if now := read(w, d.ID); (now.RevokedAt == nil) != (len(w.Mails(mail.InvitationKind)) == 1) {
			t.Errorf("it is %s, with %d invitations", now.Status(w.Now()), len(w.Mails(mail.InvitationKind)))
		}
	})
}

func TestTheOnlySuperuserCannotGiveWhatAnotherHasToApprove(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("pim")))
		choices, err := w.Delegations.Choices(w.Ctx, w.Actor("karin"))
		if err != nil || choices.Nobody == nil || choices.Nobody.Key != "granting.error.nobody_approves" {
			t.Fatalf("the form says %v, %v", choices.Nobody, err)
		}
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		w.Wants(err, models.Invalid, "[approval: granting.error.nobody_approves]")
	})
}

func TestWhoBecameAMemberMeanwhileIsNotLetIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := proposed(w, delegation.Proposal{Period: delegation.Week})
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
				AccountID: w.ID("sanne"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Sanne Kuipers")
		})
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, d.Waiting.ID, ""), models.Conflict, "delegation.error.member")
		if len(w.Mails(mail.InvitationKind)) != 0 {
			t.Error("she was invited")
		}
	})
}
