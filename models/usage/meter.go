package usage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Own is the application of Locum's own meters, and OwnName what it is called.
const (
	Own     = "locum"
	OwnName = "Locum"
)

// Meter is something of an application that is counted, in a unit.
type Meter struct {
	CompanyID     string `gorm:"primaryKey"` // store.Platform where it is every company's
	ID            string `gorm:"primaryKey"`
	ApplicationID string
	Key           string // as in the type of an event
	Name          string
	Unit          string
	MadeByName    string
	CreatedAt     models.Instant
}

// TableName is the table of meters.
func (Meter) TableName() string { return "usage_meters" }

// OfPlatform says that the meter is every company's.
func (m Meter) OfPlatform() bool { return m.CompanyID == store.Platform }

// Price is what a unit of a meter costs from a day on, in the zone of the
// organization that used it.
type Price struct {
	CompanyID  string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	MeterID    string
	Amount     string // decimal
	Currency   string // ISO 4217
	FromDay    string // 2026-11-01
	MadeByName string
	CreatedAt  models.Instant
}

// TableName is the table of prices.
func (Price) TableName() string { return "usage_prices" }

// Decimal is the price as a number.
func (p Price) Decimal() decimal.Decimal {
	d, _ := ParseDecimal(p.Amount) // it was read so before it was kept
	return d
}

// MeterDraft is what a new meter is made of.
type MeterDraft struct{ Application, Key, Name, Unit string }

func (in MeterDraft) check() (MeterDraft, error) {
	in.Key, in.Name, in.Unit = strings.TrimSpace(in.Key), strings.TrimSpace(in.Name), strings.TrimSpace(in.Unit)
	wrong := models.FieldErrors{}
	if in.Application == "" {
		wrong.Add("application", "error.choice")
	}
	if !isKey(in.Key) {
		wrong.Add("key", "usage.error.key")
	}
	if in.Name == "" || utf8.RuneCountInString(in.Name) > 60 {
		wrong.Add("name", "usage.error.name")
	}
	if !isUnit(in.Unit) {
		wrong.Add("unit", "usage.error.unit")
	}
	return in, wrong.Err()
}

// PriceDraft is what a price is made of. From is a day.
type PriceDraft struct{ Amount, Currency, From string }

func (in PriceDraft) check() (PriceDraft, error) {
	in.Amount, in.Currency, in.From = strings.ReplaceAll(strings.TrimSpace(in.Amount), ",", "."), strings.ToUpper(strings.TrimSpace(in.Currency)), strings.TrimSpace(in.From)
	wrong := models.FieldErrors{}
	if _, ok := ParseDecimal(in.Amount); !ok {
		wrong.Add("amount", "usage.error.amount")
	}
	if _, err := currency.ParseISO(in.Currency); err != nil || len(in.Currency) != 3 {
		wrong.Add("currency", "usage.error.currency")
	}
	if _, err := time.Parse(dayLayout, in.From); err != nil {
		wrong.Add("from", "usage.error.day")
	}
	return in, wrong.Err()
}

// mostMeters is how many meters there can be of one company, or of the platform.
const mostMeters = 200

// NewMeter makes a meter: from now on records of it are counted.
func (u *Usage) NewMeter(ctx context.Context, by models.Actor, s Scope, in MeterDraft) (m Meter, err error) {
	if in, err = in.check(); err != nil {
		return m, err
	}
	err = u.store.Write(ctx, by, s.Manage(), func(tx *store.Tx) error {
		var app tenancy.Application
		if err := tx.Where("id = ?", in.Application).Take(&app).Error; store.Missing(err) {
			return fieldError("application", "error.choice")
		} else if err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&Meter{}).Where("company_id = ?", s.owner(tx)).Count(&there).Error; err != nil {
			return err
		}
		if there >= mostMeters {
			return models.Fail(models.Conflict, "usage.error.meters", "Most", mostMeters)
		}
		m = Meter{CompanyID: s.owner(tx), ID: models.NewID("mtr"), ApplicationID: app.ID, Key: in.Key, Name: in.Name, Unit: in.Unit,
			MadeByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&m).Error; store.Duplicate(err) {
			return fieldError("key", "usage.error.key_taken")
		} else if err != nil {
			return err
		}
		tx.Record(event.MeterCreated, store.About{ID: m.ID, Name: m.Name, Company: m.CompanyID, Data: map[string]any{"application": app.Name, "key": m.Key, "unit": m.Unit}})
		return nil
	})
	return m, err
}

func fieldError(field, key string) error {
	wrong := models.FieldErrors{}
	wrong.Add(field, key)
	return wrong.Err()
}

// SetPrice says what a unit of a meter costs from a day on. It never changes what
// was used before: the day is to come, or today for the first price of a meter.
func (u *Usage) SetPrice(ctx context.Context, by models.Actor, s Scope, meter string, in PriceDraft) (p Price, err error) {
	if in, err = in.check(); err != nil {
		return p, err
	}
	err = u.store.Write(ctx, by, s.Manage(), func(tx *store.Tx) error {
		m, err := meterOf(tx, s, meter)
		if err != nil {
			return err
		}
		before, err := priced(tx, s.owner(tx), m.ID)
		if err != nil {
			return err
		}
		now, err := latestDay(tx)
		if err != nil {
			return err
		}
		if in.From < now || in.From == now && before {
			return fieldError("from", "usage.error.from")
		}
		p = Price{CompanyID: s.owner(tx), ID: models.NewID("prc"), MeterID: m.ID, Amount: in.Amount, Currency: in.Currency, FromDay: in.From,
			MadeByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&p).Error; store.Duplicate(err) {
			return fieldError("from", "usage.error.from_taken")
		} else if err != nil {
			return err
		}
		tx.Record(event.PriceSet, store.About{ID: m.ID, Name: m.Name, Company: p.CompanyID, Data: map[string]any{"amount": p.Amount, "currency": p.Currency, "from": p.FromDay}})
		return nil
	})
	return p, err
}

