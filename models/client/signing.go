package client

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// Algorithms are those with which the installation signs: one that every
// application can check (RFC 7518, section 3.3), and one that is quick enough
// for a signature on each request (section 3.4).
var Algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}

const (
	// lead is how long a key is published before it signs: for as long may an
	// application keep the keys that it read.
	lead = 10 * time.Minute
	// afterlife is how long a key stays published when another took its place:
	// longer than a session, whose ID token an application shows to sign its person
	// out (RP-Initiated Logout 1.0, section 2).
	afterlife = 8 * 24 * time.Hour
	// keyAge is how long a key signs before the clock makes another.
	keyAge = 90 * 24 * time.Hour
	// keysTrusted is how long keys that were read may be used again. No change
	// has to be seen sooner: it is announced lead before it counts.
	keysTrusted = 15 * time.Second
)

// Keys sign what the installation tells applications, and publish how that can
// be checked.
type Keys struct {
	store *store.Store
	seals *secret.Keys

	mu     sync.Mutex
	opened map[string]crypto.Signer // by key id
	held   []signingKey
	until  time.Time
}

// NewKeys opens the signing keys of a store. The first ones are made when they
// are needed.
func NewKeys(s *store.Store, seals *secret.Keys) *Keys {
	return &Keys{store: s, seals: seals, opened: map[string]crypto.Signer{}}
}

// signingKey is a row of signing_keys.
type signingKey struct {
	ID          string `gorm:"primaryKey"` // its kid (RFC 7517, section 4.5)
	Algorithm   string
	Sealed      string
	Public      string // a JSON Web Key (RFC 7517)
	PublishedAt models.Instant
	ActiveAt    models.Instant
	RetiredAt   *models.Instant // when it is published no longer; nil where no other takes its place yet
}

func (signingKey) TableName() string { return "signing_keys" }

// purpose ties a sealed key to its row: moved to another, it does not open.
func (k signingKey) purpose() string { return "signing key " + k.ID + " " + k.Algorithm }

// SigningKey is a key that signs now.
type SigningKey struct {
	ID        string
	Algorithm jose.SignatureAlgorithm
	Private   crypto.Signer
}

// Active gives the key that signs by an algorithm now.
func (k *Keys) Active(ctx context.Context, by jose.SignatureAlgorithm) (SigningKey, error) {
	rows, err := k.all(ctx)
	if err != nil {
		return SigningKey{}, err
	}
	row, found := active(rows, by, k.store.Now())
	if !found {
		return SigningKey{}, fmt.Errorf("client: no key signs by %s", by)
	}
	private, err := k.open(row)
	return SigningKey{ID: row.ID, Algorithm: by, Private: private}, err
}

// active is the key of an algorithm that began to sign last.
func active(rows []signingKey, by jose.SignatureAlgorithm, now time.Time) (found signingKey, there bool) {
	for _, row := range rows {
		if row.Algorithm == string(by) && !row.ActiveAt.After(now) && (!there || row.ActiveAt.After(found.ActiveAt.Time)) {
			found, there = row, true
		}
	}
	return found, there
}

// Sign makes a JWT (RFC 7519) of claims, in the compact form, with the type that
// its header says (typ): "JWT", "logout+jwt".
func (k *Keys) Sign(ctx context.Context, by jose.SignatureAlgorithm, typ string, claims any) (string, error) {
	key, err := k.Active(ctx, by)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("client: claims: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: by, Key: jose.JSONWebKey{Key: key.Private, KeyID: key.ID}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		return "", fmt.Errorf("client: signer: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("client: sign: %w", err)
	}
	return signed.CompactSerialize()
}

// Public gives the public keys by which signatures can be checked (RFC 7517,
// section 5): those that sign, those that will, and those whose signatures may
// still be worth something.
func (k *Keys) Public(ctx context.Context) (set jose.JSONWebKeySet, err error) {
	rows, err := k.all(ctx)
	if err != nil {
		return set, err
	}
	now := k.store.Now()
	for _, row := range rows {
		if row.RetiredAt != nil && !row.RetiredAt.After(now) {
			continue
		}
		var public jose.JSONWebKey
		if err := json.Unmarshal([]byte(row.Public), &public); err != nil {
			return set, fmt.Errorf("client: signing key %s: %w", row.ID, err)
		}
		set.Keys = append(set.Keys, public)
	}
	return set, nil
}

// Rotate makes a new key for every algorithm. It is published at once, signs
// after ten minutes, and the one before it stays published for as long as a
// session may last.
// Nothing happens where a new one waits already.
func (k *Keys) Rotate(ctx context.Context) error { return k.renew(ctx, 0) }

// RotateDue is Rotate for keys that have signed for ninety days; it forgets
// those that are published no longer. The clock calls it.
func (k *Keys) RotateDue(ctx context.Context) error { return k.renew(ctx, keyAge) }

