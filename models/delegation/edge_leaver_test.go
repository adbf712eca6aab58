package delegation_test

import (
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// deactivate closes somebody's account.
func deactivate(w *modelstest.World, key string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		tx.Record(event.AccountDeactivated, store.About{ID: w.ID(key), Name: key})
		return tx.Model(&account.Account{}).Where("id = ?", w.ID(key)).Update("deactivated_at", models.At(tx.Now())).Error
	})
}

// readdress gives somebody another address, as his identity provider does.
func readdress(w *modelstest.World, key, domain, email string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		person, err := account.Load(tx, w.ID(key))
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		if err := tx.Create(&tenancy.Domain{CompanyID: *person.HomeCompanyID, ID: models.NewID("dom"), Name: domain, VerifiedAt: &now, CreatedAt: now}).Error; err != nil {
			return err
		}
		parsed, _ := account.ParseEmail(email)
		return federation.Readdress(tx, *person.HomeCompanyID, person, parsed)
	})
}

func TestEdge15HisOwnCompanyOffboardsHim(t *testing.T) {
	for name, leave := range map[string]func(w *modelstest.World){
		"by removing him": func(w *modelstest.World) {
			no(w.T.(*testing.T), w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")))
		},
		"by closing his account": func(w *modelstest.World) { deactivate(w, "thomas") },
		"by a directory, held up": func(w *modelstest.World) {
			w.System(func(tx *store.Tx) error { return delegation.Hold(tx, w.Kade.Company, w.ID("thomas")) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d := w.Delegate("karin", "thomas", delegation.Month)
				enter(w, "thomas")
				leave(w)
				if got := w.Actor("thomas"); got.Visiting() {
					t.Fatal("he is still inside")
				}
				if v := visits(w)[0]; v.LeaveReason != delegation.BySuspension {
					t.Errorf("the visit ended by %q", v.LeaveReason)
				}
				got := one(w, d.ID)
				if got.SuspendReason != delegation.Offboard || len(w.Mails(mail.SuspendedKind)) != 3 {
					t.Fatalf("it is %s %q", got.Status(w.Now()), got.SuspendReason)
				}
				// Coming back revives nothing.
				w.System(func(tx *store.Tx) error {
					if err := tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("deactivated_at", nil).Error; err != nil {
						return err
					}
					if err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Kade.Company, OrganizationID: w.Kade.Organization, AccountID: w.ID("thomas"),
						RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas Bakker"); err != nil {
						return err
					}
					return tenancy.SetHome(tx, w.ID("thomas"), w.Kade.Company, w.Kade.Organization)
				})
				w.NewSession("thomas")
				_, err := w.Sessions.Switch(w.Ctx, w.Actor("thomas"), w.Zonneveld.Organization)
				w.Wants(err, models.Forbidden, "acting.error.not_active")
				no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, got.Version))
				w.Switch("thomas", w.Zonneveld)
			})
		})
	}
}

func TestEdge15WhoseAccountIsClosedCannotBeConfirmed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "thomas", delegation.Month)
		deactivate(w, "thomas")
		w.Wants(w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, one(w, d.ID).Version), models.Conflict, "delegation.error.account_closed")
	})
}

func TestEdge15TheVisitOfAClosedAccountIsClosed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "thomas", delegation.Month)
		enter(w, "thomas")
		w.System(func(tx *store.Tx) error { // by what leaves no event
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("deactivated_at", models.At(tx.Now())).Error
		})
		no(t, w.Delegations.EndIdle(w.Ctx))
		if v := visits(w)[0]; v.LeftAt == nil || v.LeaveReason != delegation.Closed || len(w.Mails(mail.LeftKind)) != 2 {
			t.Errorf("the visit: %v %q", v.LeftAt, v.LeaveReason)
		}
	})
}

func TestEdge16HisAddressChanges(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "thomas", delegation.Month)
		enter(w, "thomas")
		readdress(w, "thomas", "kade.example", "t.bakker@kade.example")
		got := one(w, d.ID)
		if got.SuspendReason != delegation.Readdressed || got.Address != "t.bakker@kade.example" || got.Email != "thomas@kade.example" {
			t.Fatalf("it is %s %q, for %q", got.Status(w.Now()), got.SuspendReason, got.Address)
		}
		if w.Actor("thomas").Visiting() || len(w.Mails(mail.SuspendedKind)) != 3 {
			t.Fatal("he is still inside, or nobody was told")
		}
		no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, got.Version))
		if got = one(w, d.ID); got.Email != "t.bakker@kade.example" || got.Address != "" {
			t.Errorf("it is for %q, %q", got.Email, got.Address)
		}
		enter(w, "thomas")
		// Whoever is registered with the old one inherits nothing, and can be let in.
		w.Found("Other", "Other", "other", "Other", "thomas@kade.example")
		if offers, err := w.Delegations.Mine(w.Ctx, w.Actor("other")); err != nil || len(offers) != 0 {
			t.Errorf("the freed address inherits %v %v", offers, err)
		}
		w.Delegate("karin", "other", delegation.Week)
	})
}

func TestEdge16AnotherAddressBesideTheOldOneChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "thomas", delegation.Month)
		readdress(w, "thomas", "kade.work", "thomas@kade.work")
		if got := one(w, d.ID); got.SuspendedAt != nil {
			t.Errorf("it is %s %q", got.Status(w.Now()), got.SuspendReason)
		}
	})
}

func TestEdge16HisHomeChanges(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "thomas", delegation.Month)
		other := w.Delegate("karin", "sanne", delegation.Month)
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, AccountID: w.ID("thomas"),
				RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas Bakker")
		})
		enter(w, "thomas")
		no(t, w.Members.Remove(w.Ctx, w.Actor("sanne"), w.ID("thomas")))
		got := one(w, d.ID)
		if got.SuspendReason != delegation.Rehomed || w.Actor("thomas").Visiting() || one(w, other.ID).SuspendedAt != nil {
			t.Fatalf("it is %s %q", got.Status(w.Now()), got.SuspendReason)
		}
		no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, got.Version))
		if got := one(w, d.ID); got.RealOrganizationName != "De Vries Production" {
			t.Errorf("he comes from %q", got.RealOrganizationName)
		}
		enter(w, "thomas")
	})
}

func TestEdge24AHostIsNotDeletedFromUnderItsRecord(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inside(w)
		err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
			tx.NothingToRecord()
			return tx.Where("id = ?", w.Zonneveld.Organization).Delete(&tenancy.Organization{}).Error
		})
		if err == nil {
			t.Error("the organization went, and its delegations with it")
		}
	})
}
