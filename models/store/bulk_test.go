package store_test

import (
	"strings"
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/usage"
	"locum/models/vault"
)

// entry is a row for CreateNew.
func entry(at models.Party, event string) usage.Entry {
	return usage.Entry{CompanyID: at.Company, OrganizationID: at.Organization, ApplicationID: "app_1", Source: "/s", EventID: event, ID: models.NewID("usg"),
		Day: "2026-11-16", State: usage.Counted, Digest: event, At: models.At(modelstest.Start), ReceivedAt: models.At(modelstest.Start)}
}

// What is made in bulk stays behind the same wall as every other row, and in
// PostgreSQL behind the database's own, however the rows are sent.
func TestRowsInBulkAreConfined(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			foreign := []usage.Entry{entry(w.Kade, "a"), entry(w.Production, "b")}
			return tx.Within(w.Kade.Company, func(tx *store.Tx) error {
				if _, err := store.CreateNew(tx, foreign); err == nil || !strings.Contains(err.Error(), "another tenant") {
					t.Errorf("a row of another company is made: %v", err)
				}
				if _, err := store.CreateNew(tx, []vault.Version{{CompanyID: w.Kade.Company}}); err == nil {
					t.Error("what has no way to be sent is sent")
				}
				return nil
			})
		})
		w.System(func(tx *store.Tx) error {
			tx.ConfineHere(w.Production.Company, w.Acceptance.Organization, "")
			if _, err := store.CreateNew(tx, []usage.Entry{entry(w.Production, "c")}); err == nil {
				t.Error("a row of another organization is made")
			}
			tx.ConfineHere("", "", w.ID("anna"))
			if _, err := store.CreateNew(tx, []usage.Entry{entry(w.Production, "d")}); err == nil {
				t.Error("a row is made by who is confined to his own")
			}
			tx.ConfineHere(w.Production.Company, "", "")
			if _, err := store.CreateNew(tx, []store.Event{{CompanyID: w.Production.Company, ID: "evt_x"}}); err == nil {
				t.Error("an event is made past the trail")
			}
			return nil
		})
	})
}

// Rows are made as they are given, whether a column is the same in each of them, in
// some, or empty; and none twice.
func TestRowsInBulkAreMadeAsTheyAreGiven(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		settled := models.At(modelstest.Start.Add(1234567))
		rows := []usage.Entry{entry(w.Kade, "a"), entry(w.Kade, "b"), entry(w.Kade, "c")}
		rows[1].Quantity, rows[1].Note, rows[1].SettledAt = 7, `{"it's, \ NULL"}`, &settled
		rows[2].Ticket, rows[2].At = "é\u2028", settled
		w.System(func(tx *store.Tx) error {
			made, err := store.CreateNew(tx, rows)
			if err != nil || len(made) != 3 {
				t.Errorf("%v %v", made, err)
			}
			again := append([]usage.Entry{entry(w.Kade, "d")}, rows...)
			again[1].ID, again[1].Note = models.NewID("usg"), "other"
			made, err = store.CreateNew(tx, again)
			if err != nil || len(made) != 1 || !made[again[0].ID] {
				t.Errorf("%v %v", made, err)
			}
			one, err := store.CreateNew(tx, []usage.Entry{entry(w.Kade, "e")})
			if err != nil || len(one) != 1 {
				t.Errorf("%v %v", one, err)
			}
			for _, want := range rows {
				var got usage.Entry
				if err := tx.Where("id = ?", want.ID).Take(&got).Error; err != nil {
					t.Error(err)
				}
				if (got.SettledAt == nil) != (want.SettledAt == nil) || got.SettledAt != nil && !got.SettledAt.Equal(want.SettledAt.Time) {
					t.Errorf("settled at %v, want %v", got.SettledAt, want.SettledAt)
				}
				got.SettledAt = want.SettledAt
				if got != want {
					t.Errorf("%+v\nwant %+v", got, want)
				}
			}
			var n int64
			err = tx.Model(&usage.Entry{}).Where("company_id = ? AND application_id = 'app_1'", w.Kade.Company).Count(&n).Error
			if n != 5 {
				t.Errorf("%d rows", n)
			}
			return err
		})
	})
}
