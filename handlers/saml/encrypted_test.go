package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

const (
	gcm256       = nsEncrypt11 + "aes256-gcm"
	gcm128       = nsEncrypt11 + "aes128-gcm"
	cbc256       = nsEncrypted + "aes256-cbc"
	rsa15        = nsEncrypted + "rsa-1_5"
	digestSHA256 = nsEncrypted + "sha256"
)

func withKeys(pairs ...pair) Expectation {
	want := expected()
	for _, p := range pairs {
		want.Keys = append(want.Keys, p.key.(crypto.Decrypter))
	}
	return want
}

func TestEncryptedAssertionsAreOpened(t *testing.T) {
	ours, next := keys().ours, keys().oursNext
	for name, c := range map[string]struct {
		how  sealing
		want Expectation
	}{
		"AES-256-GCM":                  {sealing{content: gcm256, key: oaepMGF1P, to: ours}, withKeys(ours)},
		"AES-128-GCM":                  {sealing{content: gcm128, key: oaepMGF1P, to: ours}, withKeys(ours)},
		"AES-256-CBC":                  {sealing{content: cbc256, key: oaepMGF1P, to: ours}, withKeys(ours)},
		"OAEP with SHA-256":            {sealing{content: gcm256, key: oaepMGF1P, digest: digestSHA256, to: ours}, withKeys(ours)},
		"OAEP of XML Encryption 1.1":   {sealing{content: gcm256, key: oaep11, digest: digestSHA256, to: ours}, withKeys(ours)},
		"wrapped key beside the data":  {sealing{content: gcm256, key: oaepMGF1P, to: ours, beside: true}, withKeys(ours)},
		"for the next of our two keys": {sealing{content: cbc256, key: oaepMGF1P, to: next}, withKeys(ours, next)},
	} {
		for _, signedAt := range []string{"//Assertion", "/Response"} {
			t.Run(name+" "+signedAt, func(t *testing.T) {
				doc := compose(parts())
				if signedAt == "//Assertion" {
					sign(doc.FindElement(signedAt), signing{})
				}
				seal(doc, c.how)
				if signedAt == "/Response" {
					sign(doc.Root(), signing{})
				}
				assertion, err := Verify(post(doc), c.want)
				if err != nil {
					t.Fatal(err)
				}
				if assertion.NameID.Value != "anna-7" {
					t.Errorf("name %q", assertion.NameID.Value)
				}
			})
		}
	}
}

func TestEncryptedAssertionsAreRefused(t *testing.T) {
	ours, stranger := keys().ours, keys().stranger
	for name, c := range map[string]struct {
		how sealing
		why Reason
	}{
		"RSA 1.5":               {sealing{content: gcm256, key: rsa15, to: ours}, UnlistedEncryption},
		"triple DES":            {sealing{content: nsEncrypted + "tripledes-cbc", key: oaepMGF1P, to: ours}, UnlistedEncryption},
		"OAEP with MD5":         {sealing{content: gcm256, key: oaepMGF1P, digest: "http://www.w3.org/2001/04/xmldsig-more#md5", to: ours}, UnlistedEncryption},
		"for another key":       {sealing{content: gcm256, key: oaepMGF1P, to: stranger}, Undecryptable},
		"nothing inside":        {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: []byte{}}, Malformed},
		"not an assertion":      {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: []byte("<x/>")}, Malformed},
		"DOCTYPE inside":        {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: []byte("<!DOCTYPE x><x/>")}, DocumentType},
		"too deep inside":       {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: []byte(strings.Repeat("<x>", 65))}, TooComplex},
		"unsigned inside":       {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: unsignedAssertion("")}, Unsigned},
		"two assertions inside": {sealing{content: gcm256, key: oaepMGF1P, to: ours, plain: unsignedAssertion("<saml:Assertion/>")}, SeveralAssertions},
	} {
		t.Run(name, func(t *testing.T) {
			doc := signedResponse(nil)
			seal(doc, c.how)
			_, err := Verify(post(doc), withKeys(ours))
			refusedFor(t, err, c.why)
		})
	}
	t.Run("no key of ours", func(t *testing.T) {
		doc := signedResponse(nil)
		seal(doc, sealing{content: gcm256, key: oaepMGF1P, to: ours})
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, Undecryptable)
	})
	t.Run("hundreds of wrapped keys", func(t *testing.T) {
		doc := signedResponse(nil)
		seal(doc, sealing{content: gcm256, key: oaepMGF1P, to: ours})
		info := doc.FindElement("//EncryptedData/KeyInfo")
		for range 200 {
			info.AddChild(info.ChildElements()[0].Copy())
		}
		_, err := Verify(post(doc), withKeys(ours))
		refusedFor(t, err, Malformed)
	})
}

