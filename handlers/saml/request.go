package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// AuthnRequest asks an identity provider to sign a person in (saml-core-2.0,
// section 3.4.1).
type AuthnRequest struct {
	ID          string // from NewID; the response must name it
	Issuer      string // our entity id
	ACS         string // where the response is to be posted
	Destination string // the provider's address for the binding used
	IssuedAt    time.Time
	NameFormat  string // wished for; empty leaves it to the provider
	ForceAuthn  bool   // the person must sign in anew
}

// Signer signs what we send, by RSA with SHA-256 and nothing else.
type Signer struct {
	Key         crypto.Signer // RSA
	Certificate *x509.Certificate
}

// Errors of a request that cannot be made; each is a mistake in the program or
// in stored keys, never in what a person typed.
var (
	ErrRelayState = errors.New("saml: RelayState is longer than 80 bytes")
	ErrSigningKey = errors.New("saml: requests are signed with RSA keys only")
)

// maxRelayState is what providers must carry (saml-bindings-2.0, section 3.4.3).
const maxRelayState = 80

// NewID makes the id of a message: 160 random bits, as an XML name.
func NewID() string {
	var random [20]byte
	rand.Read(random[:]) // never fails, by its contract
	return "_" + hex.EncodeToString(random[:])
}

// RedirectURL is the address to send the browser to (saml-bindings-2.0, section
// 3.4.4). Without a signer the request is unsigned.
func (r AuthnRequest) RedirectURL(relayState string, by *Signer) (string, error) {
	return redirectURL(r.document(), fieldRequest, r.Destination, relayState, by)
}

// redirectURL is the address that carries a message to its destination.
func redirectURL(doc *etree.Document, field, destination, relayState string, by *Signer) (string, error) {
	if len(relayState) > maxRelayState {
		return "", ErrRelayState
	}
	document, err := doc.WriteToBytes()
	if err != nil {
		return "", err
	}
	packed, err := deflated(document)
	if err != nil {
		return "", err
	}
	query := field + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed))
	if relayState != "" {
		query += "&RelayState=" + url.QueryEscape(relayState)
	}
	if by != nil {
		// What is signed is the query as it is sent, octet by octet.
		query += "&SigAlg=" + url.QueryEscape(dsig.RSASHA256SignatureMethod)
		signature, err := by.sign([]byte(query))
		if err != nil {
			return "", err
		}
		query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	}
	separator := "?"
	if strings.Contains(destination, "?") {
		separator = "&"
	}
	return destination + separator + query, nil
}

// Form is a page's form that posts a request: its action and its two fields.
type Form struct {
	Action      string
	SAMLRequest string
	RelayState  string // left out when empty
}

// PostForm is the request for the POST binding (saml-bindings-2.0, section
// 3.5.4). Without a signer it is unsigned.
func (r AuthnRequest) PostForm(relayState string, by *Signer) (Form, error) {
	if len(relayState) > maxRelayState {
		return Form{}, ErrRelayState
	}
	doc := r.document()
	if by != nil {
		if err := by.envelop(doc.Root()); err != nil {
			return Form{}, err
		}
	}
	document, err := doc.WriteToBytes()
	if err != nil {
		return Form{}, err
	}
	return Form{Action: r.Destination, SAMLRequest: base64.StdEncoding.EncodeToString(document), RelayState: relayState}, nil
}

func (r AuthnRequest) document() *etree.Document {
	doc := etree.NewDocument()
	el := doc.CreateElement("samlp:AuthnRequest")
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("ID", r.ID)
	el.CreateAttr("Version", version)
	el.CreateAttr("IssueInstant", r.IssuedAt.UTC().Format("2006-01-02T15:04:05.000Z"))
	el.CreateAttr("Destination", r.Destination)
	el.CreateAttr("AssertionConsumerServiceURL", r.ACS)
	el.CreateAttr("ProtocolBinding", BindingPost)
	if r.ForceAuthn {
		el.CreateAttr("ForceAuthn", "true")
	}
	el.CreateElement("saml:Issuer").SetText(r.Issuer)
	policy := el.CreateElement("samlp:NameIDPolicy")
	if r.NameFormat != "" {
		policy.CreateAttr("Format", r.NameFormat)
	}
	policy.CreateAttr("AllowCreate", "true")
	return doc
}

func deflated(document []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(document); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}

func (s *Signer) sign(content []byte) ([]byte, error) {
	if _, ok := s.Key.Public().(*rsa.PublicKey); !ok {
		return nil, ErrSigningKey
	}
	digest := sha256.Sum256(content)
	return s.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// envelop puts a signature in its place in the schema, after the Issuer.
func (s *Signer) envelop(el *etree.Element) error {
	if _, ok := s.Key.Public().(*rsa.PublicKey); !ok {
		return ErrSigningKey
	}
	signing, err := dsig.NewSigningContext(s.Key, [][]byte{s.Certificate.Raw})
	if err != nil {
		return err
	}
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := signing.ConstructSignature(el, true)
	if err != nil {
		return err
	}
	el.InsertChildAt(1, signature)
	return nil
}
