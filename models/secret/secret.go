// Package secret holds the installation's keys: it seals what must not lie in
// the database in clear, signs what travels through browsers, and derives
// short codes that need not be stored.
//
// It must never write a key anywhere but the key file, and never make a new
// key file where one was lost: that would silently lose everything sealed with
// the old one.
package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys are the installation's keys: one keyset that seals and one that derives.
type Keys struct {
	seal   tink.AEAD
	derive *prf.Set
}

// file is the key file: two Tink keysets, each in Tink's own JSON.
type file struct {
	Seal   json.RawMessage `json:"seal"`
	Derive json.RawMessage `json:"derive"`
}

// Load reads the key file. The error says what an operator can do about it.
func Load(path string) (*Keys, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the key file %s is missing: put back the one that this database was used with", path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key file %s cannot be read: %w", path, err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("the key file %s is not one: %w", path, err)
	}
	keys, err := open(f)
	if err != nil {
		return nil, fmt.Errorf("the key file %s is not one: %w", path, err)
	}
	return keys, nil
}

// Create makes new keys and writes them to path, readable by this user alone.
// It refuses to write over a file.
func Create(path string) (*Keys, error) {
	var f file
	var err error
	if f.Seal, err = generate(aead.AES256GCMKeyTemplate()); err != nil {
		return nil, err
	}
	if f.Derive, err = generate(prf.HMACSHA256PRFKeyTemplate()); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the folder for the key file cannot be made: %w", err)
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the key file cannot be made: %w", err)
	}
	if _, err := out.Write(data); err != nil {
		out.Close()
		return nil, fmt.Errorf("the key file %s cannot be written: %w", path, err)
	}
	if err := out.Close(); err != nil {
		return nil, fmt.Errorf("the key file %s cannot be written: %w", path, err)
	}
	return open(f)
}

// Ephemeral makes keys that are never written: for tests.
func Ephemeral() (*Keys, error) {
	seal, err := generate(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	derive, err := generate(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	return open(file{Seal: seal, Derive: derive})
}

func generate(template *tinkpb.KeyTemplate) (json.RawMessage, error) {
	handle, err := keyset.NewHandle(template)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func open(f file) (*Keys, error) {
	seal, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Seal)))
	if err != nil {
		return nil, err
	}
	derive, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Derive)))
	if err != nil {
		return nil, err
	}
	keys := &Keys{}
	if keys.seal, err = aead.New(seal); err != nil {
		return nil, err
	}
	if keys.derive, err = prf.NewPRFSet(derive); err != nil {
		return nil, err
	}
	return keys, nil
}

// Seal encrypts; what it is for goes into the seal, so that a sealed value
// cannot be moved to another place.
func (k *Keys) Seal(plain []byte, purpose string) (string, error) {
	sealed, err := k.seal.Encrypt(plain, []byte(purpose))
	if err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(sealed), nil
}

// Open is the way back from Seal, with the same purpose.
func (k *Keys) Open(sealed, purpose string) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	return k.seal.Decrypt(raw, []byte(purpose))
}

// Derive makes size bytes (at most 32) out of a text, always the same and
// guessed by nobody without the keys.
func (k *Keys) Derive(text string, size uint32) ([]byte, error) {
	return k.derive.ComputePrimaryPRF([]byte(text), size)
}
