package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"locum/models/store"
	"locum/models/usage"
)

// till is an application that Zonneveld uses, with a meter of sales.
func (d desk) till() string {
	d.t.Helper()
	d.System(func(tx *store.Tx) error {
		at := "2026-11-16T10:00:00.000000Z"
		for _, row := range []struct {
			table string
			row   map[string]any
		}{
			{"applications", map[string]any{"id": "app_till", "key": "till", "name": "Till", "created_at": at}},
			{"organization_applications", map[string]any{"company_id": d.Zonneveld.Company, "organization_id": d.Zonneveld.Organization, "application_id": "app_till", "enabled_at": at}},
			{"usage_meters", map[string]any{"company_id": store.Platform, "id": "mtr_sale", "application_id": "app_till", "key": "sale", "name": "Sales", "unit": "sale", "made_by_name": "A", "created_at": at}},
		} {
			if err := tx.Table(row.table).Create(row.row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("app_till:right"))
}

// sale is an event of one sale at Zonneveld.
func (d desk) sale(id, quantity string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/apps/till","type":"locum.usage.sale.v1","time":"2026-11-16T10:00:00Z","subject":%q,"data":{"quantity":%q,"unit":"sale"}}`,
		id, d.Zonneveld.Organization, quantity)
}

type became struct {
	Status, Reason, Late string
	Errors               map[string]string
}

func (d desk) send(as, kind, body string, want int) (one became) {
	d.t.Helper()
	into := any(&one)
	if want >= http.StatusBadRequest {
		into = nil
	}
	d.call("/v1/usage", "", body, want, into, "Content-Type", kind, "Authorization", as)
	return one
}

func TestOneRecordIsAnsweredByItsStatus(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		as := d.till()
		if got := d.send(as, usage.SingleType, d.sale("1", "2.5"), http.StatusAccepted); got.Status != "accepted" {
			t.Errorf("%+v", got)
		}
		if got := d.send(as, usage.SingleType+"; charset=UTF-8", d.sale("1", "2.50"), http.StatusOK); got.Status != "duplicate" {
			t.Errorf("%+v", got)
		}
		d.send(as, usage.SingleType, d.sale("1", "3"), http.StatusConflict) // the same id with another body
		for _, quantity := range []string{"1e5", "-1", "NaN", "١", "1.0000001"} {
			d.send(as, usage.SingleType, d.sale("2", quantity), http.StatusUnprocessableEntity)
		}
		stray := strings.Replace(d.sale("3", "1"), d.Zonneveld.Organization, "org_nowhere", 1)
		if got := d.send(as, usage.SingleType, stray, http.StatusAccepted); got.Status != "quarantined" || got.Reason != "stranger" {
			t.Errorf("%+v", got)
		}
		for kind, body := range map[string]string{"application/json": d.sale("4", "1"), "": d.sale("4", "1"), usage.SingleType + "; charset=latin1": d.sale("4", "1")} {
			d.send(as, kind, body, http.StatusUnprocessableEntity)
		}
		d.send(as, usage.SingleType, "["+d.sale("5", "1")+"]", http.StatusUnprocessableEntity)
		d.send(as, usage.BatchType, d.sale("5", "1"), http.StatusUnprocessableEntity)
		d.send(as, usage.SingleType, "{"+strings.Repeat(`"a":{`, 20)+strings.Repeat("}", 21), http.StatusUnprocessableEntity)
		d.send(as, usage.SingleType, strings.Repeat(" ", usage.MaxBody+1), http.StatusRequestEntityTooLarge)
	})
}

func TestAnApplicationProvesWhichOneItIs(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.till()
		wrong := "Basic " + base64.StdEncoding.EncodeToString([]byte("app_till:guess"))
		for _, as := range []string{"", "Basic x", wrong, "Bearer locum_guess"} {
			d.send(as, usage.SingleType, d.sale("1", "1"), http.StatusUnauthorized)
		}
		if got := d.As("karin").Post("/v1/usage"); got.Code != http.StatusUnauthorized { // a cookie
			t.Errorf("a session is let in: %d", got.Code)
		}
	})
}

func TestABatchAnswersWhatBecameOfEachRecord(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		as := d.till()
		var got struct {
			Accepted, Duplicate, Quarantined, Conflict, Invalid int
			Records                                             []became
		}
		body := "[" + strings.Join([]string{d.sale("1", "1"), d.sale("1", "1"), d.sale("1", "2"), d.sale("2", "1e5"), strings.Replace(d.sale("3", "1"), `"unit":"sale"`, `"unit":"kg"`, 1), `7`}, ",") + "]"
		d.call("/v1/usage", "", body, http.StatusOK, &got, "Content-Type", usage.BatchType, "Authorization", as)
		if got.Accepted != 1 || got.Duplicate != 1 || got.Conflict != 1 || got.Invalid != 2 || got.Quarantined != 1 || len(got.Records) != 6 {
			t.Fatalf("%+v", got)
		}
		for i, want := range []string{"accepted", "duplicate", "conflict", "invalid", "quarantined", "invalid"} {
			if got.Records[i].Status != want {
				t.Errorf("%d became %+v", i, got.Records[i])
			}
		}
		if got.Records[3].Errors["data.quantity"] == "" || got.Records[4].Reason != "unit" {
			t.Errorf("%+v", got.Records)
		}
		many := "[" + strings.Repeat("7,", usage.MaxRecords) + "7]"
		d.send(as, usage.BatchType, many, http.StatusRequestEntityTooLarge)
		d.call("/v1/usage", "", "["+strings.Repeat("7,", usage.MaxRecords-1)+"7]", http.StatusOK, &got, "Content-Type", usage.BatchType, "Authorization", as)
		if got.Invalid != usage.MaxRecords {
			t.Errorf("10,000 records: %d invalid", got.Invalid)
		}
	})
}
