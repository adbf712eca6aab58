package saml

import (
	"crypto"
	"crypto/x509"
	"time"

	"github.com/beevik/etree"
)

// DefaultSkew is how far the clocks of an identity provider and of ours may be
// apart.
const DefaultSkew = 3 * time.Minute

// Expectation is what a response must fit to be believed.
type Expectation struct {
	Now      time.Time
	EntityID string // ours, for this connection
	ACS      string // the address the response was posted to
	Issuer   string // the entity id of the identity provider

	Certificates []*x509.Certificate // that the identity provider may sign with; each is tried
	Keys         []crypto.Decrypter  // ours, RSA; each is tried on an encrypted assertion

	// RequestID is the id of the request this browser was sent off with, and
	// RequestedAt when; the zero time leaves the provider's clock unjudged.
	RequestID   string
	RequestedAt time.Time
	// AllowUnsolicited takes a response nobody asked for, where RequestID is
	// empty. A response that names a request is still refused.
	AllowUnsolicited bool

	Skew   time.Duration // zero means DefaultSkew
	Limits Limits
}

// Verify reads the SAMLResponse field of a form posted to the ACS (base64, as
// it came) and returns what a trusted key vouches for. Every refusal is an
// *Error. Whether the assertion was used before is the caller's to know: the
// pair of connection and Assertion.ID must be kept until Assertion.Expires.
func Verify(posted []byte, want Expectation) (Assertion, error) {
	want.Limits = want.Limits.orDefault()
	if want.Skew <= 0 {
		want.Skew = DefaultSkew
	}
	response, err := open(posted, want.Limits)
	if err != nil {
		return Assertion{}, err
	}
	vouched := false
	if signatureOf(response) != nil {
		if response, err = signed(response, want.Certificates, want.Now); err != nil {
			return Assertion{}, err
		}
		vouched = true
	}
	if err := want.checkResponse(response, vouched); err != nil {
		return Assertion{}, err
	}
	assertion, err := want.vouchedAssertion(response, vouched)
	if err != nil {
		return Assertion{}, err
	}
	if err := want.checkAssertion(assertion); err != nil {
		return Assertion{}, err
	}
	return want.readAssertion(assertion)
}

// open decodes a posted response into a tree of the one allowed shape.
func open(posted []byte, limits Limits) (*etree.Element, error) {
	// Base64 takes four bytes for three, and may be folded into lines.
	if len(posted) > limits.Bytes/3*4+limits.Bytes/8 {
		return nil, refuse(TooLarge, "%d bytes of base64, limit %d decoded", len(posted), limits.Bytes)
	}
	document, err := decodeBase64(string(posted))
	if err != nil {
		return nil, refuse(Malformed, "base64: %v", err)
	}
	response, err := parse(document, limits)
	if err != nil {
		return nil, err
	}
	if !is(response, nsProtocol, "Response") {
		return nil, refuse(Malformed, "a %s instead of a Response", response.Tag)
	}
	return response, checkShape(response)
}

// checkShape refuses signature wrapping before anything is verified: there is
// one Response and it is the root, there is one assertion and it is the root's
// child, and signatures stand in their own place in these two. Names count in
// any namespace, because a lookalike has no honest use.
func checkShape(response *etree.Element) error {
	assertions := 0
	return walk(response, func(el *etree.Element) error {
		switch el.Tag {
		case "Response":
			if el != response {
				return refuse(Malformed, "a Response within the Response")
			}
		case "Assertion", "EncryptedAssertion":
			if assertions++; assertions > 1 {
				return refuse(SeveralAssertions, "more than one assertion")
			}
			if el.Parent() != response {
				return refuse(Malformed, "an assertion out of its place")
			}
		case "Signature":
			owner := el.Parent()
			if owner != response && owner.Tag != "Assertion" || signatureOf(owner) != el {
				return refuse(Malformed, "a signature out of its place")
			}
			return checkSignatureShape(owner)
		}
		return nil
	})
}

