package i18n

import (
	"fmt"
	"strings"
	"time"
)

// Date writes the day with its year, in the reader's zone: "Fri 27 Nov 2026".
func (l Locale) Date(t time.Time) string { return l.day(t, "common.date.year") }

// ShortDate writes the day without its year: "Fri 27 Nov".
func (l Locale) ShortDate(t time.Time) string { return l.day(t, "common.date.short") }

// Time writes the clock time: "17:00".
func (l Locale) Time(t time.Time) string { return t.In(l.Location()).Format("15:04") }

// Seconds writes the clock time to the second: "10:42:07".
func (l Locale) Seconds(t time.Time) string { return t.In(l.Location()).Format("15:04:05") }

// DateTime writes day, year and time: "Fri 27 Nov 2026, 17:00".
func (l Locale) DateTime(t time.Time) string {
	return l.T("common.date.time", "Date", l.Date(t), "Time", l.Time(t))
}

// ShortDateTime writes day and time, and the year only when it is not now's:
// "Fri 27 Nov, 17:00".
func (l Locale) ShortDateTime(now, t time.Time) string {
	if now.In(l.Location()).Year() != t.In(l.Location()).Year() {
		return l.DateTime(t)
	}
	return l.T("common.date.time", "Date", l.ShortDate(t), "Time", l.Time(t))
}

// Relative writes when something was, seen from now: "just now", "09:31",
// "Yesterday 16:48", "Fri 20 Nov", and the year when it is another one.
func (l Locale) Relative(now, t time.Time) string {
	here, then := now.In(l.Location()), t.In(l.Location())
	switch passed := now.Sub(t); {
	case passed >= 0 && passed < time.Minute:
		return l.T("common.time.now")
	case sameDay(here, then):
		return l.Time(t)
	case sameDay(here.AddDate(0, 0, -1), then):
		return l.T("common.time.yesterday", "Time", l.Time(t))
	case sameDay(here.AddDate(0, 0, 1), then):
		return l.T("common.time.tomorrow", "Time", l.Time(t))
	case here.Year() == then.Year():
		return l.ShortDate(t)
	}
	return l.Date(t)
}

// Left writes how long something lasts from now until end: "3 days 6 hours
// left". The zero end means that it has none: "No end date".
func (l Locale) Left(now, end time.Time) string {
	if end.IsZero() {
		return l.T("common.time.endless")
	}
	left := end.Sub(now)
	if left <= 0 {
		return l.T("common.time.ended")
	}
	if left >= time.Hour && left < 24*time.Hour {
		return l.T("common.time.left", "Period", l.Duration(left)) // short: it stands in the banner of a phone
	}
	return l.T("common.time.left", "Period", l.Period(left))
}

// Period writes a length of time in its two largest units: "3 days 6 hours",
// "22 days", "5 hours 12 minutes", "under a minute".
func (l Locale) Period(d time.Duration) string {
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return l.T("common.period.under_minute")
	case days >= 14:
		return l.N("common.period.days", days)
	case days > 0:
		return l.pair("common.period.days", days, "common.period.hours", hours)
	case hours > 0:
		return l.pair("common.period.hours", hours, "common.period.minutes", minutes)
	}
	return l.N("common.period.minutes", minutes)
}

// Duration writes a length of time short, for tables: "2 h 04 min", "38 min".
func (l Locale) Duration(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return l.T("common.period.under_minute")
	case hours == 0:
		return l.T("common.duration.minutes", "Minutes", minutes)
	}
	return l.T("common.duration.hours", "Hours", l.Number(hours), "Minutes", fmt.Sprintf("%02d", minutes))
}

// ParseDate reads a day as the reader writes it in a plain field, "27-11-2026"
// or "27/11/2026" or "2026-11-27", as midnight in his zone.
func (l Locale) ParseDate(text string) (time.Time, error) {
	text = strings.NewReplacer("/", "-", ".", "-", " ", "-").Replace(strings.TrimSpace(text))
	for _, layout := range []string{"2-1-2006", "2006-1-2"} {
		if day, err := time.ParseInLocation(layout, text, l.Location()); err == nil {
			return day, nil
		}
	}
	return time.Time{}, fmt.Errorf("i18n: no day: %q", text)
}

// FormatDate writes a day as ParseDate reads it: "27-11-2026".
func (l Locale) FormatDate(t time.Time) string { return t.In(l.Location()).Format("02-01-2006") }

func (l Locale) day(t time.Time, key string) string {
	at := t.In(l.Location())
	return l.T(key,
		"Weekday", word(l.T("common.date.weekdays"), int(at.Weekday())),
		"Day", at.Day(),
		"Month", word(l.T("common.date.months"), int(at.Month())-1),
		"Year", at.Year())
}

// DayMonth writes a day without its name, for axes: "2 Nov".
func (l Locale) DayMonth(t time.Time) string { return l.day(t, "common.date.axis") }

// pair joins two units and leaves the second out when it is nothing.
func (l Locale) pair(key string, count int, smallKey string, small int) string {
	if small == 0 {
		return l.N(key, count)
	}
	return l.N(key, count) + " " + l.N(smallKey, small)
}

// word is the n-th of the words in a text: month and weekday names stand in
// one text, Sunday and January first.
func word(text string, n int) string {
	words := strings.Fields(text)
	if n < 0 || n >= len(words) {
		return ""
	}
	return words[n]
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// LastDay is the day before t, where t is midnight in the reader's zone: what
// ends then lasts through that day. It is false for any other time.
func (l Locale) LastDay(t time.Time) (day time.Time, whole bool) {
	here := t.In(l.Location())
	hour, minute, second := here.Clock()
	return here.AddDate(0, 0, -1), hour == 0 && minute == 0 && second == 0
}