func unsignedAssertion(more string) []byte {
	doc := etree.NewDocument()
	doc.SetRoot(detach(compose(parts()).FindElement("//Assertion")))
	document, err := doc.WriteToString()
	if err != nil {
		panic(err)
	}
	return []byte(strings.Replace(document, "</saml:Assertion>", more+"</saml:Assertion>", 1))
}

// TestCBCTellsNothing: whoever alters unauthenticated ciphertext must get the
// same answer whatever comes out of it, or the answers decrypt it for him.
func TestCBCTellsNothing(t *testing.T) {
	ours := keys().ours
	for name, plain := range map[string][]byte{
		"no XML":     []byte("anna"),
		"DOCTYPE":    []byte("<!DOCTYPE x><x/>"),
		"other XML":  []byte("<x/>"),
		"unsigned":   unsignedAssertion(""),
		"two inside": unsignedAssertion("<saml:Assertion/>"),
	} {
		t.Run(name, func(t *testing.T) {
			doc := signedResponse(nil)
			seal(doc, sealing{content: cbc256, key: oaepMGF1P, to: ours, plain: plain})
			_, err := Verify(post(doc), withKeys(ours))
			refusedFor(t, err, Undecryptable)
		})
	}
	for name, alter := range map[string]func([]byte) []byte{
		"bad padding":       func(sealed []byte) []byte { sealed[len(sealed)-17] ^= 0x80; return sealed },
		"half a block":      func(sealed []byte) []byte { return sealed[:len(sealed)-8] },
		"only the vector":   func(sealed []byte) []byte { return sealed[:16] },
		"nothing":           func([]byte) []byte { return nil },
		"one changed block": func(sealed []byte) []byte { sealed[40] ^= 1; return sealed },
	} {
		t.Run(name, func(t *testing.T) {
			doc := signedResponse(nil)
			seal(doc, sealing{content: cbc256, key: oaepMGF1P, to: ours})
			value := doc.FindElement("//EncryptedData/CipherData/CipherValue")
			sealed, err := base64.StdEncoding.DecodeString(value.Text())
			if err != nil {
				t.Fatal(err)
			}
			value.SetText(base64.StdEncoding.EncodeToString(alter(sealed)))
			_, err = Verify(post(doc), withKeys(ours))
			refusedFor(t, err, Undecryptable)
		})
	}
}

// TestDecryptedNamespacesAreInherited: an assertion may be encrypted without the
// namespaces that its place in the response declares.
func TestDecryptedNamespacesAreInherited(t *testing.T) {
	doc := signedResponse(nil)
	assertion := doc.FindElement("//Assertion")
	alone := etree.NewDocument()
	alone.SetRoot(assertion.Copy())
	plain, err := alone.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	if declaration := fmt.Sprintf("xmlns:saml=%q", nsAssertion); strings.Contains(string(plain), declaration) {
		t.Fatal("the plaintext declares its own namespace")
	}
	seal(doc, sealing{content: gcm256, key: oaepMGF1P, to: keys().ours, plain: plain})
	if _, err := Verify(post(doc), withKeys(keys().ours)); err != nil {
		t.Fatal(err)
	}
}

// TestPaddingIsBounded: the last byte says how much to drop, and a stranger
// chooses it.
func TestPaddingIsBounded(t *testing.T) {
	secret := make([]byte, 16)
	for padding, sound := range map[byte]bool{0: false, 1: true, 16: true, 17: false, 255: false} {
		plain := make([]byte, 16)
		plain[15] = padding
		block, err := aes.NewCipher(secret)
		if err != nil {
			t.Fatal(err)
		}
		sealed := make([]byte, 32)
		cipher.NewCBCEncrypter(block, sealed[:16]).CryptBlocks(sealed[16:], plain)
		if open, ok := openCBC(block, sealed); ok != sound || ok && len(open) != 16-int(padding) {
			t.Errorf("padding %d: %v, %d bytes", padding, ok, len(open))
		}
	}
}
