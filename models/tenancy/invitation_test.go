package tenancy_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// invited asks thomas of Kade to join Zonneveld.
func invited(w *modelstest.World) tenancy.Invitation {
	w.T.Helper()
	inv, err := w.Members.Invite(w.Ctx, w.Actor("karin"), "Thomas@Kade.example", []string{tenancy.Member}, "nl")
	if err != nil {
		w.T.Fatal(err)
	}
	return inv
}

func TestAnInvitationBindsToItsProvenAddressOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inv := invited(w)
		if mails := w.Mails(mail.MemberInvitationKind); len(mails) != 1 || mails[0].Recipient != "Thomas@Kade.example" || mails[0].Language != "nl" {
			t.Fatalf("mails: %+v", mails)
		}
		for _, stranger := range []string{"sanne", "anna", "karin"} {
			_, err := w.Members.Accept(w.Ctx, w.Actor(stranger), inv.ID)
			w.Wants(err, models.NotFound, "error.not_found")
			offers, err := w.Members.Offers(w.Ctx, w.Actor(stranger))
			if err != nil || len(offers) != 0 {
				t.Fatalf("%s sees it: %v", stranger, err)
			}
		}
		offers, err := w.Members.Offers(w.Ctx, w.Actor("thomas"))
		if err != nil || len(offers) != 1 || offers[0].Host.Organization != w.Zonneveld.Organization {
			t.Fatalf("he sees %+v: %v", offers, err)
		}
		host, err := w.Members.Accept(w.Ctx, w.Actor("thomas"), inv.ID)
		if err != nil || host.Organization != w.Zonneveld.Organization {
			t.Fatal(err)
		}
		_, err = w.Members.Accept(w.Ctx, w.Actor("thomas"), inv.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		if w.Count(w.Zonneveld, event.MemberJoined) != 1 {
			t.Fatalf("events: %v", w.Events(w.Zonneveld))
		}
		if got := w.Actor("thomas"); got.Real.Organization != w.Kade.Organization {
			t.Fatalf("his home moved to %s", got.Real.Name)
		}
		w.Switch("thomas", w.Zonneveld)
		if got := w.Actor("thomas"); got.Visiting() || got.Real.Organization != w.Zonneveld.Organization {
			t.Fatal("a member works there as what he is")
		}
	})
}

func TestAnUnprovenAddressAcceptsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inv := invited(w)
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Address{}).Where("account_id = ?", w.ID("thomas")).Update("proven_at", nil).Error
		})
		_, err := w.Members.Accept(w.Ctx, w.Actor("thomas"), inv.ID)
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestAWithdrawnOrLapsedInvitationIsGone(t *testing.T) {
	for name, end := range map[string]func(w *modelstest.World, id string) error{
		"withdrawn": func(w *modelstest.World, id string) error { return w.Members.Withdraw(w.Ctx, w.Actor("karin"), id) },
		"lapsed": func(w *modelstest.World, id string) error {
			w.Advance(14 * 24 * time.Hour)
			w.NewSession("karin") // a fortnight outlives every session
			w.NewSession("thomas")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				inv := invited(w)
				no(t, end(w, inv.ID))
				_, err := w.Members.Accept(w.Ctx, w.Actor("thomas"), inv.ID)
				w.Wants(err, models.NotFound, "error.not_found")
				if open, err := w.Members.Invited(w.Ctx, w.Actor("karin")); err != nil || len(open) != 0 {
					t.Fatalf("still open: %v, %v", open, err)
				}
				invited(w) // there is room for a new one
			})
		})
	}
}

func TestAnInvitationIsAcceptedOrWithdrawnNeverBoth(t *testing.T) {
	w := modelstest.New(t, "postgres")
	for range 10 {
		inv := invited(w)
		karin, thomas := w.Actor("karin"), w.Actor("thomas")
		accepted, withdrawn := make(chan error), make(chan error)
		go func() { _, err := w.Members.Accept(w.Ctx, thomas, inv.ID); accepted <- err }()
		go func() { withdrawn <- w.Members.Withdraw(w.Ctx, karin, inv.ID) }()
		first, second := <-accepted, <-withdrawn
		if (first == nil) == (second == nil) {
			t.Fatalf("accepted: %v, withdrawn: %v", first, second)
		}
		if first == nil {
			no(t, w.Members.Remove(w.Ctx, karin, w.ID("thomas")))
		}
	}
}

func TestOnlyOneInvitationStandsOpen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		invited(w)
		_, err := w.Members.Invite(w.Ctx, w.Actor("pim"), "thomas@KADE.example", []string{tenancy.Member}, "en")
		w.Wants(err, models.Invalid, "[email: organization.error.is_invited]")
		_, err = w.Members.Invite(w.Ctx, w.Actor("pim"), "ria@zonneveld.example", []string{tenancy.Member}, "en")
		w.Wants(err, models.Invalid, "[email: organization.error.is_member]")
		_, err = w.Members.Invite(w.Ctx, w.Actor("pim"), "nobody", []string{tenancy.Member}, "en")
		w.Wants(err, models.Invalid, "[email: account.error.email]")
		_, err = w.Members.Invite(w.Ctx, w.Actor("marieke"), "thomas@kade.example", []string{tenancy.Member}, "en") // elsewhere it may
		no(t, err)
	})
}

func TestAForeignInvitationDoesNotExist(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inv := invited(w)
		w.Wants(w.Members.Withdraw(w.Ctx, w.Actor("marieke"), inv.ID), models.NotFound, "error.not_found")
		w.Wants(w.Members.Withdraw(w.Ctx, w.Actor("marieke"), "inv_unknown"), models.NotFound, "error.not_found")
		if open, err := w.Members.Invited(w.Ctx, w.Actor("karin")); err != nil || len(open) != 1 {
			t.Fatalf("open: %v, %v", open, err)
		}
	})
}
