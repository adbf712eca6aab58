package delegation

import (
	"slices"
	"time"

	"locum/models"
	"locum/models/tenancy"
)

// Offered lists the periods that a host allows for a delegation from a start,
// counted from a moment in it: from that start on for a new one.
func Offered(host tenancy.Organization, starts, from time.Time) []Period {
	cap := host.Hosting.Cap(starts, host.Zone())
	if cap == nil {
		return Periods
	}
	return slices.DeleteFunc(slices.Clone(Periods), func(p Period) bool {
		if p == UntilDate {
			return !lastDay(*cap, host.Zone()).After(from.AddDate(0, 0, -1))
		}
		ends, _ := p.End(from, host.Zone(), "")
		return ends == nil || ends.After(*cap)
	})
}

// Usual is the period that a form proposes: a week, or the longest that the
// host allows below that.
func Usual(host tenancy.Organization, now time.Time) Period {
	offered := Offered(host, now, now)
	for _, p := range []Period{Week, Day} {
		if slices.Contains(offered, p) {
			return p
		}
	}
	return FourHours
}

// checkCap refuses an end beyond what the host allows, and says what it does.
func checkCap(host tenancy.Organization, period Period, starts time.Time, ends *models.Instant, wrong models.FieldErrors) {
	cap := host.Hosting.Cap(starts, host.Zone())
	if cap == nil || ends != nil && !ends.After(*cap) {
		return
	}
	field := "period"
	if period == UntilDate {
		field = "date"
	}
	wrong.Add(field, "granting.error.cap", "Host", host.Name, "Days", host.Hosting.LongestDays,
		"Last", lastDay(*cap, host.Zone()).Format("02-01-2006"), "Ends", models.At(*cap))
}

// lastDay is the last day that is over by a moment, at its beginning.
func lastDay(by time.Time, zone *time.Location) time.Time {
	year, month, day := by.In(zone).Date()
	return midnight(year, month, day-1, zone)
}
