package saml

import (
	"crypto"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"locum/handlers/web"
	"locum/models/federation"
)

func written(doc *etree.Document) string {
	text, err := doc.WriteToString()
	if err != nil {
		panic(err)
	}
	return text
}

// inspection is what the connection of the tests makes of a pasted text, an hour
// after it was made and with no request open.
func inspection(text string, change func(*Expectation)) (Inspection, error) {
	want := withKeys(keys().ours)
	want.RequestID, want.RequestedAt = "", time.Time{}
	if change != nil {
		change(&want)
	}
	return Inspect([]byte(text), want)
}

// TestAPastedResponseIsReadInAnyForm in which people copy it.
func TestAPastedResponseIsReadInAnyForm(t *testing.T) {
	doc := signedResponse(nil)
	base64 := string(post(doc))
	for name, text := range map[string]string{
		"base64": base64, "with white space": "\n  " + base64[:80] + "\n" + base64[80:] + "\n", "XML": written(doc), "with a declaration": `<?xml version="1.0"?>` + written(doc),
		"as a field": "SAMLResponse=" + url.QueryEscape(base64) + "&RelayState=x", "as a field, not escaped": "SAMLResponse=" + base64,
	} {
		in, err := inspection(text, nil)
		if err != nil || in.Signature != nil || in.Refused != nil || in.Assertion.NameID.Value != "anna-7" || len(in.Assertion.Attributes) != 3 {
			t.Errorf("%s: %+v %v", name, in, err)
		}
	}
}

// TestAPastedResponseSaysWhatVouchesForIt: what does not is told, and read.
func TestAPastedResponseSaysWhatVouchesForIt(t *testing.T) {
	whole := func(by signing) string {
		doc := compose(parts())
		sign(doc.Root(), by)
		return written(doc)
	}
	forged := strings.Replace(written(signedResponse(nil)), "Planning-Editors", "Planning-Owners", 1)
	for name, c := range map[string]struct {
		text      string
		change    func(*Expectation)
		signature Reason
		refused   Reason
	}{
		"assertion signed":      {written(signedResponse(nil)), nil, "", ""},
		"response signed":       {whole(signing{}), nil, "", ""},
		"nothing signed":        {written(compose(parts())), nil, Unsigned, ""},
		"by a stranger":         {whole(signing{by: keys().stranger}), nil, UnknownKey, ""},
		"changed":               {forged, nil, BadSignature, ""},
		"the certificate ended": {written(signedResponse(nil)), func(e *Expectation) { e.Now = keys().idp.certificate.NotAfter.Add(time.Hour) }, CertificateExpired, Expired},
		"an hour later":         {written(signedResponse(nil)), func(e *Expectation) { e.Now = now.Add(time.Hour) }, "", Expired},
		"for another":           {written(signedResponse(map[string]string{"us": "https://other.example"})), nil, "", NotForUs},
		"of another provider":   {written(signedResponse(nil)), func(e *Expectation) { e.Issuer = "https://other.example" }, "", WrongIssuer},
	} {
		in, err := inspection(c.text, c.change)
		var signature, refused Reason
		if in.Signature != nil {
			signature = in.Signature.Reason
		}
		if in.Refused != nil {
			refused = in.Refused.Reason
		}
		if err != nil || signature != c.signature || refused != c.refused || in.Assertion.NameID.Value != "anna-7" {
			t.Errorf("%s: signature %q, refused %q, name %q, %v", name, signature, refused, in.Assertion.NameID.Value, err)
		}
	}
}

// TestAPastedResponseIsDecrypted with the connection's own keys.
func TestAPastedResponseIsDecrypted(t *testing.T) {
	doc := signedResponse(nil)
	seal(doc, sealing{content: cbc256, key: oaepMGF1P, to: keys().ours})
	in, err := inspection(written(doc), nil)
	if err != nil || in.Signature != nil || in.Assertion.NameID.Value != "anna-7" {
		t.Errorf("%+v %v", in, err)
	}
	_, err = inspection(written(doc), func(e *Expectation) { e.Keys = nil })
	refusedFor(t, err, Undecryptable)
	unsigned := compose(parts())
	seal(unsigned, sealing{content: cbc256, key: oaepMGF1P, to: keys().ours})
	if in, err = inspection(written(unsigned), nil); err != nil || in.Signature == nil || in.Signature.Reason != Unsigned {
		t.Errorf("unsigned within: %+v %v", in, err)
	}
}