// checkResponse holds the outer message against the expectation. Where it is
// unsigned its word proves nothing, but a contradiction still refuses it.
func (want Expectation) checkResponse(response *etree.Element, vouched bool) error {
	if v := attr(response, "Version"); v != version {
		return refuse(WrongVersion, "Response of version %q", v)
	}
	if err := want.checkIssuer(response, false); err != nil {
		return err
	}
	destination := attr(response, "Destination")
	if destination != want.ACS && (destination != "" || vouched) {
		return refuse(NotForUs, "Destination %q", destination)
	}
	if err := want.checkRequest(attr(response, "InResponseTo")); err != nil {
		return err
	}
	if err := checkStatus(response); err != nil {
		return err
	}
	return want.checkIssued(response)
}

// checkIssuer compares the Issuer (saml-core-2.0, section 2.2.5).
func (want Expectation) checkIssuer(el *etree.Element, required bool) error {
	issuer, err := atMostOne(el, nsAssertion, "Issuer")
	if err != nil {
		return err
	}
	if issuer == nil {
		if required {
			return refuse(WrongIssuer, "%s without Issuer", el.Tag)
		}
		return nil
	}
	if format := attr(issuer, "Format"); format != "" && format != formatEntity && format != NameUnspecified {
		return refuse(WrongIssuer, "Issuer of format %q", format)
	}
	if name := text(issuer); name != want.Issuer {
		return refuse(WrongIssuer, "Issuer %q", name)
	}
	return nil
}

// checkRequest ties an answer to the request of this browser. Without a
// request, nothing may claim to answer one.
func (want Expectation) checkRequest(inResponseTo string) error {
	switch {
	case want.RequestID == "" && !want.AllowUnsolicited:
		return refuse(Unsolicited, "no request is open")
	case inResponseTo == "" && want.RequestID != "":
		return refuse(Unsolicited, "InResponseTo is missing")
	case inResponseTo != want.RequestID:
		return refuse(UnknownRequest, "InResponseTo %q", inResponseTo)
	}
	return nil
}

// vouchedAssertion is the one assertion, covered by a signature: that of the
// response, or its own.
func (want Expectation) vouchedAssertion(response *etree.Element, vouched bool) (*etree.Element, error) {
	sealed, err := atMostOne(response, nsAssertion, "EncryptedAssertion")
	if err != nil {
		return nil, err
	}
	if sealed != nil {
		return want.unseal(sealed, vouched)
	}
	assertion, err := atMostOne(response, nsAssertion, "Assertion")
	if err != nil {
		return nil, err
	}
	if assertion == nil {
		return nil, refuse(NoAssertion, "no assertion")
	}
	return want.covered(assertion, vouched)
}

// covered returns the assertion as signed. Beneath a signed response it is that
// already; its own signature then adds nothing and may have lost namespaces.
func (want Expectation) covered(assertion *etree.Element, vouched bool) (*etree.Element, error) {
	if vouched {
		return assertion, nil
	}
	return signed(detach(assertion), want.Certificates, want.Now)
}

// unseal decrypts the assertion. Unsigned CBC ciphertext can be altered by
// anyone, and an answer that told how far it got would decrypt it for him bit
// by bit; so until a signature has vouched, all failures are the same.
func (want Expectation) unseal(sealed *etree.Element, vouched bool) (*etree.Element, error) {
	document, authenticated, err := decrypt(sealed, want.Keys)
	if err != nil {
		return nil, err
	}
	assertion, err := want.unsealed(sealed, document, vouched)
	if err != nil && !vouched && !authenticated {
		return nil, refuse(Undecryptable, "decrypted, but not to a trusted assertion")
	}
	return assertion, err
}

func (want Expectation) unsealed(sealed *etree.Element, document []byte, vouched bool) (*etree.Element, error) {
	assertion, err := want.placed(sealed, document)
	if err != nil {
		return nil, err
	}
	return want.covered(assertion, vouched)
}

// placed puts the plaintext where the ciphertext stood: it lives there, and
// inherits its namespaces.
func (want Expectation) placed(sealed *etree.Element, document []byte) (*etree.Element, error) {
	assertion, err := parse(document, want.Limits)
	if err != nil {
		return nil, err
	}
	place := sealed.Parent()
	place.RemoveChild(sealed)
	place.AddChild(assertion)
	if !is(assertion, nsAssertion, "Assertion") {
		return nil, refuse(Malformed, "decrypted to a %s", assertion.Tag)
	}
	return assertion, checkShape(place)
}
