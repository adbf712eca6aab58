package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// The fields of a message in the redirect and POST bindings.
const (
	fieldRequest  = "SAMLRequest"
	fieldResponse = "SAMLResponse"
	fieldRelay    = "RelayState"
)

// Logout is a verified message of the Single Logout Profile (saml-profiles-2.0,
// section 4.4): a request to end sessions, or the answer to ours.
type Logout struct {
	ID         string
	RelayState string

	// Of a request.
	Request        bool
	Name           NameID
	SessionIndexes []string // none means every session of that name
	Expires        time.Time

	// Of a response.
	InResponseTo string
	Success      bool
}

// LogoutExpectation is what a logout message must fit to be believed.
type LogoutExpectation struct {
	Now          time.Time
	SLO          string // our address that it was sent to
	Issuer       string // the entity id of the identity provider
	Certificates []*x509.Certificate
	Limits       Limits
}

// logoutLife is how long after it was made a logout message is taken.
const logoutLife = 5 * time.Minute

// ReadLogoutQuery reads a message of the redirect binding out of a query as it
// was received: the signature is over those very octets (saml-bindings-2.0,
// section 3.4.4.1). Every refusal is an *Error.
func ReadLogoutQuery(query string, want LogoutExpectation) (Logout, error) {
	want.Limits = want.Limits.orDefault()
	if len(query) > want.Limits.Bytes {
		return Logout{}, refuse(TooLarge, "query of %d bytes", len(query))
	}
	raw, err := rawFields(query)
	if err != nil {
		return Logout{}, err
	}
	field := fieldRequest
	if _, there := raw[fieldResponse]; there {
		field = fieldResponse
	}
	if err := want.verifyQuery(raw, field); err != nil {
		return Logout{}, err
	}
	packed, err := unescaped(raw, field)
	if err != nil {
		return Logout{}, err
	}
	document, err := inflated(packed, want.Limits.Bytes)
	if err != nil {
		return Logout{}, err
	}
	root, err := parse(document, want.Limits)
	if err != nil {
		return Logout{}, err
	}
	return want.read(root, field, relayOf(raw))
}

// ReadLogoutForm reads a message of the POST binding, which carries its
// signature within (saml-bindings-2.0, section 3.5.4).
func ReadLogoutForm(form url.Values, want LogoutExpectation) (Logout, error) {
	want.Limits = want.Limits.orDefault()
	field := fieldRequest
	if form.Has(fieldResponse) {
		field = fieldResponse
	}
	if len(form[fieldRequest])+len(form[fieldResponse]) != 1 || len(form[fieldRelay]) > 1 {
		return Logout{}, refuse(Malformed, "no message, or a field sent twice")
	}
	if len(form.Get(field)) > want.Limits.Bytes*2 {
		return Logout{}, refuse(TooLarge, "%d bytes of base64", len(form.Get(field)))
	}
	document, err := decodeBase64(form.Get(field))
	if err != nil {
		return Logout{}, refuse(Malformed, "base64: %v", err)
	}
	root, err := parse(document, want.Limits)
	if err != nil {
		return Logout{}, err
	}
	if err := onlySignature(root); err != nil {
		return Logout{}, err
	}
	covered, err := signed(root, want.Certificates, want.Now)
	if err != nil {
		return Logout{}, err
	}
	return want.read(covered, field, form.Get(fieldRelay))
}

// onlySignature refuses a signature anywhere but in the root's own place.
func onlySignature(root *etree.Element) error {
	return walk(root, func(el *etree.Element) error {
		if el.Tag == "Signature" && signatureOf(root) != el {
			return refuse(Malformed, "a signature out of its place")
		}
		return nil
	})
}

// rawFields are the fields of the binding as they stand in the query, still
// escaped. A field that comes twice is refused: what is verified and what is
// read could be two different things.
func rawFields(query string) (map[string]string, error) {
	raw := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		known, err := url.QueryUnescape(name)
		if err != nil {
			return nil, refuse(Malformed, "query: %v", err)
		}
		if !slices.Contains([]string{fieldRequest, fieldResponse, fieldRelay, "SigAlg", "Signature", "SAMLEncoding"}, known) {
			continue
		}
		if _, twice := raw[known]; twice || known != name {
			return nil, refuse(Malformed, "%s is sent twice, or escaped", known)
		}
		raw[known] = value
	}
	_, request := raw[fieldRequest]
	_, response := raw[fieldResponse]
	encoding, _ := unescaped(raw, "SAMLEncoding")
	if request == response || encoding != "" && encoding != "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE" {
		return nil, refuse(Malformed, "no message, two of them, or another encoding")
	}
	return raw, nil
}

