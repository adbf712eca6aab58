package saml

import (
	"encoding/base64"
	"time"

	"github.com/beevik/etree"
)

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
