package saml

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
)

// BenchmarkRSAVerify is the reference: the one RSA-2048 verification that no
// response can do without.
func BenchmarkRSAVerify(b *testing.B) {
	digest := sha256.Sum256([]byte("signed"))
	signature, err := keys().idp.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	public := keys().idp.key.Public().(*rsa.PublicKey)
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyResponse takes a posted response to the assertion in it.
func BenchmarkVerifyResponse(b *testing.B) {
	posted, want := post(signedResponse(nil)), expected()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(posted, want); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuseNestedTags is the cost of the worst that limits let through to
// the scanner.
func BenchmarkRefuseNestedTags(b *testing.B) {
	hostile, want := post(hostileResponse()), expected()
	for b.Loop() {
		if _, err := Verify(hostile, want); err == nil {
			b.Fatal("accepted")
		}
	}
}
