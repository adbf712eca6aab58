package usage

import (
	"time"
)

// Period is the days that a report is about, first and last included: a month, or
// any days.
type Period struct{ From, Until string }

// MonthOf is the month of a moment in a zone, as in an address: "2026-11".
func MonthOf(t time.Time, zone *time.Location) string { return t.In(zone).Format("2006-01") }

// Month is a whole month of the form "2026-11".
func Month(text string) (p Period, ok bool) {
	first, err := time.Parse("2006-01", text)
	if err != nil || first.Year() < 2000 || first.Year() > 9998 {
		return p, false
	}
	return Period{first.Format(dayLayout), first.AddDate(0, 1, -1).Format(dayLayout)}, true
}

// Days are those of an address, in either order; at most a year.
func Days(from, until string) (p Period, ok bool) {
	a, err := time.Parse(dayLayout, from)
	b, other := time.Parse(dayLayout, until)
	if err != nil || other != nil || b.Before(a) || b.Sub(a) > 366*24*time.Hour || a.Year() < 2000 || b.Year() > 9998 {
		return p, false
	}
	return Period{from, until}, true
}

// Name is what the period is called in files and in the column of a charge-back:
// "2026-11", or its days.
func (p Period) Name() string {
	if month, ok := Month(p.From[:7]); ok && month == p {
		return p.From[:7]
	}
	return p.From + "/" + p.Until
}

// First is the first day, at midnight UTC.
func (p Period) First() time.Time { return dayTime(p.From) }

// Last is the last day, at midnight UTC.
func (p Period) Last() time.Time { return dayTime(p.Until) }

func dayTime(day string) time.Time {
	t, _ := time.Parse(dayLayout, day) // it was made by Month or Days
	return t
}

// All lists its days.
func (p Period) All() (days []string) {
	for t := p.First(); !t.After(p.Last()); t = t.AddDate(0, 0, 1) {
		days = append(days, t.Format(dayLayout))
	}
	return days
}

// IsMonth says whether the period is a whole month.
func (p Period) IsMonth() bool { return len(p.Name()) == len("2026-11") }

// Earlier and Later are the months beside the one in which the period begins.
func (p Period) Earlier() string {
	return p.First().AddDate(0, 0, 1-p.First().Day()).AddDate(0, -1, 0).Format("2006-01")
}

// Later is the month after Earlier's next.
func (p Period) Later() string {
	return p.First().AddDate(0, 0, 1-p.First().Day()).AddDate(0, 1, 0).Format("2006-01")
}
