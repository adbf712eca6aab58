package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"locum/models"
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
	Sealed     string
	CreatedAt  models.Instant
	ExpiresAt  *models.Instant // nil for the newest
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
	row := Secret{CompanyID: e.CompanyID, EndpointID: e.ID, ID: models.NewID("whs"), CreatedAt: models.At(tx.Now())}
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
