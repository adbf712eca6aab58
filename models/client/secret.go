package client

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// mostSecrets is how many secrets of a client can be live at once.
const mostSecrets = 2

// AddSecret makes a secret for a client, beside the one that it has. Its text is
// given this once and stands nowhere. models.Conflict where two are live.
func (c *Clients) AddSecret(ctx context.Context, by models.Actor, application string) (row Secret, text string, err error) {
	text = "lcs_" + secret.Token()
	err = c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		if err := lock(tx, application); err != nil { // two at once must not both be the second
			return err
		}
		was, err := get(tx, application)
		if err != nil {
			return err
		}
		if was.Client.Kind != BySecret {
			return models.Fail(models.Conflict, "client.error.no_secret")
		}
		live := 0
		for _, s := range was.Secrets {
			if s.RevokedAt == nil {
				live++
			}
		}
		if live >= mostSecrets {
			return models.Fail(models.Conflict, "client.error.two", "Most", mostSecrets)
		}
		row = Secret{ID: models.NewID("csc"), ApplicationID: application, SecretHash: secret.Hash(text), Suffix: text[len(text)-4:],
			CreatedByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		tx.Record(event.ClientSecretCreated, store.About{ID: row.ID, Name: was.Name, Company: store.Platform, Data: map[string]any{"application": application, "suffix": row.Suffix}})
		return tx.Create(&row).Error
	})
	return row, text, err
}

// RevokeSecret ends a secret at once.
func (c *Clients) RevokeSecret(ctx context.Context, by models.Actor, application, id string) (row Secret, err error) {
	err = c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		if err := lock(tx, application); err != nil {
			return err
		}
		was, err := get(tx, application)
		if err != nil {
			return err
		}
		if err := tx.Where("application_id = ? AND id = ?", application, id).Take(&row).Error; err != nil {
			return missing(err)
		}
		if row.RevokedAt != nil {
			return models.Fail(models.Conflict, KeyRevoked)
		}
		tx.Record(event.ClientSecretRevoked, store.About{ID: row.ID, Name: was.Name, Company: store.Platform, Data: map[string]any{"application": application, "suffix": row.Suffix}})
		tx.Notify("client:" + application)
		return tx.Model(&Secret{}).Where("id = ?", row.ID).Update("revoked_at", models.At(tx.Now())).Error
	})
	return row, err
}

// KeyRevoked is the error of revoking what is revoked already.
const KeyRevoked = "client.error.over"

// lock holds a client until the transaction ends; models.Unknown where the
// application is not connected.
func lock(tx *store.Tx, application string) error {
	var row Client
	return missing(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("application_id = ?", application).Take(&row).Error)
}
