package access_test

import (
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// A company that is suspended gives nobody authority, in whichever way a
// session came to work there.
func TestSuspendedCompanyGivesNoAuthority(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		alone := w.Person("edo", "Edo Manager", "edo@devries.example")
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, AccountID: alone.ID, RoleID: tenancy.Manager, Source: tenancy.Manual}, alone.Name)
		})
		if _, err := w.Sessions.Switch(w.Ctx, w.Actor("edo"), w.Production.Company); err != nil {
			t.Fatal(err)
		}
		if !w.Actor("edo").May(models.ManageConnectors) || !w.Actor("anna").May(models.ViewMembers) {
			t.Fatal("they may nothing to begin with")
		}
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Company{}).Where("id = ?", w.Production.Company).Update("suspended_at", models.At(w.Now())).Error
		})
		for _, who := range []string{"edo", "anna", "marieke"} {
			if a := w.Actor(who); len(a.Permissions) > 0 {
				t.Errorf("%s may %v in %s", who, a.Permissions, a.Effective.Label())
			}
		}
	})
}
