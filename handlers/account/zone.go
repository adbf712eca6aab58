package account

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"locum/handlers/web"
	"locum/views/ui"
)

// common are the time zones that are offered: those of the places where most
// people work, by their IANA names.
var common = []string{
	"Europe/Amsterdam", "Europe/Brussels", "Europe/Luxembourg", "Europe/Berlin", "Europe/Paris", "Europe/London", "Europe/Dublin", "Europe/Lisbon",
	"Europe/Madrid", "Europe/Rome", "Europe/Zurich", "Europe/Vienna", "Europe/Prague", "Europe/Warsaw", "Europe/Copenhagen", "Europe/Oslo",
	"Europe/Stockholm", "Europe/Helsinki", "Europe/Tallinn", "Europe/Athens", "Europe/Bucharest", "Europe/Kyiv", "Europe/Istanbul",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto", "America/Sao_Paulo", "America/Curacao",
	"America/Aruba", "America/Paramaribo", "America/Mexico_City", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Cairo",
	"Asia/Jerusalem", "Asia/Dubai", "Asia/Kolkata", "Asia/Jakarta", "Asia/Singapore", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul",
	"Australia/Perth", "Australia/Sydney", "Pacific/Auckland", "UTC",
}

// zoneOf is the time zone that a browser says it is in, or empty when it says
// none that exists.
func zoneOf(r *web.Request) string {
	name := r.FormValue("time_zone")
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return ""
	}
	return name
}

// zones are the time zones to choose from, and the current one in any case, in
// the order of their clocks now.
func zones(current string, now time.Time) (options []ui.Option) {
	names := slices.Clone(common)
	if current != "" && !slices.Contains(names, current) {
		names = append(names, current)
	}
	type zone struct {
		name   string
		offset int // seconds east of UTC
	}
	var all []zone
	for _, name := range names {
		location, err := time.LoadLocation(name)
		if err != nil {
			continue // typed by nobody with this form
		}
		_, offset := now.In(location).Zone()
		all = append(all, zone{name, offset})
	}
	slices.SortStableFunc(all, func(a, b zone) int { return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.name, b.name)) })
	for _, z := range all {
		sign, minutes := '+', z.offset/60
		if minutes < 0 {
			sign, minutes = '-', -minutes
		}
		options = append(options, ui.Option{Value: z.name, Label: fmt.Sprintf("%s (UTC%c%02d:%02d)", z.name, sign, minutes/60, minutes%60)})
	}
	return options
}
