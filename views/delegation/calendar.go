package delegation

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// Calendar is the page of what happens to an organization's delegations.
type Calendar struct {
	Host  models.Party
	Dates []delegation.Date
	Now   time.Time
}

// month is a part of the calendar, on the reader's clock.
type month struct {
	title string
	dates []delegation.Date
}

func (c Calendar) months(ctx context.Context) (list []month) {
	l := i18n.From(ctx)
	for _, d := range c.Dates {
		title := monthOf(l, d.At)
		if len(list) == 0 || list[len(list)-1].title != title {
			list = append(list, month{title: title})
		}
		list[len(list)-1].dates = append(list[len(list)-1].dates, d)
	}
	return list
}

// monthOf names a month with its year.
func monthOf(l i18n.Locale, at time.Time) string {
	here := at.In(l.Location())
	return l.T("delegation.calendar.month", "Month", strings.Fields(l.T("common.date.months"))[here.Month()-1], "Year", here.Year())
}

// window is the time that the lanes show: from this week on, thirteen weeks.
func (c Calendar) window(ctx context.Context) ui.Window {
	here := c.Now.In(i18n.From(ctx).Location())
	day := time.Date(here.Year(), here.Month(), here.Day(), 0, 0, 0, 0, here.Location())
	w := ui.Window{From: day.AddDate(0, 0, -(int(day.Weekday())+6)%7), Now: c.Now}
	w.To = w.From.AddDate(0, 0, 91)
	w.Ticks = []time.Time{w.From}
	for first := time.Date(here.Year(), here.Month()+1, 1, 0, 0, 0, 0, here.Location()); first.Before(w.To); first = first.AddDate(0, 1, 0) {
		w.Ticks = append(w.Ticks, first)
	}
	return w
}

func (c Calendar) head(ctx context.Context, w ui.Window) []ui.Column {
	return []ui.Column{{Title: i18n.T(ctx, "delegation.calendar.when")}, {Title: i18n.T(ctx, "delegation.calendar.what")},
		{Title: i18n.T(ctx, "delegation.column.person")}, {Title: i18n.T(ctx, "delegation.column.timeline"), Class: "lane-cell", Lane: &w}}
}

// occasions are how what happens looks.
var occasions = map[delegation.Occasion]mark{
	delegation.Starts:  {ui.Info, "calendar-clock", "delegation.occasion.starts"},
	delegation.Ends:    {ui.Off, "calendar-x", "delegation.occasion.ends"},
	delegation.Review:  {ui.Warn, "circle-help", "delegation.occasion.review"},
	delegation.Confirm: {ui.Warn, "circle-help", "delegation.occasion.confirm"},
}

// ICS is the calendar as other programs read it: an iCalendar object (RFC 5545)
// with an event for each date.
func (c Calendar) ICS(l i18n.Locale) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(folded(text) + "\r\n") }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Locum//Delegations//EN")
	for _, d := range c.Dates {
		line("BEGIN:VEVENT")
		line(fmt.Sprintf("UID:%s.%s@calendar.locum.invalid", d.Delegation.ID, d.Occasion))
		line("DTSTAMP:" + stamp(c.Now))
		line("DTSTART:" + stamp(d.At))
		line("SUMMARY:" + escaped(l.T("delegation.occasion.ics."+string(d.Occasion), "Name", d.Delegation.Person(), "Host", c.Host.Name)))
		line("TRANSP:TRANSPARENT")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return b.String()
}

// stamp is an instant in UTC (RFC 5545, section 3.3.5).
func stamp(at time.Time) string { return at.UTC().Format("20060102T150405Z") }

// escaped is a text as a value (RFC 5545, section 3.3.11).
func escaped(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

// folded breaks a line that is longer than 75 octets (RFC 5545, section 3.1),
// never within a character.
func folded(text string) string {
	var b strings.Builder
	octets := 0
	for _, r := range text {
		if n := utf8.RuneLen(r); octets+n > 74 {
			b.WriteString("\r\n ")
			octets = 1
		}
		octets += utf8.RuneLen(r)
		b.WriteRune(r)
	}
	return b.String()
}
