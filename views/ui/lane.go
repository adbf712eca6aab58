package ui

import (
	"strconv"
	"time"
	"unicode/utf8"

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

// mark is a text on the scale: where it stands, how it is anchored there, and
// how it looks.
type mark struct {
	text, x, anchor, class string
	from, to               float64 // what it covers, in percent
}

// letter is how much of a scale a letter covers, in percent: some 6.5 of the
// 200 pixels that a column of lanes has.
const letter = 3.2

// marks are the texts of the scale: today, the month at the first tick and
// where it changes, and the day at every other one. None stands close to
// another: today goes first, then the months that change, then the rest.
func (w Window) marks(locale i18n.Locale) (list []mark) {
	place := func(m mark) {
		for _, other := range list {
			if m.from < other.to+3 && other.from < m.to+3 {
				return
			}
		}
		list = append(list, m)
	}
	if w.shows(w.Now) {
		place(w.today(locale.T("common.time.today")))
	}
	for i := range w.Ticks {
		if w.newMonth(locale, i) {
			place(w.tick(i, locale.DayMonth(w.Ticks[i])))
		}
	}
	for i := range w.Ticks {
		switch {
		case i == 0:
			place(w.tick(i, locale.DayMonth(w.Ticks[i])))
		case i%2 == 0:
			place(w.tick(i, strconv.Itoa(w.Ticks[i].In(locale.Location()).Day())))
		}
	}
	return list
}

// today is the mark of now: around its line, and inside the scale at its edges.
func (w Window) today(text string) mark {
	width := letter * float64(utf8.RuneCountInString(text))
	m := mark{text: text, class: "now-label", anchor: "middle", from: w.at(w.Now) - width/2}
	switch {
	case m.from < 0:
		m.anchor, m.from = "start", 0
	case m.from+width > 100:
		m.anchor, m.from = "end", 100-width
	}
	m.to = m.from + width
	m.x = percent(map[string]float64{"start": m.from, "middle": w.at(w.Now), "end": m.to}[m.anchor])
	return m
}

// tick is the mark that begins at a tick; only the first stays on a narrow page.
func (w Window) tick(i int, text string) mark {
	m := mark{text: text, x: w.percent(w.Ticks[i]), anchor: "start", from: w.at(w.Ticks[i])}
	m.to = m.from + letter*float64(utf8.RuneCountInString(text))
	if i > 0 {
		m.class = "minor"
	}
	return m
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
