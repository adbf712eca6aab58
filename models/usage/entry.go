package usage

import (
	"time"

	"github.com/shopspring/decimal"

	"locum/models"
)

// State is where a record stands.
type State string

// The states.
const (
	Counted   State = "counted"
	InDoubt   State = "quarantined"
	Dismissed State = "dismissed" // out of quarantine without being counted
)

// Entry is a record as it is kept, with what it was found to belong to. Names are
// those of the time at which it came.
type Entry struct {
	CompanyID            string `gorm:"primaryKey"`
	ApplicationID        string `gorm:"primaryKey"`
	Source               string `gorm:"primaryKey"`
	EventID              string `gorm:"primaryKey"`
	Scope                string `gorm:"primaryKey"`
	ID                   string
	OrganizationID       string
	Subject              string
	MeterID              string
	MeterKey             string
	Unit                 string
	Quantity             micro
	At                   models.Instant
	Day                  string
	AccountID            string
	AccountName          string
	RealOrganizationID   string
	RealOrganizationName string
	DelegationID         string
	VisitID              string
	Ticket               string
	State                State
	Reason               Reason
	Late                 Lateness
	Corrects             string
	CorrectedBy          string
	Digest               string
	Body                 string
	ReceivedAt           models.Instant
	SettledAt            *models.Instant
	SettledByName        string
	Note                 string
}

// TableName is the table of records.
func (Entry) TableName() string { return "usage_records" }

// Amount is how much was used, in the entry's unit.
func (e Entry) Amount() decimal.Decimal { return e.Quantity.decimal() }

// dayLayout is how a day is written: by its text it can be ordered.
const dayLayout = "2006-01-02"

func dayOf(t time.Time, zone *time.Location) string { return t.In(zone).Format(dayLayout) }

// lateness says how late a use of at came by now. left is the end of its visit, past
// or to come; nil where there is none.
func lateness(at, now time.Time, left *models.Instant, zone *time.Location) Lateness {
	switch {
	case dayOf(at, zone)[:7] < dayOf(now, zone)[:7]:
		return AfterMonth
	case now.Sub(at) > LateAfter:
		return AfterHour
	case left != nil && now.Sub(left.Time) > ahead:
		return AfterVisit
	}
	return ""
}
