package access_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
	"locum/models/tenancy"
)

// keys gives somebody passkeys.
func keys(w *modelstest.World, person string, count int) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		for range count {
			id := models.NewID("pky")
			if err := tx.Create(&passkey.Passkey{ID: id, AccountID: w.ID(person), Name: "Laptop", CredentialID: id, PublicKey: "x", CreatedAt: models.At(w.Now())}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func keysOf(w *modelstest.World, person string) (n int64) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Model(&passkey.Passkey{}).Where("account_id = ?", w.ID(person)).Count(&n).Error
	})
	return n
}

// showed lets somebody show a second factor in his session now.
func showed(w *modelstest.World, person string) models.Actor {
	w.T.Helper()
	session := w.Actor(person).Session
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Session{}).Where("id = ?", session).
			Updates(map[string]any{"second_factor": account.ByPasskey, "second_factor_at": models.At(w.Now())}).Error
	})
	return w.Actor(person)
}

// managers makes people managers of the company of Zonneveld.
func managers(w *modelstest.World, people ...string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		for _, who := range people {
			if err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, AccountID: w.ID(who), RoleID: tenancy.Manager, Source: tenancy.Manual}, who); err != nil && !store.Duplicate(err) {
				return err
			}
		}
		return nil
	})
}

func TestAManagerResetsThePasskeysOfWhoLostThem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		managers(w, "karin", "pim")
		keys(w, "pim", 2)
		lost := w.Actor("pim").Session
		w.Delegate("karin", "sanne", delegation.Week)
		w.NewSession("karin")
		no(t, w.Sessions.ResetPasskeys(w.Ctx, w.Actor("karin"), w.ID("pim")))
		if n := keysOf(w, "pim"); n != 0 {
			t.Errorf("he has %d passkeys", n)
		}
		w.System(func(tx *store.Tx) error {
			var s account.Session
			if err := tx.Where("id = ?", lost).Take(&s).Error; err != nil || s.RevokedAt == nil {
				t.Errorf("who found them goes on: %v", err)
			}
			return nil
		})
		if n := w.Count(models.Party{Company: w.Zonneveld.Company}, event.PasskeysReset); n != 1 {
			t.Errorf("written down %d times", n)
		}
		var told []string
		for _, m := range w.Mails(mail.PasskeysResetKind) {
			told = append(told, m.Recipient)
		}
		if !slices.Equal(told, []string{"pim@zonneveld.example"}) {
			t.Errorf("told are %v", told)
		}
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, w.Actor("karin"), w.ID("pim")), models.Conflict, "passkey.reset.error.none")
	})
}

func TestTheOtherManagersHearOfAReset(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Join("dora", "Dora Mol", "dora@zonneveld.example", w.Zonneveld, tenancy.Member)
		managers(w, "karin", "pim")
		keys(w, "dora", 1)
		no(t, w.Sessions.ResetPasskeys(w.Ctx, w.Actor("karin"), w.ID("dora")))
		var told []string
		for _, m := range w.Mails(mail.PasskeysResetKind) {
			told = append(told, m.Recipient)
		}
		slices.Sort(told)
		if !slices.Equal(told, []string{"dora@zonneveld.example", "pim@zonneveld.example"}) {
			t.Errorf("told are %v", told)
		}
	})
}

func TestAManagerShowsHimselfBeforeAReset(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		managers(w, "karin")
		keys(w, "pim", 1)
		w.Actor("karin") // signs in now
		w.Advance(passkey.ShownFor + time.Second)
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, w.Actor("karin"), w.ID("pim")), models.Conflict, "passkey.reset.error.show_yourself")
		keys(w, "karin", 1)
		w.NewSession("karin") // by a code, and she has a passkey
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, w.Actor("karin"), w.ID("pim")), models.Conflict, "passkey.reset.error.show_yourself")
		karin := showed(w, "karin")
		no(t, w.Sessions.ResetPasskeys(w.Ctx, karin, w.ID("pim")))
	})
}

