package saml

import (
	"encoding/base64"
	"net/url"
	"testing"

	"github.com/beevik/etree"
)

// Maps make the coverage of one input vary, and the fuzzer then spends its time
// on making inputs smaller: run these with -fuzzminimizetime 1x.

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

// FuzzSignedContent signs whatever the content is, to reach the readers behind
// the signature: what they accept names somebody, and nothing panics.
func FuzzSignedContent(f *testing.F) {
	for _, name := range []string{"name", "audience", "authn", "attributes"} {
		f.Add(parts()[name])
	}
	f.Fuzz(func(t *testing.T, content string) {
		doc := compose(parts())
		strange := etree.NewDocument()
		if strange.ReadFromString(`<x xmlns:saml="`+nsAssertion+`">`+content+`</x>`) != nil || strange.Root() == nil {
			return
		}
		assertion := doc.FindElement("//Assertion")
		for _, el := range strange.Root().ChildElements() {
			// Takes the place of what has its name, or comes on top.
			for _, old := range children(assertion, el.NamespaceURI(), el.Tag) {
				assertion.RemoveChild(old)
			}
			assertion.AddChild(detach(el))
		}
		bytes, err := doc.WriteToBytes()
		if err != nil {
			return
		}
		if doc = etree.NewDocument(); doc.ReadFromBytes(bytes) != nil {
			return
		}
		if assertion = doc.FindElement("/Response/Assertion"); assertion == nil || !signable(assertion) {
			return
		}
		sign(assertion, signing{})
		got, err := Verify(post(doc), expected())
		if err == nil && got.NameID.Value == "" {
			t.Fatal("accepted nobody")
		}
		if err != nil && ReasonOf(err) == "" {
			t.Fatalf("no reason: %v", err)
		}
	})
}

// FuzzLogoutQuery feeds queries that no trusted key signed: whatever they are,
// they are refused with a reason.
func FuzzLogoutQuery(f *testing.F) {
	f.Add(query("SAMLRequest", logoutXML(nil), "relay", keys().idp))
	f.Add(query("SAMLResponse", logoutXML(map[string]string{"tag": "LogoutResponse"}), "", keys().stranger))
	f.Add("SAMLRequest=%zz&SigAlg=x&Signature=AAAA")
	f.Add("SAMLRequest=A&SAMLResponse=A&SAMLEncoding=x")
	stranger := logoutExpected()
	stranger.Certificates = expectedFromUs()
	f.Fuzz(func(t *testing.T, query string) {
		if got, err := ReadLogoutQuery(query, stranger); err == nil || ReasonOf(err) == "" {
			t.Fatalf("read %+v (%v)", got, err)
		}
	})
}

// FuzzLogoutForm is the same of the POST binding.
func FuzzLogoutForm(f *testing.F) {
	for _, by := range []*signing{nil, {}, {by: keys().stranger}} {
		f.Add(form("SAMLRequest", logoutXML(nil), "relay", by).Encode())
	}
	f.Add("SAMLResponse=AAAA&SAMLResponse=AAAA")
	stranger := logoutExpected()
	stranger.Certificates = expectedFromUs()
	f.Fuzz(func(t *testing.T, encoded string) {
		fields, err := url.ParseQuery(encoded)
		if err != nil {
			return // the web layer takes no such form
		}
		if got, err := ReadLogoutForm(fields, stranger); err == nil || ReasonOf(err) == "" {
			t.Fatalf("read %+v (%v)", got, err)
		}
	})
}

// FuzzSignedLogout signs whatever the message is, to reach the readers behind
// the signature: a request that they accept names somebody and ends, and a
// response says what it answers.
func FuzzSignedLogout(f *testing.F) {
	f.Add(logoutXML(nil))
	f.Add(logoutXML(map[string]string{"tag": "LogoutResponse", "more": `InResponseTo="_x"`,
		"body": `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`}))
	f.Add(logoutXML(map[string]string{"body": "", "issued": "never"}))
	f.Fuzz(func(t *testing.T, document string) {
		for _, field := range []string{"SAMLRequest", "SAMLResponse"} {
			got, err := ReadLogoutQuery(query(field, document, "", keys().idp), logoutExpected())
			switch {
			case err != nil && ReasonOf(err) == "":
				t.Fatalf("no reason: %v", err)
			case err == nil && got.Request && (got.Name.Value == "" || got.Expires.IsZero()):
				t.Fatalf("accepted %+v", got)
			case err == nil && got.ID == "":
				t.Fatalf("accepted without an id %+v", got)
			}
		}
	})
}

// signable tells whether the canonicalization takes the element, as it does not
// with undeclared prefixes.
func signable(el *etree.Element) bool {
	err := walk(detach(el), func(el *etree.Element) error {
		for _, a := range el.Attr {
			if a.Space != "" && a.Space != "xmlns" {
				return Malformed
			}
		}
		if el.Space != "" && el.NamespaceURI() == "" {
			return Malformed
		}
		return nil
	})
	return err == nil
}
