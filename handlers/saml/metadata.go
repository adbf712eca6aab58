package saml

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// maxMetadata is enough for any one provider; the aggregates of whole
// federations, which name thousands, are larger.
const maxMetadata = 5 << 20

// IdentityProvider is what a metadata document says of an identity provider
// (saml-metadata-2.0). An address that is not offered is empty.
type IdentityProvider struct {
	EntityID string

	SignOnRedirect string // single sign-on by the redirect binding
	SignOnPost     string // and by the POST binding
	LogoutRedirect string // single logout by the redirect binding
	LogoutPost     string // and by the POST binding

	Certificates        []*x509.Certificate // it may sign with; at least one has not ended
	ValidUntil          time.Time           // of the document; zero when it sets no end
	WantsSignedRequests bool
	NameFormats         []string
}

// ParseMetadata reads the metadata of one identity provider, as uploaded,
// pasted or fetched. Every refusal is an *Error. A signature on the document is
// not looked at: who hands it in vouches for it.
func ParseMetadata(document []byte, now time.Time) (IdentityProvider, error) {
	if len(document) > maxMetadata {
		return IdentityProvider{}, refuse(MetadataTooLarge, "%d bytes", len(document))
	}
	// What is pasted or downloaded comes with a byte order mark or blank lines.
	document = bytes.TrimSpace(bytes.TrimPrefix(document, []byte("\ufeff")))
	root, err := parse(document, Limits{Bytes: maxMetadata, Depth: 64, Elements: 50_000})
	if err != nil {
		return IdentityProvider{}, asMetadata(err)
	}
	entity, err := onlyEntity(root)
	if err != nil {
		return IdentityProvider{}, err
	}
	role, err := onlyRole(entity)
	if err != nil {
		return IdentityProvider{}, err
	}
	provider := IdentityProvider{
		EntityID:            attr(entity, "entityID"),
		WantsSignedRequests: attr(role, "WantAuthnRequestsSigned") == "true" || attr(role, "WantAuthnRequestsSigned") == "1",
	}
	if provider.EntityID == "" || len(provider.EntityID) > 1024 {
		return IdentityProvider{}, refuse(MetadataMalformed, "entityID of %d bytes", len(provider.EntityID))
	}
	if provider.ValidUntil, err = earliestEnd(now, root, entity, role); err != nil {
		return IdentityProvider{}, err
	}
	if provider.Certificates, err = signingCertificates(role, now); err != nil {
		return IdentityProvider{}, err
	}
	for _, format := range children(role, nsMetadata, "NameIDFormat") {
		provider.NameFormats = append(provider.NameFormats, text(format))
	}
	if err := provider.readAddresses(role); err != nil {
		return IdentityProvider{}, err
	}
	return provider, nil
}

// asMetadata turns the reasons of a response's parser into those of metadata.
func asMetadata(err error) error {
	if reason := ReasonOf(err); reason == DocumentType || reason == TooComplex {
		return err
	}
	return refuse(MetadataMalformed, "%v", err)
}

// onlyEntity is the one EntityDescriptor, be it the root or alone in a list.
func onlyEntity(root *etree.Element) (*etree.Element, error) {
	if !is(root, nsMetadata, "EntityDescriptor") && !is(root, nsMetadata, "EntitiesDescriptor") {
		return nil, refuse(MetadataMalformed, "root %s", root.Tag)
	}
	var entities []*etree.Element
	err := walk(root, func(el *etree.Element) error {
		if is(el, nsMetadata, "EntityDescriptor") {
			entities = append(entities, el)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch len(entities) {
	case 0:
		return nil, refuse(MetadataMalformed, "no EntityDescriptor")
	case 1:
		return entities[0], nil
	default:
		return nil, refuse(MetadataSeveral, "%d entities", len(entities))
	}
}

// onlyRole is the entity's one role of identity provider for SAML 2.0.
func onlyRole(entity *etree.Element) (*etree.Element, error) {
	var roles []*etree.Element
	for _, role := range children(entity, nsMetadata, "IDPSSODescriptor") {
		if slices.Contains(strings.Fields(attr(role, "protocolSupportEnumeration")), protocolSAML2) {
			roles = append(roles, role)
		}
	}
	switch len(roles) {
	case 0:
		return nil, refuse(MetadataMalformed, "no identity provider for SAML 2.0")
	case 1:
		return roles[0], nil
	default:
		return nil, refuse(MetadataSeveral, "%d roles of identity provider", len(roles))
	}
}

// earliestEnd is the first validUntil of nested elements, all of which must lie
// ahead.
func earliestEnd(now time.Time, elements ...*etree.Element) (time.Time, error) {
	var earliest time.Time
	for _, el := range elements {
		end, err := instant(el, "validUntil")
		if err != nil {
			return time.Time{}, asMetadata(err)
		}
		if !end.IsZero() && (earliest.IsZero() || end.Before(earliest)) {
			earliest = end
		}
	}
	if !earliest.IsZero() && !now.Before(earliest) {
		return time.Time{}, refuse(MetadataExpired, "valid until %s", earliest)
	}
	return earliest, nil
}

// signingCertificates are the distinct certificates whose use is signing, or is
// not said. Those with keys too weak to believe are left out.
func signingCertificates(role *etree.Element, now time.Time) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	ended := 0
	for _, key := range children(role, nsMetadata, "KeyDescriptor") {
		if use := attr(key, "use"); use != "" && use != "signing" {
			continue
		}
		for _, el := range certificateElements(key) {
			der, err := decodeBase64(text(el))
			if err != nil {
				return nil, refuse(MetadataMalformed, "certificate: %v", err)
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, refuse(MetadataMalformed, "certificate: %v", err)
			}
			if !usable(certificate) || slices.ContainsFunc(found, certificate.Equal) {
				continue
			}
			found = append(found, certificate)
			if now.After(certificate.NotAfter) {
				ended++
			}
		}
	}
	switch {
	case len(found) == 0:
		return nil, refuse(MetadataNoKey, "no usable signing certificate")
	case ended == len(found):
		return nil, refuse(CertificateExpired, "all %d certificates have ended", ended)
	}
	return found, nil
}

func certificateElements(key *etree.Element) []*etree.Element {
	var found []*etree.Element
	for _, keyInfo := range children(key, nsSignature, "KeyInfo") {
		for _, data := range children(keyInfo, nsSignature, "X509Data") {
			found = append(found, children(data, nsSignature, "X509Certificate")...)
		}
	}
	return found
}

// readAddresses takes the first address of each binding; the others would serve
// bindings that Locum does not speak.
func (p *IdentityProvider) readAddresses(role *etree.Element) (err error) {
	for _, wanted := range []struct {
		into             *string
		service, binding string
	}{
		{&p.SignOnRedirect, "SingleSignOnService", BindingRedirect},
		{&p.SignOnPost, "SingleSignOnService", BindingPost},
		{&p.LogoutRedirect, "SingleLogoutService", BindingRedirect},
		{&p.LogoutPost, "SingleLogoutService", BindingPost},
	} {
		if *wanted.into, err = addressOf(role, wanted.service, wanted.binding); err != nil {
			return err
		}
	}
	if p.SignOnRedirect == "" && p.SignOnPost == "" {
		return refuse(MetadataNoAddress, "no SingleSignOnService by redirect or POST")
	}
	return nil
}

func addressOf(role *etree.Element, service, binding string) (string, error) {
	for _, el := range children(role, nsMetadata, service) {
		if attr(el, "Binding") == binding {
			location := strings.TrimSpace(attr(el, "Location"))
			return location, checkAddress(location)
		}
	}
	return "", nil
}
