package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// MasterKey is a key of the master keyset that this database was used with.
type MasterKey struct {
	ID        string `gorm:"primaryKey"`
	Sealed    string // the text by which a wrong keyset is known
	IsCurrent bool   // new data keys are wrapped with it
	CreatedAt models.Instant
}

// TableName is the table of master keys.
func (MasterKey) TableName() string { return "master_keys" }

// canary is what a master key seals so that it is known again.
const canary = "locum master key"

// purpose binds the sealed text to its key.
func (k MasterKey) purpose() string { return canary + " " + k.ID }

// ErrOtherMaster says that a master keyset is not the one that the database was
// used with.
var ErrOtherMaster = errors.New("it is not the master key that this database was used with")

// Sealed says whether a database was used with a master key: without that one,
// what it holds is lost.
func Sealed(ctx context.Context, s *store.Store) (known bool, err error) {
	err = s.SystemRead(ctx, "whether there is a master key", func(tx *store.Tx) error {
		var n int64
		err := tx.Model(&MasterKey{}).Count(&n).Error
		known = n > 0
		return err
	})
	return known, err
}

// Admit holds a master keyset against the database, and lets a database that knew
// none know it from now on. ErrOtherMaster is for one that does not open what the
// database holds.
func Admit(ctx context.Context, s *store.Store, m *secret.Master) error {
	known, err := Sealed(ctx, s)
	if err != nil {
		return err
	}
	if !known {
		if err := introduce(ctx, s, m); err != nil {
			return err
		}
	}
	return s.SystemRead(ctx, "hold the master key against the database", func(tx *store.Tx) error { return verify(tx, m) })
}

// introduce writes down the first master key. Of two replicas that do it at the
// same time with different ones, the second finds in Admit that it is wrong.
func introduce(ctx context.Context, s *store.Store, m *secret.Master) error {
	return s.System(ctx, "the first master key", func(tx *store.Tx) error {
		tx.NothingToRecord()
		keys := m.Keys()
		row, err := newMasterKey(tx, m, keys[len(keys)-1], true)
		if err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	})
}

func newMasterKey(tx *store.Tx, m *secret.Master, id string, current bool) (row MasterKey, err error) {
	row = MasterKey{ID: id, IsCurrent: current, CreatedAt: models.At(tx.Now())}
	row.Sealed, err = m.Wrap(id, []byte(canary), row.purpose())
	return row, err
}

