package delegation_test

import (
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// A delegation that became redundant cannot be confirmed during the membership,
// and so does not wait for its end.
func TestRedundantDelegationCannotBeConfirmedWhileHeIsAMember(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
				AccountID: w.ID("sanne"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Sanne Kuipers")
		})
		now, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
		no(t, err)
		if now.SuspendReason != delegation.Redundant {
			t.Fatalf("it is %s", now.Status(w.Now()))
		}
		w.Wants(w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, now.Version), models.Conflict, "delegation.error.member_still")
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("sanne")))
		_, err = w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
		w.Wants(err, models.Forbidden, "acting.error.not_active")
	})
}

// A role in one of the host's applications makes no member, and takes nobody's
// delegation away.
func TestRoleInAnApplicationAloneLeavesTheDelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.System(func(tx *store.Tx) error {
			app := tenancy.Application{ID: models.NewID("app"), Key: "stock", Name: "Stock", CreatedAt: models.At(w.Now())}
			if err := tx.Create(&app).Error; err != nil {
				return err
			}
			role := tenancy.Role{ID: models.NewID("rol"), Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "viewer", Name: "Viewer", Permissions: "[]", CreatedAt: models.At(w.Now())}
			if err := tx.Create(&role).Error; err != nil {
				return err
			}
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
				ApplicationID: app.ID, AccountID: w.ID("sanne"), RoleID: role.ID, Source: tenancy.Manual}, "Sanne Kuipers")
		})
		now, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
		no(t, err)
		if now.SuspendedAt != nil || !w.Switch("sanne", w.Zonneveld).Via {
			t.Errorf("it is %s", now.Status(w.Now()))
		}
	})
}

func TestExtendOnlyMovesTheEndLater(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		week := w.Delegate("karin", "sanne", delegation.Week)
		endless := w.Delegate("karin", "thomas", delegation.NoEnd)
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), week.ID, week.Version, delegation.Day, ""), models.Invalid, "delegation.error.earlier")
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), endless.ID, endless.Version, delegation.NoEnd, ""), models.Invalid, "delegation.error.endless")
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), endless.ID, endless.Version, delegation.Month, ""))
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), week.ID, week.Version, delegation.Month, ""))
	})
}

func TestInvitationThatWaitsIsWithdrawnByRevoking(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "noor@noorhendriks.example", Period: delegation.Week, Language: "en"})
		no(t, err)
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		waiting := w.Mails(mail.InvitationKind)
		if len(waiting) != 1 || waiting[0].GivenUpAt == nil {
			t.Errorf("invitations: %+v", waiting)
		}
		m, err := w.Outbox.Waiting(w.Ctx, mail.Job{Company: waiting[0].CompanyID, Mail: waiting[0].ID})
		if err != nil || m != nil {
			t.Errorf("it would still be sent: %v %v", m, err)
		}
	})
}
