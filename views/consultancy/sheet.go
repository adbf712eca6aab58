package consultancy

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/sheet"
	"locum/views/ui"
)

// Stays is a month of a consultant's visits.
type Stays struct {
	Month delegation.SheetMonth
	List  []delegation.Stay
	Now   time.Time
}

// total is how long all visits of the month took together.
func (s Stays) total() (total time.Duration) {
	for _, stay := range s.List {
		total += stay.Length()
	}
	return total
}

// perHost is what one host took of the month.
type perHost struct {
	host   models.Party
	visits int
	time   time.Duration
}

// hosts sums up the month by host, most time first.
func (s Stays) hosts() (list []perHost) {
	for _, stay := range s.List {
		i := slices.IndexFunc(list, func(h perHost) bool { return h.host.Organization == stay.Host.Organization })
		if i < 0 {
			i, list = len(list), append(list, perHost{host: stay.Host})
		}
		list[i].visits++
		list[i].time += stay.Length()
	}
	slices.SortStableFunc(list, func(a, b perHost) int { return cmp.Compare(b.time, a.time) })
	return list
}

// name is the month in words.
func (s Stays) name(ctx context.Context) string { return monthName(ctx, s.Month.From) }

func monthName(ctx context.Context, t time.Time) string {
	return i18n.T(ctx, "mine.month."+strconv.Itoa(int(t.Month())), "Year", strconv.Itoa(t.Year()))
}

// months are those to choose from: the last year and a half, the newest first.
func (s Stays) months(ctx context.Context) (options []ui.Option) {
	m := delegation.MonthOf("", s.Now, s.Month.From.Location())
	for range 18 {
		options = append(options, ui.Option{Value: m.Key(), Label: monthName(ctx, m.From)})
		m = m.Previous()
	}
	if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == s.Month.Key() }) {
		options = append(options, ui.Option{Value: s.Month.Key(), Label: s.name(ctx)})
	}
	return options
}

// left is when a visit ended, with its day when that is another.
func (s Stays) left(ctx context.Context, stay delegation.Stay) string {
	l := i18n.From(ctx)
	switch {
	case stay.Open():
		return l.T("mine.stays.here_now")
	case l.ShortDate(stay.LeftAt.Time) != l.ShortDate(stay.EnteredAt.Time):
		return l.ShortDate(stay.LeftAt.Time) + ", " + l.Time(stay.LeftAt.Time)
	}
	return l.Time(stay.LeftAt.Time)
}

// cut says that a part of the visit lies in another month.
func (s Stays) cut(stay delegation.Stay) bool {
	return stay.EnteredAt.Before(s.Month.From) || stay.To.Equal(s.Month.To) && (stay.Open() || stay.LeftAt.After(s.Month.To))
}

// sheetTime is how spreadsheets read an instant.
const sheetTime = "2006-01-02 15:04"

// TimeSheet writes the month as a table for a spreadsheet: local times, with the
// zone and its distance from UTC.
func TimeSheet(ctx context.Context, s Stays) ([]byte, error) {
	l := i18n.From(ctx)
	head := []string{"organization", "domain", "entered", "left", "zone", "offset", "minutes", "duration", "ticket"}
	rows := [][]string{make([]string, len(head))}
	for i, column := range head {
		rows[0][i] = l.T("mine.sheet." + column)
	}
	for _, stay := range s.List {
		entered, left := stay.EnteredAt.In(l.Location()), ""
		if !stay.Open() {
			left = stay.LeftAt.In(l.Location()).Format(sheetTime)
		}
		minutes := int(stay.Length().Round(time.Minute).Minutes())
		rows = append(rows, []string{stay.Host.Label(), stay.Host.Domain, entered.Format(sheetTime), left, l.Location().String(), "UTC" + entered.Format("-07:00"),
			strconv.Itoa(minutes), clock(minutes), stay.Ticket})
	}
	return sheet.CSV(rows)
}

// clock is a number of minutes as hours and minutes.
func clock(minutes int) string {
	rest := strconv.Itoa(minutes % 60)
	return strconv.Itoa(minutes/60) + ":" + strings.Repeat("0", 2-len(rest)) + rest
}
