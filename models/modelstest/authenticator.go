package modelstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator is one in software, with one passkey once it made it. A second one has the name of the
// first, as no honest authenticator does. What it
// answers wrongly on purpose, its fields say.
type Authenticator struct {
	T      testing.TB
	Origin string // as the browser says it
	RPID   string // for which it signs

	Counter    uint32
	Unverified bool   // it did not verify its user
	Handle     string // of the user; that of the registration when empty

	id  []byte
	key *ecdsa.PrivateKey
}

// NewAuthenticator makes one in a browser at an origin.
func NewAuthenticator(t testing.TB, origin, rpID string) *Authenticator {
	return &Authenticator{T: t, Origin: origin, RPID: rpID}
}

// The flags of authenticator data (Web Authentication Level 3, section 6.1).
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagAttested = 0x40
)

func (a *Authenticator) data(flags byte, attested []byte) []byte {
	hash := sha256.Sum256([]byte(a.RPID))
	flags |= flagPresent
	if !a.Unverified {
		flags |= flagVerified
	}
	return append(binary.BigEndian.AppendUint32(append(hash[:], flags), a.Counter), attested...)
}

func (a *Authenticator) client(kind string, options json.RawMessage) []byte {
	var asked struct{ Challenge string }
	if err := json.Unmarshal(options, &asked); err != nil {
		a.T.Fatal(err)
	}
	client, err := json.Marshal(map[string]any{"type": kind, "challenge": asked.Challenge, "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		a.T.Fatal(err)
	}
	return client
}

// Create makes its passkey and answers as navigator.credentials.create does.
func (a *Authenticator) Create(options json.RawMessage) string {
	var asked struct{ User struct{ ID string } }
	if err := json.Unmarshal(options, &asked); err != nil {
		a.T.Fatal(err)
	}
	handle, err := base64.RawURLEncoding.DecodeString(asked.User.ID)
	if err != nil {
		a.T.Fatal(err)
	}
	a.Handle = string(handle)
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		a.T.Fatal(err)
	}
	if a.id == nil { // it keeps its name where it makes another
		a.id = make([]byte, 32)
		rand.Read(a.id)
	}
	point, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		a.T.Fatal(err)
	}
	// A COSE key (RFC 9053, section 7.1.1): kty EC2, alg ES256, crv P-256, x, y.
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), point[33:]...)
	attested := append(binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(a.id))), a.id...)
	auth := a.data(flagAttested, append(attested, cose...))
	// {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(auth)>>8), byte(len(auth)))
	return a.answer(map[string]any{"clientDataJSON": text(a.client("webauthn.create", options)), "attestationObject": text(append(object, auth...)), "transports": []string{"internal"}})
}

// Get signs a challenge and answers as navigator.credentials.get does.
func (a *Authenticator) Get(options json.RawMessage) string {
	client, auth := a.client("webauthn.get", options), a.data(0, nil)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte(nil), auth...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, signed[:])
	if err != nil {
		a.T.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": text(client), "authenticatorData": text(auth), "signature": text(signature), "userHandle": text([]byte(a.Handle))})
}

func (a *Authenticator) answer(response map[string]any) string {
	content, err := json.Marshal(map[string]any{"id": text(a.id), "rawId": text(a.id), "type": "public-key", "response": response,
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}})
	if err != nil {
		a.T.Fatal(err)
	}
	return string(content)
}

func text(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