// TestTextsThatCannotBeExplained each say why.
func TestTextsThatCannotBeExplained(t *testing.T) {
	two := compose(parts())
	second := two.FindElement("//Assertion").Copy()
	second.CreateAttr("ID", "_assertion2")
	two.Root().AddChild(second)
	old := compose(parts())
	sign(old.Root(), signing{digest: crypto.SHA1, method: crypto.SHA1})
	many := `<saml:AttributeStatement><saml:Attribute Name="groups">` + strings.Repeat("<saml:AttributeValue>g</saml:AttributeValue>", 10_000) + `</saml:Attribute></saml:AttributeStatement>`
	for name, c := range map[string]struct {
		text string
		why  Reason
	}{
		"nothing":                {"", Malformed},
		"no base64":              {"this is no response", Malformed},
		"a web page":             {`<!DOCTYPE html><html></html>`, DocumentType},
		"an entity":              {`<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>`, DocumentType},
		"metadata":               {`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>`, Malformed},
		"over 256 KB":            {"<x>" + strings.Repeat("y", 256<<10) + "</x>", TooLarge},
		"over 256 KB of base64":  {strings.Repeat("QUJD", 100_000), TooLarge},
		"two assertions":         {written(two), SeveralAssertions},
		"no assertion":           {written(compose(with(parts(), "assertion", ""))), NoAssertion},
		"a refusal":              {written(compose(with(with(parts(), "assertion", ""), "status", status("Responder", "AuthnFailed")))), SignInFailed},
		"nobody":                 {written(compose(with(parts(), "name", ""))), NoSubject},
		"10,000 values":          {written(compose(with(parts(), "attributes", many))), TooLarge},
		"signed by SHA-1":        {written(old), WeakAlgorithm},
		"an escape that is none": {"SAMLResponse=%zz", Malformed},
	} {
		_, err := inspection(c.text, nil)
		if ReasonOf(err) != c.why {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
	}
}

func with(pieces map[string]string, name, piece string) map[string]string {
	pieces[name] = piece
	return pieces
}

func status(first, second string) string {
	return fmt.Sprintf(`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:%s"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:%s"/></samlp:StatusCode></samlp:Status>`, first, second)
}

// TestAClockThatIsOffIsMeasured from the times that were signed: what lies after
// our now is ahead, what lies before the question is behind.
func TestAClockThatIsOffIsMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		change    map[string]string
		requested time.Time
		want      time.Duration
	}{
		"right":                      {nil, now.Add(-20 * time.Second), 0},
		"on its way for a while":     {map[string]string{"issued": "2026-11-21T08:59:45Z"}, now.Add(-20 * time.Second), 0},
		"ahead":                      {map[string]string{"issued": "2026-11-21T09:01:15Z"}, now.Add(-20 * time.Second), 75 * time.Second},
		"ahead by its NotBefore":     {map[string]string{"from": "2026-11-21T09:02:00Z"}, now.Add(-20 * time.Second), 2 * time.Minute},
		"NotBefore is early":         {map[string]string{"from": "2026-11-21T08:55:00Z"}, now.Add(-20 * time.Second), 0},
		"behind":                     {map[string]string{"issued": "2026-11-21T08:58:00Z"}, now.Add(-20 * time.Second), -100 * time.Second},
		"early, and nobody asked it": {map[string]string{"issued": "2026-11-21T08:58:00Z"}, time.Time{}, 0},
	} {
		want := expected()
		want.RequestedAt = c.requested
		got, err := Verify(post(signedResponse(c.change)), want)
		if err != nil || got.Ahead != c.want {
			t.Errorf("%s: %v ahead, want %v (%v)", name, got.Ahead, c.want, err)
		}
		if told := toldBy(got); told.ClockAhead != got.Ahead {
			t.Errorf("%s: told %v", name, told.ClockAhead)
		}
	}
}

// FuzzInspect: whatever is pasted is read or refused with a reason, and nothing
// that no key signed is told to be vouched for.
func FuzzInspect(f *testing.F) {
	f.Add([]byte(written(signedResponse(nil))))
	f.Add(post(signedResponse(nil)))
	f.Add([]byte("SAMLResponse=%50"))
	f.Add([]byte(written(compose(parts()))))
	stranger := withKeys(keys().ours)
	stranger.Certificates = expectedFromUs()
	f.Fuzz(func(t *testing.T, pasted []byte) {
		in, err := Inspect(pasted, stranger)
		var refused *Error
		switch {
		case err != nil && !errors.As(err, &refused):
			t.Fatalf("no reason: %v", err)
		case err == nil && in.Signature == nil:
			t.Fatalf("vouched for %q", in.Assertion.NameID.Value)
		}
	})
}

// TestAPastedResponseSignsNobodyIn: it is read with the connection's own
// certificates and keys, is not spent, and leaves nothing behind.
func TestAPastedResponseSignsNobodyIn(t *testing.T) {
	h := newHub(t)
	request, relay := h.begin()
	response := h.response(request, nil)
	read := Inspector(h.federation)
	var pasted federation.Pasted
	var err error
	h.app.Open("POST /read", func(r *web.Request) (web.Response, error) {
		pasted, err = read(r, h.connection.ID, r.PostFormValue("text"))
		return web.Bytes("text/plain", nil), nil
	})
	ask := func(text string) {
		answer, problem := h.browser.PostForm(h.address+"/read", url.Values{"text": {text}})
		h.must(problem)
		answer.Body.Close()
	}
	for range 2 {
		ask(string(response))
		h.must(err)
		if pasted.Signature.Key != "" || pasted.Refused.Key != "" || pasted.Told.Name != "anna-7" {
			t.Fatalf("read %+v", pasted)
		}
	}
	ask("<!DOCTYPE x><x/>")
	if fields, wrong := web.Wrong(err); !wrong || fields["response"].Key != "saml.error.document_type.body" {
		t.Errorf("a document type: %v", err)
	}
	if page := h.get("/members"); page.status == 200 {
		t.Error("somebody is signed in")
	}
	// The very same response still signs in: it was not spent.
	if got := h.answerWith(response, relay); got.status != 303 {
		t.Errorf("answers %d\n%s", got.status, got.body)
	}
}
