package activity

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"locum/models/event"
	"locum/views/i18n"
)

// columns are the head of an export. They are for machines, and so the same in
// every language: real and effective party as the API calls them.
var columns = []string{"position", "id", "time", "type", "what", "person", "person_id", "real_party", "real_party_id", "effective_party", "effective_party_id",
	"delegation_id", "visit_id", "channel", "address", "subject", "subject_id", "data"}

// CSV writes events as a table for spreadsheets, in UTF-8 with a byte order
// mark, since some take it for another encoding otherwise (RFC 4180).
func CSV(l i18n.Locale, events []event.Event, n Names) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	for _, e := range events {
		real, effective := own(e, n), effective(e, n)
		row := []string{strconv.FormatInt(e.Position, 10), e.ID, e.OccurredAt.UTC().Format(time.RFC3339Nano), e.Type, Text(l, e, n), e.AccountName, e.AccountID,
			real.Label(), real.Organization, effective.Label(), effective.Organization,
			e.DelegationID, e.VisitID, e.Channel, e.Address, e.SubjectName, e.SubjectID, e.Data}
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula: names of
// people are written by strangers.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
