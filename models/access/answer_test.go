package access_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// planning is an application that Zonneveld uses, with the roles planner (its
// default) and chief.
func planning(t *testing.T, w *modelstest.World) tenancy.Application {
	t.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
	})
	by := w.Actor("karin")
	app, err := w.Companies.RegisterApplication(w.Ctx, by, tenancy.Application{Key: "planning", Name: "Planning"})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"planner", "chief"} {
		if _, err := w.Companies.RegisterRole(w.Ctx, by, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: key, Name: key}); err != nil {
			t.Fatal(err)
		}
	}
	w.System(func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Create(&tenancy.Enabled{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, ApplicationID: app.ID, EnabledAt: models.At(w.Now())}).Error
	})
	return app
}

// told is the answer to an application about a person's first session.
func told(t *testing.T, w *modelstest.World, person, application string) access.Answer {
	t.Helper()
	a, err := w.Sessions.Answer(w.Ctx, w.Actor(person).Session, application, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAnswerFollowsTheSwitchAndTellsOfTheVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := planning(t, w)
		if a := told(t, w, "ria", app.ID); a.Denied != "" || !slices.Equal(a.Roles, []string{"planner"}) || a.Actor.Effective.Organization != w.Zonneveld.Organization || a.Actor.Visiting() {
			t.Fatalf("a member is told as %+v", a)
		}
		if a := told(t, w, "sanne", app.ID); a.Denied != access.NotEnabled {
			t.Fatalf("at home, where the application is not in use: %q", a.Denied)
		}
		d := w.Delegate("karin", "sanne", delegation.Week)
		before := w.Actor("sanne").Epoch
		w.Switch("sanne", w.Zonneveld)
		a := told(t, w, "sanne", app.ID)
		if a.Denied != "" || a.Actor.Delegation != d.ID || a.Actor.Visit == "" || a.Actor.Real.Organization != w.Kade.Organization || a.Actor.Epoch <= before || a.Actor.Application != app.ID {
			t.Fatalf("during the visit: %+v", a)
		}
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID); err != nil {
			t.Fatal(err)
		}
		if a := told(t, w, "sanne", app.ID); a.Denied != access.DelegationExpired || len(a.Roles) > 0 || a.Actor.Visiting() {
			t.Fatalf("after it was revoked: %+v", a)
		}
		if a, err := w.Sessions.Answer(w.Ctx, "ses_unknown", app.ID, ""); err != nil || !a.Actor.Anonymous() {
			t.Fatalf("of no session: %+v, %v", a, err)
		}
	})
}

func TestADelegationThatDoesNotOpenAnApplicationIsDenied(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := planning(t, w)
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		w.System(func(tx *store.Tx) error {
			tx.NothingToRecord()
			return tx.Model(&delegation.Delegation{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).Update("named_applications", app.ID).Error
		})
		w.Advance(time.Second)
		if a := told(t, w, "sanne", app.ID); a.Denied != access.NotInScope || len(a.Roles) > 0 {
			t.Fatalf("told %+v", a)
		}
	})
}

func TestAnAnswerIsNeverTrustedPastTheEndOfADelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := planning(t, w)
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		w.Switch("sanne", w.Zonneveld)
		session := w.Actor("sanne").Session
		w.Advance(d.EndsAt.Sub(w.Now()) - 100*time.Millisecond)
		if a, err := w.Sessions.Answer(w.Ctx, session, app.ID, ""); err != nil || a.Denied != "" || !a.Actor.Visiting() {
			t.Fatalf("just before the end: %+v, %v", a, err)
		}
		w.Advance(100 * time.Millisecond)
		if a, err := w.Sessions.Answer(w.Ctx, session, app.ID, ""); err != nil || a.Denied == "" && !a.Actor.Anonymous() {
			t.Fatalf("at the end: %+v, %v", a, err)
		}
	})
}
