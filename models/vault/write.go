package vault

import (
	"context"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// write runs a change of secrets, of those who manage them.
func (v *Vault) write(ctx context.Context, by models.Actor, do func(tx *store.Tx) error) error {
	return v.store.Write(ctx, by, models.ManageSecrets, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		return do(tx)
	})
}

// find reads a secret and holds it until the end of the transaction.
func find(tx *store.Tx, id string) (s Secret, err error) {
	return s, unknown(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&s).Error)
}

// about is a secret in an event: what it is called, and nothing of what it holds.
func (s Secret) about(data map[string]any) store.About {
	return store.About{ID: s.ID, Name: s.Name, Company: s.CompanyID, Organization: s.OrganizationID, Data: data}
}

// Make keeps a new secret.
func (v *Vault) Make(ctx context.Context, by models.Actor, in Draft) (s Secret, err error) {
	wrong := models.FieldErrors{}
	in.checkName(wrong)
	value, err := in.checkValue(wrong)
	if err != nil {
		return s, err
	}
	err = v.write(ctx, by, func(tx *store.Tx) error {
		wrong := clone(wrong)
		expires, err := in.expiry(tx, nil, wrong)
		if err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&Secret{}).Count(&there).Error; err != nil {
			return err
		}
		if there >= mostSecrets {
			return models.Fail(models.Conflict, "vault.error.many", "Most", mostSecrets)
		}
		at := models.At(tx.Now())
		s = Secret{CompanyID: tx.Actor.Effective.Company, OrganizationID: tx.Actor.Effective.Organization, ID: models.NewID("sec"), Name: in.Name, NameKey: strings.ToLower(in.Name),
			Note: in.Note, Kind: in.Kind, Version: 1, ExpiresAt: expires, MadeByName: tx.Actor.Name, CreatedAt: at, ChangedAt: at}
		if err := named(tx.Create(&s).Error); err != nil {
			return err
		}
		tx.Record(event.SecretCreated, s.about(map[string]any{"kind": s.Kind, "ends_at": expires}))
		return v.add(tx, s, value, 0)
	})
	return s, err
}

func clone(wrong models.FieldErrors) models.FieldErrors {
	again := models.FieldErrors{}
	for field, message := range wrong {
		again[field] = message
	}
	return again
}

// KeyReplaced is the error of replacing a value that somebody else replaced meanwhile.
const KeyReplaced = "vault.error.changed"

