// Package saml lets people sign in at their company's own identity provider,
// by the Web Browser SSO profile of SAML 2.0 (OASIS saml-profiles-2.0, section
// 4.1). It reads the provider's metadata, asks for a sign-in, verifies the
// response and describes Locum as a service provider.
//
// The protocol is pure (Verify, ParseMetadata, AuthnRequest, ServiceProvider):
// no clock, database or network; the moment and what is expected come in by
// argument. Mount puts it behind the addresses of each connection. Only what a
// trusted signature covers is ever believed, and a response is parsed at all
// only after its size and shape were found harmless. The package must never
// accept SHA-1, never read an element other than the one whose signature was
// checked, and never decide who a person is or what he may do: that is the work
// of models/federation and of provisioning.
package saml

// The XML namespaces of the messages.
const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsEncrypted = "http://www.w3.org/2001/04/xmlenc#"
	nsEncrypt11 = "http://www.w3.org/2009/xmlenc11#"
	nsExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// The bindings that Locum speaks (saml-bindings-2.0, sections 3.4 and 3.5).
const (
	BindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	BindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// The formats of a NameID that matter to Locum (saml-core-2.0, section 8.3).
const (
	NameUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	NameEmail       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	NamePersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	NameTransient   = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

const (
	formatEntity  = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
	methodBearer  = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	version       = "2.0"
	protocolSAML2 = nsProtocol
)
