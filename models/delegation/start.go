package delegation

import (
	"strings"
	"time"

	"locum/models"
)

// start reads when the delegation begins: now, or, where a later one was
// chosen, a day and a time on the host's clock. A day alone begins at its first
// moment, and today alone means now.
func (in Proposal) start(now time.Time, zone *time.Location, wrong models.FieldErrors) time.Time {
	if !in.Later {
		return now
	}
	day, ok := ParseDate(strings.TrimSpace(in.StartDate), zone)
	if !ok {
		wrong.Add("start_date", "delegation.error.date")
		return now
	}
	starts := day
	if text := strings.TrimSpace(in.StartTime); text != "" {
		hour, minute, ok := parseTime(text)
		if !ok {
			wrong.Add("start_time", "granting.error.time")
			return now
		}
		starts = moment(day, hour, minute)
	} else if !endOfDay(day).Before(now) && !day.After(now) {
		return now
	}
	switch {
	case starts.Before(now):
		wrong.Add("start_date", "granting.error.start_past")
	case starts.After(step(now.In(zone), 12, 0)):
		wrong.Add("start_date", "granting.error.start_far", "Most", models.At(step(now.In(zone), 12, 0)))
	}
	return starts
}

// parseTime reads a time of the day as people write it: 9:30, 09.30, 14u30.
func parseTime(text string) (hour, minute int, ok bool) {
	text = strings.NewReplacer(".", ":", "u", ":", "h", ":").Replace(strings.ToLower(text))
	at, err := time.Parse("15:4", strings.TrimSuffix(text, ":"))
	if err != nil {
		at, err = time.Parse("15", strings.TrimSuffix(text, ":"))
	}
	return at.Hour(), at.Minute(), err == nil
}

// moment is when a clock shows a time on a day: the first time where it does so
// twice, and the end of the gap where the clocks skip it.
func moment(day time.Time, hour, minute int) time.Time {
	year, month, d := day.Date()
	at := time.Date(year, month, d, hour, minute, 0, 0, day.Location())
	from, until := at.ZoneBounds()
	if shown := at.Hour()*60 + at.Minute(); at.Day() != d || shown != hour*60+minute {
		if at.Day() < d || at.Day() == d && shown < hour*60+minute { // the guess lies before the gap
			return until.In(day.Location())
		}
		return from.In(day.Location())
	}
	if !from.IsZero() {
		_, offset := at.Zone()
		_, before := from.Add(-time.Second).Zone()
		if first := at.Add(time.Duration(offset-before) * time.Second); first.Before(from) && first.Hour() == hour && first.Minute() == minute {
			return first
		}
	}
	return at
}