// all reads the keys, and makes the first ones.
func (k *Keys) all(ctx context.Context) ([]signingKey, error) {
	now := k.store.Now()
	k.mu.Lock()
	held, until := k.held, k.until
	k.mu.Unlock()
	if now.Before(until) {
		return held, nil
	}
	rows, err := k.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, by := range Algorithms {
		if _, there := active(rows, by, now); !there {
			if err := k.renew(ctx, keyAge); err != nil {
				return nil, err
			}
			if rows, err = k.read(ctx); err != nil {
				return nil, err
			}
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held, k.until = rows, now.Add(keysTrusted)
	return rows, nil
}

func (k *Keys) read(ctx context.Context) (rows []signingKey, err error) {
	err = k.store.SystemRead(ctx, "signing keys", func(tx *store.Tx) error {
		return tx.Order("published_at, id").Find(&rows).Error
	})
	return rows, err
}

// renew makes keys where the last one signs for longer than an age, and where
// there is none.
func (k *Keys) renew(ctx context.Context, age time.Duration) error {
	fresh := map[jose.SignatureAlgorithm]crypto.Signer{}
	rows, err := k.read(ctx)
	if err != nil {
		return err
	}
	for _, by := range Algorithms { // made before the transaction: that takes a while
		if !due(rows, by, k.store.Now(), age) {
			continue
		}
		if fresh[by], err = generate(by); err != nil {
			return fmt.Errorf("client: signing key: %w", err)
		}
	}
	if len(fresh) == 0 && !spent(rows, k.store.Now()) {
		return nil
	}
	err = k.store.System(ctx, "renew the signing keys", func(tx *store.Tx) error {
		return k.replace(tx, fresh, age)
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.until = time.Time{}
	return err
}

// due says whether an algorithm needs a new key.
func due(rows []signingKey, by jose.SignatureAlgorithm, now time.Time, age time.Duration) bool {
	for _, row := range rows {
		if row.Algorithm == string(by) && row.ActiveAt.Add(age).After(now) {
			return false
		}
	}
	return true
}

// spent says whether a key is published no longer.
func spent(rows []signingKey, now time.Time) bool {
	for _, row := range rows {
		if row.RetiredAt != nil && !row.RetiredAt.After(now) {
			return true
		}
	}
	return false
}

// replace keeps new keys beside those that they will take the place of.
func (k *Keys) replace(tx *store.Tx, fresh map[jose.SignatureAlgorithm]crypto.Signer, age time.Duration) error {
	if err := tx.LockSigningKeys(); err != nil {
		return err
	}
	tx.NothingToRecord() // where another replica did it meanwhile
	if err := tx.Where("retired_at <= ?", models.At(tx.Now())).Delete(&signingKey{}).Error; err != nil {
		return err
	}
	var rows []signingKey
	if err := tx.Find(&rows).Error; err != nil {
		return err
	}
	var made []string
	for _, by := range Algorithms {
		private, wanted := fresh[by]
		if !wanted || !due(rows, by, tx.Now(), age) {
			continue
		}
		begins := tx.Now()
		if _, there := active(rows, by, tx.Now()); there {
			begins = begins.Add(lead)
		}
		err := tx.Model(&signingKey{}).Where("algorithm = ? AND retired_at IS NULL", string(by)).Update("retired_at", models.At(begins.Add(afterlife))).Error
		if err != nil {
			return err
		}
		row, err := k.keep(tx, by, private, begins)
		if err != nil {
			return err
		}
		made = append(made, row.ID)
	}
	if len(made) > 0 && len(rows) > 0 { // the first ones are no change
		tx.Record(event.SigningKeysRotated, store.About{ID: made[0], Company: store.Platform, Data: map[string]any{"keys": made}})
	}
	return nil
}

// keep seals a new key.
func (k *Keys) keep(tx *store.Tx, by jose.SignatureAlgorithm, private crypto.Signer, begins time.Time) (row signingKey, err error) {
	row = signingKey{ID: models.NewID("sgk"), Algorithm: string(by), PublishedAt: models.At(tx.Now()), ActiveAt: models.At(begins)}
	public, err := json.Marshal(jose.JSONWebKey{Key: private.Public(), KeyID: row.ID, Algorithm: row.Algorithm, Use: "sig"})
	if err != nil {
		return row, fmt.Errorf("client: signing key: %w", err)
	}
	row.Public = string(public)
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return row, fmt.Errorf("client: signing key: %w", err)
	}
	if row.Sealed, err = k.seals.Seal(plain, row.purpose()); err != nil {
		return row, fmt.Errorf("client: signing key: %w", err)
	}
	return row, tx.Create(&row).Error
}

func generate(by jose.SignatureAlgorithm) (crypto.Signer, error) {
	if by == jose.ES256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

// open gives the private half of a key.
func (k *Keys) open(row signingKey) (crypto.Signer, error) {
	k.mu.Lock()
	private, there := k.opened[row.ID]
	k.mu.Unlock()
	if there {
		return private, nil
	}
	plain, err := k.seals.Open(row.Sealed, row.purpose())
	if err != nil {
		return nil, fmt.Errorf("client: signing key %s was sealed with other keys than the key file holds: %w", row.ID, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, fmt.Errorf("client: signing key %s: %w", row.ID, err)
	}
	private, fits := parsed.(crypto.Signer)
	if !fits {
		return nil, fmt.Errorf("client: signing key %s does not sign", row.ID)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.opened[row.ID] = private
	return private, nil
}
