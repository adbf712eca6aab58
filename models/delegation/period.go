package delegation

import (
	"time"

	"locum/models"
)

// Period is how long a delegation is given for, as a superuser chooses it.
type Period string

// The periods. Week is the default. UntilDate ends with a chosen day in the
// host's time zone; with the date left empty it means no end.
const (
	FourHours   Period = "4h"
	Day         Period = "1d"
	Week        Period = "1w"
	Month       Period = "1m"
	ThreeMonths Period = "3m"
	UntilDate   Period = "date"
	NoEnd       Period = "none"
)

// Periods lists them in the order of the form.
var Periods = []Period{FourHours, Day, Week, Month, ThreeMonths, UntilDate, NoEnd}

// End is when a period that starts at start ends; nil means never. A day and
// longer periods are steps of the calendar in the host's zone: the same time
// on the clock, also when that day has 23 or 25 hours, and the last day of a
// month where the month is shorter.
func (p Period) End(start time.Time, zone *time.Location, date string) (*models.Instant, bool) {
	local := start.In(zone)
	switch p {
	case FourHours:
		return at(start.Add(4 * time.Hour)), true
	case Day:
		return at(step(local, 0, 1)), true
	case Week:
		return at(step(local, 0, 7)), true
	case Month:
		return at(step(local, 1, 0)), true
	case ThreeMonths:
		return at(step(local, 3, 0)), true
	case NoEnd:
		return nil, true
	case UntilDate:
		if date == "" {
			return nil, true
		}
		day, ok := ParseDate(date, zone)
		if !ok {
			return nil, false
		}
		return at(endOfDay(day)), true
	}
	return nil, false
}

func at(t time.Time) *models.Instant { i := models.At(t); return &i }

// step moves by months and days on the calendar; a day that the month does not
// have becomes its last.
func step(local time.Time, months, days int) time.Time {
	year, month, day := local.Date()
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, local.Location())
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, local.Location()).Day()
	return time.Date(first.Year(), first.Month(), min(day, last)+days, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), local.Location())
}

// endOfDay is the first moment that is no longer in the day.
func endOfDay(day time.Time) time.Time {
	year, month, d := day.Date()
	return midnight(year, month, d+1, day.Location())
}

// midnight is the first moment of a day. Where the clocks go forward at
// midnight that is one o'clock; the standard library may say the hour before.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	first := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if first.Hour() == 23 {
		_, change := first.ZoneBounds()
		return change.In(zone)
	}
	return first
}

// dateLayouts are the ways in which people write a day, in both languages.
var dateLayouts = []string{"2006-01-02", "2-1-2006", "2/1/2006", "2.1.2006", "2 Jan 2006", "2 January 2006"}

// ParseDate reads a day as people write it: day, month, year, or ISO 8601.
func ParseDate(text string, zone *time.Location) (time.Time, bool) {
	text = dutchMonths.Replace(text)
	for _, layout := range dateLayouts {
		if day, err := time.Parse(layout, text); err == nil && day.Year() > 1999 && day.Year() < 2200 {
			return midnight(day.Year(), day.Month(), day.Day(), zone), true
		}
	}
	return time.Time{}, false
}
