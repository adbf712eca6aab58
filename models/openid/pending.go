package openid

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// Pending is a request of an application that waits until its person signed in.
type Pending struct {
	ID          string `gorm:"primaryKey"`
	BrowserHash string
	Query       string // as the application sent it
	CreatedAt   models.Instant
}

// TableName is the table of requests.
func (Pending) TableName() string { return "authorization_requests" }

// MostQuery is the longest request that is kept, in bytes.
const MostQuery = 8000

const (
	// MostOfBrowser is how many requests wait in one browser at most.
	MostOfBrowser = 20
	// MostPending is how many wait in all at most, once a sweep is done: whoever asks
	// from many browsers must not fill the database.
	MostPending = 20_000
)

// Keep lets a request wait until somebody signed in, in this browser. Where many wait
// there, the oldest is forgotten.
func (p *Provider) Keep(ctx context.Context, query, browserHash string) (id string, err error) {
	if len(query) > MostQuery {
		return "", models.Fail(models.TooLarge, "web.too_large")
	}
	row := Pending{ID: models.NewID("arq"), BrowserHash: browserHash, Query: query}
	return row.ID, p.store.System(ctx, "keep a request of an application", func(tx *store.Tx) error {
		tx.NothingToRecord()
		var old []string
		err := tx.Model(&Pending{}).Where("browser_hash = ?", browserHash).Order("created_at DESC, id DESC").Offset(MostOfBrowser-1).Limit(MostOfBrowser).Pluck("id", &old).Error
		if err != nil {
			return err
		}
		if len(old) > 0 {
			if err := tx.Where("id IN ?", old).Delete(&Pending{}).Error; err != nil {
				return err
			}
		}
		row.CreatedAt = models.At(tx.Now())
		return tx.Create(&row).Error
	})
}

// Kept gives a request that was kept for this browser; models.Unknown where there
// is none, or none any more.
func (p *Provider) Kept(ctx context.Context, id, browserHash string) (row Pending, err error) {
	err = p.store.SystemRead(ctx, "a request that was kept", func(tx *store.Tx) error {
		err := tx.Where("id = ? AND browser_hash = ? AND created_at > ?", id, browserHash, models.At(tx.Now().Add(-RequestLife))).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		return err
	})
	return row, err
}

// assertion is one by which a client showed that it is the one.
type assertion struct {
	ApplicationID string `gorm:"primaryKey"`
	JTIHash       string `gorm:"primaryKey;column:jti_hash"`
	ExpiresAt     models.Instant
}

// TableName is the table of assertions.
func (assertion) TableName() string { return "client_assertions" }

// UseAssertion takes an assertion of a client by its jti (RFC 7523, section 3);
// models.Unauthenticated where it was taken before.
func (p *Provider) UseAssertion(ctx context.Context, application, jti string, expires time.Time) error {
	return p.store.System(ctx, "a client's assertion was used", func(tx *store.Tx) error {
		tx.NothingToRecord()
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&assertion{application, secret.Hash(jti), models.At(expires)})
		if made.Error == nil && made.RowsAffected == 0 {
			return models.Fail(models.Unauthenticated, "client.error.credentials")
		}
		return made.Error
	})
}

// crowd forgets the oldest requests where too many wait.
func crowd(tx *store.Tx) error {
	var last Pending
	err := tx.Select("created_at").Order("created_at DESC").Offset(MostPending).Limit(1).Take(&last).Error
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Where("created_at <= ?", last.CreatedAt).Delete(&Pending{}).Error
}

// Prune forgets what is worth nothing any more: requests nobody came back to,
// assertions and tokens that ran out, and authorizations of sessions that are long
// over.
func Prune(tx *store.Tx) error {
	now := tx.Now()
	return errors.Join(
		crowd(tx),
		tx.Where("created_at < ?", models.At(now.Add(-RequestLife))).Delete(&Pending{}).Error,
		tx.Where("expires_at < ?", models.At(now)).Delete(&assertion{}).Error,
		tx.Where("expires_at < ?", models.At(now)).Delete(&OwnToken{}).Error,
		tx.Where("created_at < ?", models.At(now.Add(-keepFor))).Delete(&Logout{}).Error,
		tx.Where("created_at < ?", models.At(now.Add(-keepFor))).Delete(&Authorization{}).Error,
	)
}

// keepFor is for how long an authorization and the word of its end are kept:
// longer than any session lasts.
const keepFor = 30 * 24 * time.Hour
