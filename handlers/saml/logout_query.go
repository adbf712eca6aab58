package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"math/big"
	"net/url"
	"slices"
	"strings"

	dsig "github.com/russellhaering/goxmldsig"
)

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
