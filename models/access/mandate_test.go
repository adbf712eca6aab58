package access_test

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/mail"
	"locum/models/mandate"
	"locum/models/modelstest"
	"locum/models/store"
)

// olga is an operator, at home in Kade.
func olga(w *modelstest.World) {
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("operator", true).Error
	})
}

// setsUp has the operator set De Vries up.
func setsUp(w *modelstest.World) models.Actor {
	w.T.Helper()
	olga(w)
	if _, err := w.Sessions.BeginSetUp(w.Ctx, w.Actor("thomas"), w.Production.Company, " They asked for help "); err != nil {
		w.T.Fatal(err)
	}
	return w.Actor("thomas")
}

func TestAnOperatorSetsACompanyUpOnItsBehalf(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		olga(w)
		home := w.Actor("thomas")
		by := setsUp(w)
		if by.Mandate == nil || by.Mandate.Kind != models.OperatorMandate || by.Account != home.Account || by.Real != home.Real || by.Epoch == home.Epoch ||
			by.Effective.Company != w.Production.Company || by.Effective.Organization != "" || !by.Ends.Equal(w.Now().Add(mandate.OperatorLife)) {
			t.Fatalf("he is %+v", by)
		}
		for may, want := range map[models.Permission]bool{models.ManageConnections: true, models.ManageDomains: true, models.ManageConnectors: true,
			models.OperatePlatform: false, models.HandOverSetUp: false, models.ManagePeople: false, models.ViewCompany: false, models.ViewMembers: false} {
			if by.May(may) != want {
				t.Errorf("%s: %v", may, by.May(may))
			}
		}
		_, err := federation.New(w.Store, w.Keys, nil).AddDomain(w.Ctx, by, "devries.example")
		no(t, err)
		list, err := w.Trail.Company(w.Ctx, w.Actor("marieke"), event.Filter{Types: []string{event.SetUpBegan, event.DomainAdded}})
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v: %v", list, err)
		}
		if e := list[1]; e.AccountName != "Thomas Bakker" || !strings.Contains(e.Data, "They asked for help") {
			t.Errorf("it began as %+v", e)
		}
		if e := list[0]; e.AccountName != "Thomas Bakker" || e.RealOrganizationName != "Kade Consultants" || !strings.Contains(e.Data, `"mandate_kind":"operator"`) {
			t.Errorf("the domain was added as %+v", e)
		}
		if told := w.Mails(mail.SetUpBeganKind); len(told) != 1 || told[0].Recipient != "marieke@devries.example" || !strings.Contains(told[0].Data, "They asked for help") {
			t.Errorf("told %+v", told)
		}
		underway, err := w.Mandates.Underway(w.Ctx, w.Actor("marieke"))
		if err != nil || len(underway) != 1 || underway[0].Name != "Thomas Bakker" || underway[0].Reason != "They asked for help" {
			t.Errorf("shown %+v: %v", underway, err)
		}
		if elsewhere, err := w.Mandates.Underway(w.Ctx, w.Actor("karin")); err != nil || len(elsewhere) != 0 {
			t.Errorf("shown to another company: %+v, %v", elsewhere, err)
		}
	})
}

func TestTheSetUpByAnOperatorEndsByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by := setsUp(w)
		w.Advance(mandate.OperatorLife - time.Minute)
		w.Sessions.Seen(w.Ctx, by)
		if w.Actor("thomas").Mandate == nil {
			t.Fatal("it ended before its time")
		}
		w.Advance(time.Minute)
		over := w.Actor("thomas")
		if over.Mandate != nil || over.May(models.ManageDomains) || over.Ended == nil || over.Ended.Reason != "operator_expired" || over.Effective != over.Real {
			t.Fatalf("he is %+v", over)
		}
		_, err := federation.New(w.Store, w.Keys, nil).AddDomain(w.Ctx, by, "late.example")
		w.Wants(err, models.Forbidden, "error.delegation_ended")
		no(t, w.Sessions.Settle(w.Ctx, over))
		home := w.Actor("thomas")
		if home.Ended != nil || home.Epoch <= by.Epoch || !home.May(models.OperatePlatform) {
			t.Errorf("he is %+v", home)
		}
		no(t, w.Mandates.Expire(w.Ctx))
		if w.Count(company(w), event.SetUpEnded) != 1 {
			t.Errorf("events %v", w.Events(company(w)))
		}
	})
}

func TestTheSetUpByAnOperatorEndsWhenHeStopsOrAManagerSaysSo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ends := map[string]func(models.Actor) error{
			"stopped": func(by models.Actor) error { _, err := w.Sessions.Leave(w.Ctx, by); return err },
			"switched": func(by models.Actor) error {
				_, err := w.Sessions.Switch(w.Ctx, by, w.Kade.Organization)
				return err
			},
			"revoked": func(by models.Actor) error {
				_, err := w.Mandates.Revoke(w.Ctx, w.Actor("marieke"), by.Mandate.ID)
				return err
			},
			"signed out": func(by models.Actor) error { return w.Sessions.SignOut(w.Ctx, by) },
			"no operator any more": func(models.Actor) error {
				w.System(func(tx *store.Tx) error {
					return tx.Model(&account.Account{}).Where("id = ?", w.ID("thomas")).Update("operator", false).Error
				})
				return nil
			},
		}
		recorded := 0
		for _, how := range []string{"stopped", "switched", "revoked", "signed out", "no operator any more"} {
			w.NewSession("thomas")
			by := setsUp(w)
			no(t, ends[how](by))
			after := w.Actor("thomas")
			if after.Mandate != nil || after.May(models.ManageDomains) {
				t.Errorf("%s: he is %+v", how, after)
			}
			if how != "no operator any more" {
				recorded++
			}
			if n := w.Count(company(w), event.SetUpEnded); n != recorded {
				t.Errorf("%s: %d ends are recorded, want %d", how, n, recorded)
			}
			if underway, err := w.Mandates.Underway(w.Ctx, w.Actor("marieke")); err != nil || len(underway) != 0 && how != "no operator any more" {
				t.Errorf("%s: shown %+v, %v", how, underway, err)
			}
		}
	})
}

func TestOnlyAnOperatorSetsUpForOthersAndSaysWhy(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		begin := func(company, why string) error {
			_, err := w.Sessions.BeginSetUp(w.Ctx, w.Actor("thomas"), company, why)
			return err
		}
		w.Wants(begin(w.Production.Company, "curious"), models.Forbidden, "error.forbidden")
		olga(w)
		w.Wants(begin(w.Production.Company, "  "), models.Invalid, "reason: error.required")
		w.Wants(begin(w.Production.Company, strings.Repeat("x", 501)), models.Invalid, "reason: error.too_long")
		w.Wants(begin("com_none", "help"), models.NotFound, "error.not_found")
		no(t, begin(w.Production.Company, "help"))
		w.Wants(begin(w.Zonneveld.Company, "help"), models.Forbidden, "error.forbidden") // one at a time: the platform is closed meanwhile
	})
}
