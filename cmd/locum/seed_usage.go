package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"locum/models/delegation"
	"locum/models/store"
	"locum/models/usage"
)

// meters makes the meters of the demo's applications, and their first prices.
func (s *seed) meters() {
	const lotte = "lotte@hub.example"
	s.metered = map[string]usage.Meter{}
	for _, m := range []struct{ app, key, name, unit, price string }{
		{"invoices", "match", "Matched invoices", "invoice", "0.04"},
		{"invoices", "page", "Scanned pages", "page", "0.012"},
		{"stock", "query", "Queries", "query", "0.0025"},
		{"letters", "letter", "Letters", "letter", "0.85"},
		{"planning", "ride", "Planned rides", "ride", "0.11"},
		{"planning", "compute", "Computing", "h", ""},
	} {
		s.do("meter "+m.name, func() error {
			made, err := s.house.Usage.NewMeter(s.ctx, s.as(lotte), usage.OfPlatform, usage.MeterDraft{Application: s.apps[m.app].ID, Key: m.key, Name: m.name, Unit: m.unit})
			if s.metered[m.app+"/"+m.key] = made; err != nil || m.price == "" {
				return err
			}
			_, err = s.house.Usage.SetPrice(s.ctx, s.as(lotte), usage.OfPlatform, made.ID, usage.PriceDraft{Amount: m.price, Currency: "EUR", From: s.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly)})
			return err
		})
	}
}

// dearer changes a price that was announced: what was used before its day keeps the old one.
func (s *seed) dearer() {
	s.do("a new price", func() error {
		_, err := s.house.Usage.SetPrice(s.ctx, s.as("lotte@hub.example"), usage.OfPlatform, s.metered["invoices/match"].ID,
			usage.PriceDraft{Amount: "0.045", Currency: "EUR", From: s.ago(10 * day).Format(time.DateOnly)})
		return err
	})
}

// spent is what the people of one organization use on a working day.
type spent struct {
	by, app, key string
	most         int64
}

// daily are the members who use something every working day.
var daily = []spent{
	{"ria@zonneveld.example", "invoices", "match", 420}, {"ria@zonneveld.example", "invoices", "page", 300},
	{"hugo@zonneveld.example", "stock", "query", 900}, {"sofie@zonneveld.example", "letters", "letter", 9},
	{"marieke@devries.example", "planning", "ride", 130}, {"marieke@devries.example", "planning", "compute", 6},
}

// worked are the steps in which applications report what members used, at the end of
// each of the last days.
func (s *seed) worked() (list []step) {
	for n := range 45 {
		ago := time.Duration(45-n) * day
		if weekday := s.ago(ago).Weekday(); weekday == time.Saturday || weekday == time.Sunday {
			continue
		}
		list = append(list, step{s.ago(ago).Add(6 * time.Hour), func() {
			for i, u := range daily {
				s.report(u.app, s.use(fmt.Sprintf("day-%d-%d", n, i), u, s.clock.Now().Add(-time.Duration(i+1)*time.Minute), int64(n*7+i*13)))
			}
		}})
	}
	return list
}

// use is a record of a member. seed varies how much it is.
func (s *seed) use(id string, u spent, at time.Time, seed int64) usage.Record {
	quantity := decimal.NewFromInt(u.most/2 + (seed*seed*31+seed*17)%(u.most/2+1))
	if u.key == "compute" {
		quantity = quantity.Add(decimal.RequireFromString("0.25"))
	}
	by := s.as(u.by)
	return s.record(id, u.app, u.key, by.Effective.Organization, by.Account, "", at, quantity)
}

func (s *seed) record(id, app, key, organization, account, visit string, at time.Time, quantity decimal.Decimal) usage.Record {
	return usage.Record{ID: id, Source: "/apps/" + app, Type: "locum.usage." + key + ".v1", Meter: key, Subject: organization, Time: at.UTC().Truncate(time.Second),
		Quantity: quantity, Unit: s.metered[app+"/"+key].Unit, Account: account, Visit: visit}
}

// report has an application report what was used.
func (s *seed) report(app string, records ...usage.Record) {
	s.do("usage of "+app, func() error {
		out, err := s.house.Usage.Ingest(s.ctx, s.apps[app].ID, records)
		for _, o := range out {
			if o.Status == usage.Refused {
				return fmt.Errorf("the record %s: %v", o.ID, o.Wrong)
			}
		}
		return err
	})
}

// visited reports what a consultant used in the visit in which he is now, or just was.
func (s *seed) visited(email, organization string, length time.Duration) {
	account := s.account(email)
	var v delegation.Visit
	s.do("the visit of "+email, func() error {
		return s.house.store.SystemRead(s.ctx, "a visit of the demo", func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND organization_id = ?", account, organization).Order("entered_at DESC").Limit(1).Take(&v).Error
		})
	})
	used := []spent{{"", "invoices", "match", 160}, {"", "stock", "query", 240}, {"", "letters", "letter", 4}}
	if organization == s.as("marieke@devries.example").Effective.Organization { // which plans rides
		used = []spent{{"", "planning", "ride", 60}, {"", "stock", "query", 120}}
	}
	for i, u := range used {
		at := s.clock.Now().Add(-min(length, 50*time.Minute) * time.Duration(i+1) / 5)
		quantity := decimal.NewFromInt(u.most/3 + int64(len(email)*(i+3))%u.most)
		s.report(u.app, s.record("visit-"+v.ID+"-"+u.key, u.app, u.key, organization, account, v.ID, at, quantity))
	}
}

// oddities reports what people have to look at: a late record, one that was wrong and
// its correction, and two that fit nothing.
func (s *seed) oddities() {
	zonneveld := s.as("karin@zonneveld.example").Effective.Organization
	hugo, ria := s.account("hugo@zonneveld.example"), s.account("ria@zonneveld.example")
	now := s.clock.Now()
	s.report("stock", s.record("late-depot", "stock", "query", zonneveld, hugo, "", now.Add(-26*time.Hour), decimal.NewFromInt(340)))
	s.report("invoices", s.record("batch-118", "invoices", "page", zonneveld, ria, "", now.Add(-50*time.Minute), decimal.NewFromInt(8200)))
	fixed := s.record("batch-118-fix", "invoices", "page", zonneveld, ria, "", now.Add(-10*time.Minute), decimal.NewFromInt(820))
	fixed.Corrects = "batch-118"
	s.report("invoices", fixed)
	unknown := s.record("label-7", "stock", "query", zonneveld, hugo, "", now.Add(-20*time.Minute), decimal.NewFromInt(12))
	unknown.Type, unknown.Meter, unknown.Unit = "locum.usage.label.v1", "label", "label"
	s.report("stock", unknown)
	s.report("letters", s.record("night-run-3", "letters", "letter", zonneveld, s.account("o.wright@northgate.example"), "", now.Add(-5*time.Hour), decimal.NewFromInt(25)))
	s.report("stock", s.record("stray-1", "stock", "query", "org_"+strings.Repeat("0", 26), "", "", now.Add(-time.Hour), decimal.NewFromInt(3)))
}
