// Package usage shows what was used in an organization, by whom, and what it comes
// to: charts with a table twin, the charge-back, and what is in quarantine. Every
// number is written exactly; a chart alone is drawn from rounded ones.
package usage

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"locum/models"
	"locum/models/usage"
	"locum/views/i18n"
	"locum/views/sheet"
	"locum/views/ui"
)

// Path is where the usage of a scope is.
func Path(s usage.Scope) string {
	switch s {
	case usage.OfPlatform:
		return "/platform/usage"
	case usage.OfCompany:
		return "/company/usage"
	}
	return "/usage"
}

// AsidePath is where the quarantine of a scope is: the platform has nothing else.
func AsidePath(s usage.Scope) string {
	if s == usage.OfPlatform {
		return Path(s)
	}
	return Path(s) + "/quarantine"
}

// MetersPath is where the meters of a scope are.
func MetersPath(s usage.Scope) string {
	if s == usage.OfPlatform {
		return "/platform/meters"
	}
	return "/company/meters"
}

// Report is the page of the usage of a scope in a period.
type Report struct {
	Scope  usage.Scope
	Place  string // the organization, or the company
	Hue    int    // of the organization
	Months []string
	Before map[string]decimal.Decimal // charged in the month before
	Custom bool                       // the period is no month of the address
	Now    time.Time
	usage.Statement
	usage.Chart
}

// href is the page with another part of its address.
func (r Report) href(below string, change ...string) string {
	q := url.Values{}
	if r.Statement.Period.IsMonth() {
		q.Set("month", r.Statement.Period.Name())
	} else {
		q.Set("from", r.Statement.Period.From)
		q.Set("until", r.Statement.Period.Until)
	}
	if r.By != first(r.Scope) && below == "" {
		q.Set("by", string(r.By))
	}
	for i := 0; i+1 < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return Path(r.Scope) + below + "?" + q.Encode()
}

// first is the dimension that a page begins with.
func first(s usage.Scope) usage.Dimension { return Dimensions(s)[0] }

// Dimensions are those that a scope is shown by.
func Dimensions(s usage.Scope) []usage.Dimension {
	if s == usage.OfCompany {
		return append([]usage.Dimension{usage.ByEffective}, usage.Dimensions...)
	}
	return usage.Dimensions
}

func (r Report) tabs(ctx context.Context) (tabs []ui.Tab) {
	for _, d := range Dimensions(r.Scope) {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "usage.by."+string(d)), Href: r.href("", "by", string(d)), Current: d == r.By})
	}
	return tabs
}

// periodName is a month as people say it, or the days.
func periodName(ctx context.Context, p usage.Period) string {
	if p.IsMonth() {
		return monthName(ctx, p.Name())
	}
	return i18n.T(ctx, "usage.days", "From", dayName(ctx, p.From), "Until", dayName(ctx, p.Until))
}

func monthName(ctx context.Context, month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	words := strings.Fields(i18n.T(ctx, "usage.months"))
	return i18n.T(ctx, "usage.month", "Month", words[int(t.Month())-1], "Year", t.Year())
}

// shortMonth is a month without its year where that is now's.
func (r Report) shortMonth(ctx context.Context, month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil || !strings.HasPrefix(r.Today, month[:4]) {
		return monthName(ctx, month)
	}
	return strings.Fields(i18n.T(ctx, "usage.months"))[int(t.Month())-1]
}

// dayName is a day without a clock: the reader's zone does not move it.
func dayName(ctx context.Context, day string) string {
	t, err := time.Parse("2006-01-02", day)
	if err != nil {
		return day
	}
	l := i18n.From(ctx)
	l.Zone = time.UTC
	return l.ShortDate(t)
}

// fullDay is a day with its year.
func fullDay(ctx context.Context, day string) string {
	t, err := time.Parse("2006-01-02", day)
	if err != nil {
		return day
	}
	l := i18n.From(ctx)
	l.Zone = time.UTC
	return l.Date(t)
}

