package webhook

import (
	"encoding/json"
	"time"

	"locum/models"
)

// State is where a delivery stands.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	Failed    State = "failed"  // at every attempt
	Dropped   State = "dropped" // the endpoint was switched on again without what it missed
)

// Why there is a delivery.
const (
	ByEvent  = "event"
	ByReplay = "replay"
	ByTest   = "test"
)

// Delivery is one body that has to be posted to one endpoint, or was.
type Delivery struct {
	CompanyID  string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	EndpointID string
	// OrganizationID is the endpoint's.
	OrganizationID string
	Stream         string // whose events Position counts; empty for a test
	Position       int64
	MessageID      string // the webhook-id
	Type           string
	Body           string
	Cause          string
	State          State
	Attempts       int
	Failure        string // of the last attempt; a Fault
	NextAt         *models.Instant
	CreatedAt      models.Instant
	EndedAt        *models.Instant
}

// deliveryColumns is how many columns a delivery has: see store.Tx.RowsAtOnce.
const deliveryColumns = 16

// TableName is the table of deliveries.
func (Delivery) TableName() string { return "webhook_deliveries" }

// Attempt is one time that a delivery was posted.
type Attempt struct {
	CompanyID       string `gorm:"primaryKey"`
	DeliveryID      string `gorm:"primaryKey"`
	Number          int    `gorm:"primaryKey;autoIncrement:false"`
	OrganizationID  string // the endpoint's
	StartedAt       models.Instant
	TookMS          int64 `gorm:"column:took_ms"`
	Status          int   // 0 when no answer came
	Failure         Fault
	RequestHeaders  string // JSON object
	ResponseHeaders string // JSON object
	ResponseBody    string // its first 4 KB
}

// TableName is the table of attempts.
func (Attempt) TableName() string { return "webhook_attempts" }

// Asked are the headers that were sent.
func (a Attempt) Asked() map[string]string { return headers(a.RequestHeaders) }

// Answered are the headers that came back.
func (a Attempt) Answered() map[string]string { return headers(a.ResponseHeaders) }

func headers(text string) map[string]string {
	var h map[string]string
	if json.Unmarshal([]byte(text), &h) != nil {
		return nil
	}
	return h
}

// Fault is why an attempt failed; empty when it did not.
type Fault string

// The faults.
const (
	BadStatus    Fault = "status"
	Redirected   Fault = "redirect"
	TimedOut     Fault = "timeout"
	PrivateHost  Fault = "private"
	NotSecure    Fault = "insecure"
	BadTLS       Fault = "tls"
	UnknownHost  Fault = "host"
	NoConnection Fault = "connection"
)

// Faults lists every fault, for the test that each has words.
var Faults = []Fault{BadStatus, Redirected, TimedOut, PrivateHost, NotSecure, BadTLS, UnknownHost, NoConnection}

// Outcome is what became of one attempt.
type Outcome struct {
	Started         time.Time
	Took            time.Duration
	Status          int // 0 when no answer came
	Fault           Fault
	RequestHeaders  map[string]string
	ResponseHeaders map[string]string
	ResponseBody    string
	RetryAfter      time.Duration // as the endpoint asked; 0 when it did not
}

// failed says that the delivery was not taken.
func (o Outcome) failed() bool { return o.Fault != "" || o.Status < 200 || o.Status > 299 }

// gone says that the endpoint wants nothing any more: 410 Gone (Standard
// Webhooks).
func (o Outcome) gone() bool { return o.Status == 410 }

// waits are the times between attempts: ten in all, over some 76 hours.
var waits = [...]time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// mostWait is the longest that an endpoint can ask us to wait.
const mostWait = 24 * time.Hour

// wait is how long to wait after so many attempts, and false when there is no
// other. jitter, from 0 to 1, spreads what failed together by up to a tenth.
func wait(attempts int, asked time.Duration, jitter float64) (time.Duration, bool) {
	if attempts > len(waits) {
		return 0, false
	}
	d := waits[attempts-1]
	d += time.Duration(float64(d) * jitter / 10)
	return max(d, min(asked, mostWait)), true
}