// priced says whether a meter has a price for a company already: its own or the
// platform's.
func priced(tx *store.Tx, company, meter string) (bool, error) {
	var n int64
	err := tx.Across("whether a meter has a price", func(tx *store.Tx) error {
		return tx.Model(&Price{}).Where("company_id IN ? AND meter_id = ?", []string{company, store.Platform}, meter).Count(&n).Error
	})
	return n > 0, err
}

// WithdrawPrice takes back a price that does not count yet.
func (u *Usage) WithdrawPrice(ctx context.Context, by models.Actor, s Scope, id string) (m Meter, err error) {
	err = u.store.Write(ctx, by, s.Manage(), func(tx *store.Tx) error {
		var p Price
		if err := tx.Where("company_id = ? AND id = ?", s.owner(tx), id).Take(&p).Error; err != nil {
			return unknown(err)
		}
		if m, err = meterOf(tx, s, p.MeterID); err != nil {
			return err
		}
		now, err := latestDay(tx)
		if err != nil {
			return err
		}
		if p.FromDay <= now {
			return models.Fail(models.Conflict, "usage.error.counts")
		}
		tx.Record(event.PriceWithdrawn, store.About{ID: m.ID, Name: m.Name, Company: p.CompanyID, Data: map[string]any{"amount": p.Amount, "currency": p.Currency, "from": p.FromDay}})
		return tx.Where("company_id = ? AND id = ?", p.CompanyID, p.ID).Delete(&Price{}).Error
	})
	return m, err
}

// latestDay is the day that it is by now in the organization that is furthest east.
func latestDay(tx *store.Tx) (string, error) {
	var zones []string
	if err := tx.Model(&tenancy.Organization{}).Distinct("time_zone").Pluck("time_zone", &zones).Error; err != nil {
		return "", err
	}
	latest := dayOf(tx.Now(), time.UTC)
	for _, name := range zones {
		latest = max(latest, dayOf(tx.Now(), tenancy.Organization{TimeZone: name}.Zone()))
	}
	return latest, nil
}

// unknown answers a missing row like one of another company.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}

// meterOf finds a meter that a scope may price: its own, or one of the platform.
func meterOf(tx *store.Tx, s Scope, id string) (m Meter, err error) {
	own := s.owner(tx)
	err = tx.Across("a meter of the platform", func(tx *store.Tx) error {
		return tx.Where("company_id IN ? AND id = ?", []string{own, store.Platform}, id).Take(&m).Error
	})
	return m, unknown(err)
}

// Metered is a meter with its prices, the earliest first.
type Metered struct {
	Meter
	Application string  // its name
	Prices      []Price // of the scope that asks
	Platform    []Price // of the platform, where they are not those
}

// PriceAt is the price of a day: the company's own, or else the platform's.
func (m Metered) PriceAt(day string) (p Price, found bool) {
	for _, list := range [][]Price{m.Platform, m.Prices} {
		for _, one := range list {
			if one.FromDay <= day {
				p, found = one, true
			}
		}
	}
	return p, found
}

// Meters lists the meters of a scope, and those of the platform, by application.
func (u *Usage) Meters(ctx context.Context, by models.Actor, s Scope) (list []Metered, err error) {
	err = u.store.Read(ctx, by, s.Manage(), func(tx *store.Tx) error {
		list, err = metersOf(tx, s.owner(tx))
		return err
	})
	return list, err
}

// Applications are those that a meter can be of.
func (u *Usage) Applications(ctx context.Context, by models.Actor, s Scope) (list []tenancy.Application, err error) {
	err = u.store.Read(ctx, by, s.Manage(), func(tx *store.Tx) error {
		return tx.Order("name, id").Find(&list).Error
	})
	return list, err
}

// metersOf reads the meters that a company's use is counted by.
func metersOf(tx *store.Tx, company string) (list []Metered, err error) {
	owners := []string{company, store.Platform}
	var meters []Meter
	var prices []Price
	var apps []tenancy.Application
	err = tx.Across("meters of the platform and of one company", func(tx *store.Tx) error {
		if err := tx.Where("company_id IN ?", owners).Find(&meters).Error; err != nil {
			return err
		}
		if err := tx.Where("company_id IN ?", owners).Order("from_day").Find(&prices).Error; err != nil {
			return err
		}
		return tx.Find(&apps).Error
	})
	names := map[string]string{Own: OwnName}
	for _, a := range apps {
		names[a.ID] = a.Name
	}
	for _, m := range meters {
		one := Metered{Meter: m, Application: cmp.Or(names[m.ApplicationID], m.ApplicationID)}
		for _, p := range prices {
			switch {
			case p.MeterID != m.ID:
			case p.CompanyID == company:
				one.Prices = append(one.Prices, p)
			default:
				one.Platform = append(one.Platform, p)
			}
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Metered) int {
		return cmp.Or(strings.Compare(a.Application, b.Application), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return list, err
}
