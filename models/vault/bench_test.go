package vault_test

import (
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"locum/models/modelstest"
)

// BenchmarkReveal is a value with its authority, its event and its mails, beside
// the opening of a ciphertext of the same size alone.
func BenchmarkReveal(b *testing.B) {
	value := "crr_test_51J0fPq8WvZ2mNdK4"
	b.Run("bare AEAD", func(b *testing.B) {
		handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			b.Fatal(err)
		}
		with, err := aead.New(handle)
		if err != nil {
			b.Fatal(err)
		}
		sealed, err := with.Encrypt([]byte(value), []byte("a"))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := with.Decrypt(sealed, []byte("a")); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, database := range modelstest.Databases {
		b.Run(database, func(b *testing.B) {
			w := modelstest.New(b, database)
			s := strong{w, w.Vault}
			made, by := s.make("karin", "Carrier", value), s.Actor("karin")
			for b.Loop() {
				if _, err := s.vault.Reveal(s.Ctx, by, made.ID, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
