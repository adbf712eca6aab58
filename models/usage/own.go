package usage

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// The meters of Locum's own use, which the migration makes.
const (
	apiCalls = "api_calls"
	signIns  = "sign_ins"
)

// hour is a number of uses of Locum itself by one organization, within an hour.
type hour struct {
	company, organization, meter string
	at                           time.Time
}

// counter counts in memory, so that a request waits for nothing.
type counter struct {
	mu   sync.Mutex
	uses map[hour]int64
}

// Called counts a call of the API for an organization, or for a company as a whole. It
// only adds to a number in memory: Flush writes them down.
func (u *Usage) Called(company, organization string) {
	key := hour{company, organization, apiCalls, u.store.Now().UTC().Truncate(time.Hour)}
	u.calls.mu.Lock()
	defer u.calls.mu.Unlock()
	if u.calls.uses == nil {
		u.calls.uses = map[hour]int64{}
	}
	u.calls.uses[key]++
}

// Flush writes down what was counted in memory. Where that fails the numbers stay,
// for the next time.
func (u *Usage) Flush(ctx context.Context) error {
	u.calls.mu.Lock()
	taken := u.calls.uses
	u.calls.uses = nil
	u.calls.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	err := u.store.System(ctx, "count calls of the API", func(tx *store.Tx) error {
		tx.NothingToRecord()
		for key, n := range taken {
			if err := add(tx, key, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		u.calls.mu.Lock()
		defer u.calls.mu.Unlock()
		if u.calls.uses == nil {
			u.calls.uses = map[hour]int64{}
		}
		for key, n := range taken {
			u.calls.uses[key] += n
		}
	}
	return err
}

// signedIn counts sign-ins in the transaction in which they happen.
func signedIn(tx *store.Tx, about []store.About) error {
	counted := map[hour]int64{}
	for _, a := range about {
		if a.Company != "" && a.Company != store.Platform {
			counted[hour{a.Company, a.Organization, signIns, tx.Now().UTC().Truncate(time.Hour)}]++
		}
	}
	for key, n := range counted {
		if err := add(tx, key, n); err != nil {
			return err
		}
	}
	return nil
}

// add raises the number of an hour: one row an hour, meter and organization.
func add(tx *store.Tx, key hour, n int64) error {
	e := Entry{CompanyID: key.company, ApplicationID: Own, Source: "/locum/" + key.meter, EventID: key.organization + "@" + key.at.Format("2006-01-02T15Z"),
		ID: models.NewID("usg"), OrganizationID: key.organization, Subject: key.organization, MeterID: "mtr_" + key.meter, MeterKey: key.meter,
		At: models.At(key.at), State: Counted, ReceivedAt: models.At(tx.Now()), Digest: "own"}
	e.Unit = map[string]string{apiCalls: "call", signIns: "sign-in"}[key.meter]
	zone := time.UTC
	if key.organization != "" {
		var o tenancy.Organization
		if err := tx.Where("company_id = ? AND id = ?", key.company, key.organization).Take(&o).Error; store.Missing(err) {
			return nil // it is gone
		} else if err != nil {
			return err
		}
		zone, e.RealOrganizationID, e.RealOrganizationName = o.Zone(), o.ID, o.Name
	}
	e.Day = dayOf(key.at, zone)
	if _, err := store.CreateNew(tx, []Entry{e}); err != nil {
		return err
	}
	return tx.Model(&Entry{}).Where("company_id = ? AND application_id = ? AND source = ? AND event_id = ? AND scope = ''", e.CompanyID, e.ApplicationID, e.Source, e.EventID).
		Update("quantity", gorm.Expr("quantity + ?", n*million)).Error
}
