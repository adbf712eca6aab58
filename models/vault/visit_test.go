package vault_test

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/vault"
)

// inside has Sanne work in Zonneveld, by a role that allows something there.
func (s strong) inside(may ...models.Permission) delegation.Delegation {
	s.T.Helper()
	role := s.role("helper", "", s.Zonneveld, may...)
	d, err := s.Delegations.Grant(s.Ctx, s.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Chosen: true, Roles: []string{role}, Language: "en", Reason: "Till"})
	s.ok(err)
	s.ok(s.Delegations.Accept(s.Ctx, s.Actor("sanne"), d.ID))
	s.Switch("sanne", s.Zonneveld)
	return d
}

func TestAVisitorWithThePermissionRevealsAndEverySuperuserIsMailed(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Till token", "tok-1")
		d := s.inside(models.UseSecrets, models.ManageSecrets)
		// Muted or not: this is never muted.
		for _, who := range []string{"karin", "pim"} {
			watch := delegation.Watch{Mode: tenancy.Digest}
			if who == "pim" {
				watch = delegation.Watch{Mode: tenancy.Muted, Days: 7}
			}
			s.ok(s.Delegations.Watch(s.Ctx, s.Actor(who), d.ID, watch))
		}
		s.reveals("sanne", made, 0, "tok-1")
		mails := s.Mails(mail.SecretGivenKind)
		if len(mails) != 2 {
			t.Fatalf("%d mails", len(mails))
		}
		for _, m := range mails {
			content, err := m.Content()
			s.ok(err)
			c := content.(mail.SecretGiven)
			if c.Through == nil || c.Through.Reason != "Till" || c.Person != "Sanne Kuipers" || c.Firm.Name != "Kade Consultants" || c.Visit == "" || strings.Contains(m.Data, "tok-1") {
				t.Errorf("%+v", c)
			}
		}
		s.System(func(tx *store.Tx) error {
			var e store.Event
			err := tx.Where("type = ?", event.SecretRevealed).Take(&e).Error
			if e.VisitID == "" || e.DelegationID != d.ID || e.RealOrganizationName != "Kade Consultants" || strings.Contains(e.Data, "tok-1") {
				t.Errorf("%+v", e)
			}
			var n int64
			if err := tx.Model(&notice.Entry{}).Where("kind = ?", mail.SecretGivenKind).Count(&n).Error; err != nil || n != 2 {
				t.Errorf("%d entries in inboxes: %v", n, err)
			}
			return err
		})
		// Keys are never a visitor's to change, whatever his role says.
		_, err := s.vault.Replace(s.Ctx, s.Actor("sanne"), made.ID, 0, vault.Draft{Value: "x"})
		s.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestAVisitorWithoutThePermissionSeesNoSecret(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Till token", "tok-1")
		s.inside()
		_, err := s.vault.List(s.Ctx, s.Actor("sanne"))
		s.Wants(err, models.Forbidden, "error.forbidden")
		_, err = s.vault.Reveal(s.Ctx, s.Actor("sanne"), made.ID, 0)
		s.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestAVisitThatEndedRevealsNothing(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Till token", "tok-1")
		d := s.inside(models.UseSecrets)
		during := s.Actor("sanne") // as a page that is open still has her
		s.reveals("sanne", made, 0, "tok-1")
		s.ok(s.Delegations.Revoke(s.Ctx, s.Actor("karin"), d.ID))
		_, err := s.vault.Reveal(s.Ctx, during, made.ID, 0)
		s.Wants(err, models.Forbidden, "error.delegation_ended")
		if n := s.Count(s.Zonneveld, event.SecretRevealed); n != 1 {
			t.Errorf("%d reveals are recorded", n)
		}
	})
}

func TestSuperusersAreWarnedThreeTimesAndOfTheNewestValueAlone(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		date := func(days int) string { return s.Now().AddDate(0, 0, days).Format(time.DateOnly) }
		made, err := s.vault.Make(s.Ctx, s.Actor("karin"), vault.Draft{Name: "Till token", Kind: vault.Token, Value: "t", Date: date(20)})
		s.ok(err)
		warned := func() int {
			s.ok(s.vault.Warn(s.Ctx))
			s.ok(s.vault.Warn(s.Ctx))
			return len(s.Mails(mail.SecretExpiringKind))
		}
		for _, c := range []struct{ advance, want int }{{0, 0}, {5, 0}, {2, 2}, {5, 2}, {6, 4}, {3, 6}, {30, 6}} { // 2 superusers each time
			s.Advance(time.Duration(c.advance) * 24 * time.Hour)
			if got := warned(); got != c.want {
				t.Fatalf("%d mails after %d more days, want %d", got, c.advance, c.want)
			}
		}
		s.NewSession("karin")
		now, err := s.vault.Replace(s.Ctx, s.Actor("karin"), made.ID, 0, vault.Draft{Value: "u", Date: date(2)})
		s.ok(err)
		if got := warned(); got != 6 || !now.Expiring(s.Now()) {
			t.Errorf("%d mails of a value that was put there for two days", got)
		}
		s.Advance(3 * 24 * time.Hour)
		if got := warned(); got != 8 {
			t.Errorf("%d mails", got)
		}
		if n := s.Count(s.Zonneveld, event.SecretExpiring); n != 4 {
			t.Errorf("%d warnings are recorded", n)
		}
	})
}
