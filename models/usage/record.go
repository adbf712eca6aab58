package usage

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"locum/models"
)

// The limits of a message.
const (
	MaxRecords = 10_000   // of a batch
	MaxBody    = 16 << 20 // bytes
	maxDepth   = 8        // of JSON
	maxText    = 255      // characters of an id, a source, a subject
	maxWord    = 40       // of a meter's key, a unit
)

// ahead is how far the clock of an application may be ahead of ours.
const ahead = 5 * time.Minute

// LateAfter is how long after its use a record counts as late.
const LateAfter = time.Hour

// Record is one use, as an application tells it. Quantity is in the unit of the
// meter that Type names. Account and Visit may each be missing: then the use is
// looked up by the other, or is the organization's own. Corrects is the id of an
// earlier record of the same source, whose quantity this one replaces.
type Record struct {
	ID, Source, Type, Subject string
	Meter                     string // the key in Type
	Time                      time.Time
	Quantity                  decimal.Decimal
	Unit, Account, Visit      string
	Corrects                  string

	// Wrong says what is wrong with it; such a record is not taken.
	Wrong models.FieldErrors
}

// Status is what became of a record.
type Status string

// The statuses.
const (
	Accepted    Status = "accepted"    // counted
	Duplicate   Status = "duplicate"   // the same came before: nothing changed
	Quarantined Status = "quarantined" // kept, but not counted until somebody looks at it
	Conflicting Status = "conflict"    // another came before under its id: nothing changed
	Refused     Status = "invalid"     // not taken: Wrong says why
)

// Outcome is what became of one record of a message. Reason says why it is in
// quarantine, as far as that is the application's to know.
type Outcome struct {
	ID, Source string
	Status     Status
	Late       Lateness
	Reason     Reason
	Wrong      models.FieldErrors
}

// Reason says why a record is in quarantine.
type Reason string

// The reasons. An application is told of Stranger in place of NoOrganization and
// NotEnabled: whether there is such an organization is not its business.
const (
	Stranger       Reason = "stranger"     // no organization that uses the application
	NoOrganization Reason = "organization" // there is none of that id
	NotEnabled     Reason = "application"  // it does not use the application
	NoAccount      Reason = "account"      // nobody of that id works there
	NoVisit        Reason = "visit"        // no visit of that person there
	OutsideVisit   Reason = "time"         // the visit does not cover the time
	NoMeter        Reason = "meter"        // no such meter of the application
	OtherUnit      Reason = "unit"         // the meter counts another unit
	NoOriginal     Reason = "corrects"     // what it corrects is not there, of another meter, or corrected already
)

// Reasons lists those that stand in quarantine.
var Reasons = []Reason{NoOrganization, NotEnabled, NoAccount, NoVisit, OutsideVisit, NoMeter, OtherUnit, NoOriginal}

// told is the reason that the sender gets.
func (r Reason) told() Reason {
	if r == NoOrganization || r == NotEnabled {
		return Stranger
	}
	return r
}

// Lateness says in which way a record came late; empty for one in time.
type Lateness string

// The ways, the strongest first.
const (
	AfterMonth Lateness = "month" // its month was over
	AfterHour  Lateness = "hour"  // more than LateAfter after the use
	AfterVisit Lateness = "visit" // the visit was over
)

// digest is what two records under one id are compared by: everything that is
// counted, however it was written. What carries it may add attributes of its own.
func (r Record) digest() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{r.ID, r.Source, r.Type, r.Subject, r.Time.UTC().Format(time.RFC3339Nano),
		r.Quantity.String(), r.Unit, r.Account, r.Visit, r.Corrects}, "\x00")))
	return hex.EncodeToString(sum[:16])
}
