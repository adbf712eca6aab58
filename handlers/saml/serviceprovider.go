package saml

import (
	"crypto/x509"
	"encoding/base64"
	"strconv"

	"github.com/beevik/etree"
)

// ServiceProvider is Locum as one connection's counterpart.
type ServiceProvider struct {
	EntityID string
	ACS      string // where responses are posted
	Logout   string // single logout, by both bindings; left out when empty
	// Certificates go with the keys of the connection: requests are signed by the
	// first, assertions may be encrypted for any. Publishing the next beside the
	// current one rotates them without a gap.
	Certificates  []*x509.Certificate
	SignsRequests bool
}

// Metadata is the document that an identity provider's administrator loads
// (saml-metadata-2.0, section 2.4.4).
func (sp ServiceProvider) Metadata() ([]byte, error) {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	entity := doc.CreateElement("md:EntityDescriptor")
	entity.CreateAttr("xmlns:md", nsMetadata)
	entity.CreateAttr("xmlns:ds", nsSignature)
	entity.CreateAttr("entityID", sp.EntityID)
	role := entity.CreateElement("md:SPSSODescriptor")
	role.CreateAttr("AuthnRequestsSigned", strconv.FormatBool(sp.SignsRequests))
	role.CreateAttr("WantAssertionsSigned", "true")
	role.CreateAttr("protocolSupportEnumeration", protocolSAML2)
	for _, use := range []string{"signing", "encryption"} {
		for i, certificate := range sp.Certificates {
			if use == "signing" && (i > 0 || !sp.SignsRequests) {
				continue
			}
			describeKey(role, use, certificate)
		}
	}
	if sp.Logout != "" {
		for _, binding := range []string{BindingRedirect, BindingPost} {
			logout := role.CreateElement("md:SingleLogoutService")
			logout.CreateAttr("Binding", binding)
			logout.CreateAttr("Location", sp.Logout)
		}
	}
	for _, format := range []string{NamePersistent, NameEmail, NameUnspecified} {
		role.CreateElement("md:NameIDFormat").SetText(format)
	}
	acs := role.CreateElement("md:AssertionConsumerService")
	acs.CreateAttr("Binding", BindingPost)
	acs.CreateAttr("Location", sp.ACS)
	acs.CreateAttr("index", "0")
	acs.CreateAttr("isDefault", "true")
	doc.Indent(2)
	return doc.WriteToBytes()
}

func describeKey(role *etree.Element, use string, certificate *x509.Certificate) {
	key := role.CreateElement("md:KeyDescriptor")
	key.CreateAttr("use", use)
	data := key.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
	data.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(certificate.Raw))
	if use != "encryption" {
		return
	}
	// Named in the order we like them; a provider takes the first it knows.
	for _, name := range []string{nsEncrypt11 + "aes256-gcm", nsEncrypt11 + "aes128-gcm", nsEncrypted + "aes256-cbc", oaepMGF1P} {
		key.CreateElement("md:EncryptionMethod").CreateAttr("Algorithm", name)
	}
}
