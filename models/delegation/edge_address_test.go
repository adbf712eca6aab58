package delegation_test

import (
	"errors"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
)

func TestEdge16AFreedAddressInheritsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, _ := inside(w)
		w.System(func(tx *store.Tx) error { // her address changes; somebody else registers the old one
			return tx.Model(&account.Address{}).Where("account_id = ?", w.ID("sanne")).Updates(map[string]any{"email": "s@new.example", "normal": "s@new.example"}).Error
		})
		w.Found("Other Kuipers", "Other Kuipers", "other", "Sanne Kuipers", "sanne@kade.example")
		other := w.Actor("other")
		offers, err := w.Delegations.Offers(w.Ctx, other)
		no(t, err)
		mine, err := w.Delegations.Mine(w.Ctx, other)
		no(t, err)
		places, err := w.Sessions.Places(w.Ctx, other)
		no(t, err)
		if len(offers) != 0 || len(mine) != 0 || len(places) != 1 {
			t.Fatalf("offers %v, delegations %v, places %v", offers, mine, places)
		}
		_, err = w.Delegations.Offer(w.Ctx, other, d.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Accept(w.Ctx, other, d.ID), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.GiveBack(w.Ctx, other, d.ID), models.NotFound, "error.not_found")
		_, err = w.Sessions.Switch(w.Ctx, other, w.Zonneveld.Organization)
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestEdge17OnePersonWhateverTheSpelling(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Found("Müller", "Müller", "jörg", "Jörg Müller", "jörg@müller.example")
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: " JO\u0308RG@MÜLLER.example\u200b", Period: delegation.Week})
		no(t, err)
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("jörg"), d.ID))
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "jörg@xn--mller-kva.example", Period: delegation.Week})
		w.Wants(err, models.Invalid, "[email: delegation.error.open_already]")
		// A +tag is another mailbox.
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "jörg+1@müller.example", Period: delegation.Week})
		no(t, err)
	})
}

func TestEdge18AForwardedInvitationBindsNobodyElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		no(t, err)
		thomas := w.Actor("thomas")
		_, err = w.Delegations.Offer(w.Ctx, thomas, d.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Accept(w.Ctx, thomas, d.ID), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Decline(w.Ctx, thomas, d.ID), models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Accept(w.Ctx, thomas, "dlg_unknown"), models.NotFound, "error.not_found") // word for word the same
		// A scanner that opens the link changes nothing.
		for range 3 {
			_, err := w.Delegations.Offer(w.Ctx, w.Actor("sanne"), d.ID)
			no(t, err)
		}
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
		w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID), models.Conflict, "delegation.error.accepted_already")
		w.Wants(w.Delegations.Decline(w.Ctx, w.Actor("sanne"), d.ID), models.Conflict, "delegation.error.accepted_already")
	})
}

func TestEdge18AStaleLink(t *testing.T) {
	for name, end := range map[string]func(w *modelstest.World, d delegation.Delegation) error{
		"revoked": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)
		},
		"expired": func(w *modelstest.World, d delegation.Delegation) error { w.Advance(4 * time.Hour); return nil },
		"declined": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Decline(w.Ctx, w.Actor("sanne"), d.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.FourHours})
				no(t, err)
				no(t, end(w, d))
				w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID), models.Conflict, "delegation.error.over")
				w.Wants(w.Delegations.Decline(w.Ctx, w.Actor("sanne"), d.ID), models.Conflict, "delegation.error.over")
				offers, err := w.Delegations.Offers(w.Ctx, w.Actor("sanne"))
				if err != nil || len(offers) != 0 {
					t.Fatalf("still offered: %v, %v", offers, err)
				}
				w.Advance(5 * time.Hour)
				no(t, w.Delegations.Expire(w.Ctx))
				if n := w.Count(w.Zonneveld, "delegation.expired"); (n == 1) != (name == "expired") {
					t.Fatalf("it expired %d times: %v", n, w.Events(w.Zonneveld))
				}
				// There is room for a new one.
				_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
				no(t, err)
			})
		})
	}
}

func TestEdge20AnUnprovenAddressSeesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		no(t, err)
		prove := func(at *models.Instant) {
			w.System(func(tx *store.Tx) error {
				return tx.Model(&account.Address{}).Where("account_id = ?", w.ID("sanne")).Updates(map[string]any{"proven_at": at}).Error
			})
		}
		prove(nil)
		sanne := w.Actor("sanne")
		offers, err := w.Delegations.Offers(w.Ctx, sanne)
		if err != nil || len(offers) != 0 {
			t.Fatalf("she sees %v: %v", offers, err)
		}
		_, err = w.Delegations.Offer(w.Ctx, sanne, d.ID)
		w.Wants(err, models.NotFound, "error.not_found")
		w.Wants(w.Delegations.Accept(w.Ctx, sanne, d.ID), models.NotFound, "error.not_found")
		prove(models.AtPtr(w.Now()))
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
	})
}

// A foreign id is answered exactly like an unknown one, to the letter.
func TestAForeignDelegationDoesNotExist(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, _ := inside(w)
		marieke := w.Actor("marieke")
		for name, do := range map[string]func(id string) error{
			"get":     func(id string) error { _, err := w.Delegations.Get(w.Ctx, marieke, id); return err },
			"extend":  func(id string) error { return w.Delegations.Extend(w.Ctx, marieke, id, d.Version, delegation.Week, "") },
			"revoke":  func(id string) error { return w.Delegations.Revoke(w.Ctx, marieke, id) },
			"confirm": func(id string) error { return w.Delegations.Confirm(w.Ctx, marieke, id, d.Version) },
		} {
			foreign, unknown := do(d.ID), do("dlg_unknown")
			if foreign == nil || unknown == nil || foreign.Error() != unknown.Error() || models.KindOf(foreign) != models.NotFound {
				t.Errorf("%s: %v and %v", name, foreign, unknown)
			}
		}
		list, err := w.Delegations.List(w.Ctx, marieke)
		if err != nil || len(list) != 0 {
			t.Errorf("she lists %v: %v", list, err)
		}
		if !w.Actor("sanne").Visiting() {
			t.Error("the visit was touched")
		}
	})
}

func TestWhoIsNoSuperuserGivesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("ria"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		w.Wants(err, models.Forbidden, "error.forbidden")
		_, err = w.Delegations.List(w.Ctx, w.Actor("ria"))
		w.Wants(err, models.Forbidden, "error.forbidden")
		_, err = w.Delegations.Preview(w.Ctx, w.Actor("ria"), delegation.Proposal{})
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestAProposalSaysEverythingThatIsWrongAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "nobody", Period: delegation.UntilDate, Date: "2026-11-15", Roles: []string{"rol_x"}, Ticket: string(make([]byte, 61))})
		var wrong *models.Error
		if !errors.As(err, &wrong) || wrong.Kind != models.Invalid {
			t.Fatal(err)
		}
		for field, key := range map[string]string{"email": "account.error.email", "date": "delegation.error.date_past", "role": "delegation.error.role", "ticket": "error.too_long"} {
			if wrong.Fields[field].Key != key {
				t.Errorf("%s: %q", field, wrong.Fields[field].Key)
			}
		}
		if w.Count(w.Zonneveld, "delegation.granted") != 0 {
			t.Error("it was given all the same")
		}
	})
}
