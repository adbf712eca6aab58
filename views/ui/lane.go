package ui

import (
	"strconv"
	"time"

	"locum/views/i18n"
)

// Window is the part of time that all lanes of a list share.
type Window struct {
	From, To time.Time
	Now      time.Time
	Ticks    []time.Time // grid lines, oldest first
}

// Weeks is the window a list of delegations shows: three weeks back and four
// ahead of now, from a Monday in the reader's zone, with a tick each week.
func Weeks(now time.Time, locale i18n.Locale) Window {
	here := now.In(locale.Location())
	day := time.Date(here.Year(), here.Month(), here.Day(), 0, 0, 0, 0, here.Location())
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	w := Window{From: monday.AddDate(0, 0, -21), To: monday.AddDate(0, 0, 28), Now: now}
	for tick := w.From; tick.Before(w.To); tick = tick.AddDate(0, 0, 7) {
		w.Ticks = append(w.Ticks, tick)
	}
	return w
}

// Lane is one delegation in the window. From and To are its period; the zero
// To has no end. Cut is when it was revoked; Due when a review is due.
type Lane struct {
	Window   Window
	Tone     string
	Label    string // what the picture says, in words
	From, To time.Time
	Cut, Due time.Time
	Visits   []time.Time
}

// at is the place of a moment in the window in percent, clamped to its edges.
func (w Window) at(t time.Time) float64 {
	whole := w.To.Sub(w.From)
	if whole <= 0 {
		return 0
	}
	return min(100, max(0, 100*float64(t.Sub(w.From))/float64(whole)))
}

func (w Window) shows(t time.Time) bool { return !t.Before(w.From) && !t.After(w.To) }

func (w Window) percent(t time.Time) string { return percent(w.at(t)) }

// label is the text at a tick: the month at the first one and where it
// changes, the day otherwise, and none that would stand close to another or to
// today's. A month that changes goes before the texts beside it.
func (w Window) label(locale i18n.Locale, i int) string {
	tick := w.Ticks[i].In(locale.Location())
	if gap := w.at(w.Now) - w.at(tick); gap > -9 && gap < 12 {
		return ""
	}
	switch {
	case w.newMonth(locale, i):
		return locale.DayMonth(tick)
	case w.newMonth(locale, i-1) || w.newMonth(locale, i+1):
		return ""
	case i == 0:
		return locale.DayMonth(tick)
	case i%2 == 0:
		return strconv.Itoa(tick.Day())
	}
	return ""
}

// newMonth says whether a tick is in another month than the one before it.
func (w Window) newMonth(locale i18n.Locale, i int) bool {
	return i > 0 && i < len(w.Ticks) && w.Ticks[i-1].In(locale.Location()).Month() != w.Ticks[i].In(locale.Location()).Month()
}

// span is where a bar stands: its left edge and its width in percent.
type span struct{ x, width string }

func (s span) empty() bool { return s.width == "" }

func (l Lane) between(from, to time.Time) span {
	x, end := l.Window.at(from), l.Window.at(to)
	if end <= x {
		return span{}
	}
	return span{percent(x), percent(end - x)}
}

// solid is the part of the period that holds: until it was revoked, until now
// when it has no end, and otherwise until its end.
func (l Lane) solid() span {
	switch {
	case !l.Cut.IsZero():
		return l.between(l.From, l.Cut)
	case l.To.IsZero() && l.From.Before(l.Window.Now):
		return l.between(l.From, l.Window.Now)
	case l.To.IsZero():
		return span{}
	}
	return l.between(l.From, l.To)
}

// ghost is the part that was lost by revoking, or that goes on without an end.
func (l Lane) ghost() span {
	end := l.To
	if end.IsZero() {
		end = l.Window.To.Add(time.Hour) // over the edge
	}
	switch {
	case !l.Cut.IsZero():
		return l.between(l.Cut, end)
	case l.To.IsZero() && l.From.After(l.Window.Now):
		return l.between(l.From, end)
	case l.To.IsZero():
		return l.between(l.Window.Now, end)
	}
	return span{}
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 2, 64) + "%" }
