package federation

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Key is one of our own keys of a connection: it signs requests and opens
// encrypted assertions.
type Key struct {
	ID          string
	Private     crypto.Signer // RSA; it decrypts as well
	Certificate *x509.Certificate
	CreatedAt   models.Instant
}

// Decrypter is the key as one that opens what was encrypted for it.
func (k Key) Decrypter() crypto.Decrypter { return k.Private.(crypto.Decrypter) }

// sealedKey is a row of connection_keys.
type sealedKey struct {
	CompanyID    string `gorm:"primaryKey"`
	ConnectionID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Sealed       string // PKCS #8, sealed
	Certificate  string // DER in base64
	CreatedAt    models.Instant
}

// TableName is the table of our keys of connections.
func (sealedKey) TableName() string { return "connection_keys" }

const (
	keyBits  = 3072
	keyYears = 10 // providers look at the end; the key is replaced before
	maxKeys  = 2  // live at once, while one replaces the other
)

// PublicKey is what managers see of a Key.
type PublicKey struct {
	ID          string
	Certificate *x509.Certificate
	CreatedAt   models.Instant
	Signs       bool // requests are signed with it
}

// OurKeys lists the keys of a connection of the actor's company, the oldest
// first, without their private halves.
func (f *Federation) OurKeys(ctx context.Context, by models.Actor, connection string) (list []PublicKey, err error) {
	err = f.store.Read(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		var rows []sealedKey
		if err := tx.Where("connection_id = ?", connection).Order("created_at, id").Find(&rows).Error; err != nil {
			return err
		}
		for i, row := range rows {
			certificate, err := row.certificate()
			if err != nil {
				return fmt.Errorf("federation: key %s: %w", row.ID, err)
			}
			list = append(list, PublicKey{ID: row.ID, Certificate: certificate, CreatedAt: row.CreatedAt, Signs: i == 0})
		}
		return nil
	})
	return list, err
}

// RetireKey drops the older of two keys: from then on requests are signed with
// the newer, and what was encrypted for the older cannot be opened.
func (f *Federation) RetireKey(ctx context.Context, by models.Actor, connection, key string) error {
	return f.store.Write(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		var c Connection
		// The lock keeps two managers from retiring one key each.
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", connection).Take(&c).Error; err != nil {
			return unknown(err)
		}
		var rows []sealedKey
		if err := tx.Where("connection_id = ?", c.ID).Order("created_at, id").Find(&rows).Error; err != nil {
			return err
		}
		if !slices.ContainsFunc(rows, func(k sealedKey) bool { return k.ID == key }) {
			return models.Unknown()
		}
		if len(rows) < maxKeys || rows[0].ID != key {
			return models.Fail(models.Conflict, "sso.error.last_key")
		}
		tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Data: map[string]any{"key": "retired"}})
		return tx.Where("connection_id = ? AND id = ?", c.ID, key).Delete(&sealedKey{}).Error
	})
}

// RotateKey adds a key beside the present one and drops the one before that.
// Both are published and open assertions, so that the provider can take up the
// new one at any time; requests are signed with the older until then.
func (f *Federation) RotateKey(ctx context.Context, by models.Actor, connection string) error {
	private, err := f.generate()
	if err != nil {
		return fmt.Errorf("federation: key: %w", err)
	}
	return f.store.Write(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		var c Connection
		if err := tx.Where("id = ?", connection).Take(&c).Error; err != nil {
			return unknown(err)
		}
		var rows []sealedKey
		if err := tx.Where("connection_id = ?", c.ID).Order("created_at DESC, id DESC").Find(&rows).Error; err != nil {
			return err
		}
		for _, old := range rows[min(len(rows), maxKeys-1):] {
			if err := tx.Where("connection_id = ? AND id = ?", c.ID, old.ID).Delete(&sealedKey{}).Error; err != nil {
				return err
			}
		}
		tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Data: map[string]any{"key": "rotated"}})
		return f.keep(tx, c, private)
	})
}

// generate makes a key. It takes up to a second, so it is called before a
// transaction and not within.
func generate() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, keyBits) }

// keep certifies and seals a new key of a connection.
func (f *Federation) keep(tx *store.Tx, c Connection, private *rsa.PrivateKey) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return fmt.Errorf("federation: key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: c.ID},
		NotBefore: tx.Now().AddDate(0, 0, -1), NotAfter: tx.Now().AddDate(keyYears, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}
	created, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return fmt.Errorf("federation: key: %w", err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("federation: key: %w", err)
	}
	row := sealedKey{CompanyID: c.CompanyID, ConnectionID: c.ID, ID: models.NewID("key"), CreatedAt: models.At(tx.Now()),
		Certificate: base64.StdEncoding.EncodeToString(created)}
	if row.Sealed, err = f.keys.Seal(plain, row.purpose()); err != nil {
		return fmt.Errorf("federation: key: %w", err)
	}
	return tx.Create(&row).Error
}

// purpose ties a sealed key to its row: moved to another, it does not open.
func (k sealedKey) purpose() string {
	return "connection key " + k.CompanyID + " " + k.ConnectionID + " " + k.ID
}

// keysOf opens a connection's keys, the oldest first, in a System transaction.
func (f *Federation) keysOf(tx *store.Tx, c Connection) ([]Key, error) {
	var rows []sealedKey
	if err := tx.Where("company_id = ? AND connection_id = ?", c.CompanyID, c.ID).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	keys := make([]Key, 0, len(rows))
	for _, row := range rows {
		key, err := f.open(row)
		if err != nil {
			return nil, fmt.Errorf("federation: key %s: %w", row.ID, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (f *Federation) open(row sealedKey) (Key, error) {
	plain, err := f.keys.Open(row.Sealed, row.purpose())
	if err != nil {
		return Key{}, err
	}
	private, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return Key{}, err
	}
	signer, ok := private.(*rsa.PrivateKey)
	if !ok {
		return Key{}, fmt.Errorf("a %T instead of an RSA key", private)
	}
	certificate, err := row.certificate()
	return Key{ID: row.ID, Private: signer, Certificate: certificate, CreatedAt: row.CreatedAt}, err
}

func (k sealedKey) certificate() (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(k.Certificate)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
