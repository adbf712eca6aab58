package delegation_test

import (
	"testing"
	"time"

	"locum/models/delegation"
)

func TestEdge26PeriodsAreStepsOfTheCalendar(t *testing.T) {
	for _, c := range []struct {
		name, zone, start string
		period            delegation.Period
		date, want        string
	}{
		{"four hours are four hours over the change of clocks", "Europe/Amsterdam", "2026-03-29T00:30:00+01:00", delegation.FourHours, "", "2026-03-29T05:30:00+02:00"},
		{"a day of 23 hours", "Europe/Amsterdam", "2026-03-28T12:00:00+01:00", delegation.Day, "", "2026-03-29T12:00:00+02:00"},
		{"a day of 25 hours", "Europe/Amsterdam", "2026-10-24T12:00:00+02:00", delegation.Day, "", "2026-10-25T12:00:00+01:00"},
		{"a week over the change of clocks", "Europe/Amsterdam", "2026-03-26T09:15:00+01:00", delegation.Week, "", "2026-04-02T09:15:00+02:00"},
		{"a month from the last day of January", "Europe/Amsterdam", "2026-01-31T10:00:00+01:00", delegation.Month, "", "2026-02-28T10:00:00+01:00"},
		{"the same in a leap year", "Europe/Amsterdam", "2028-01-31T10:00:00+01:00", delegation.Month, "", "2028-02-29T10:00:00+01:00"},
		{"a month from the last of a short month", "Europe/Amsterdam", "2026-02-28T10:00:00+01:00", delegation.Month, "", "2026-03-28T10:00:00+01:00"},
		{"a month from leap day", "Europe/Amsterdam", "2028-02-29T10:00:00+01:00", delegation.Month, "", "2028-03-29T10:00:00+02:00"},
		{"a month over the end of the year", "Europe/Amsterdam", "2026-12-31T23:30:00+01:00", delegation.Month, "", "2027-01-31T23:30:00+01:00"},
		{"three months to a month of 30 days", "Europe/Amsterdam", "2026-03-31T10:00:00+02:00", delegation.ThreeMonths, "", "2026-06-30T10:00:00+02:00"},
		{"three months to February", "Europe/Amsterdam", "2026-11-30T10:00:00+01:00", delegation.ThreeMonths, "", "2027-02-28T10:00:00+01:00"},
		{"the start is read in the host's zone", "Pacific/Auckland", "2026-01-31T09:00:00Z", delegation.Month, "", "2026-02-28T22:00:00+13:00"},
		{"a date is the end of that day", "Europe/Amsterdam", "2026-11-16T10:00:00Z", delegation.UntilDate, "2026-11-20", "2026-11-21T00:00:00+01:00"},
		{"a date of 23 hours", "Europe/Amsterdam", "2026-03-20T10:00:00Z", delegation.UntilDate, "2026-03-29", "2026-03-30T00:00:00+02:00"},
		{"a date far in the west", "America/Los_Angeles", "2026-11-16T10:00:00Z", delegation.UntilDate, "2026-11-20", "2026-11-21T00:00:00-08:00"},
		{"leap day", "Europe/Amsterdam", "2028-02-01T10:00:00Z", delegation.UntilDate, "29-2-2028", "2028-03-01T00:00:00+01:00"},
		{"the day before one that begins at one o'clock", "America/Havana", "2026-03-01T10:00:00Z", delegation.UntilDate, "2026-03-07", "2026-03-08T01:00:00-04:00"},
		{"the same where the guess goes the other way", "Africa/Cairo", "2026-04-01T10:00:00Z", delegation.UntilDate, "2026-04-23", "2026-04-24T01:00:00+03:00"},
		{"the day that ends twice", "America/Havana", "2026-10-01T10:00:00Z", delegation.UntilDate, "2026-10-31", "2026-11-01T00:00:00-04:00"},
		{"an empty date means no end", "Europe/Amsterdam", "2026-11-16T10:00:00Z", delegation.UntilDate, "", ""},
		{"no end", "Europe/Amsterdam", "2026-11-16T10:00:00Z", delegation.NoEnd, "2026-11-20", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			start, err := time.Parse(time.RFC3339, c.start)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := c.period.End(start, zone, c.date)
			if !ok {
				t.Fatal("refused")
			}
			if c.want == "" {
				if got != nil {
					t.Fatalf("ends %s", got)
				}
				return
			}
			want, err := time.Parse(time.RFC3339, c.want)
			if err != nil {
				t.Fatal(err)
			}
			if got == nil || !got.Equal(want) {
				t.Fatalf("ends %s, want %s", got.In(zone), want.In(zone))
			}
		})
	}
}

func TestEdge26AnUnknownPeriodOrDateIsRefused(t *testing.T) {
	for _, c := range []struct {
		period delegation.Period
		date   string
	}{{"2y", ""}, {"", ""}, {delegation.UntilDate, "29-2-2026"}, {delegation.UntilDate, "31-4-2026"}, {delegation.UntilDate, "tomorrow"}, {delegation.UntilDate, "1-1-0001"}} {
		if end, ok := c.period.End(time.Now(), time.UTC, c.date); ok {
			t.Errorf("%q %q ends %v", c.period, c.date, end)
		}
	}
}

func TestEdge26DatesAreReadAsPeopleWriteThem(t *testing.T) {
	want := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-03-02", "2-3-2026", "02-03-2026", "2/3/2026", "2.3.2026", "2 Mar 2026", "2 March 2026", "2 maart 2026"} {
		if got, ok := delegation.ParseDate(text, time.UTC); !ok || !got.Equal(want) {
			t.Errorf("%q reads as %s", text, got)
		}
	}
}

// A time zone that is changed afterwards moves no end: it is kept as an instant.
func TestEdge26EveryStepLeadsForward(t *testing.T) {
	for _, name := range []string{"Europe/Amsterdam", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); start.Year() < 2029; start = start.Add(11 * time.Hour) {
			for _, p := range []delegation.Period{delegation.FourHours, delegation.Day, delegation.Week, delegation.Month, delegation.ThreeMonths} {
				end, ok := p.End(start, zone, "")
				if !ok || !end.After(start) {
					t.Fatalf("%s: %s from %s ends %s", name, p, start, end)
				}
			}
			day := start.In(zone).Format("2006-01-02")
			end, ok := delegation.UntilDate.End(start, zone, day)
			last := end.Add(-time.Microsecond).In(zone).Format("2006-01-02")
			if !ok || last != day || end.In(zone).Format("2006-01-02") == day {
				t.Fatalf("%s: %s ends %s", name, day, end.In(zone))
			}
		}
	}
}