var signs = map[string]string{"EUR": "€", "USD": "$", "GBP": "£"}

// money writes an amount with its currency: "€ 1,037.40".
func money(ctx context.Context, amount decimal.Decimal, currency string) string {
	sign := signs[currency]
	if sign == "" {
		sign = currency
	}
	return sign + "\u00a0" + i18n.From(ctx).Decimal(amount.StringFixed(2))
}

// price writes the price of a unit with every digit that it has.
func price(ctx context.Context, amount decimal.Decimal, currency string) string {
	if amount.Exponent() >= -2 {
		return money(ctx, amount, currency)
	}
	sign := signs[currency]
	if sign == "" {
		sign = currency
	}
	return sign + "\u00a0" + i18n.From(ctx).Decimal(amount.String())
}

// sums writes totals, one a currency; a dash for none.
func sums(ctx context.Context, total map[string]decimal.Decimal) string {
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(total)) {
		list = append(list, money(ctx, total[currency], currency))
	}
	if len(list) == 0 {
		return "–"
	}
	return strings.Join(list, " + ")
}

func number(ctx context.Context, d decimal.Decimal) string { return i18n.From(ctx).Decimal(d.String()) }

// passed are the days of the period up to today, and all of them.
func (r Report) passed() (now, all int) {
	for _, day := range r.Statement.Period.All() {
		if all++; day <= r.Today {
			now++
		}
	}
	return now, all
}

// expected is what the whole period will come to if it goes on like this.
func (r Report) expected() map[string]decimal.Decimal {
	now, all := r.passed()
	out := map[string]decimal.Decimal{}
	for currency, total := range r.Total(nil) {
		if now > 0 {
			out[currency] = total.Mul(decimal.NewFromInt(int64(all))).DivRound(decimal.NewFromInt(int64(now)), 2)
		}
	}
	return out
}

// compared is the expectation beside the month before.
func (r Report) compared(ctx context.Context) string {
	expected := r.expected()
	for currency, before := range r.Before {
		if len(r.Before) != 1 || len(expected) != 1 || before.IsZero() {
			break
		}
		percent := expected[currency].Sub(before).Mul(decimal.NewFromInt(100)).DivRound(before, 0).IntPart()
		month := monthName(ctx, r.Statement.Period.Earlier())
		switch {
		case percent > 0:
			return i18n.T(ctx, "usage.more", "Percent", i18n.From(ctx).Number(int(percent)), "Month", month)
		case percent < 0:
			return i18n.T(ctx, "usage.less", "Percent", i18n.From(ctx).Number(int(-percent)), "Month", month)
		}
		return i18n.T(ctx, "usage.same", "Month", month)
	}
	return i18n.T(ctx, "usage.so_far")
}

// guests says how many people of how many organizations came through a delegation.
func (r Report) guests(ctx context.Context) string {
	people, parties := map[string]bool{}, map[string]bool{}
	for _, l := range r.Lines {
		if l.Visiting() {
			people[l.Account], parties[l.Real] = true, true
		}
	}
	if len(people) == 0 {
		return i18n.T(ctx, "usage.no_guests")
	}
	return i18n.T(ctx, "usage.guests", "People", i18n.N(ctx, "usage.people", len(people)), "Parties", i18n.N(ctx, "usage.parties", len(parties)))
}

// marked is how many records came late, or correct another.
func (r Report) marked(ctx context.Context) string {
	late, corrected := r.Marked()
	return i18n.From(ctx).Number(int(late + corrected))
}

// marks says how many of them came late, and how many correct another.
func (r Report) marks(ctx context.Context) string {
	late, corrected := r.Marked()
	var list []string
	if late > 0 {
		list = append(list, i18n.N(ctx, "usage.late", int(late)))
	}
	if corrected > 0 {
		list = append(list, i18n.N(ctx, "usage.corrected", int(corrected)))
	}
	if len(list) == 0 {
		return i18n.T(ctx, "usage.records.empty")
	}
	return strings.Join(list, ", ")
}

