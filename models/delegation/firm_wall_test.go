package delegation_test

import (
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
)

// What a firm's managers see of somebody is what they know by themselves: the
// address of his account, and not the one at which a host invited him.
func TestAFirmSeesNoAddressAtWhichAHostInvitedItsPeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			now := models.At(w.Now())
			return tx.Create(&account.Address{ID: models.NewID("adr"), AccountID: w.ID("thomas"), Email: "thomas@private.example", Normal: "thomas@private.example", ProvenAt: &now, CreatedAt: now}).Error
		})
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "thomas@private.example", Period: delegation.Month})
		no(t, err)
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("thomas"), d.ID))
		f := toKade(w)
		invited, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("sanne"))
		no(t, err)
		list, err := w.Delegations.Customers(w.Ctx, w.Actor("sanne"))
		no(t, err)
		seen := map[string]string{}
		for _, customer := range list {
			for _, e := range customer.People {
				seen[e.Account] = e.Email
			}
		}
		if len(list) != 1 || seen[w.ID("thomas")] != "thomas@kade.example" {
			t.Errorf("of %d customers the firm sees %v", len(list), seen)
		}
		if seen[w.ID("sanne")] != invited.Email { // whom it named itself, before she accepted
			t.Errorf("of whom it named it sees %q", seen[w.ID("sanne")])
		}
	})
}

// Neither another firm's managers nor another host's superusers see whom a firm
// named, accepted or not.
func TestWhomAFirmNamedNobodyElseSees(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		no(t, err)
		list, err := w.Delegations.Customers(w.Ctx, w.Actor("marieke"))
		no(t, err)
		for _, customer := range list {
			if len(customer.Grants) > 0 || len(customer.People) > 0 {
				t.Errorf("another company sees %+v", customer)
			}
		}
		_, people, err := w.Delegations.FirmGrant(w.Ctx, w.Actor("marieke"), f.ID, "")
		w.Wants(err, models.NotFound, "not_found")
		if len(people) != 0 {
			t.Errorf("another company is offered %v", people)
		}
		_, err = w.Delegations.Firm(w.Ctx, w.Actor("jan"), f.ID)
		w.Wants(err, models.NotFound, "not_found")
		_, err = w.Delegations.Get(w.Ctx, w.Actor("jan"), d.ID)
		w.Wants(err, models.NotFound, "not_found")
		_, err = w.Delegations.Offer(w.Ctx, w.Actor("sanne"), d.ID) // his own manager neither
		w.Wants(err, models.NotFound, "not_found")
	})
}
