package saml

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// The algorithms that are taken. SHA-1 is missing on purpose, and so are the
// canonicalizations that keep comments.
var (
	signatureMethods = []string{
		dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}
	digestMethods = []string{
		"http://www.w3.org/2001/04/xmlenc#sha256",
		"http://www.w3.org/2001/04/xmldsig-more#sha384",
		"http://www.w3.org/2001/04/xmlenc#sha512",
	}
	canonicalizations = []string{
		string(dsig.CanonicalXML10ExclusiveAlgorithmId),
		string(dsig.CanonicalXML10RecAlgorithmId),
		string(dsig.CanonicalXML11AlgorithmId),
	}
)

const minRSABits = 2048

// signed returns the part of el that one of the certificates vouches for,
// parsed anew from the very bytes that were signed; nothing else may be read
// afterwards. The hints inside the signature about its key are never followed:
// each certificate is tried.
func signed(el *etree.Element, certificates []*x509.Certificate, now time.Time) (*etree.Element, error) {
	if err := checkSignatureShape(el); err != nil {
		return nil, err
	}
	bare := el.Copy()
	signature := signatureOf(bare)
	hint := hinted(signature)
	for _, keyInfo := range children(signature, nsSignature, "KeyInfo") {
		signature.RemoveChild(keyInfo)
	}
	for _, value := range children(signature, nsSignature, "SignatureValue") {
		value.SetText(squeeze(value.Text()))
	}
	ended := false
	for _, certificate := range certificates {
		if !usable(certificate) {
			continue
		}
		if now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
			ended = ended || hint == nil || bytes.Equal(hint, certificate.Raw)
			continue
		}
		validation := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
		validation.Clock = dsig.NewFakeClockAt(now)
		if covered, err := validation.Validate(bare); err == nil && covered != nil {
			return covered, nil
		}
	}
	return nil, explain(hint, ended, certificates)
}

// explain tells the reasons of a failed signature apart. The certificate in the
// message is a stranger's word, good enough to word an error with.
func explain(hint []byte, ended bool, certificates []*x509.Certificate) *Error {
	known := slices.ContainsFunc(certificates, func(c *x509.Certificate) bool { return bytes.Equal(hint, c.Raw) })
	switch {
	case ended:
		return refuse(CertificateExpired, "the certificate of the signature has ended")
	case hint != nil && !known:
		return refuse(UnknownKey, "the certificate of the signature is none of %d known", len(certificates))
	default:
		return refuse(BadSignature, "verified by none of %d certificates", len(certificates))
	}
}

// usable tells whether a key is strong enough to believe.
func usable(certificate *x509.Certificate) bool {
	if key, ok := certificate.PublicKey.(*rsa.PublicKey); ok {
		return key.N.BitLen() >= minRSABits
	}
	return certificate.PublicKeyAlgorithm == x509.ECDSA
}

// hinted is the certificate that a signature says it was made with, or nil.
func hinted(signature *etree.Element) []byte {
	for _, keyInfo := range children(signature, nsSignature, "KeyInfo") {
		for _, data := range children(keyInfo, nsSignature, "X509Data") {
			for _, certificate := range children(data, nsSignature, "X509Certificate") {
				if der, err := decodeBase64(text(certificate)); err == nil {
					return der
				}
			}
		}
	}
	return nil
}

// signatureOf is the signature of an element itself, in its place in the
// schema: first, or second after the Issuer. Nil when there is none.
func signatureOf(el *etree.Element) *etree.Element {
	for i, child := range el.ChildElements() {
		if i > 1 {
			break
		}
		if is(child, nsSignature, "Signature") {
			return child
		}
	}
	return nil
}

// checkSignatureShape lets exactly one form of signature pass: enveloped, one
// reference, to the element it stands in, by listed algorithms (XML Signature
// as saml-core-2.0 section 5.4 narrows it).
func checkSignatureShape(el *etree.Element) error {
	signature := signatureOf(el)
	if signature == nil {
		return refuse(Unsigned, "%s has no signature", el.Tag)
	}
	if err := plain(signature); err != nil {
		return err
	}
	if err := sequence(signature, "SignedInfo", "SignatureValue", "KeyInfo?"); err != nil {
		return err
	}
	info := signature.ChildElements()[0]
	if err := sequence(info, "CanonicalizationMethod", "SignatureMethod", "Reference"); err != nil {
		return err
	}
	parts := info.ChildElements()
	if err := listed(parts[0], canonicalizations); err != nil {
		return err
	}
	if err := listed(parts[1], signatureMethods); err != nil {
		return err
	}
	id := attr(el, "ID")
	if id == "" || attr(parts[2], "URI") != "#"+id {
		return refuse(BadSignature, "the signature refers to another element")
	}
	return checkReference(parts[2])
}

func checkReference(reference *etree.Element) error {
	if err := sequence(reference, "Transforms", "DigestMethod", "DigestValue"); err != nil {
		return err
	}
	parts := reference.ChildElements()
	if err := sequence(parts[0], "Transform", "Transform"); err != nil {
		return err
	}
	transforms := parts[0].ChildElements()
	if err := listed(transforms[0], []string{string(dsig.EnvelopedSignatureAltorithmId)}); err != nil {
		return err
	}
	if err := listed(transforms[1], canonicalizations); err != nil {
		return err
	}
	return listed(parts[1], digestMethods)
}

// plain refuses what makes two readers of a signature see different things:
// prefixed attributes and comments.
func plain(signature *etree.Element) error {
	return walk(signature, func(el *etree.Element) error {
		for _, a := range el.Attr {
			if a.Space != "" && a.Space != "xmlns" {
				return refuse(Malformed, "prefixed attribute in a signature")
			}
		}
		for _, token := range el.Child {
			if _, ok := token.(*etree.Comment); ok {
				return refuse(Malformed, "comment in a signature")
			}
		}
		return nil
	})
}

// sequence holds the children of an element of a signature against their
// names; the last may be optional, marked "?".
func sequence(el *etree.Element, names ...string) error {
	got := el.ChildElements()
	last := len(names) - 1
	if optional, ok := strings.CutSuffix(names[last], "?"); ok {
		names = append(slices.Clone(names[:last]), optional)
		if len(got) == last {
			names = names[:last]
		}
	}
	if len(got) != len(names) {
		return refuse(Malformed, "%s has %d children", el.Tag, len(got))
	}
	for i, child := range got {
		if !is(child, nsSignature, names[i]) {
			return refuse(Malformed, "%s in the place of %s", child.Tag, names[i])
		}
	}
	return nil
}

func listed(el *etree.Element, algorithms []string) error {
	if algorithm := attr(el, "Algorithm"); !slices.Contains(algorithms, algorithm) {
		return refuse(WeakAlgorithm, "%s %q", el.Tag, algorithm)
	}
	return nil
}
