package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// The identity provider of the tests signs and encrypts whatever it is told to,
// with its own code, so that no check is tested with the library it rests on.

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

const (
	ourEntity  = "https://hub.example/saml/con_1/metadata"
	ourACS     = "https://hub.example/saml/con_1/acs"
	idpEntity  = "https://login.devries.example/saml"
	ourRequest = "_request1"
)

type pair struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

func newPair(key crypto.Signer, from, until time.Time) pair {
	template := &x509.Certificate{SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: "signing"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return pair{key, certificate}
}

func newRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// keys are made once: they are what takes time in these tests.
var keys = sync.OnceValue(func() (k struct{ idp, next, stranger, ended, curve, ours, oursNext pair }) {
	from, until := now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)
	k.idp = newPair(newRSA(2048), from, until)
	k.next = newPair(newRSA(2048), from, until)
	k.stranger = newPair(newRSA(2048), from, until)
	k.ended = newPair(k.idp.key, from.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	k.curve = newPair(curve, from, until)
	k.ours = newPair(newRSA(2048), from, until)
	k.oursNext = newPair(newRSA(2048), from, until)
	return k
})

// expected is what a sound response fits.
func expected() Expectation {
	return Expectation{
		Now: now, EntityID: ourEntity, ACS: ourACS, Issuer: idpEntity,
		Certificates: []*x509.Certificate{keys().idp.certificate},
		RequestID:    ourRequest, RequestedAt: now.Add(-20 * time.Second),
	}
}

const responseTemplate = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response1" Version="2.0" IssueInstant="{{issued}}" Destination="{{destination}}" InResponseTo="{{request}}">` +
	`<saml:Issuer>{{issuer}}</saml:Issuer>{{status}}{{assertion}}</samlp:Response>`

const assertionTemplate = `<saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="{{id}}" Version="2.0" IssueInstant="{{issued}}"><saml:Issuer>{{issuer}}</saml:Issuer>` +
	`<saml:Subject>{{name}}<saml:SubjectConfirmation Method="{{method}}">{{data}}</saml:SubjectConfirmation></saml:Subject>` +
	`<saml:Conditions NotBefore="{{from}}" NotOnOrAfter="{{until}}">{{audience}}</saml:Conditions>{{authn}}{{attributes}}</saml:Assertion>`

// parts is a sound response in pieces; a test replaces the piece it is about.
func parts() map[string]string {
	return map[string]string{
		"issued": "2026-11-21T09:00:00Z", "from": "{{issued}}", "until": "2026-11-21T09:05:00Z",
		"destination": ourACS, "request": ourRequest, "issuer": idpEntity, "id": "_assertion1",
		"status":    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`,
		"assertion": assertionTemplate,
		"name":      `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q" SPNameQualifier="sq">anna-7</saml:NameID>`,
		"method":    methodBearer,
		"data":      `<saml:SubjectConfirmationData Recipient="{{recipient}}" NotOnOrAfter="{{until}}" InResponseTo="{{request}}"/>`,
		"recipient": ourACS,
		"audience":  `<saml:AudienceRestriction><saml:Audience>{{us}}</saml:Audience></saml:AudienceRestriction>`,
		"us":        ourEntity,
		"authn": `<saml:AuthnStatement AuthnInstant="2026-11-21T08:59:00Z" SessionIndex="_session1" SessionNotOnOrAfter="2026-11-21T17:00:00Z"><saml:AuthnContext>` +
			`<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
		"attributes": `<saml:AttributeStatement><saml:Attribute Name="email" FriendlyName="mail"><saml:AttributeValue>anna@devries.example</saml:AttributeValue></saml:Attribute>` +
			`<saml:Attribute Name="groups"><saml:AttributeValue>Planning-Editors</saml:AttributeValue><saml:AttributeValue>Everyone</saml:AttributeValue></saml:Attribute>` +
			`<saml:Attribute Name="country"/></saml:AttributeStatement>`,
	}
}

func compose(pieces map[string]string) *etree.Document {
	written := responseTemplate
	for range 4 { // pieces hold pieces
		for name, piece := range pieces {
			written = strings.ReplaceAll(written, "{{"+name+"}}", piece)
		}
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromString(written); err != nil {
		panic(fmt.Sprintf("%v in %s", err, written))
	}
	return doc
}

// signing says how to sign. The zero value signs soundly with the first key.
type signing struct {
	by         pair
	digest     crypto.Hash
	method     crypto.Hash
	c14n       string
	transforms []string
	uri        string
	whole      bool // refers to the whole document, by an empty address
	noKeyInfo  bool
	keyInfo    string // in place of the certificate
}

var digestNames = map[crypto.Hash]string{
	crypto.SHA1: nsSignature + "sha1", crypto.SHA256: nsEncrypted + "sha256", crypto.SHA512: nsEncrypted + "sha512",
}

func (s signing) methodName() string {
	if _, ok := s.by.key.(*ecdsa.PrivateKey); ok {
		return dsig.ECDSASHA256SignatureMethod
	}
	return map[crypto.Hash]string{
		crypto.SHA1: dsig.RSASHA1SignatureMethod, crypto.SHA256: dsig.RSASHA256SignatureMethod, crypto.SHA512: dsig.RSASHA512SignatureMethod,
	}[s.method]
}

func canonical(el *etree.Element, algorithm string) []byte {
	by := map[string]dsig.Canonicalizer{
		string(dsig.CanonicalXML10ExclusiveAlgorithmId):             dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(""),
		string(dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId): dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(""),
		string(dsig.CanonicalXML10RecAlgorithmId):                   dsig.MakeC14N10RecCanonicalizer(),
		string(dsig.CanonicalXML11AlgorithmId):                      dsig.MakeC14N11Canonicalizer(),
	}[algorithm]
	content, err := by.Canonicalize(detach(el))
	if err != nil {
		panic(err)
	}
	return content
}

func sum(h crypto.Hash, content []byte) []byte {
	hash := h.New()
	hash.Write(content)
	return hash.Sum(nil)
}

// sign puts a signature after the element's Issuer.
func sign(el *etree.Element, s signing) {
	if s.by.key == nil {
		s.by = keys().idp
	}
	if s.digest == 0 {
		s.digest = crypto.SHA256
	}
	if s.method == 0 {
		s.method = crypto.SHA256
	}
	if s.c14n == "" {
		s.c14n = string(dsig.CanonicalXML10ExclusiveAlgorithmId)
	}
	if s.transforms == nil {
		s.transforms = []string{string(dsig.EnvelopedSignatureAltorithmId), s.c14n}
	}
	if s.uri == "" {
		s.uri = "#" + attr(el, "ID")
	}
	if s.whole {
		s.uri = ""
	}
	if s.keyInfo == "" {
		s.keyInfo = "<ds:X509Data><ds:X509Certificate>" + base64.StdEncoding.EncodeToString(s.by.certificate.Raw) + "</ds:X509Certificate></ds:X509Data>"
	}
	var transforms strings.Builder
	for _, transform := range s.transforms {
		fmt.Fprintf(&transforms, `<ds:Transform Algorithm="%s"/>`, transform)
	}
	written := fmt.Sprintf(`<ds:Signature xmlns:ds="%s"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="%s"/><ds:SignatureMethod Algorithm="%s"/>`+
		`<ds:Reference URI="%s"><ds:Transforms>%s</ds:Transforms><ds:DigestMethod Algorithm="%s"/><ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>`+
		`<ds:SignatureValue/><ds:KeyInfo>%s</ds:KeyInfo></ds:Signature>`,
		nsSignature, s.c14n, s.methodName(), s.uri, transforms.String(), digestNames[s.digest],
		base64.StdEncoding.EncodeToString(sum(s.digest, canonical(el, s.c14n))),
		s.keyInfo)
	doc := etree.NewDocument()
	if err := doc.ReadFromString(written); err != nil {
		panic(err)
	}
	signature := doc.Root()
	at := 0
	if first := el.ChildElements(); len(first) > 0 && first[0].Tag == "Issuer" {
		at = first[0].Index() + 1
	}
	el.InsertChildAt(at, signature)
	value, err := s.by.key.Sign(rand.Reader, sum(s.method, canonical(signature.ChildElements()[0], s.c14n)), s.method)
	if err != nil {
		panic(err)
	}
	folded := base64.StdEncoding.EncodeToString(value)
	signature.ChildElements()[1].SetText("\n  " + folded[:64] + "\n  " + folded[64:] + "\n")
	if s.noKeyInfo {
		signature.RemoveChild(signature.ChildElements()[2])
	}
}

// signedResponse is a sound response with the assertion signed; change may
// replace pieces first.
func signedResponse(change map[string]string) *etree.Document {
	pieces := parts()
	for name, piece := range change {
		pieces[name] = piece
	}
	doc := compose(pieces)
	if assertion := doc.FindElement("//Assertion"); assertion != nil {
		sign(assertion, signing{})
	}
	return doc
}

// post encodes a document as the SAMLResponse field.
func post(doc *etree.Document) []byte {
	document, err := doc.WriteToBytes()
	if err != nil {
		panic(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(document))
}

// sealing says how to encrypt an assertion.
type sealing struct {
	content string // algorithm
	key     string // algorithm
	digest  string // of OAEP
	to      pair
	beside  bool // the wrapped key stands beside the data
	plain   []byte
}

// seal replaces the assertion of a response by an encrypted one.
func seal(doc *etree.Document, s sealing) {
	assertion := doc.FindElement("//Assertion")
	if s.plain == nil {
		alone := etree.NewDocument()
		alone.SetRoot(detach(assertion))
		s.plain, _ = alone.WriteToBytes()
	}
	secret := make([]byte, 32)
	if strings.Contains(s.content, "128") {
		secret = secret[:16]
	}
	rand.Read(secret)
	wrapped := wrap(s, secret)
	method := ""
	if s.digest != "" {
		method = fmt.Sprintf(`<ds:DigestMethod Algorithm="%s"/>`, s.digest)
	}
	key := fmt.Sprintf(`<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="%s">%s</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`,
		s.key, method, base64.StdEncoding.EncodeToString(wrapped))
	inside, beside := "<ds:KeyInfo>"+key+"</ds:KeyInfo>", ""
	if s.beside {
		inside, beside = "", key
	}
	sealed := etree.NewDocument()
	err := sealed.ReadFromString(fmt.Sprintf(`<saml:EncryptedAssertion xmlns:saml="%s" xmlns:xenc="%s" xmlns:ds="%s"><xenc:EncryptedData><xenc:EncryptionMethod Algorithm="%s"/>%s<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>%s</saml:EncryptedAssertion>`,
		nsAssertion, nsEncrypted, nsSignature, s.content, inside, base64.StdEncoding.EncodeToString(encipher(s, secret)), beside))
	if err != nil {
		panic(err)
	}
	parent := assertion.Parent()
	parent.RemoveChild(assertion)
	parent.AddChild(sealed.Root())
}

func wrap(s sealing, secret []byte) []byte {
	public := s.to.key.Public().(*rsa.PublicKey)
	hash := crypto.SHA1
	if strings.HasSuffix(s.digest, "sha256") {
		hash = crypto.SHA256
	}
	wrapped, err := rsa.EncryptOAEPWithOptions(rand.Reader, public, secret, &rsa.OAEPOptions{Hash: hash, MGFHash: crypto.SHA1})
	if strings.HasSuffix(s.key, "rsa-1_5") {
		//lint:ignore SA1019 the test makes what must be refused
		wrapped, err = rsa.EncryptPKCS1v15(rand.Reader, public, secret)
	}
	if err != nil {
		panic(err)
	}
	return wrapped
}

func encipher(s sealing, secret []byte) []byte {
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err)
	}
	if strings.HasSuffix(s.content, "gcm") {
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			panic(err)
		}
		nonce := make([]byte, gcm.NonceSize())
		rand.Read(nonce)
		return gcm.Seal(nonce, nonce, s.plain, nil)
	}
	size := block.BlockSize()
	padding := size - len(s.plain)%size
	padded := append(append([]byte{}, s.plain...), make([]byte, padding)...)
	padded[len(padded)-1] = byte(padding)
	sealed := make([]byte, size+len(padded))
	rand.Read(sealed[:size])
	cipher.NewCBCEncrypter(block, sealed[:size]).CryptBlocks(sealed[size:], padded)
	return sealed
}

// refusedFor fails unless err is a refusal for this reason.
func refusedFor(t *testing.T, err error, want Reason) {
	t.Helper()
	if got := ReasonOf(err); got != want {
		t.Fatalf("refused for %q (%v), want %q", got, err, want)
	}
}

// expectedFromUs are the certificates that vouch for what we sign.
func expectedFromUs() []*x509.Certificate { return []*x509.Certificate{keys().ours.certificate} }

// hostileResponse is as costly as the limits allow: wide, deep in namespaces,
// and with a signature in its place that makes it be canonicalized.
func hostileResponse() *etree.Document {
	filler := `<saml:Attribute Name="a"` + manyNamespaces(20, 0) + `>` + strings.Repeat("<a/>", 24_000) + `</saml:Attribute>`
	doc := signedResponse(nil)
	stuffing := etree.NewDocument()
	if err := stuffing.ReadFromString(`<saml:AttributeStatement xmlns:saml="` + nsAssertion + `">` + filler + `</saml:AttributeStatement>`); err != nil {
		panic(err)
	}
	doc.FindElement("//Assertion").AddChild(stuffing.Root())
	return doc
}