// named tells of a name that another secret of the organization has.
func named(err error) error {
	if !store.Duplicate(err) {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("name", "vault.error.name_taken")
	return wrong.Err()
}

// add keeps the version that a secret has now, and forgets one that is too old.
func (v *Vault) add(tx *store.Tx, s Secret, h held, from int) error {
	key, err := v.live(tx)
	if err != nil {
		return err
	}
	row := Version{CompanyID: s.CompanyID, OrganizationID: s.OrganizationID, SecretID: s.ID, Number: s.Version, Algorithm: h.algorithm, PublicKey: h.public,
		ExpiresAt: s.ExpiresAt, RestoredFrom: from, MadeByName: tx.Actor.Name, MadeAt: models.At(tx.Now())}
	if err := v.seal(&row, key, h.value); err != nil {
		return err
	}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Where("secret_id = ? AND number <= ?", s.ID, s.Version-mostVersions).Delete(&Version{}).Error
}

// next gives a secret its next version.
func (v *Vault) next(tx *store.Tx, s *Secret, h held, expires *models.Instant, from int) error {
	s.Version, s.ExpiresAt, s.ChangedAt = s.Version+1, expires, models.At(tx.Now())
	err := tx.Model(&Secret{}).Where("id = ?", s.ID).Updates(map[string]any{"version": s.Version, "expires_at": expires, "changed_at": s.ChangedAt}).Error
	if err != nil {
		return err
	}
	return v.add(tx, *s, h, from)
}

// Replace gives a secret another value: a new version of it. version is the
// current one as it was read, so that what somebody put there meanwhile is not
// replaced unseen; 0 takes any.
func (v *Vault) Replace(ctx context.Context, by models.Actor, id string, version int, in Draft) (s Secret, err error) {
	d, err := v.kind(ctx, by, id)
	if err != nil {
		return s, err
	}
	in.Kind = d
	wrong := models.FieldErrors{}
	value, err := in.checkValue(wrong)
	if err != nil {
		return s, err
	}
	err = v.write(ctx, by, func(tx *store.Tx) error {
		if s, err = find(tx, id); err != nil {
			return err
		}
		if version != 0 && s.Version != version {
			return models.Fail(models.Conflict, KeyReplaced)
		}
		wrong := clone(wrong)
		expires, err := in.expiry(tx, nil, wrong)
		if err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if err := v.next(tx, &s, value, expires, 0); err != nil {
			return err
		}
		tx.Record(event.SecretReplaced, s.about(map[string]any{"version": s.Version, "ends_at": expires}))
		return nil
	})
	return s, err
}

// kind is what a secret holds, which never changes.
func (v *Vault) kind(ctx context.Context, by models.Actor, id string) (k Kind, err error) {
	err = v.store.Read(ctx, by, models.ViewSecrets, func(tx *store.Tx) error {
		var s Secret
		err := unknown(tx.Where("id = ?", id).Take(&s).Error)
		k = s.Kind
		return err
	})
	return k, err
}

// Change gives a secret another name, note or expiry; its value stays.
func (v *Vault) Change(ctx context.Context, by models.Actor, id string, in Draft) (s Secret, err error) {
	wrong := models.FieldErrors{}
	in.checkName(wrong)
	err = v.write(ctx, by, func(tx *store.Tx) error {
		if s, err = find(tx, id); err != nil {
			return err
		}
		in.Kind = s.Kind
		wrong := clone(wrong)
		expires, err := in.expiry(tx, s.ExpiresAt, wrong)
		if err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		changes := map[string]any{"name": in.Name, "note": in.Note, "expires_at": expires}
		data, err := tx.Changed(s, map[string]any{"name": in.Name, "expires_at": expires}) // the note may be anything
		if err != nil {
			return err
		}
		changes["name_key"], changes["changed_at"] = strings.ToLower(in.Name), models.At(tx.Now())
		if err := named(tx.Model(&Secret{}).Where("id = ?", s.ID).Updates(changes).Error); err != nil {
			return err
		}
		if err := tx.Model(&Version{}).Where("secret_id = ? AND number = ?", s.ID, s.Version).Update("expires_at", expires).Error; err != nil {
			return err
		}
		s.Name, s.Note, s.ExpiresAt = in.Name, in.Note, expires
		tx.Record(event.SecretChanged, s.about(data))
		return nil
	})
	return s, err
}

// Restore puts the value of an older version in use again, as a new version. An
// expiry that is over does not come back with it.
func (v *Vault) Restore(ctx context.Context, by models.Actor, id string, number int) (s Secret, err error) {
	err = v.write(ctx, by, func(tx *store.Tx) error {
		if s, err = find(tx, id); err != nil {
			return err
		}
		old, err := version(tx, id, number)
		if err != nil {
			return err
		}
		if number == s.Version {
			tx.NothingToRecord() // another tab was quicker
			return nil
		}
		if old.ExpiresAt != nil && !tx.Now().Before(old.ExpiresAt.Time) {
			return models.Fail(models.Conflict, "vault.error.version_expired")
		}
		value, err := v.value(tx, old)
		if err != nil {
			return err
		}
		if err := v.next(tx, &s, held{value, old.Algorithm, old.PublicKey}, old.ExpiresAt, number); err != nil {
			return err
		}
		tx.Record(event.SecretRestored, s.about(map[string]any{"version": s.Version, "from": number}))
		return nil
	})
	return s, err
}

// version reads one version of a secret, and holds it so that nobody seals it anew
// or removes it meanwhile.
func version(tx *store.Tx, id string, number int) (row Version, err error) {
	return row, unknown(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).Where("secret_id = ? AND number = ?", id, number).Take(&row).Error)
}

// RemoveVersion forgets the value of an older version for good. That there was
// one stays.
func (v *Vault) RemoveVersion(ctx context.Context, by models.Actor, id string, number int) (s Secret, err error) {
	err = v.write(ctx, by, func(tx *store.Tx) error {
		if s, err = find(tx, id); err != nil {
			return err
		}
		if number == s.Version {
			return models.Fail(models.Conflict, "vault.error.version_current")
		}
		if _, err := version(tx, id, number); err != nil {
			return err
		}
		removed := tx.Model(&Version{}).Where("secret_id = ? AND number = ? AND removed_at IS NULL", id, number).
			Updates(map[string]any{"sealed": "", "data_key_id": nil, "removed_at": models.At(tx.Now()), "removed_by_name": tx.Actor.Name})
		if removed.Error != nil || removed.RowsAffected == 0 {
			tx.NothingToRecord() // another tab was quicker
			return removed.Error
		}
		tx.Record(event.SecretVersionRemoved, s.about(map[string]any{"version": number}))
		return nil
	})
	return s, err
}

// Remove forgets a secret with every version, for good.
func (v *Vault) Remove(ctx context.Context, by models.Actor, id string) (s Secret, err error) {
	err = v.write(ctx, by, func(tx *store.Tx) error {
		if s, err = find(tx, id); err != nil {
			return err
		}
		tx.Record(event.SecretRemoved, s.about(nil))
		return tx.Where("id = ?", s.ID).Delete(&Secret{}).Error
	})
	return s, err
}
