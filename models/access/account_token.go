package access

import (
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/secret"
	"locum/models/store"
)

// accountTokenPrefix begins the ids of AccountToken, which stand in an Actor in
// the place of a session's.
const accountTokenPrefix = "atk_"

// AccountTokenText begins every AccountToken's text, so that one that leaked is
// known for what it is.
const AccountTokenText = "lpt_"

// IsAccountToken says whether a text looks like the token of an account.
func IsAccountToken(text string) bool { return strings.HasPrefix(text, AccountTokenText) }

// AccountToken lets a program act in the name of who made it: in an application,
// or in Locum's own API. It is pinned to the organization where he worked then, or
// follows his last switch. One made during a visit is worth nothing once that is
// over.
type AccountToken struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string // empty for one that follows
	ID             string `gorm:"primaryKey"`
	AccountID      string
	AccountName    string
	Name           string
	ApplicationID  string // empty for Locum's own API
	Scopes         string // JSON list, of Locum's own API alone; see For
	Follows        bool
	DelegationID   string // of the visit in which it was made
	VisitID        string
	SessionID      string // in which it was made
	TokenHash      string
	Suffix         string // its last four characters, to know it by
	CreatedAt      models.Instant
	ExpiresAt      models.Instant
	LastUsedAt     *models.Instant // to the minute
	RevokedAt      *models.Instant
	RevokedByName  string
}

// TableName is the table of tokens of accounts.
func (AccountToken) TableName() string { return "account_tokens" }

// For are the scopes of Locum's API that it is for.
func (t AccountToken) For() (list []string) {
	if json.Unmarshal([]byte(t.Scopes), &list) != nil {
		return nil // an unreadable list is for nothing
	}
	return list
}

// Active says whether it is neither revoked nor past its end. Whether the visit
// in which it was made goes on is another question.
func (t AccountToken) Active(now time.Time) bool {
	return t.RevokedAt == nil && now.Before(t.ExpiresAt.Time)
}

// byAccountToken says that an Actor's session is the token of an account.
func byAccountToken(session string) bool { return strings.HasPrefix(session, accountTokenPrefix) }

// deriveAccountToken is authority by the token of an account: what its owner may
// do now where it works, as far as it is for that. Where a session would be locked
// to be changed it is nobody, like any token, but for ownByToken: it neither
// switches nor makes another token.
func deriveAccountToken(tx *store.Tx, by models.Actor) (models.Actor, error) {
	id := by.Session
	if tx.Lock == clause.LockingStrengthUpdate {
		return ownByToken(tx, by)
	}
	t, err := accountToken(tx.DB, id)
	if err != nil {
		return models.Actor{}, err
	}
	actor, err := deriveOf(tx, t)
	if err != nil || tx.Lock == "" {
		return actor, err
	}
	// It is locked after the session, as by those who end both.
	locked, err := accountToken(tx.Clauses(clause.Locking{Strength: tx.Lock}), id)
	if err == nil && !locked.Active(tx.Now()) {
		err = unauthenticated()
	}
	return actor, err
}

func accountToken(q *gorm.DB, id string) (t AccountToken, err error) {
	err = q.Where("id = ?", id).Take(&t).Error
	if store.Missing(err) {
		err = unauthenticated()
	}
	return t, err
}

// deriveOf is deriveAccountToken on a token that was read.
func deriveOf(tx *store.Tx, t AccountToken) (actor models.Actor, err error) {
	if !t.Active(tx.Now()) {
		return actor, unauthenticated()
	}
	switch {
	case t.VisitID != "":
		actor, err = inVisit(tx, t)
	case t.Follows:
		actor, err = following(tx, t)
	default:
		actor, err = Standing(tx, t.AccountID, t.CompanyID, t.OrganizationID)
	}
	if err != nil {
		return models.Actor{}, err
	}
	actor.Session, actor.Method, actor.Channel, actor.Application = t.ID, TokenMethod, models.API, t.ApplicationID
	actor.Operator, actor.Mandate, actor.Ended = false, nil, nil
	return scoped(tx, actor, t.Scopes)
}

// inVisit is the authority of the visit in which a token was made, as long as that
// visit and its session go on.
func inVisit(tx *store.Tx, t AccountToken) (models.Actor, error) {
	row, err := session(tx, "id = ?", t.SessionID)
	if err != nil {
		return models.Actor{}, err
	}
	if row.VisitID != t.VisitID {
		return models.Actor{}, unauthenticated()
	}
	actor, err := derive(tx, row)
	if err == nil && actor.Visit != t.VisitID { // it is over, whether that was written down or not
		err = unauthenticated()
	}
	return actor, err
}

// following is the owner's authority where he switched to last, in whichever of
// his browsers. Once the visit to which that led is over he is at home again.
func following(tx *store.Tx, t AccountToken) (models.Actor, error) {
	var rows []account.Session
	err := tx.Where("account_id = ? AND switched_at IS NOT NULL AND method <> ?", t.AccountID, BreakGlassMethod).
		Order("switched_at DESC, id DESC").Limit(1).Find(&rows).Error
	if err != nil {
		return models.Actor{}, err
	}
	at := account.Session{}
	if len(rows) > 0 {
		at = rows[0]
	}
	if at.Live(tx.Now()) && at.MandateID == "" {
		return derive(tx, at)
	}
	// A browser that is gone keeps no visit open, but he chose where he works.
	return membership(tx, t.AccountID, account.Session{CompanyID: at.CompanyID, OrganizationID: at.OrganizationID})
}

// accountTokenOf finds the token of an account by its text.
func accountTokenOf(tx *store.Tx, text string) (t AccountToken, err error) {
	if !IsAccountToken(text) || len(text) > 100 {
		return t, unauthenticated()
	}
	err = tx.Where("token_hash = ?", secret.Hash(text)).Take(&t).Error
	if store.Missing(err) {
		err = unauthenticated()
	}
	return t, err
}
