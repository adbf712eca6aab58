package access

import (
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// ApplicationToken begins the ids of access tokens of applications (OAuth 2.0),
// which stand in an Actor in the place of a session's.
const ApplicationToken = "oat"

// ApplicationTokenPrefix begins the texts of access tokens of applications, so that
// one that leaked is known for what it is.
const ApplicationTokenPrefix = "loa_"

// IsApplicationToken says whether a text looks like an access token of an
// application.
func IsApplicationToken(text string) bool { return strings.HasPrefix(text, ApplicationTokenPrefix) }

// ApplicationMethod is how an Actor came in for whom an application acts.
const ApplicationMethod = "application"

// granted is an access token of an application with what it was issued by, as far
// as authority goes: models/openid, which comes after this package, issues them.
type granted struct {
	Scopes        string
	ExpiresAt     models.Instant
	RevokedAt     *models.Instant
	Authorization string `gorm:"column:authorization_id"`
}

// TableName is the table of access tokens.
func (granted) TableName() string { return "access_tokens" }

// authorized is what an access token was issued by.
type authorized struct {
	ApplicationID string
	AccountID     string
	SessionID     string
	VisitID       string
	RevokedAt     *models.Instant
}

// TableName is the table of authorizations.
func (authorized) TableName() string { return "authorizations" }

// deriveApplication is authority by an access token of an application: its
// person's, where his session works now, for what the token's scopes are for. It
// is nobody's wherever introspection would call the token inactive. Like an API
// token it reaches over no wall.
func deriveApplication(tx *store.Tx, id string) (models.Actor, error) {
	if tx.Lock == clause.LockingStrengthUpdate {
		return models.Actor{}, unauthenticated()
	}
	var t granted
	var by authorized
	err := tx.Where("id = ?", id).Take(&t).Error
	if err == nil {
		err = tx.Where("id = ?", t.Authorization).Take(&by).Error
	}
	if store.Missing(err) {
		return models.Actor{}, unauthenticated()
	}
	if err != nil {
		return models.Actor{}, err
	}
	if t.RevokedAt != nil || by.RevokedAt != nil || !tx.Now().Before(t.ExpiresAt.Time) {
		return models.Actor{}, unauthenticated()
	}
	var works int64
	if err := tx.Table("clients").Where("application_id = ? AND disabled_at IS NULL", by.ApplicationID).Count(&works).Error; err != nil {
		return models.Actor{}, err
	}
	a, err := AnswerFor(tx, by.SessionID, by.ApplicationID)
	if err != nil {
		return models.Actor{}, err
	}
	if works == 0 || a.Denied != "" || a.Actor.Account != by.AccountID || by.VisitID != "" && a.Actor.Visit != by.VisitID {
		return models.Actor{}, unauthenticated()
	}
	actor := a.Actor
	actor.Session, actor.Method, actor.Channel, actor.Operator = id, ApplicationMethod, models.API, false
	actor.Permissions = allowedTo(actor, strings.Fields(t.Scopes), tx.Lock != "")
	return actor, nil
}

// ByApplicationToken is who acts by the text of an access token of an application,
// and for which scopes; models.Unauthenticated where it is worth nothing.
func ByApplicationToken(tx *store.Tx, text string) (models.Actor, []string, error) {
	var row struct{ ID, Scopes string }
	if err := tx.Table("access_tokens").Where("token_hash = ?", secret.Hash(text)).Take(&row).Error; err != nil {
		if store.Missing(err) {
			err = unauthenticated()
		}
		return models.Actor{}, nil, err
	}
	actor, err := deriveApplication(tx, row.ID)
	scopes := strings.Fields(row.Scopes)
	if actor.Visiting() {
		scopes = slices.DeleteFunc(scopes, DeniedScope)
	}
	return actor, scopes, err
}

// allowedTo is what scopes leave of an actor's permissions, for reading or for
// writing.
func allowedTo(actor models.Actor, scopes []string, writing bool) models.Permissions {
	table := readByToken
	if writing {
		table = writtenByToken
	}
	return slices.DeleteFunc(slices.Clone(actor.Permissions), func(p models.Permission) bool {
		return !slices.ContainsFunc(scopes, func(s string) bool {
			return !(actor.Visiting() && DeniedScope(s)) && slices.Contains(table[s], p)
		})
	})
}

// byApplication says that an Actor's session is an access token of an application.
func byApplication(session string) bool { return strings.HasPrefix(session, ApplicationToken+"_") }
