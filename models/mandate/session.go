package mandate

import (
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// Session is one browser that works by a set-up link. Two browsers by one link
// are two sessions, each after a code of its own.
type Session struct {
	CompanyID  string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	MandateID  string
	TokenHash  string
	UserAgent  string
	Address    string
	LastSeenAt models.Instant
	EndedAt    *models.Instant
	CreatedAt  models.Instant
}

// TableName is the table of these sessions.
func (Session) TableName() string { return "mandate_sessions" }

// Live says whether the session counts at a moment, while its mandate does.
func (s Session) Live(now time.Time) bool {
	return s.EndedAt == nil && now.Before(s.LastSeenAt.Add(SessionIdle))
}

const sessionPrefix = "mds"

// Opens says whether an id is that of a session by a set-up link.
func Opens(session string) bool { return strings.HasPrefix(session, sessionPrefix+"_") }

// OpenSession makes a session by a link, and gives the token for the browser's
// cookie. It runs in a System transaction.
func OpenSession(tx *store.Tx, m Mandate, userAgent, address string) (s Session, token string, err error) {
	now := models.At(tx.Now())
	token = secret.Token()
	s = Session{CompanyID: m.CompanyID, ID: models.NewID(sessionPrefix), MandateID: m.ID, TokenHash: secret.Hash(token), UserAgent: userAgent,
		Address: address, LastSeenAt: now, CreatedAt: now}
	return s, token, tx.Create(&s).Error
}

// Find reads a session by a link with its mandate, in a System transaction. With
// tx.Lock both are locked, the mandate first, so that neither ends before the
// transaction does.
func Find(tx *store.Tx, where string, value any) (s Session, m Mandate, err error) {
	if err := tx.Where(where, value).Take(&s).Error; err != nil {
		return s, m, unknown(err)
	}
	if m, err = Load(tx, s.CompanyID, s.MandateID); err != nil || tx.Lock == "" {
		return s, m, err
	}
	err = tx.Clauses(clause.Locking{Strength: tx.Lock}).Where("company_id = ? AND id = ?", s.CompanyID, s.ID).Take(&s).Error
	return s, m, unknown(err)
}

// Load reads a mandate in a System transaction, locked as tx.Lock says.
func Load(tx *store.Tx, company, id string) (m Mandate, err error) {
	q := tx.Where("company_id = ? AND id = ?", company, id)
	if tx.Lock != "" {
		q = q.Clauses(clause.Locking{Strength: tx.Lock})
	}
	return m, unknown(q.Take(&m).Error)
}

// Leave ends a session by a link; the link itself goes on.
func Leave(tx *store.Tx, s Session) error {
	tx.Notify("session:" + s.ID)
	return tx.Model(&Session{}).Where("company_id = ? AND id = ? AND ended_at IS NULL", s.CompanyID, s.ID).Update("ended_at", models.At(tx.Now())).Error
}

// Seen notes that somebody works by a mandate, in a System transaction; session
// is empty for an operator, whose session is his own.
func Seen(tx *store.Tx, company, id, session string) error {
	at := models.At(tx.Now())
	if session != "" {
		if err := tx.Model(&Session{}).Where("company_id = ? AND id = ? AND ended_at IS NULL", company, session).Update("last_seen_at", at).Error; err != nil {
			return err
		}
	}
	return tx.Model(&Mandate{}).Where("company_id = ? AND id = ? AND ended_at IS NULL", company, id).Update("last_used_at", at).Error
}
