package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// DataKeyLife is for how long a data key seals before another takes its place.
const DataKeyLife = 90 * 24 * time.Hour

// DataKey is a key of one organization, wrapped by a master key.
type DataKey struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	OrganizationID string
	Wrapped        string // a Tink keyset
	MasterKeyID    string // of the one that wraps it
	RetiredAt      *models.Instant
	CreatedAt      models.Instant
}

// TableName is the table of data keys.
func (DataKey) TableName() string { return "data_keys" }

// purpose binds a wrapped key to its organization.
func (k DataKey) purpose() string {
	return "data key\x00" + k.CompanyID + "\x00" + k.OrganizationID + "\x00" + k.ID
}

// live gives the data key with which an organization seals now, and makes its
// first one. It is held, so that it is neither retired nor removed before what it
// seals is there. The transaction is confined to the organization.
func (v *Vault) live(tx *store.Tx) (row DataKey, err error) {
	company, organization := tx.Actor.Effective.Company, tx.Actor.Effective.Organization
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).Where("retired_at IS NULL").Take(&row).Error
	if !store.Missing(err) {
		return row, err
	}
	err = tx.Across("a data key, wrapped by the current master key", func(tx *store.Tx) error {
		if row, err = v.newDataKey(tx, company, organization); err != nil {
			return err
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		row = DataKey{} // another may have been quicker
		return tx.Where("company_id = ? AND organization_id = ? AND retired_at IS NULL", company, organization).Take(&row).Error
	})
	return row, err
}

// newDataKey makes a data key, wrapped. It runs in a System transaction.
func (v *Vault) newDataKey(tx *store.Tx, company, organization string) (row DataKey, err error) {
	current, err := currentMaster(tx)
	if err != nil {
		return row, err
	}
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return row, err
	}
	var plain bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&plain)); err != nil {
		return row, err
	}
	row = DataKey{CompanyID: company, OrganizationID: organization, ID: models.NewID("dek"), MasterKeyID: current.ID, CreatedAt: models.At(tx.Now())}
	row.Wrapped, err = v.master.Wrap(current.ID, plain.Bytes(), row.purpose())
	return row, locked(err)
}

// locked is the error of who asks while the master keyset has not the key that is
// needed: a replica that did not get the file yet.
func locked(err error) error {
	if errors.Is(err, secret.ErrMasterKey) {
		return models.Fail(models.Unavailable, "vault.error.locked").Because(err)
	}
	return err
}

// mostOpen is how many unwrapped data keys are kept in memory.
const mostOpen = 1000

// unwrap opens a data key. A row that was moved to another organization does not
// open: see purpose.
func (v *Vault) unwrap(row DataKey) (tink.AEAD, error) {
	memory := row.purpose() + "\x00" + row.Wrapped
	v.mu.Lock()
	known := v.open[memory]
	v.mu.Unlock()
	if known != nil {
		return known, nil
	}
	plain, err := v.master.Unwrap(row.Wrapped, row.purpose())
	if err != nil {
		return nil, locked(err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(plain)))
	if err != nil {
		return nil, err
	}
	opened, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.open) >= mostOpen {
		clear(v.open)
	}
	v.open[memory] = opened
	return opened, nil
}

// seal puts a value into a version, under a data key.
func (v *Vault) seal(row *Version, key DataKey, value string) error {
	with, err := v.unwrap(key)
	if err != nil {
		return err
	}
	sealed, err := with.Encrypt([]byte(value), row.purpose())
	if err != nil {
		return err
	}
	row.DataKeyID, row.Sealed = &key.ID, base64.RawStdEncoding.EncodeToString(sealed)
	return nil
}

// value opens a version. The caller holds it, so that its data key stays.
func (v *Vault) value(tx *store.Tx, row Version) (string, error) {
	if row.DataKeyID == nil {
		return "", models.Fail(models.Conflict, "vault.error.version_removed")
	}
	var key DataKey
	if err := tx.Where("company_id = ? AND id = ?", row.CompanyID, *row.DataKeyID).Take(&key).Error; err != nil {
		return "", err
	}
	with, err := v.unwrap(key)
	if err != nil {
		return "", err
	}
	raw, err := base64.RawStdEncoding.DecodeString(row.Sealed)
	if err != nil {
		return "", err
	}
	plain, err := with.Decrypt(raw, row.purpose())
	return string(plain), err
}

