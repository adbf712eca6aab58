package company

import (
	"time"

	"locum/views/sheet"
)

// head of the file: for machines, and so the same in every language.
var peopleColumns = []string{"name", "email", "account_id", "kind", "firm", "last_seen", "organization", "organization_id", "application", "role", "role_id",
	"source", "why", "since", "until"}

// PeopleCSV writes one row for each role of each person on the list, and one for
// who holds none, as a file for spreadsheets. Instants are in UTC.
func PeopleCSV(p People) ([]byte, error) {
	names := map[string]string{}
	for _, g := range p.Groups {
		names[g.Organization.ID] = g.Organization.Name
	}
	instant := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	rows := [][]string{peopleColumns}
	for _, one := range p.List {
		kind := Inside
		if one.External {
			kind = Outside
		}
		if len(one.Held) == 0 {
			rows = append(rows, append([]string{one.Name, one.Email, one.ID, kind, "", instant(one.SeenAt)}, make([]string, len(peopleColumns)-6)...))
		}
		for _, h := range one.Held {
			until := ""
			if h.Until != nil {
				until = instant(h.Until.Time)
			}
			rows = append(rows, []string{one.Name, one.Email, one.ID, kind, one.Firm.Label(), instant(one.SeenAt), names[h.Organization], h.Organization,
				p.Registry.Applications[h.Application].Name, h.Role, h.RoleID, string(h.Source), h.Why, instant(h.Since.Time), until})
		}
	}
	return sheet.CSV(rows)
}
