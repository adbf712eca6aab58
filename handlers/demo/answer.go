package demo

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// attribute is one attribute of an assertion. Without values it is present and
// empty, which is not the same as not being sent.
type attribute struct {
	Friendly string
	Values   []string
}

// answer is what one Response is made from.
type answer struct {
	tenant     Tenant
	asked      asking
	persona    Persona
	attributes []attribute
	faults     faults
	session    string // SessionIndex
}

const (
	answerLifetime  = 5 * time.Minute
	answerSkew      = time.Minute // how far our NotBefore lies back
	sessionLifetime = 12 * time.Hour
	elsewhere       = "https://another-service.example/saml"
)

// newID is a fresh xs:ID. It begins with a letter, as an NCName must.
func newID() string {
	random := make([]byte, 20)
	_, _ = rand.Read(random) // never fails, by the package's contract
	return "id-" + hex.EncodeToString(random)
}

// response writes a Response with a signed assertion (SAML core §3.3.3), with
// the faults that were asked for.
func (p *IdentityProvider) response(a answer) ([]byte, error) {
	now := p.now().UTC()
	destination := a.asked.SP.ACS
	if a.faults.has(faultDestination) {
		destination = elsewhere + "/acs"
	}
	signed, err := p.signedAssertion(a, now)
	if err != nil {
		return nil, err
	}
	root := p.emptyResponse(a, now, destination, saml.StatusSuccess, "").Element()
	root.AddChild(signed)
	return written(root)
}

// refusal writes a signed Response that says no: the person declined, or a
// passive request cannot be answered without a page (SAML core §3.2.2.2).
func (p *IdentityProvider) refusal(a answer, second string) ([]byte, error) {
	now := p.now().UTC()
	made := p.emptyResponse(a, now, a.asked.SP.ACS, saml.StatusResponder, second)
	signature, err := p.sign(made.Element(), false)
	if err != nil {
		return nil, err
	}
	made.Signature = signature
	return written(made.Element())
}

func (p *IdentityProvider) emptyResponse(a answer, now time.Time, destination, status, second string) *saml.Response {
	made := &saml.Response{
		ID: newID(), InResponseTo: a.asked.ID, Version: "2.0", IssueInstant: now, Destination: destination,
		Issuer: &saml.Issuer{Value: a.tenant.EntityID},
		Status: saml.Status{StatusCode: saml.StatusCode{Value: status}},
	}
	if second != "" {
		made.Status.StatusCode.StatusCode = &saml.StatusCode{Value: second}
	}
	return made
}

// signedAssertion builds the assertion and signs it.
func (p *IdentityProvider) signedAssertion(a answer, now time.Time) (*etree.Element, error) {
	counts := now
	if a.faults.has(faultExpired) {
		counts = now.Add(-time.Hour - answerLifetime)
	}
	assertion := &saml.Assertion{
		ID: newID(), IssueInstant: now, Version: "2.0",
		Issuer:              saml.Issuer{Value: a.tenant.EntityID},
		Subject:             a.subject(counts),
		Conditions:          a.conditions(counts),
		AuthnStatements:     []saml.AuthnStatement{a.authnStatement(now)},
		AttributeStatements: a.attributeStatements(),
	}
	if !a.faults.has(faultUnsigned) {
		signature, err := p.sign(assertion.Element(), a.faults.has(faultSHA1))
		if err != nil {
			return nil, err
		}
		assertion.Signature = signature
	}
	if a.faults.has(faultTampered) {
		assertion.Subject.NameID.Value = "somebody-else"
	}
	return assertion.Element(), nil
}

// subject says who it is about and who may hand it in, where and until when
// (SAML profiles §4.1.4.2, bearer).
func (a answer) subject(from time.Time) *saml.Subject {
	name := &saml.NameID{
		NameQualifier: a.tenant.EntityID, SPNameQualifier: a.asked.SP.EntityID,
		Format: string(saml.PersistentNameIDFormat), Value: a.persona.NameID,
	}
	if a.faults.has(faultTransient) {
		name.Format, name.Value = string(saml.TransientNameIDFormat), newID()
	}
	if a.faults.has(faultNameless) {
		name.Value = ""
	}
	recipient := a.asked.SP.ACS
	if a.faults.has(faultRecipient) {
		recipient = elsewhere + "/acs"
	}
	return &saml.Subject{NameID: name, SubjectConfirmations: []saml.SubjectConfirmation{{
		Method: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
		SubjectConfirmationData: &saml.SubjectConfirmationData{
			InResponseTo: a.asked.ID, Recipient: recipient, NotOnOrAfter: from.Add(answerLifetime),
		},
	}}}
}

// conditions say for whom and when it counts (SAML core §2.5).
func (a answer) conditions(from time.Time) *saml.Conditions {
	audience := a.asked.SP.EntityID
	if a.faults.has(faultAudience) {
		audience = elsewhere
	}
	return &saml.Conditions{
		NotBefore: from.Add(-answerSkew), NotOnOrAfter: from.Add(answerLifetime),
		AudienceRestrictions: []saml.AudienceRestriction{{Audience: saml.Audience{Value: audience}}},
	}
}

// authnStatement says how and when the person signed in (SAML core §2.7.2).
func (a answer) authnStatement(now time.Time) saml.AuthnStatement {
	ends := now.Add(sessionLifetime)
	return saml.AuthnStatement{
		AuthnInstant: now, SessionIndex: a.session, SessionNotOnOrAfter: &ends,
		AuthnContext: saml.AuthnContext{AuthnContextClassRef: &saml.AuthnContextClassRef{
			Value: "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
		}},
	}
}

// attributeStatements is empty when nothing is sent, because a statement needs
// at least one attribute (SAML core §2.7.3).
func (a answer) attributeStatements() []saml.AttributeStatement {
	if len(a.attributes) == 0 {
		return nil
	}
	var statement saml.AttributeStatement
	for _, one := range a.attributes {
		sent := saml.Attribute{
			Name: a.tenant.wireName(one.Friendly), FriendlyName: one.Friendly,
			NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
		}
		for _, value := range one.Values {
			sent.Values = append(sent.Values, saml.AttributeValue{Type: "xs:string", Value: value})
		}
		statement.Attributes = append(statement.Attributes, sent)
	}
	return []saml.AttributeStatement{statement}
}

// sign makes the enveloped signature of an element that has an ID. Exclusive
// canonicalisation keeps it valid wherever the element is put.
func (p *IdentityProvider) sign(element *etree.Element, sha1 bool) (*etree.Element, error) {
	signer, err := dsig.NewSigningContext(p.key.private, [][]byte{p.key.certificate.Raw})
	if err != nil {
		return nil, err
	}
	signer.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	method := dsig.RSASHA256SignatureMethod
	if sha1 {
		method = dsig.RSASHA1SignatureMethod
	}
	if err := signer.SetSignatureMethod(method); err != nil {
		return nil, err
	}
	return signer.ConstructSignature(element, true)
}

// written is the element as a document.
func written(root *etree.Element) ([]byte, error) {
	document := etree.NewDocument()
	document.SetRoot(root)
	return document.WriteToBytes()
}