func TestNobodyResetsHisOwnPasskeysNorThoseOfAnotherCompany(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		managers(w, "karin", "pim")
		for _, who := range []string{"karin", "pim", "sanne"} {
			keys(w, who, 1)
		}
		karin := showed(w, "karin")
		for _, person := range []string{karin.Account, w.ID("sanne"), "acc_nobody"} {
			w.Wants(w.Sessions.ResetPasskeys(w.Ctx, karin, person), models.NotFound, "not_found")
			_, err := w.Sessions.Keyholder(w.Ctx, karin, person)
			w.Wants(err, models.NotFound, "not_found")
		}
		marieke := showed(w, "marieke")
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, marieke, w.ID("pim")), models.NotFound, "not_found")
		// Who works there as somebody from outside belongs elsewhere.
		w.Delegate("karin", "sanne", delegation.Week)
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, showed(w, "karin"), w.ID("sanne")), models.NotFound, "not_found")
		// Nor a member who manages nobody, nor somebody on a visit.
		if err := w.Sessions.ResetPasskeys(w.Ctx, showed(w, "thomas"), w.ID("sanne")); models.KindOf(err) != models.Forbidden {
			t.Errorf("a member resets: %v", err)
		}
		// Nor an operator's: those open the platform.
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("pim")).Update("operator", true).Error
		})
		w.Wants(w.Sessions.ResetPasskeys(w.Ctx, showed(w, "karin"), w.ID("pim")), models.NotFound, "not_found")
		if keysOf(w, "karin") != 1 || keysOf(w, "pim") != 1 || keysOf(w, "sanne") != 1 {
			t.Error("somebody lost a passkey")
		}
	})
}

func TestOperatorsHelpWhomNoCompanyCan(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Person("olga", "Olga Brandt", "olga@hub.example")
		w.Person("lone", "Lars Alleen", "lars@nowhere.example")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("olga")).Update("operator", true).Error
		})
		managers(w, "karin", "pim")
		for _, who := range []string{"lone", "pim", "olga", "thomas"} {
			keys(w, who, 1)
		}
		olga := showed(w, "olga")
		for _, address := range []string{"pim@zonneveld.example", "thomas@kade.example", "olga@hub.example", "nobody@nowhere.example", "x"} { // their companies can, or it is herself
			_, err := w.Sessions.LoneKeyholder(w.Ctx, olga, address)
			w.Wants(err, models.NotFound, "not_found")
		}
		for _, person := range []string{w.ID("pim"), w.ID("thomas"), w.ID("olga")} {
			w.Wants(w.Sessions.ResetLonePasskeys(w.Ctx, olga, person), models.NotFound, "not_found")
		}
		k, err := w.Sessions.LoneKeyholder(w.Ctx, olga, "Lars@nowhere.example")
		no(t, err)
		no(t, w.Sessions.ResetLonePasskeys(w.Ctx, olga, k.ID))
		if keysOf(w, "lone") != 0 || len(w.Mails(mail.PasskeysResetKind)) != 1 {
			t.Errorf("he has %d, mails %+v", keysOf(w, "lone"), w.Mails(mail.PasskeysResetKind))
		}
		if _, err := w.Sessions.LoneKeyholder(w.Ctx, w.Actor("karin"), "lars@nowhere.example"); models.KindOf(err) != models.Forbidden {
			t.Errorf("a company's manager looks for him: %v", err)
		}
		// The only manager of a company has nobody else.
		w.System(func(tx *store.Tx) error {
			return tx.Where("company_id = ? AND account_id = ? AND role_id = ?", w.Zonneveld.Company, w.ID("karin"), tenancy.Manager).Delete(&tenancy.Grant{}).Error
		})
		no(t, w.Sessions.ResetLonePasskeys(w.Ctx, olga, w.ID("pim")))
	})
}
