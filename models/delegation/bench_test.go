package delegation_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// BenchmarkManyDelegations measures what runs again and again, in an organization
// with five thousand delegations, a choice of mails and ten visits for each, and as
// many mails that went out. Nothing is due.
func BenchmarkManyDelegations(b *testing.B) {
	const many = 5000
	w := modelstest.New(b, "sqlite")
	one := w.Delegate("karin", "sanne", delegation.ThreeMonths)
	w.System(func(tx *store.Tx) error {
		now := models.At(w.Now())
		var given []delegation.Delegation
		var watches []notice.Watch
		var visits []delegation.Visit
		var mails []mail.Mail
		for i := range many {
			d := one
			d.ID, d.Email = fmt.Sprintf("dlg_%05d", i), fmt.Sprintf("p%d@kade.example", i)
			d.Normal = d.Email
			given = append(given, d)
			end := models.At(w.Now().Add(time.Hour))
			watches = append(watches, notice.Watch{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, AccountID: w.ID("karin"), DelegationID: d.ID,
				Mode: tenancy.Muted, MutedUntil: &end, ChangedAt: now})
			for j := range 10 {
				began := w.Now().Add(-time.Duration(100+j) * 24 * time.Hour)
				left := models.At(began.Add(time.Hour))
				visits = append(visits, delegation.Visit{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, ID: fmt.Sprintf("vis_%05d_%d", i, j), DelegationID: d.ID,
					AccountID: d.AccountID, SessionID: "ses", EnteredAt: models.At(began), LastSeenAt: left, LeftAt: &left, LeaveReason: delegation.SwitchedBack})
			}
			mails = append(mails, mail.Mail{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, ID: fmt.Sprintf("mal_%05d", i), Key: fmt.Sprint(i), Kind: mail.EnteredKind,
				Recipient: "x@y.example", MessageID: fmt.Sprint(i), CreatedAt: now, SentAt: &now})
		}
		for _, rows := range []any{&given, &watches, &visits, &mails} {
			if err := tx.CreateInBatches(rows, 500).Error; err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"GuardWatches", func() error { return w.Delegations.GuardWatches(w.Ctx) }},
		{"MailDown", func() error {
			return w.Store.SystemRead(w.Ctx, "bench", func(tx *store.Tx) error { _, err := mail.Down(tx); return err })
		}},
		{"EndIdle", func() error { return w.Delegations.EndIdle(w.Ctx) }},
		{"List", func() error { _, err := w.Delegations.List(w.Ctx, w.Actor("karin")); return err }},
		{"Part", func() error {
			_, _, err := w.Delegations.Part(w.Ctx, w.Actor("karin"), delegation.Part{Limit: delegation.MostListed})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
