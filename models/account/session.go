package account

import (
	"time"

	"locum/models"
)

// How long a session lasts without use, and at most.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// Session is one browser that is signed in. Where it works, and the epoch that
// rises at each switch, are its own: two browsers of one person are two
// sessions. VisitID points to the visit under way, or to one that ended and
// that the person was not told of yet.
type Session struct {
	ID             string `gorm:"primaryKey"`
	TokenHash      string
	AccountID      string
	Method         string
	ConnectionID   string
	UserAgent      string
	Address        string
	AuthTime       models.Instant
	LastSeenAt     models.Instant
	ExpiresAt      models.Instant
	RevokedAt      *models.Instant
	CompanyID      string
	OrganizationID string
	VisitID        string
	VisitCompanyID string
	MandateID      string       // by which an operator sets up a company, or did until a moment ago
	MandateCompany string       `gorm:"column:mandate_company_id"`
	SecondFactor   SecondFactor // the latest that was shown; empty: none
	SecondFactorAt *models.Instant
	PasskeyID      string // the passkey that it was
	Epoch          int64
	SwitchedAt     *models.Instant // when he switched in it last; nil: never
	CreatedAt      models.Instant
}

// TableName is the table of sessions.
func (Session) TableName() string { return "sessions" }

// Live says whether the session still counts at a moment.
func (s Session) Live(now time.Time) bool {
	return s.RevokedAt == nil && now.Before(s.ExpiresAt.Time) && now.Before(s.LastSeenAt.Add(SessionIdle))
}
