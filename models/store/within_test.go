package store_test

import (
	"encoding/json"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// Within a company, a System transaction reaches what is the company's and
// nothing else, and a confined one cannot be led to another company.
func TestWithinACompany(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			count := func(want int64) {
				t.Helper()
				var n int64
				if err := tx.Model(&tenancy.Organization{}).Count(&n).Error; err != nil || n != want {
					t.Errorf("sees %d organizations, and there are %d: %v", n, want, err)
				}
			}
			count(4)
			err := tx.Within(w.Kade.Company, func(tx *store.Tx) error {
				count(1)
				foreign := tenancy.Domain{CompanyID: w.Production.Company, ID: "dom_x", Name: "x.example", CreatedAt: models.At(tx.Now())}
				if err := tx.Create(&foreign).Error; err == nil {
					t.Error("writes into another company")
				}
				if err := tx.Within(w.Production.Company, func(*store.Tx) error { return nil }); err == nil {
					t.Error("is led to another company")
				}
				return nil
			})
			if err != nil {
				return err
			}
			count(4)
			if err := tx.Within("", func(*store.Tx) error { return nil }); err == nil {
				t.Error("is confined to nothing")
			}
			return nil
		})
	})
}

// A remark stands in every event of its transaction, whenever it is made, and in
// none of another.
func TestARemarkStandsInEveryEvent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for _, remark := range []string{"root", ""} {
			err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
				tx.Record(event.CompanyChanged, store.About{ID: "first" + remark, Company: w.Kade.Company, Data: map[string]any{"a": 1}})
				if remark != "" {
					tx.Remark("operator", remark)
				}
				tx.Record(event.CompanyChanged, store.About{ID: "second" + remark, Company: w.Kade.Company})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{"firstroot": `{"a":1,"operator":"root"}`, "secondroot": `{"operator":"root"}`, "first": `{"a":1}`, "second": `{}`}
		w.System(func(tx *store.Tx) error {
			var list []store.Event
			err := tx.Where("company_id = ? AND type = ?", w.Kade.Company, event.CompanyChanged).Find(&list).Error
			for _, e := range list {
				var data map[string]any
				if err := json.Unmarshal([]byte(e.Data), &data); err != nil {
					return err
				}
				if text, err := json.Marshal(data); err != nil || string(text) != want[e.SubjectID] {
					t.Errorf("%s holds %s: %v", e.SubjectID, text, err)
				}
			}
			if len(list) != len(want) {
				t.Errorf("%d events", len(list))
			}
			return err
		})
	})
}
