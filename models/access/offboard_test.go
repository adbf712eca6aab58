package access_test

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestRemovedPersonLosesEverythingInTheCompanyAndNothingElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		// Thomas of Kade helps Zonneveld, and is there now; he is a member of De
		// Vries as well, and works there in another browser.
		d := w.Delegate("karin", "thomas", delegation.Week)
		w.Switch("thomas", w.Zonneveld)
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, AccountID: w.ID("thomas"),
				RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas Bakker")
		})
		there := w.SignIn("thomas")
		if _, err := w.Sessions.Switch(w.Ctx, w.ActorOf(there), w.Production.Organization); err != nil {
			t.Fatal(err)
		}
		sanne := w.Actor("sanne")
		if n, err := w.Sessions.CountAt(w.Ctx, sanne, w.ID("thomas")); err != nil || n != 1 {
			t.Errorf("%d sessions are Kade's, %v", n, err)
		}
		if n, err := w.Delegations.OnBehalf(w.Ctx, sanne, w.ID("thomas")); err != nil || n != 1 {
			t.Errorf("%d delegations are held for Kade, %v", n, err)
		}
		if err := w.Companies.Offboard(w.Ctx, sanne, w.ID("thomas")); err != nil {
			t.Fatal(err)
		}
		if !w.Actor("thomas").Anonymous() {
			t.Error("his session at Kade is still there")
		}
		if now := w.ActorOf(there); now.Effective.Organization != w.Production.Organization {
			t.Errorf("at De Vries he is now %+v", now)
		}
		_, err := w.Companies.Person(w.Ctx, sanne, w.ID("thomas"))
		w.Wants(err, models.NotFound, "error.not_found")
		held, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
		if err != nil || held.SuspendReason != delegation.Offboard || held.Present {
			t.Errorf("the delegation is %+v %v", held.Delegation, err)
		}
		if len(w.Mails(mail.Suspended{}.Kind())) == 0 {
			t.Error("the hosts are not told")
		}
		if n := w.Count(models.Party{Company: w.Kade.Company}, event.Offboarded); n != 1 {
			t.Errorf("%d events tell of it", n)
		}
		if slices.Contains(w.Events(models.Party{Company: w.Kade.Company}), event.DelegationSuspended) {
			t.Error("Kade is told of the host's delegation")
		}
	})
}

func TestRemovalIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		marieke := w.Actor("marieke")
		remove := func(by models.Actor, who string) error { return w.Companies.Offboard(w.Ctx, by, w.ID(who)) }
		w.Wants(remove(marieke, "marieke"), models.Conflict, "company.error.self")
		w.Wants(remove(marieke, "karin"), models.NotFound, "error.not_found")
		w.Wants(remove(w.Actor("jan"), "anna"), models.Forbidden, "error.forbidden")
		w.System(func(tx *store.Tx) error { // Anna becomes the other manager, Marieke stays the only superuser of Acceptance
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: w.ID("anna"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Anna")
		})
		w.Wants(remove(w.Actor("anna"), "marieke"), models.Conflict, "organization.error.last_superuser")
		if w.Actor("marieke").Anonymous() {
			t.Error("a refused removal ended a session")
		}
		if err := remove(w.Actor("marieke"), "anna"); err != nil {
			t.Fatal(err)
		}
		w.Wants(remove(w.Actor("marieke"), "anna"), models.NotFound, "error.not_found")
	})
}
