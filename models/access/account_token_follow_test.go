package access_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestAHostSeesTheTokensThatFollowedAVisitorWhileTheyWorkThere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.System(func(tx *store.Tx) error { // in use at Kade and at Production alone
			return tx.Where("organization_id = ?", w.Zonneveld.Organization).Delete(&tenancy.Enabled{}).Error
		})
		d := w.Delegate("jan", "sanne", delegation.Week)
		w.Delegate("karin", "sanne", delegation.Week)
		w.Delegate("jan", "thomas", delegation.Week)
		row, text := made(t, w, "sanne", access.TokenDraft{Application: app.ID, Follows: true})
		made(t, w, "sanne", access.TokenDraft{Application: app.ID}) // stays at Kade
		seen := func(by, id string) []access.FollowingToken {
			t.Helper()
			list, err := w.Sessions.FollowingTokens(w.Ctx, w.Actor(by), id)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if list := seen("jan", ""); len(list) != 0 {
			t.Fatalf("before she came: %+v", list)
		}
		if at := worksAt(t, w, text, app.ID); at != w.Kade.Organization {
			t.Fatalf("at home it works in %q", at)
		}
		w.Advance(time.Second)
		w.Switch("sanne", w.Production)
		w.Switch("thomas", w.Production)
		list := seen("jan", d.ID)
		if len(list) != 1 || list[0].ID != row.ID || list[0].DelegationID != d.ID || list[0].VisitID != w.Actor("sanne").Visit || list[0].Application != app.Name || list[0].Suffix != row.Suffix {
			t.Fatalf("he sees %+v", list)
		}
		if list[0].LastUsedAt != nil {
			t.Errorf("he learns that it was used at %v, elsewhere", list[0].LastUsedAt)
		}
		w.Advance(time.Minute)
		if at := worksAt(t, w, text, app.ID); at != w.Production.Organization {
			t.Fatalf("it works in %q", at)
		}
		if list := seen("jan", d.ID); len(list) != 1 || list[0].LastUsedAt == nil {
			t.Errorf("it was used here, and he sees %+v", list)
		}
		if all := seen("jan", ""); len(all) != 1 || len(seen("jan", "dlg_other")) != 0 || len(seen("karin", "")) != 0 {
			t.Errorf("%+v", all)
		}
		_, err := w.Sessions.FollowingTokens(w.Ctx, w.Actor("anna"), "")
		w.Wants(err, models.Forbidden, "")
		w.Switch("sanne", w.Zonneveld) // where the application is not in use
		if len(seen("jan", "")) != 0 || len(seen("karin", "")) != 0 {
			t.Error("it is listed where it does not work")
		}
		w.Switch("sanne", w.Production)
		if len(seen("jan", "")) != 1 {
			t.Error("it did not come along again")
		}
		if err := w.Delegations.Revoke(w.Ctx, w.Actor("jan"), d.ID); err != nil {
			t.Fatal(err)
		}
		if len(seen("jan", "")) != 0 || worksAt(t, w, text, app.ID) == w.Production.Organization {
			t.Error("it works after the delegation was revoked")
		}
	})
}
