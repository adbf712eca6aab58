package saml

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"

	"locum/models/federation"
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

// BenchmarkSignIn is a whole acceptance on SQLite: the sign-in is claimed, the
// response verified, the person recognised, the session opened. Roles are not
// resolved here.
func BenchmarkSignIn(b *testing.B) {
	h := newHub(b)
	number := 0
	for b.Loop() {
		b.StopTimer()
		number++
		begun, err := h.federation.Begin(b.Context(), federation.Start{Connection: h.connection.ID, RequestID: ourRequest, BrowserHash: "browser"})
		h.must(err)
		pieces := parts()
		pieces["id"] = fmt.Sprintf("_assertion%d", number)
		doc := compose(pieces)
		sign(doc.FindElement("//Assertion"), signing{})
		posted := post(doc)
		b.StartTimer()
		claimed, err := h.federation.Claim(b.Context(), h.connection.ID, begun.RelayState)
		h.must(err)
		assertion, err := Verify(posted, expected())
		h.must(err)
		ticket, err := h.federation.Finish(b.Context(), claimed, toldBy(assertion))
		h.must(err)
		_, _, err = h.federation.Redeem(b.Context(), ticket, "browser", federation.Visitor{})
		h.must(err)
	}
}
