package federation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/secret"
	"locum/models/store"
)

// Subject is a person's name at his provider, as the provider gave it.
type Subject struct {
	EntityID        string `json:"entity_id"` // of the provider
	Name            string `json:"name"`
	Format          string `json:"format"`
	NameQualifier   string `json:"name_qualifier"`
	SPNameQualifier string `json:"sp_name_qualifier"`
}

// same compares two names. A qualifier that is left out is the provider's own
// id, or ours (saml-core-2.0, section 8.3.7).
func (s Subject) same(other Subject, ours string) bool {
	return s.EntityID == other.EntityID && s.Name == other.Name &&
		cmp.Or(s.NameQualifier, s.EntityID) == cmp.Or(other.NameQualifier, other.EntityID) &&
		cmp.Or(s.SPNameQualifier, ours) == cmp.Or(other.SPNameQualifier, ours)
}

// providerSession is under which name and session a provider knows one of our
// sessions.
type providerSession struct {
	SessionID       string `gorm:"primaryKey"`
	CompanyID       string
	ConnectionID    string
	EntityID        string
	NameID          string `gorm:"column:name_id"`
	NameFormat      string
	NameQualifier   string
	SPNameQualifier string `gorm:"column:sp_name_qualifier"`
	SessionIndex    string
	CreatedAt       models.Instant
}

// TableName is the table of sessions at providers.
func (providerSession) TableName() string { return "provider_sessions" }

func (p providerSession) subject() Subject {
	return Subject{p.EntityID, p.NameID, p.NameFormat, p.NameQualifier, p.SPNameQualifier}
}

// tie remembers what a provider calls a session, which ends no later than there.
func tie(tx *store.Tx, in Arrived, where, value string) error {
	var row account.Session
	if err := tx.Where(where, value).Take(&row).Error; err != nil {
		return err
	}
	if ends := models.At(in.SessionEnds); !in.SessionEnds.IsZero() && ends.Before(row.ExpiresAt.Time) {
		if err := tx.Model(&account.Session{}).Where("id = ?", row.ID).Update("expires_at", ends).Error; err != nil {
			return err
		}
	}
	if err := tx.Where("session_id = ?", row.ID).Delete(&providerSession{}).Error; err != nil {
		return err
	}
	return tx.Create(&providerSession{SessionID: row.ID, CompanyID: in.Company, ConnectionID: in.Connection, EntityID: in.Subject.EntityID, NameID: in.Subject.Name,
		NameFormat: in.Subject.Format, NameQualifier: in.Subject.NameQualifier, SPNameQualifier: in.Subject.SPNameQualifier,
		SessionIndex: in.SessionIndex, CreatedAt: models.At(tx.Now())}).Error
}

// Farewell is a provider's wish to end sessions, verified by the protocol.
type Farewell struct {
	Request  string    // its id; it is heard once
	Expires  time.Time // until when it has to be remembered
	Subject  Subject
	Sessions []string // indexes; none means all of that person's
	Ours     string   // our entity id at the connection
}

// EndSessions ends the sessions that a provider opened for a person, and with
// them his visits, and says how many there were. That there is none is no
// error: he may have signed out before.
func (f *Federation) EndSessions(ctx context.Context, connection string, in Farewell) (ended int, err error) {
	err = f.store.System(ctx, "a provider ends sessions", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is none
		heard := tx.Clauses(clause.OnConflict{DoNothing: true}).
			Create(&assertion{ConnectionID: connection, AssertionID: "logout " + in.Request, ExpiresAt: models.At(in.Expires)})
		if heard.Error == nil && heard.RowsAffected == 0 {
			return models.Fail(models.Forbidden, "federation.error.replayed")
		}
		if heard.Error != nil {
			return heard.Error
		}
		var rows []providerSession
		if err := tx.Where("connection_id = ? AND name_id = ?", connection, in.Subject.Name).Order("session_id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if !row.subject().same(in.Subject, in.Ours) || len(in.Sessions) > 0 && !slices.Contains(in.Sessions, row.SessionIndex) {
				continue
			}
			did, err := access.EndByProvider(tx, row.SessionID)
			if err != nil {
				return err
			}
			if did {
				ended++
			}
		}
		return nil
	})
	return ended, err
}

