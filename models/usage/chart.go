package usage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"locum/models"
	"locum/models/store"
)

// Dimension is by what a chart tells use apart.
type Dimension string

// The dimensions.
const (
	ByParty       Dimension = "party" // the organization of who worked
	ByEffective   Dimension = "organization"
	ByPerson      Dimension = "person"
	ByTicket      Dimension = "ticket"
	ByApplication Dimension = "application"
	ByMeter       Dimension = "meter"
)

// Dimensions lists those of an organization; a company is also shown ByEffective.
var Dimensions = []Dimension{ByParty, ByPerson, ByTicket, ByApplication, ByMeter}

// columns are those by which a dimension is told apart, and that which names it.
func (d Dimension) columns() (key, name string) {
	switch d {
	case ByPerson:
		return "account_id", "account_name"
	case ByTicket:
		return "ticket", "ticket"
	case ByApplication:
		return "application_id", "application_id"
	case ByMeter:
		return "meter_id", "meter_id"
	case ByEffective:
		return "organization_id", "organization_id"
	}
	return "real_organization_id", "real_organization_name"
}

// Series is one colour of a chart: a value for each day of the period.
type Series struct {
	Key, Name string // Name is empty for use by no person, or without a ticket
	Days      []decimal.Decimal
	Total     decimal.Decimal
}

// Chart is what was used on each day of a period. Where Currency is set the values
// are amounts of money; otherwise quantities of the meter, which may be the zero one
// where nothing is there.
type Chart struct {
	Period   Period
	By       Dimension
	Currency string
	Meter    Meter
	Series   []Series // the largest first
}

// daily is what the database added up for a day.
type daily struct {
	Day, MeterID, Key, Name string
	Whole, Small            int64
}

func (d daily) sum() decimal.Decimal { return sumOf(d.Whole, d.Small) }

// Chart adds up the days of a period. Of what has a price the values are money, in
// the currency of which there is most; with a meter its quantities.
func (u *Usage) Chart(ctx context.Context, by models.Actor, s Scope, p Period, of Dimension, meter string) (c Chart, err error) {
	err = u.store.Read(ctx, by, s.View(), func(tx *store.Tx) error {
		company := s.owner(tx)
		meters, err := metersOf(tx, company)
		if err != nil {
			return err
		}
		names, err := places(tx)
		if err != nil {
			return err
		}
		days, err := perDay(tx, company, p, of)
		if err == nil {
			c = chartOf(p, of, meter, days, meters, names)
		}
		return err
	})
	return c, err
}

func perDay(tx *store.Tx, company string, p Period, of Dimension) (list []daily, err error) {
	key, name := of.columns()
	err = tx.Model(&Entry{}).Select("day, meter_id, "+key+" AS key, max("+name+") AS name, "+sumColumns).
		Where("company_id = ? AND state = ? AND corrected_by = '' AND day >= ? AND day <= ?", company, Counted, p.From, p.Until).
		Group("day, meter_id, " + key).Find(&list).Error
	return list, err
}

func chartOf(p Period, of Dimension, meter string, days []daily, meters []Metered, names map[string]string) Chart {
	c := Chart{Period: p, By: of}
	byID := map[string]Metered{}
	for _, m := range meters {
		byID[m.ID] = m
	}
	if c.Currency = prevailing(days, byID); meter != "" {
		c.Currency = ""
	}
	if c.Currency == "" {
		c.Meter = byID[cmp.Or(meter, busiest(days))].Meter
	}
	index := map[string]int{}
	for i, day := range p.All() {
		index[day] = i
	}
	series := map[string]*Series{}
	for _, d := range days {
		value := d.sum()
		if price, priced := byID[d.MeterID].PriceAt(d.Day); c.Currency != "" {
			if !priced || price.Currency != c.Currency {
				continue
			}
			value = value.Mul(price.Decimal())
		} else if d.MeterID != c.Meter.ID {
			continue
		}
		one := series[d.Key]
		if one == nil {
			one = &Series{Key: d.Key, Name: called(of, d, byID, names), Days: make([]decimal.Decimal, len(index))}
			series[d.Key] = one
		}
		at := index[d.Day]
		one.Days[at], one.Total = one.Days[at].Add(value), one.Total.Add(value)
	}
	for _, one := range series {
		c.Series = append(c.Series, *one)
	}
	slices.SortFunc(c.Series, func(a, b Series) int {
		return cmp.Or(b.Total.Cmp(a.Total), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
	return c
}

// called is the name of what a series is about.
func called(of Dimension, d daily, meters map[string]Metered, names map[string]string) string {
	switch of {
	case ByMeter:
		return meters[d.MeterID].Name
	case ByApplication:
		return meters[d.MeterID].Application
	case ByEffective:
		return names[d.Key]
	}
	return d.Name
}

// prevailing is the currency in which most is charged, or nothing.
func prevailing(days []daily, meters map[string]Metered) (most string) {
	totals := map[string]decimal.Decimal{}
	for _, d := range days {
		if price, priced := meters[d.MeterID].PriceAt(d.Day); priced {
			totals[price.Currency] = totals[price.Currency].Add(d.sum().Mul(price.Decimal()))
		}
	}
	for currency, total := range totals {
		if more := total.Cmp(totals[most]); most == "" || more > 0 || more == 0 && currency < most {
			most = currency
		}
	}
	return most
}

// busiest is the meter that most is counted of.
func busiest(days []daily) (most string) {
	totals := map[string]decimal.Decimal{}
	for _, d := range days {
		totals[d.MeterID] = totals[d.MeterID].Add(d.sum())
	}
	for meter, total := range totals {
		if more := total.Cmp(totals[most]); most == "" || more > 0 || more == 0 && meter < most {
			most = meter
		}
	}
	return most
}