// RotateDataKeys gives every organization another data key; what the old ones
// sealed is sealed anew by Tend. It says how many got one.
func (v *Vault) RotateDataKeys(ctx context.Context) (int, error) {
	return v.rotate(ctx, v.store.Now().Add(time.Microsecond))
}

// rotate retires the data keys made before a moment.
func (v *Vault) rotate(ctx context.Context, before time.Time) (rotated int, failed error) {
	var rows []DataKey
	err := v.store.SystemRead(ctx, "data keys that are old", func(tx *store.Tx) error {
		return tx.Where("retired_at IS NULL AND created_at < ?", models.At(before)).Order("company_id, id").Find(&rows).Error
	})
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		err := v.store.System(ctx, "another data key", func(tx *store.Tx) error {
			retired := tx.Model(&DataKey{}).Where("company_id = ? AND id = ? AND retired_at IS NULL", row.CompanyID, row.ID).Update("retired_at", models.At(tx.Now()))
			if retired.Error != nil || retired.RowsAffected == 0 {
				tx.NothingToRecord() // another replica was quicker
				return retired.Error
			}
			fresh, err := v.newDataKey(tx, row.CompanyID, row.OrganizationID)
			if err != nil {
				return err
			}
			tx.Record(event.SecretKeyRotated, store.About{ID: fresh.ID, Company: row.CompanyID, Organization: row.OrganizationID})
			return tx.Create(&fresh).Error
		})
		if err == nil {
			rotated++
		}
		failed = errors.Join(failed, err)
	}
	return rotated, failed
}

// Tend looks after the data keys: it replaces the old ones, seals anew what is
// under retired ones, and removes those under which nothing is left. Whoever reads
// meanwhile is held up by one value at most.
func (v *Vault) Tend(ctx context.Context) error {
	_, failed := v.rotate(ctx, v.store.Now().Add(-DataKeyLife))
	var retired []DataKey
	err := v.store.SystemRead(ctx, "data keys that are retired", func(tx *store.Tx) error {
		return tx.Where("retired_at IS NOT NULL").Order("company_id, id").Limit(batch).Find(&retired).Error
	})
	failed = errors.Join(failed, err)
	for _, key := range retired {
		failed = errors.Join(failed, v.empty(ctx, key))
	}
	return failed
}

// empty seals what is under a retired data key anew, and removes the key.
func (v *Vault) empty(ctx context.Context, old DataKey) error {
	for done := false; !done; {
		err := v.store.System(ctx, "seal values anew", func(tx *store.Tx) error {
			tx.NothingToRecord() // that the key was rotated is
			var rows []Version
			err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ? AND data_key_id = ?", old.CompanyID, old.ID).
				Order("secret_id, number").Limit(batch).Find(&rows).Error
			if err != nil {
				return err
			}
			if done = len(rows) == 0; done {
				return tx.Where("company_id = ? AND id = ? AND retired_at IS NOT NULL", old.CompanyID, old.ID).Delete(&DataKey{}).Error
			}
			var fresh DataKey
			if err := tx.Where("company_id = ? AND organization_id = ? AND retired_at IS NULL", old.CompanyID, old.OrganizationID).Take(&fresh).Error; err != nil {
				return err
			}
			for _, row := range rows {
				if err := v.reseal(tx, row, fresh); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) reseal(tx *store.Tx, row Version, fresh DataKey) error {
	value, err := v.value(tx, row)
	if err != nil {
		return err
	}
	if err := v.seal(&row, fresh, value); err != nil {
		return err
	}
	return tx.Model(&Version{}).Where("company_id = ? AND secret_id = ? AND number = ?", row.CompanyID, row.SecretID, row.Number).
		Updates(map[string]any{"sealed": row.Sealed, "data_key_id": row.DataKeyID}).Error
}