// SignOutLife is how long signing out at a provider may take.
const SignOutLife = 15 * time.Minute

// signOut is a sign-out on its way through a provider.
type signOut struct {
	ID           string `gorm:"primaryKey"` // hash of the RelayState
	ConnectionID string
	SessionID    string
	RequestID    string // empty until the request is made
	ExpiresAt    models.Instant
	CreatedAt    models.Instant
}

// TableName is the table of sign-outs under way.
func (signOut) TableName() string { return "sign_out_states" }

// BeginSignOut prepares to sign the actor out at the provider that let him in.
// relay is empty when there is none, or it has no address for that.
func (f *Federation) BeginSignOut(ctx context.Context, by models.Actor) (connection, relay string, err error) {
	err = f.store.System(ctx, "begin a sign-out", func(tx *store.Tx) error {
		tx.NothingToRecord() // ending the session is recorded
		var row providerSession
		if err := tx.Where("session_id = ?", by.Session).Take(&row).Error; err != nil {
			return ignoreMissing(err)
		}
		var c Connection
		if err := tx.Where("id = ?", row.ConnectionID).Take(&c).Error; err != nil {
			return ignoreMissing(err)
		}
		if c.EntityID != row.EntityID || c.SLORedirect == "" && c.SLOPost == "" {
			return nil
		}
		now := models.At(tx.Now())
		connection, relay = c.ID, secret.Token()
		return tx.Create(&signOut{ID: secret.Hash(relay), ConnectionID: c.ID, SessionID: row.SessionID, ExpiresAt: models.At(now.Add(SignOutLife)), CreatedAt: now}).Error
	})
	return connection, relay, err
}

// Departure is what is needed to ask a provider to sign somebody out.
type Departure struct {
	Connection   Connection
	Keys         []Key
	Subject      Subject
	SessionIndex string
}

// Depart takes up a sign-out with the id of the request that will be sent. A
// second time there is none.
func (f *Federation) Depart(ctx context.Context, connection, relay, request string) (d Departure, err error) {
	err = f.store.System(ctx, "sign out at a provider", func(tx *store.Tx) error {
		tx.NothingToRecord() // the session was ended before
		hash := secret.Hash(relay)
		taken := tx.Model(&signOut{}).Where("id = ? AND connection_id = ? AND request_id = ? AND expires_at > ?", hash, connection, "", models.At(tx.Now())).
			Update("request_id", request)
		if taken.Error != nil {
			return taken.Error
		}
		if taken.RowsAffected == 0 {
			return models.Unknown()
		}
		var row signOut
		if err := tx.Where("id = ?", hash).Take(&row).Error; err != nil {
			return err
		}
		var at providerSession
		if err := tx.Where("session_id = ?", row.SessionID).Take(&at).Error; err != nil {
			return unknown(err)
		}
		d.Subject, d.SessionIndex = at.subject(), at.SessionIndex
		d.Connection, d.Keys, err = f.load(tx, connection)
		return err
	})
	return d, err
}

// Departed ends a sign-out with the provider's answer, which must be to the
// request that was sent with this RelayState.
func (f *Federation) Departed(ctx context.Context, connection, relay, request string) error {
	return f.store.System(ctx, "signed out at a provider", func(tx *store.Tx) error {
		tx.NothingToRecord() // the session was ended before
		gone := tx.Where("id = ? AND connection_id = ? AND request_id = ? AND request_id <> ?", secret.Hash(relay), connection, request, "").Delete(&signOut{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			return models.Fail(models.Conflict, "federation.error.not_left")
		}
		return gone.Error
	})
}
