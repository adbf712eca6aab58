package company

import (
	"context"

	"locum/models"
	"locum/models/tenancy"
	"locum/views/i18n"
)

// Seats is what the form of a company's seats shows.
type Seats struct {
	Company tenancy.Company
	Seating tenancy.Seating
	Number  string // as it was typed
	Wrong   models.FieldErrors
}

// seatLine is "12 of 15 seats taken", and who waits.
func seatLine(ctx context.Context, s tenancy.Seating) string {
	l := i18n.From(ctx)
	taken, number := l.Number(s.Taken), l.Number(s.Number)
	if len(s.Waiting) == 0 {
		return l.T("seat.taken", "Taken", taken, "Number", number)
	}
	return l.N("seat.taken.waiting", len(s.Waiting), "Taken", taken, "Number", number)
}
