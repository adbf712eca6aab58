package saml

import (
	"crypto/x509"
	"net/url"
	"time"

	"github.com/beevik/etree"
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
	_, code, err := statusOf(root)
	if err != nil {
		return err
	}
	l.Success = attr(code, "Value") == success
	return nil
}
