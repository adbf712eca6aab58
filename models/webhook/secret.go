package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Overlap is for how long the secret before the newest still signs, so that a
// receiver can take up the new one without missing anything.
const Overlap = 24 * time.Hour

// secretPrefix begins each secret (Standard Webhooks).
const secretPrefix = "whsec_"

// Secret is what an endpoint's deliveries are signed with, sealed.
type Secret struct {
	CompanyID  string `gorm:"primaryKey"`
	EndpointID string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	// OrganizationID is the endpoint's.
	OrganizationID string
	Sealed         string
	CreatedAt      models.Instant
	ExpiresAt      *models.Instant // nil for the newest
}

// TableName is the table of secrets.
func (Secret) TableName() string { return "webhook_secrets" }

// purpose binds a sealed secret to its row.
func (s Secret) purpose() string { return "webhook " + s.CompanyID + " " + s.EndpointID + " " + s.ID }

// newSecret makes the next secret of an endpoint, in a transaction that reaches
// it, and gives its text.
func (w *Webhooks) newSecret(tx *store.Tx, e Endpoint) (string, error) {
	var raw [24]byte
	rand.Read(raw[:]) // never fails: the program stops first (crypto/rand)
	text := secretPrefix + base64.StdEncoding.EncodeToString(raw[:])
	row := Secret{CompanyID: e.CompanyID, OrganizationID: e.OrganizationID, EndpointID: e.ID, ID: models.NewID("whs"), CreatedAt: models.At(tx.Now())}
	var err error
	if row.Sealed, err = w.keys.Seal([]byte(text), row.purpose()); err != nil {
		return "", err
	}
	return text, tx.Create(&row).Error
}

// live reads the secrets that sign now, the newest first.
func (w *Webhooks) live(tx *store.Tx, e Endpoint) (list []string, err error) {
	var rows []Secret
	err = tx.Where("company_id = ? AND endpoint_id = ? AND (expires_at IS NULL OR expires_at > ?)", e.CompanyID, e.ID, models.At(tx.Now())).
		Order("created_at DESC, id DESC").Find(&rows).Error
	for _, row := range rows {
		if err != nil {
			break
		}
		var text []byte
		text, err = w.keys.Open(row.Sealed, row.purpose())
		list = append(list, string(text))
	}
	return list, err
}

// sign gives the value of webhook-signature: one signature for each secret.
func sign(secrets []string, id string, at time.Time, body string) (string, error) {
	var all []string
	for _, text := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " "), nil
}

// Rotate gives an endpoint a new secret, given this once. The one before it
// signs for Overlap still; any older one no more.
func (w *Webhooks) Rotate(ctx context.Context, by models.Actor, s Scope, id string) (e Endpoint, text string, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		if err := tx.Where("company_id = ? AND endpoint_id = ? AND expires_at IS NOT NULL", e.CompanyID, e.ID).Delete(&Secret{}).Error; err != nil {
			return err
		}
		err := tx.Model(&Secret{}).Where("company_id = ? AND endpoint_id = ? AND expires_at IS NULL", e.CompanyID, e.ID).
			Update("expires_at", models.At(tx.Now().Add(Overlap))).Error
		if err != nil {
			return err
		}
		tx.Record(event.WebhookRotated, e.about(nil))
		return tx.Across("a secret", func(tx *store.Tx) error {
			text, err = w.newSecret(tx, e)
			return err
		})
	})
	return e, text, err
}

// Retire ends the older of two secrets before its time: the newest alone signs from
// then on.
func (w *Webhooks) Retire(ctx context.Context, by models.Actor, s Scope, id string) (e Endpoint, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		ended := tx.Where("company_id = ? AND endpoint_id = ? AND expires_at IS NOT NULL", e.CompanyID, e.ID).Delete(&Secret{})
		if ended.RowsAffected == 0 {
			tx.NothingToRecord() // it ended meanwhile
			return ended.Error
		}
		tx.Record(event.WebhookRetired, e.about(nil))
		return nil
	})
	return e, err
}
