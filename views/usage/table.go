package usage

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"locum/models/usage"
	"locum/views/i18n"
)

// row is one line of the table below the chart: a party with its people below it, or
// whatever else the page tells apart.
type row struct {
	name      string
	hue       int
	party     bool // it has the tile of an organization
	person    bool // it stands below its party
	visiting  bool
	tagged    bool // says how its people worked here
	quantity  map[string]decimal.Decimal
	charged   map[string]decimal.Decimal
	heaviness decimal.Decimal
}

func newRow() *row {
	return &row{quantity: map[string]decimal.Decimal{}, charged: map[string]decimal.Decimal{}}
}

func (w *row) add(l usage.Line) {
	w.quantity[l.Meter.ID] = w.quantity[l.Meter.ID].Add(l.Quantity)
	w.heaviness = w.heaviness.Add(l.Amount)
	if l.Priced {
		w.charged[l.Currency] = w.charged[l.Currency].Add(l.Amount)
	}
}

// mostMeters is how many meters have a column.
const mostMeters = 3

// columns are the meters with a column: those that most is charged for, and then those
// that most is counted of.
func (r Report) columns() (list []usage.Line) {
	byMeter := map[string]usage.Line{}
	for _, l := range r.Lines {
		sum := byMeter[l.Meter.ID]
		sum.Meter, sum.Application = l.Meter, l.Application
		sum.Quantity, sum.Amount = sum.Quantity.Add(l.Quantity), sum.Amount.Add(l.Amount)
		byMeter[l.Meter.ID] = sum
	}
	for _, id := range slices.Sorted(maps.Keys(byMeter)) {
		list = append(list, byMeter[id])
	}
	slices.SortStableFunc(list, func(a, b usage.Line) int { return cmp.Or(b.Amount.Cmp(a.Amount), b.Quantity.Cmp(a.Quantity)) })
	return list[:min(mostMeters, len(list))]
}

// rows are those of the table, the heaviest first.
func (r Report) rows(ctx context.Context) (list []*row) {
	top, below := map[string]*row{}, map[string]map[string]*row{}
	for _, l := range r.Lines {
		key, name := r.told(ctx, l)
		one := top[key]
		if one == nil {
			one = newRow()
			one.name, one.hue = name, r.hueOf(key)
			one.party = r.By == usage.ByParty || r.By == usage.ByEffective
			one.tagged, one.visiting = r.By == usage.ByParty || r.By == usage.ByPerson, l.Visiting()
			top[key], below[key] = one, map[string]*row{}
		}
		one.add(l)
		if r.By == usage.ByParty && l.Visiting() {
			person := below[key][l.Account]
			if person == nil {
				person = newRow()
				person.name, person.person = cmp.Or(l.Person, i18n.T(ctx, "usage.nobody")), true
				below[key][l.Account] = person
			}
			person.add(l)
		}
	}
	for _, key := range heaviest(top) {
		list = append(list, top[key])
		for _, person := range heaviest(below[key]) {
			list = append(list, below[key][person])
		}
	}
	return list
}

func heaviest(rows map[string]*row) []string {
	return slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return cmp.Or(rows[b].heaviness.Cmp(rows[a].heaviness), cmp.Compare(rows[a].name, rows[b].name), cmp.Compare(a, b))
	})
}

// told is what the page tells a line apart by, and its name.
func (r Report) told(ctx context.Context, l usage.Line) (key, name string) {
	switch r.By {
	case usage.ByPerson:
		return l.Account, cmp.Or(l.Person, i18n.T(ctx, "usage.nobody"))
	case usage.ByTicket:
		return l.Ticket, cmp.Or(l.Ticket, i18n.T(ctx, "usage.no_ticket"))
	case usage.ByApplication:
		return l.ApplicationID, l.Application
	case usage.ByMeter:
		return l.Meter.ID, meterName(ctx, l.Meter)
	case usage.ByEffective:
		return l.Effective, l.EffectiveName
	}
	return l.Real, cmp.Or(l.RealName, r.Place)
}

// meterName is what a meter is called: Locum's own in the reader's language.
func meterName(ctx context.Context, m usage.Meter) string {
	if m.ApplicationID == usage.Own {
		return i18n.T(ctx, "usage.own."+m.Key)
	}
	return m.Name
}

// unitName is the unit of a meter.
func unitName(ctx context.Context, m usage.Meter) string {
	if m.ApplicationID == usage.Own {
		return i18n.T(ctx, "usage.own."+m.Key+".unit")
	}
	return m.Unit
}

// hueOf is the colour of a series: the same in the chart, its legend and the table.
func (r Report) hueOf(key string) int {
	for i, s := range r.drawn() {
		if s.Key == key {
			return r.colour(i)
		}
	}
	return 0
}

// seriesName is what a series is called.
func (r Report) seriesName(ctx context.Context, s usage.Series) string {
	switch {
	case s.Key == others:
		return i18n.T(ctx, "usage.others")
	case r.By == usage.ByMeter:
		for _, l := range r.Lines {
			if l.Meter.ID == s.Key {
				return meterName(ctx, l.Meter)
			}
		}
	case s.Name != "":
	case r.By == usage.ByTicket:
		return i18n.T(ctx, "usage.no_ticket")
	case r.By == usage.ByPerson:
		return i18n.T(ctx, "usage.nobody")
	default:
		return r.Place
	}
	return s.Name
}

// spanned is how many columns stand before the amount in a charge-back.
func spanned(r Report) int {
	if r.Scope == usage.OfCompany {
		return 6
	}
	return 5
}

func personName(ctx context.Context, l usage.Line) string {
	return cmp.Or(l.Person, i18n.T(ctx, "usage.nobody"))
}

func partyName(r Report, l usage.Line) string { return cmp.Or(l.RealName, r.Place) }