func unescaped(raw map[string]string, field string) (string, error) {
	value, err := url.QueryUnescape(raw[field])
	if err != nil {
		return "", refuse(Malformed, "%s: %v", field, err)
	}
	return value, nil
}

func relayOf(raw map[string]string) string {
	relay, _ := url.QueryUnescape(raw[fieldRelay]) // rawFields cannot tell; an unreadable one leads nowhere
	return relay
}

// verifyQuery checks the signature over the fields, in the order that the
// standard gives them and with their octets as received.
func (want LogoutExpectation) verifyQuery(raw map[string]string, field string) error {
	written, signs := raw["Signature"]
	if !signs {
		return refuse(Unsigned, "no Signature in the query")
	}
	algorithm, err := unescaped(raw, "SigAlg")
	if err != nil {
		return err
	}
	hash, known := queryHashes[algorithm]
	if !known {
		return refuse(WeakAlgorithm, "SigAlg %q", algorithm)
	}
	escaped, err := url.QueryUnescape(written)
	if err != nil {
		return refuse(Malformed, "Signature: %v", err)
	}
	signature, err := decodeBase64(escaped)
	if err != nil {
		return refuse(Malformed, "Signature: %v", err)
	}
	octets := field + "=" + raw[field]
	if relay, there := raw[fieldRelay]; there {
		octets += "&" + fieldRelay + "=" + relay
	}
	octets += "&SigAlg=" + raw["SigAlg"]
	digest := hash.New()
	digest.Write([]byte(octets))
	ended := false
	for _, certificate := range want.Certificates {
		if !usable(certificate) || !verifies(certificate, algorithm, hash, digest.Sum(nil), signature) {
			continue
		}
		if !want.Now.Before(certificate.NotBefore) && !want.Now.After(certificate.NotAfter) {
			return nil
		}
		ended = true
	}
	if ended {
		return refuse(CertificateExpired, "the certificate of the signature has ended")
	}
	return refuse(BadSignature, "verified by none of %d certificates", len(want.Certificates))
}

var queryHashes = map[string]crypto.Hash{
	dsig.RSASHA256SignatureMethod: crypto.SHA256, dsig.RSASHA384SignatureMethod: crypto.SHA384, dsig.RSASHA512SignatureMethod: crypto.SHA512,
	dsig.ECDSASHA256SignatureMethod: crypto.SHA256, dsig.ECDSASHA384SignatureMethod: crypto.SHA384, dsig.ECDSASHA512SignatureMethod: crypto.SHA512,
}

// verifies checks a signature with the key of a certificate. One of ECDSA is
// its two numbers after each other (XML Signature 1.1, section 6.4.3).
func verifies(certificate *x509.Certificate, algorithm string, hash crypto.Hash, digest, signature []byte) bool {
	curve := strings.Contains(algorithm, "#ecdsa-")
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return !curve && rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		return curve && half > 0 && len(signature)%2 == 0 &&
			ecdsa.Verify(key, digest, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
	}
	return false
}

func inflated(packed string, limit int) ([]byte, error) {
	deflated, err := decodeBase64(packed)
	if err != nil {
		return nil, refuse(Malformed, "base64: %v", err)
	}
	document, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(deflated)), int64(limit)+1))
	if err != nil {
		return nil, refuse(Malformed, "deflate: %v", err)
	}
	return document, nil // one that is too long is refused by the parser
}

// read holds a message, of which a signature covers all, against the
// expectation.
func (want LogoutExpectation) read(root *etree.Element, field, relay string) (Logout, error) {
	tag := map[string]string{fieldRequest: "LogoutRequest", fieldResponse: "LogoutResponse"}[field]
	if !is(root, nsProtocol, tag) {
		return Logout{}, refuse(Malformed, "a %s in %s", root.Tag, field)
	}
	if v := attr(root, "Version"); v != version {
		return Logout{}, refuse(WrongVersion, "%s of version %q", tag, v)
	}
	issuers := Expectation{Now: want.Now, Issuer: want.Issuer, Skew: DefaultSkew}
	if err := issuers.checkIssuer(root, true); err != nil {
		return Logout{}, err
	}
	if to := attr(root, "Destination"); to != want.SLO {
		return Logout{}, refuse(NotForUs, "Destination %q", to)
	}
	if err := issuers.checkIssued(root); err != nil {
		return Logout{}, err
	}
	issued, err := moment(root, "IssueInstant")
	if err != nil {
		return Logout{}, err
	}
	out := Logout{ID: attr(root, "ID"), RelayState: relay, Request: field == fieldRequest, Expires: issued.Add(logoutLife + DefaultSkew)}
	if out.ID == "" || len(out.ID) > 256 || len(relay) > maxRelayState {
		return Logout{}, refuse(Malformed, "ID of %d bytes, RelayState of %d", len(out.ID), len(relay))
	}
	if late := want.Now.Sub(out.Expires); late >= 0 {
		return Logout{}, refuse(Expired, "made %v too long ago", late).off(max(late, time.Minute))
	}
	if !out.Request {
		return out, out.readAnswer(root)
	}
	return out, out.readRequest(root, want.Now)
}

