package saml

import (
	"encoding/base64"
	"testing"
)

// FuzzVerify feeds documents that no key signed: whatever they are, they are
// refused with a reason, and nothing panics.
func FuzzVerify(f *testing.F) {
	seed := func(document []byte) { f.Add(document) }
	for _, change := range []func(*testing.F){
		func(*testing.F) { document, _ := signedResponse(nil).WriteToBytes(); seed(document) },
		func(*testing.F) { document, _ := compose(parts()).WriteToBytes(); seed(document) },
		func(*testing.F) {
			doc := signedResponse(nil)
			seal(doc, sealing{content: cbc256, key: oaepMGF1P, to: keys().ours})
			document, _ := doc.WriteToBytes()
			seed(document)
		},
	} {
		change(f)
	}
	seed([]byte(`<!DOCTYPE x><x/>`))
	stranger := withKeys(keys().ours)
	stranger.Certificates = expectedFromUs()
	f.Fuzz(func(t *testing.T, document []byte) {
		assertion, err := Verify([]byte(base64.StdEncoding.EncodeToString(document)), stranger)
		if err == nil {
			t.Fatalf("accepted %q", assertion.NameID.Value)
		}
		if ReasonOf(err) == "" {
			t.Fatalf("no reason: %v", err)
		}
	})
}

// FuzzMetadata: what is accepted has what a connection needs.
func FuzzMetadata(f *testing.F) {
	f.Add(metadata(nil))
	f.Add(metadata(map[string]string{"redirect": "javascript:x"}))
	f.Add([]byte(`<x/>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		provider, err := ParseMetadata(document, now)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Fatalf("no reason: %v", err)
			}
			return
		}
		if provider.EntityID == "" || len(provider.Certificates) == 0 || provider.SignOnRedirect+provider.SignOnPost == "" {
			t.Fatalf("accepted %+v", provider)
		}
		for _, address := range []string{provider.SignOnRedirect, provider.SignOnPost, provider.LogoutRedirect, provider.LogoutPost} {
			if address != "" && checkAddress(address) != nil {
				t.Fatalf("accepted address %q", address)
			}
		}
	})
}
