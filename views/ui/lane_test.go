package ui

import (
	"testing"
	"time"

	"locum/views/i18n"
)

// A timeline's scale names today and some dates on whatever day it is looked
// at: every text is inside the scale, and none stands close to another.
func TestScaleIsReadableEveryDay(t *testing.T) {
	for _, language := range i18n.Languages() {
		locale := i18n.For(language, "Europe/Amsterdam")
		for day := range 400 {
			at := now.AddDate(0, 0, day)
			weeks := Weeks(at, locale)
			months := Window{From: weeks.From.AddDate(0, 0, 21), To: weeks.From.AddDate(0, 0, 112), Now: at}
			months.Ticks = []time.Time{months.From}
			for first := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, locale.Location()); first.Before(months.To); first = first.AddDate(0, 1, 0) {
				months.Ticks = append(months.Ticks, first)
			}
			for name, w := range map[string]Window{"weeks": weeks, "months": months} {
				marks := w.marks(locale)
				if len(marks) < 3 || marks[0].text != locale.T("common.time.today") || marks[0].from < 0 || marks[0].to > 100 {
					t.Fatalf("%s on %s in %s: %+v", name, at.Format(time.DateOnly), language, marks)
				}
				for i, one := range marks {
					for _, other := range marks[:i] {
						if one.from < other.to+2 && other.from < one.to+2 {
							t.Fatalf("%s on %s in %s: %q stands close to %q", name, at.Format(time.DateOnly), language, one.text, other.text)
						}
					}
				}
			}
		}
	}
}