func (l *Logout) readRequest(root *etree.Element, now time.Time) error {
	until, err := instant(root, "NotOnOrAfter")
	if err != nil {
		return err
	}
	if late := now.Sub(until); !until.IsZero() && late >= DefaultSkew {
		return refuse(Expired, "ended %v ago", late).off(late)
	}
	if len(children(root, nsAssertion, "EncryptedID")) > 0 {
		return refuse(EncryptedPart, "EncryptedID")
	}
	name, err := atMostOne(root, nsAssertion, "NameID")
	if err != nil {
		return err
	}
	if name == nil || text(name) == "" || len(text(name)) > maxNameLength {
		return refuse(NoSubject, "no NameID")
	}
	l.Name = NameID{Value: text(name), Format: attr(name, "Format"), NameQualifier: attr(name, "NameQualifier"), SPNameQualifier: attr(name, "SPNameQualifier")}
	for _, index := range children(root, nsProtocol, "SessionIndex") {
		l.SessionIndexes = append(l.SessionIndexes, text(index))
	}
	return nil
}

func (l *Logout) readAnswer(root *etree.Element) error {
	l.InResponseTo = attr(root, "InResponseTo")
	status, err := atMostOne(root, nsProtocol, "Status")
	if err != nil {
		return err
	}
	if status == nil {
		return refuse(Malformed, "no Status")
	}
	code, err := atMostOne(status, nsProtocol, "StatusCode")
	if err != nil {
		return err
	}
	l.Success = code != nil && attr(code, "Value") == statusPrefix+"Success"
	return nil
}

// LogoutMessage is one that we send: a request, or with InResponseTo the answer
// to one, which then says success.
type LogoutMessage struct {
	ID           string
	Issuer       string
	Destination  string
	IssuedAt     time.Time
	InResponseTo string

	// Of a request.
	Name         NameID
	SessionIndex string
}

// Field is the name under which the message travels.
func (m LogoutMessage) Field() string {
	if m.InResponseTo != "" {
		return fieldResponse
	}
	return fieldRequest
}

// RedirectURL is the address to send the browser to, signed.
func (m LogoutMessage) RedirectURL(relayState string, by *Signer) (string, error) {
	return redirectURL(m.document(), m.Field(), m.Destination, relayState, by)
}

// Posted is the message for the POST binding, signed, in base64.
func (m LogoutMessage) Posted(by *Signer) (string, error) {
	doc := m.document()
	if err := by.envelop(doc.Root()); err != nil {
		return "", err
	}
	document, err := doc.WriteToBytes()
	return base64.StdEncoding.EncodeToString(document), err
}

func (m LogoutMessage) document() *etree.Document {
	doc := etree.NewDocument()
	tag := "samlp:LogoutRequest"
	if m.InResponseTo != "" {
		tag = "samlp:LogoutResponse"
	}
	el := doc.CreateElement(tag)
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("ID", m.ID)
	el.CreateAttr("Version", version)
	el.CreateAttr("IssueInstant", m.IssuedAt.UTC().Format("2006-01-02T15:04:05.000Z"))
	el.CreateAttr("Destination", m.Destination)
	if m.InResponseTo != "" {
		el.CreateAttr("InResponseTo", m.InResponseTo)
		el.CreateElement("saml:Issuer").SetText(m.Issuer)
		el.CreateElement("samlp:Status").CreateElement("samlp:StatusCode").CreateAttr("Value", statusPrefix+"Success")
		return doc
	}
	el.CreateAttr("NotOnOrAfter", m.IssuedAt.Add(logoutLife).UTC().Format("2006-01-02T15:04:05.000Z"))
	el.CreateElement("saml:Issuer").SetText(m.Issuer)
	name := el.CreateElement("saml:NameID")
	for _, a := range [][2]string{{"Format", m.Name.Format}, {"NameQualifier", m.Name.NameQualifier}, {"SPNameQualifier", m.Name.SPNameQualifier}} {
		if a[1] != "" {
			name.CreateAttr(a[0], a[1])
		}
	}
	name.SetText(m.Name.Value)
	if m.SessionIndex != "" {
		el.CreateElement("samlp:SessionIndex").SetText(m.SessionIndex)
	}
	return doc
}
