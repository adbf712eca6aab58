package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Master is the installation's master key: a Tink keyset in a file outside the
// database, which wraps the data keys of organizations and nothing else. While
// it is rotated the file holds several keys. One that was put in the file's place
// is taken up without a restart, as soon as the old one no longer suffices.
type Master struct {
	path string // empty: it is in no file

	mu     sync.RWMutex
	handle *keyset.Handle
	opens  tink.AEAD            // by any of its keys
	seals  map[string]tink.AEAD // by one of them
	read   fs.FileInfo          // the file as it was read
}

// ErrMasterKey says that no key of the master keyset opens something, or that
// the key asked for is not in it.
var ErrMasterKey = errors.New("the master keyset has not the key")

// LoadMaster reads the master keyset file. The error says what an operator can
// do about it.
func LoadMaster(path string) (*Master, error) {
	m := &Master{path: path}
	if _, err := m.reread(); err != nil {
		return nil, err
	}
	return m, nil
}

// CreateMaster makes a master keyset of one key and writes it to path, readable
// by this user alone. It refuses to write over a file.
func CreateMaster(path string) (*Master, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("the master key file %s is there already", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the folder for the master key file cannot be made: %w", err)
	}
	m := &Master{path: path}
	return m, m.write(handle)
}

// EphemeralMaster makes a master keyset that is never written: for tests.
func EphemeralMaster() (*Master, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	m := &Master{}
	return m, m.take(handle)
}

// reread reads the file where it changed since it was read, and says whether it
// did.
func (m *Master) reread() (bool, error) {
	info, err := os.Stat(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("the master key file %s is missing", m.path)
	}
	if err != nil {
		return false, fmt.Errorf("the master key file %s cannot be read: %w", m.path, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if was := m.read; was != nil && os.SameFile(info, was) && info.ModTime().Equal(was.ModTime()) && info.Size() == was.Size() {
		return false, nil
	}
	data, err := os.ReadFile(m.path)
	if err != nil {
		return false, fmt.Errorf("the master key file %s cannot be read: %w", m.path, err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err == nil {
		err = m.take(handle)
	}
	if err != nil { // what Tink says may quote the file
		return false, fmt.Errorf("the master key file %s is no Tink keyset for AEAD in JSON", m.path)
	}
	m.read = info
	return true, nil
}

// take makes a keyset the one that is used.
func (m *Master) take(handle *keyset.Handle) error {
	opens, err := aead.New(handle)
	if err != nil {
		return err
	}
	seals := map[string]tink.AEAD{}
	for _, key := range handle.KeysetInfo().GetKeyInfo() {
		only := keyset.NewManagerFromHandle(handle)
		if only.SetPrimary(key.GetKeyId()) != nil {
			continue // it is not enabled
		}
		one, err := only.Handle()
		if err != nil {
			return err
		}
		if seals[keyName(key.GetKeyId())], err = aead.New(one); err != nil {
			return err
		}
	}
	m.handle, m.opens, m.seals = handle, opens, seals
	return nil
}

func keyName(id uint32) string { return strconv.FormatUint(uint64(id), 10) }

// Keys are the ids of its keys that can be used, in the order of the file: the
// newest last.
func (m *Master) Keys() (list []string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, key := range m.handle.KeysetInfo().GetKeyInfo() {
		if name := keyName(key.GetKeyId()); m.seals[name] != nil {
			list = append(list, name)
		}
	}
	return list
}

// Path is the file that it is in; empty for one in memory.
func (m *Master) Path() string { return m.path }

// Wrap seals with one of its keys, by id. What it is for goes into the seal.
func (m *Master) Wrap(key string, plain []byte, purpose string) (string, error) {
	with := m.sealer(key)
	if with == nil {
		if changed, err := m.renew(); err != nil {
			return "", err
		} else if changed {
			with = m.sealer(key)
		}
	}
	if with == nil {
		return "", fmt.Errorf("%w %s", ErrMasterKey, key)
	}
	sealed, err := with.Encrypt(plain, []byte(purpose))
	if err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(sealed), nil
}

func (m *Master) sealer(key string) tink.AEAD {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.seals[key]
}

// Unwrap is the way back from Wrap, with the same purpose.
func (m *Master) Unwrap(sealed, purpose string) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	plain, err := m.opener().Decrypt(raw, []byte(purpose))
	if err == nil {
		return plain, nil
	}
	if changed, err := m.renew(); err != nil {
		return nil, err
	} else if changed {
		if plain, err := m.opener().Decrypt(raw, []byte(purpose)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%w %s", ErrMasterKey, keyOf(raw))
}

func (m *Master) opener() tink.AEAD {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.opens
}

// renew is reread for one that is in a file.
func (m *Master) renew() (bool, error) {
	if m.path == "" {
		return false, nil
	}
	return m.reread()
}

// keyOf is the id of the key that sealed something: Tink writes it in front of
// the ciphertext, after a byte for the format.
func keyOf(sealed []byte) string {
	if len(sealed) < 5 {
		return ""
	}
	return keyName(binary.BigEndian.Uint32(sealed[1:5]))
}

// Add puts another key into the file, and gives its id. It wraps nothing until it
// is asked to by name, but every replica can open with it once it has the file.
func (m *Master) Add() (string, error) {
	manager := keyset.NewManagerFromHandle(m.handleNow())
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", err
	}
	return keyName(id), m.change(manager)
}

// Prefer makes a key the primary of the file, for other programs that read it;
// Locum itself goes by what stands in the database.
func (m *Master) Prefer(key string) error {
	id, err := strconv.ParseUint(key, 10, 32)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(m.handleNow())
	if err := manager.SetPrimary(uint32(id)); err != nil {
		return err
	}
	return m.change(manager)
}

// Drop takes a key out of the file for good. What it wrapped is lost.
func (m *Master) Drop(key string) error {
	id, err := strconv.ParseUint(key, 10, 32)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(m.handleNow())
	if err := manager.Delete(uint32(id)); err != nil {
		return err
	}
	return m.change(manager)
}

func (m *Master) handleNow() *keyset.Handle {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.handle
}

func (m *Master) change(manager *keyset.Manager) error {
	handle, err := manager.Handle()
	if err != nil {
		return err
	}
	if m.path == "" {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.take(handle)
	}
	return m.write(handle)
}

// write puts a keyset into the file at once: whoever reads it meanwhile reads
// either the old one or the new one whole.
func (m *Master) write(handle *keyset.Handle) error {
	var data bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&data)); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(m.path), ".master-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("the master key file cannot be written: %w", err)
	}
	defer os.Remove(out.Name()) // gone already where all went well
	_, err = out.Write(data.Bytes())
	if err == nil {
		err = out.Sync()
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(out.Name(), m.path)
	}
	if err != nil {
		return fmt.Errorf("the master key file %s cannot be written: %w", m.path, err)
	}
	_, err = m.reread()
	return err
}