// CSV is a charge-back for a spreadsheet. Its columns are those of the specification,
// in any language: programs read them.
func CSV(s usage.Statement) ([]byte, error) {
	rows := [][]string{{"period", "effective organization", "real organization", "person", "delegation", "ticket", "application", "meter",
		"quantity", "unit", "unit price", "amount", "currency"}}
	for _, l := range s.Lines {
		row := []string{s.Period.Name(), l.EffectiveName, l.RealName, l.Person, l.Delegation, l.Ticket, l.Application, l.Meter.Name,
			l.Quantity.String(), l.Meter.Unit, "", "", ""}
		if l.Priced {
			row[10], row[11], row[12] = l.Price.String(), l.Amount.StringFixed(2), l.Currency
		}
		rows = append(rows, row)
	}
	return sheet.CSV(rows)
}

// Aside is the page of the records of a scope that are not counted.
type Aside struct {
	Scope     usage.Scope
	List      []usage.Held
	Dismissed bool
	Paged     bool
	More      bool
	May       bool // decide
	Now       time.Time
}

func (a Aside) tabs(ctx context.Context) []ui.Tab {
	return []ui.Tab{
		{Text: i18n.T(ctx, "usage.aside.waiting"), Href: AsidePath(a.Scope), Current: !a.Dismissed},
		{Text: i18n.T(ctx, "usage.aside.dismissed"), Href: AsidePath(a.Scope) + "?dismissed=true", Current: a.Dismissed},
	}
}

func (a Aside) older() string {
	if !a.More {
		return ""
	}
	q := "?before=" + a.List[len(a.List)-1].ID
	if a.Dismissed {
		q += "&dismissed=true"
	}
	return AsidePath(a.Scope) + q
}

func (a Aside) newest() string {
	if !a.Paged {
		return ""
	}
	return a.tabs(context.Background())[map[bool]int{true: 1}[a.Dismissed]].Href
}

// reason says why a record is not counted, and what to do.
func reason(ctx context.Context, r usage.Reason) string {
	return i18n.T(ctx, "usage.reason."+string(r))
}

// note is why a record was dismissed.
func note(ctx context.Context, h usage.Held) string {
	if h.SettledByName != "" && h.Note == "duplicate" {
		return i18n.T(ctx, "usage.note.duplicate")
	}
	return h.Note
}

// Records is the page of the records that came late, or correct another.
type Records struct {
	Scope  usage.Scope
	Period usage.Period
	List   []usage.Held
	All    int64
	Page   models.Page
	Now    time.Time
}

func (r Records) at(page int) string {
	q := url.Values{"from": {r.Period.From}, "until": {r.Period.Until}, "page": {i18n.For("en", "").Number(page)}}
	return Path(r.Scope) + "/records?" + q.Encode()
}

func (r Records) previous() string {
	if r.Page.Number == 1 {
		return ""
	}
	return r.at(r.Page.Number - 1)
}

func (r Records) next() string {
	if int64(r.Page.Number*r.Page.Size) >= r.All {
		return ""
	}
	return r.at(r.Page.Number + 1)
}

// Dismissal is the form by which a record is dismissed.
type Dismissal struct {
	Scope usage.Scope
	usage.Held
	Note  string
	Wrong models.FieldErrors
	Now   time.Time
}

// Meters is the page of meters.
type Meters struct {
	Scope usage.Scope
	List  []usage.Metered
	Today string
}

// MeterForm makes a meter.
type MeterForm struct {
	Scope usage.Scope
	usage.MeterDraft
	Options []ui.Option
	Wrong   models.FieldErrors
}

// PriceForm sets a price.
type PriceForm struct {
	Scope usage.Scope
	Meter usage.Metered
	usage.PriceDraft
	Wrong models.FieldErrors
}
