package access_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"locum/models/delegation"
	"locum/models/modelstest"
)

// BenchmarkAuthority is the decision who may do what, of a visitor: the one
// that reads most. The verification of an RSA signature stands beside it as a
// measure of the machine.
func BenchmarkAuthority(b *testing.B) {
	for _, database := range modelstest.Databases {
		b.Run(database, func(b *testing.B) {
			w := modelstest.New(b, database)
			w.Delegate("karin", "sanne", delegation.Week)
			w.Switch("sanne", w.Zonneveld)
			token := w.Token("sanne")
			b.Run("cached", func(b *testing.B) {
				for b.Loop() {
					if a, err := w.Sessions.Actor(w.Ctx, token); err != nil || !a.Visiting() {
						b.Fatalf("%+v: %v", a, err)
					}
				}
			})
			b.Run("uncached", func(b *testing.B) {
				for b.Loop() {
					if a, err := w.Sessions.Fresh(w.Ctx, token); err != nil || !a.Visiting() {
						b.Fatalf("%+v: %v", a, err)
					}
				}
			})
		})
	}
	b.Run("reference/rsa2048", func(b *testing.B) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			b.Fatal(err)
		}
		sum := sha256.Sum256([]byte("locum"))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
				b.Fatal(err)
			}
		}
	})
}
