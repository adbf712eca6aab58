package delegation_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func firmOf(w *modelstest.World, id string) (f delegation.Firm) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error { return tx.Where("id = ?", id).Take(&f).Error })
	return f
}

func TestOnlyASuperuserApprovesAFirm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		f := toKade(w)
		keeper(w, "ria")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("ria"), f.ID, f.Version), models.Forbidden, "granting.error.superuser")
		no(t, w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, f.Version))
	})
}

func TestNobodyIsAskedToApproveAFirmWhereNobodyCan(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		proven(w, w.Kade, "kade.example")
		w.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND organization_id = ?", w.ID("pim"), w.Zonneveld.Organization).Delete(&tenancy.Grant{}).Error
		})
		_, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 1, Period: delegation.Week})
		w.Wants(err, models.Invalid, "granting.error.nobody_approves")
	})
}

func TestAFirmThatIsApprovedKeepsToTheCapOfThatDay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		f := toKade(w)
		w.Advance(time.Hour)
		wants(w, tenancy.Hosting{Approval: true, LongestDays: 7})
		no(t, w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, f.Version))
		if now := firmOf(w, f.ID); now.EndsAt.Sub(w.Now()) > 8*24*time.Hour {
			t.Errorf("it ends %v, beyond seven days", now.EndsAt)
		}
	})
}

// Whom a superuser gave an earlier end of his own keeps it; the others hear that
// theirs is later.
func TestExtendingTheFirmLeavesWhoEndsBeforeIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		short, long := named(w, f, "thomas"), named(w, f, "sanne")
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("pim"), short.ID, short.Version, delegation.Proposal{Period: delegation.Week, Reason: "Stock count"})
		no(t, err)
		short = delegationOf(w, short.ID)
		no(t, extended(w, w.Actor("karin"), f, delegation.ThreeMonths, ""))
		if after := delegationOf(w, short.ID); !after.EndsAt.Equal(short.EndsAt.Time) {
			t.Errorf("who ends %v got until %v with his firm", short.EndsAt, after.EndsAt)
		}
		if after := delegationOf(w, long.ID); !after.EndsAt.After(long.EndsAt.Time) {
			t.Errorf("who ends with the firm ends %v", after.EndsAt)
		}
		if got := mails(w, mail.ExtendedKind); len(got) != 1 || got[0] != "sanne@kade.example" {
			t.Errorf("told of a later end are %v", got)
		}
	})
}

func TestAFirmWithoutAnEndCanGetOneAndIsNotExtended(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w, func(in *delegation.FirmProposal) { in.Period = delegation.NoEnd })
		w.Wants(extended(w, w.Actor("karin"), f, delegation.NoEnd, ""), models.Invalid, "endless")
		no(t, extended(w, w.Actor("karin"), f, delegation.Month, ""))
	})
}

// Who was named by a firm and moved to another is let in again by neither: what
// the firm named him for would stay when he leaves it.
func TestEdge16WhoMovedFromTheFirmIsNotConfirmed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		w.System(func(tx *store.Tx) error { // at home with De Vries, and still of the firm
			if err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization,
				AccountID: w.ID("thomas"), RoleID: tenancy.Member, Source: tenancy.Manual}, "thomas"); err != nil {
				return err
			}
			return tx.Table("accounts").Where("id = ?", w.ID("thomas")).
				Updates(map[string]any{"home_company_id": w.Production.Company, "home_organization_id": w.Production.Organization}).Error
		})
		w.System(func(tx *store.Tx) error {
			return tx.Model(&delegation.Delegation{}).Where("id = ?", d.ID).
				Updates(map[string]any{"suspended_at": models.At(w.Now()), "suspend_reason": delegation.Rehomed}).Error
		})
		w.Wants(w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, d.Version), models.Conflict, "firm.error.moved")
	})
}
