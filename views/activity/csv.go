package activity

import (
	"strconv"
	"time"

	"locum/models/event"
	"locum/views/i18n"
	"locum/views/sheet"
)

// columns are the head of an export. They are for machines, and so the same in
// every language: real and effective party as the API calls them.
var columns = []string{"position", "id", "time", "type", "what", "person", "person_id", "real_party", "real_party_id", "effective_party", "effective_party_id",
	"delegation_id", "visit_id", "channel", "address", "subject", "subject_id", "data"}

// CSV writes events as a table for spreadsheets.
func CSV(l i18n.Locale, events []event.Event, n Names) ([]byte, error) {
	rows := [][]string{columns}
	for _, e := range events {
		real, effective := own(e, n), effective(e, n)
		rows = append(rows, []string{strconv.FormatInt(e.Position, 10), e.ID, e.OccurredAt.UTC().Format(time.RFC3339Nano), e.Type, Text(l, e, n), e.AccountName, e.AccountID,
			real.Label(), real.Organization, effective.Label(), effective.Organization,
			e.DelegationID, e.VisitID, e.Channel, e.Address, e.SubjectName, e.SubjectID, e.Data})
	}
	return sheet.CSV(rows)
}
