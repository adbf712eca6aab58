package mandate

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// How long a mandate holds, and how long a browser may work by a link without
// being used.
const (
	LinkLife     = 7 * 24 * time.Hour
	OperatorLife = 8 * time.Hour
	SessionIdle  = 12 * time.Hour
)

// Over is why a mandate, or a session by it, is over.
type Over string

// The reasons.
const (
	Revoked Over = "revoked" // by somebody of the company
	Expired Over = "expired"
	Stopped Over = "stopped" // by the operator himself
	Idle    Over = "idle"    // the session by a link alone
	Closed  Over = "closed"  // the company is suspended
)

// Mandate is a row of authority over a company's set-up. A link has an address
// and the hash of its token; an operator's has his account and his reason.
type Mandate struct {
	CompanyID   string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	Kind        models.MandateKind
	Purposes    string // JSON list; see For
	Name        string // of who works by it, as far as it is known
	Email       string
	Normal      string
	Language    string
	TokenHash   string
	AccountID   string
	Reason      string
	MadeBy      string
	MadeByName  string
	EndsAt      models.Instant
	FirstUsedAt *models.Instant
	LastUsedAt  *models.Instant
	EndedAt     *models.Instant
	EndedWhy    Over
	EndedByName string
	CreatedAt   models.Instant
}

// TableName is the table of mandates.
func (Mandate) TableName() string { return "mandates" }

// For are the purposes that it was made for.
func (m Mandate) For() (list []models.Purpose) {
	if json.Unmarshal([]byte(m.Purposes), &list) != nil {
		return nil // an unreadable list is for nothing
	}
	return list
}

// Allows is what its holder may do.
func (m Mandate) Allows() (all models.Permissions) {
	for _, purpose := range m.For() {
		all = all.With(purpose.Permissions()...)
	}
	return all
}

// Active says whether it holds at a moment.
func (m Mandate) Active(now time.Time) bool { return m.EndedAt == nil && now.Before(m.EndsAt.Time) }

// Over says why it does not hold at a moment, and since when.
func (m Mandate) Over(now time.Time) (why Over, at time.Time) {
	switch {
	case m.EndedAt != nil:
		return m.EndedWhy, m.EndedAt.Time
	case !now.Before(m.EndsAt.Time):
		return Expired, m.EndsAt.Time
	}
	return "", time.Time{}
}

// Holder is what events and screens call who works by it.
func (m Mandate) Holder() string { return cmp.Or(m.Name, m.Email) }

// Carried is the mandate as an Actor carries it.
func (m Mandate) Carried() *models.Mandate {
	return &models.Mandate{ID: m.ID, Kind: m.Kind, Purposes: m.For(), ByName: m.MadeByName, Reason: m.Reason}
}

// State is where a mandate stands, as lists show it.
type State string

// The states.
const (
	Waiting   State = "waiting" // nobody opened the link yet
	InUse     State = "in_use"
	IsExpired State = "expired"
	IsRevoked State = "revoked"
	IsStopped State = "stopped"
)

// State is where it stands at a moment.
func (m Mandate) State(now time.Time) State {
	switch why, _ := m.Over(now); {
	case why == Revoked:
		return IsRevoked
	case why == Stopped:
		return IsStopped
	case why != "":
		return IsExpired
	case m.FirstUsedAt == nil:
		return Waiting
	}
	return InUse
}

// Masked is the address of a link as a stranger is shown it: enough for its
// owner to know it, too little for anybody else to learn it.
func (m Mandate) Masked() string {
	local, domain, _ := strings.Cut(m.Email, "@")
	first := ""
	if letters := []rune(local); len(letters) > 1 {
		first = string(letters[:1])
	}
	return first + "•••@" + domain
}

// encode writes purposes in the order of Purposes, each once.
func encode(chosen []models.Purpose) string {
	list := []models.Purpose{}
	for _, purpose := range models.Purposes {
		if slices.Contains(chosen, purpose) {
			list = append(list, purpose)
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "[]" // for nothing
	}
	return string(text)
}

// End writes down that a mandate is over, in a transaction that reaches its
// company, and lets those who work by it go at once. One that is over stays as
// it is.
func End(tx *store.Tx, m Mandate, why Over, at time.Time) error {
	ended := tx.Model(&Mandate{}).Where("company_id = ? AND id = ? AND ended_at IS NULL", m.CompanyID, m.ID).
		Updates(map[string]any{"ended_at": models.At(at), "ended_why": why, "ended_by_name": tx.Actor.Name})
	if ended.Error != nil || ended.RowsAffected == 0 {
		return ended.Error
	}
	about := store.About{ID: m.ID, Name: m.Holder(), Company: m.CompanyID, Data: map[string]any{"why": why, "made_by": m.MadeByName}}
	if why == Expired {
		by, when := models.System(), models.At(at)
		about.As, about.At = &by, &when
	}
	tx.Record(kindOf(m, why), about)
	tx.Notify("mandate:" + m.ID)
	return nil
}

// kindOf is the type of the event that tells of an end.
func kindOf(m Mandate, why Over) string {
	switch {
	case m.Kind == models.OperatorMandate:
		return event.SetUpEnded
	case why == Expired:
		return event.SetUpLinkExpired
	}
	return event.SetUpLinkRevoked
}
