package usage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Line is one line of a charge-back: what one person, for one organization and under
// one delegation, used of one meter at one price. Effective is charged.
type Line struct {
	Effective, EffectiveName string
	Real, RealName           string
	Account, Person          string // empty: by no person
	Delegation, Ticket       string
	Application              string // name
	ApplicationID            string
	Meter                    Meter
	Quantity                 decimal.Decimal
	Priced                   bool
	Price                    decimal.Decimal // of a unit
	Amount                   decimal.Decimal // in whole cents
	Currency                 string          // empty without a price
	Records, Late, Corrected int64
}

// Visiting says that it was used through a delegation.
func (l Line) Visiting() bool { return l.Delegation != "" }

// Statement is the charge-back of a scope for a period.
type Statement struct {
	Period Period
	Lines  []Line
	// Today is the day that it is for the organization.
	Today string
	// Aside is how many records of the scope are in quarantine, of any period.
	Aside int64
}

// Total adds up the lines that keep says, by currency.
func (s Statement) Total(keep func(Line) bool) map[string]decimal.Decimal {
	total := map[string]decimal.Decimal{}
	for _, l := range s.Lines {
		if l.Priced && (keep == nil || keep(l)) {
			total[l.Currency] = total[l.Currency].Add(l.Amount)
		}
	}
	return total
}

// Marked counts the records that came late, and those that correct another.
func (s Statement) Marked() (late, corrected int64) {
	for _, l := range s.Lines {
		late, corrected = late+l.Late, corrected+l.Corrected
	}
	return late, corrected
}

// cents is how many digits an amount has after the point.
const cents = 2

// ChargeBack adds up what was used in a period, by the price of the day of each use.
// The database adds up: a month of millions of records is a few hundred lines here.
func (u *Usage) ChargeBack(ctx context.Context, by models.Actor, s Scope, p Period) (out Statement, err error) {
	err = u.store.Read(ctx, by, s.View(), func(tx *store.Tx) error {
		out = Statement{Period: p}
		company := s.owner(tx)
		meters, err := metersOf(tx, company)
		if err != nil {
			return err
		}
		if out.Lines, err = lines(tx, company, p, meters); err != nil {
			return err
		}
		if out.Today, err = latestDay(tx); err != nil {
			return err
		}
		return tx.Model(&Entry{}).Where("company_id = ? AND state = ?", company, InDoubt).Count(&out.Aside).Error
	})
	return out, err
}

// part is a number of days in which no price changes.
type part struct{ from, until string }

// parts cut a period where prices begin.
func parts(p Period, meters []Metered) (list []part) {
	var cuts []string
	for _, m := range meters {
		for _, prices := range [][]Price{m.Prices, m.Platform} {
			for _, one := range prices {
				if one.FromDay > p.From && one.FromDay <= p.Until {
					cuts = append(cuts, one.FromDay)
				}
			}
		}
	}
	slices.Sort(cuts)
	from := p.From
	for _, cut := range slices.Compact(cuts) {
		list = append(list, part{from, dayTime(cut).AddDate(0, 0, -1).Format(dayLayout)})
		from = cut
	}
	return append(list, part{from, p.Until})
}

// group is what the database added up.
type group struct {
	OrganizationID, RealOrganizationID, RealOrganizationName, AccountID, AccountName string
	DelegationID, Ticket, MeterID                                                    string
	Whole, Small                                                                     int64
	Records, Late, Corrected                                                         int64
}

// grouped are the columns that make a line.
const grouped = "organization_id, real_organization_id, account_id, delegation_id, ticket, meter_id"

func groups(tx *store.Tx, company string, p part) (list []group, err error) {
	err = tx.Model(&Entry{}).Select(grouped+", max(real_organization_name) AS real_organization_name, max(account_name) AS account_name, "+sumColumns+
		", count(*) AS records, sum(CASE WHEN late <> '' THEN 1 ELSE 0 END) AS late, sum(CASE WHEN corrects <> '' THEN 1 ELSE 0 END) AS corrected").
		Where("company_id = ? AND state = ? AND corrected_by = '' AND day >= ? AND day <= ?", company, Counted, p.from, p.until).
		Group(grouped).Find(&list).Error
	return list, err
}

// lineKey is what tells lines apart.
type lineKey struct{ effective, real, account, delegation, ticket, meter, price, currency string }

func lines(tx *store.Tx, company string, p Period, meters []Metered) ([]Line, error) {
	names, err := places(tx)
	if err != nil {
		return nil, err
	}
	byID := map[string]Metered{}
	for _, m := range meters {
		byID[m.ID] = m
	}
	found := map[lineKey]*Line{}
	for _, part := range parts(p, meters) {
		list, err := groups(tx, company, part)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			m := byID[g.MeterID]
			price, priced := m.PriceAt(part.from)
			key := lineKey{g.OrganizationID, g.RealOrganizationID, g.AccountID, g.DelegationID, g.Ticket, g.MeterID, price.Decimal().String(), price.Currency}
			l := found[key]
			if l == nil {
				l = &Line{Effective: g.OrganizationID, EffectiveName: cmp.Or(names[g.OrganizationID], tx.Actor.Effective.CompanyName),
					Real: g.RealOrganizationID, RealName: g.RealOrganizationName, Account: g.AccountID, Person: g.AccountName,
					Delegation: g.DelegationID, Ticket: g.Ticket, Application: m.Application, ApplicationID: m.ApplicationID, Meter: m.Meter,
					Priced: priced, Price: price.Decimal(), Currency: price.Currency}
				found[key] = l
			}
			l.Quantity = l.Quantity.Add(sumOf(g.Whole, g.Small))
			l.Records, l.Late, l.Corrected = l.Records+g.Records, l.Late+g.Late, l.Corrected+g.Corrected
		}
	}
	return sorted(found), nil
}

// sorted gives the lines with their amounts: the organization's own people first, and
// each person's together.
func sorted(found map[lineKey]*Line) []Line {
	list := make([]Line, 0, len(found))
	for _, l := range found {
		if l.Priced {
			l.Amount = l.Quantity.Mul(l.Price).Round(cents)
		}
		list = append(list, *l)
	}
	own := func(l Line) int {
		if l.Visiting() {
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(strings.Compare(a.EffectiveName, b.EffectiveName), strings.Compare(a.Effective, b.Effective), own(a)-own(b),
			strings.Compare(a.RealName, b.RealName), strings.Compare(a.Real, b.Real), strings.Compare(a.Person, b.Person), strings.Compare(a.Account, b.Account),
			strings.Compare(a.Delegation, b.Delegation), strings.Compare(a.Ticket, b.Ticket), strings.Compare(a.Application, b.Application),
			strings.Compare(a.Meter.Name, b.Meter.Name), strings.Compare(a.Meter.ID, b.Meter.ID), a.Price.Cmp(b.Price), strings.Compare(a.Currency, b.Currency))
	})
	return list
}

// places are the names of the organizations that may be seen.
func places(tx *store.Tx) (map[string]string, error) {
	var list []tenancy.Organization
	err := tx.Select("id", "name").Find(&list).Error
	names := map[string]string{}
	for _, o := range list {
		names[o.ID] = o.Name
	}
	return names, err
}