// verify sees that a master keyset opens everything that is under master keys.
func verify(tx *store.Tx, m *secret.Master) error {
	rows, err := masterKeys(tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		used, err := wrappedBy(tx, row.ID)
		if err != nil {
			return err
		}
		if !row.IsCurrent && used == 0 {
			continue // it may be dropped from the file already
		}
		text, err := m.Unwrap(row.Sealed, row.purpose())
		if errors.Is(err, secret.ErrMasterKey) || err == nil && string(text) != canary {
			return fmt.Errorf("%w: key %s is missing", ErrOtherMaster, row.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func masterKeys(tx *store.Tx) (rows []MasterKey, err error) {
	return rows, tx.Order("created_at, id").Find(&rows).Error
}

// currentMaster reads the current master key, and holds it so that none takes its
// place. Who waited for a rotation reads again: PostgreSQL then shows him neither the
// old one nor the new.
func currentMaster(tx *store.Tx) (row MasterKey, err error) {
	take := func() error {
		return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).Where("is_current = ?", true).Take(&row).Error
	}
	if err = take(); store.Missing(err) {
		err = take()
	}
	return row, err
}

// wrappedBy counts the data keys that a master key wraps.
func wrappedBy(tx *store.Tx, id string) (n int64, err error) {
	return n, tx.Model(&DataKey{}).Where("master_key_id = ?", id).Count(&n).Error
}

// KeyUse is one master key and what hangs on it.
type KeyUse struct {
	ID       string
	InFile   bool
	Known    bool  // the database was used with it
	Current  bool  // new data keys are wrapped with it
	DataKeys int64 // that it wraps
}

// Overview is every key, for operators.
type Overview struct {
	Master  []KeyUse
	Live    int64 // data keys that seal
	Retired int64 // those that only open, until their values are sealed anew
	Values  int64 // that wait for that
}

// Overview reads what keys there are.
func (v *Vault) Overview(ctx context.Context) (o Overview, err error) {
	err = v.store.SystemRead(ctx, "list the keys", func(tx *store.Tx) error {
		o = Overview{}
		rows, err := masterKeys(tx)
		if err != nil {
			return err
		}
		at := map[string]int{}
		for _, row := range rows {
			used, err := wrappedBy(tx, row.ID)
			if err != nil {
				return err
			}
			at[row.ID] = len(o.Master)
			o.Master = append(o.Master, KeyUse{ID: row.ID, Known: true, Current: row.IsCurrent, DataKeys: used})
		}
		for _, id := range v.master.Keys() {
			if i, known := at[id]; known {
				o.Master[i].InFile = true
			} else {
				o.Master = append(o.Master, KeyUse{ID: id, InFile: true})
			}
		}
		if err := tx.Model(&DataKey{}).Where("retired_at IS NULL").Count(&o.Live).Error; err != nil {
			return err
		}
		var retired []string
		if err := tx.Model(&DataKey{}).Where("retired_at IS NOT NULL").Pluck("id", &retired).Error; err != nil {
			return err
		}
		o.Retired = int64(len(retired))
		for chunk := range slices.Chunk(retired, 500) {
			var n int64
			if err := tx.Model(&Version{}).Where("data_key_id IN ?", chunk).Count(&n).Error; err != nil {
				return err
			}
			o.Values += n
		}
		return nil
	})
	return o, err
}

// RotateMaster makes a key of the master keyset the current one, and wraps every
// data key with it. It can be run again where it was cut short: what is wrapped
// with the old key stays readable as long as the file holds that.
func (v *Vault) RotateMaster(ctx context.Context, key string) (wrapped int, err error) {
	err = v.store.System(ctx, "another master key", func(tx *store.Tx) error {
		rows, err := masterKeys(tx)
		if err != nil {
			return err
		}
		known := false
		for _, row := range rows {
			known = known || row.ID == key
			if row.ID == key && row.IsCurrent {
				tx.NothingToRecord() // it was cut short before
				return nil
			}
		}
		if err := tx.Model(&MasterKey{}).Where("is_current = ?", true).Update("is_current", false).Error; err != nil {
			return err
		}
		tx.Record(event.MasterKeyRotated, store.About{ID: key, Name: key, Company: store.Platform})
		if known {
			return tx.Model(&MasterKey{}).Where("id = ?", key).Update("is_current", true).Error
		}
		row, err := newMasterKey(tx, v.master, key, true)
		if err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	for err == nil {
		var n int
		if n, err = v.rewrap(ctx, key); n == 0 {
			break
		}
		wrapped += n
	}
	if err == nil {
		err = v.master.Prefer(key)
	}
	return wrapped, err
}

// ErrRotated says that another rotation of the master key has begun meanwhile.
var ErrRotated = errors.New("another rotation of the master key has begun meanwhile")

// batch is how many keys or values are sealed anew in one transaction.
const batch = 50

// rewrap wraps some data keys with another master key, and says how many.
func (v *Vault) rewrap(ctx context.Context, key string) (n int, err error) {
	err = v.store.System(ctx, "wrap data keys anew", func(tx *store.Tx) error {
		tx.NothingToRecord() // the rotation is
		current, err := currentMaster(tx)
		if err != nil {
			return err
		}
		if current.ID != key {
			return ErrRotated
		}
		var rows []DataKey
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("master_key_id <> ?", key).Order("company_id, id").Limit(batch).Find(&rows).Error; err != nil {
			return err
		}
		n = len(rows)
		for _, row := range rows {
			plain, err := v.master.Unwrap(row.Wrapped, row.purpose())
			if err != nil {
				return err
			}
			wrapped, err := v.master.Wrap(key, plain, row.purpose())
			if err != nil {
				return err
			}
			err = tx.Model(&DataKey{}).Where("company_id = ? AND id = ?", row.CompanyID, row.ID).
				Updates(map[string]any{"wrapped": wrapped, "master_key_id": key}).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// DropMaster forgets the master keys that wrap nothing and are not current, and
// takes them out of the keyset file. It gives their ids.
func (v *Vault) DropMaster(ctx context.Context) (dropped []string, err error) {
	var current string
	err = v.store.System(ctx, "forget old master keys", func(tx *store.Tx) error {
		tx.NothingToRecord() // nothing is under them
		dropped, current = nil, ""
		rows, err := masterKeys(tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			used, err := wrappedBy(tx, row.ID)
			if err != nil {
				return err
			}
			if row.IsCurrent {
				current = row.ID
			}
			if row.IsCurrent || used > 0 {
				continue
			}
			dropped = append(dropped, row.ID)
			if err := tx.Where("id = ?", row.ID).Delete(&MasterKey{}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(dropped) == 0 {
		return nil, err
	}
	if err := v.master.Prefer(current); err != nil { // the primary of a file cannot be dropped
		return nil, err
	}
	held := v.master.Keys()
	for _, id := range dropped {
		if slices.Contains(held, id) {
			if err := v.master.Drop(id); err != nil {
				return dropped, err
			}
		}
	}
	return dropped, nil
}
