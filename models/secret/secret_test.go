package secret_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"locum/models/secret"
)

func TestASealedValueOpensForItsPurposeAlone(t *testing.T) {
	keys, err := secret.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.Seal([]byte("the key of a connection"), "connection con_1")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "key") {
		t.Error("it is not sealed")
	}
	if plain, err := keys.Open(sealed, "connection con_1"); err != nil || string(plain) != "the key of a connection" {
		t.Errorf("opened: %q, %v", plain, err)
	}
	others, err := secret.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(sealed)
	changed[len(changed)/2] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return keys.Open(sealed, "connection con_2") },
		"no purpose":      func() ([]byte, error) { return keys.Open(sealed, "") },
		"other keys":      func() ([]byte, error) { return others.Open(sealed, "connection con_1") },
		"changed":         func() ([]byte, error) { return keys.Open(string(changed), "connection con_1") },
		"cut":             func() ([]byte, error) { return keys.Open(sealed[:8], "connection con_1") },
		"empty":           func() ([]byte, error) { return keys.Open("", "connection con_1") },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s: it opened: %q", what, plain)
		}
	}
	if again, _ := keys.Seal([]byte("the key of a connection"), "connection con_1"); again == sealed {
		t.Error("the same value is sealed the same twice")
	}
}

func TestTheKeyFileIsMadeOnceAndReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	made, err := secret.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	if _, err := secret.Create(path); err == nil {
		t.Error("it was written over")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("it was changed")
	}
	read, err := secret.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := made.Seal([]byte("x"), "p")
	if plain, err := read.Open(sealed, "p"); err != nil || string(plain) != "x" {
		t.Errorf("the file's keys are others: %v", err)
	}
	one, _ := made.Derive("text", 16)
	two, _ := read.Derive("text", 16)
	three, _ := read.Derive("texts", 16)
	if len(one) != 16 || !bytes.Equal(one, two) || bytes.Equal(one, three) {
		t.Error("what is derived is not the same")
	}
}

func TestALostOrBrokenKeyFileIsNamed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.json")
	if _, err := secret.Load(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a new one was made in its place")
	}
	for _, content := range []string{"", "{", "{}", `{"seal":{},"derive":{}}`, `{"seal":"x","derive":"y"}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := secret.Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", content, err)
		}
	}
	if _, err := secret.Create(filepath.Join(path, "keys.json")); err == nil {
		t.Error("made in a folder that is a file")
	}
}

func TestTokensAreLongAndDifferAndHashTheSame(t *testing.T) {
	one, two := secret.Token(), secret.Token()
	if len(one) != 43 || one == two {
		t.Errorf("%s, %s", one, two)
	}
	if again := secret.Hash(one); again != secret.Hash(one) || secret.Hash(one) == secret.Hash(two) || secret.Hash(one) == one {
		t.Error("a hash is not one")
	}
}
