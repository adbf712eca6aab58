package vault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"

	"locum/models"
)

// The algorithms of key pairs that are made here.
const (
	Ed25519   = "ed25519"
	ECDSAP256 = "ecdsa-p256"
	RSA3072   = "rsa-3072"
)

// Algorithms lists them in the order of the form.
var Algorithms = []string{Ed25519, ECDSAP256, RSA3072}

// The sizes of RSA keys that are taken, in bits.
const (
	leastRSA = 2048
	mostRSA  = 8192
)

// generate makes a key pair.
func generate(algorithm string, wrong models.FieldErrors) (held, error) {
	var key crypto.PrivateKey
	var err error
	switch algorithm {
	case Ed25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case ECDSAP256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RSA3072:
		key, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		wrong.Add("algorithm", "error.choice")
		return held{}, nil
	}
	if err != nil {
		return held{}, err
	}
	return write(key, algorithm)
}

// write gives both halves in PEM: PKCS #8 (RFC 5958) and SubjectPublicKeyInfo
// (RFC 5280, section 4.1).
func write(key crypto.PrivateKey, algorithm string) (h held, err error) {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return h, err
	}
	signer, is := key.(crypto.Signer)
	if !is {
		return h, fmt.Errorf("vault: %T has no public half", key)
	}
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return h, err
	}
	return held{value: encode("PRIVATE KEY", private), algorithm: algorithm, public: encode("PUBLIC KEY", public)}, nil
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// parse reads a private key that somebody pasted: PKCS #8, PKCS #1 or SEC 1 in
// PEM (RFC 7468), of an algorithm and size that still protect.
func parse(text string, wrong models.FieldErrors) held {
	block, rest := pem.Decode([]byte(strings.TrimSpace(text)))
	switch {
	case block == nil:
		wrong.Add("value", "vault.error.pem")
		return held{}
	case strings.TrimSpace(string(rest)) != "":
		wrong.Add("value", "vault.error.pem_more")
		return held{}
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		wrong.Add("value", "vault.error.pem_encrypted")
		return held{}
	case block.Type == "OPENSSH PRIVATE KEY":
		wrong.Add("value", "vault.error.pem_openssh")
		return held{}
	case !strings.HasSuffix(block.Type, "PRIVATE KEY"):
		wrong.Add("value", "vault.error.pem_public")
		return held{}
	}
	key, err := private(block)
	if err != nil {
		wrong.Add("value", "vault.error.pem")
		return held{}
	}
	algorithm := algorithmOf(key)
	if algorithm == "" {
		wrong.Add("value", "vault.error.pem_weak", "Least", strconv.Itoa(leastRSA), "Most", strconv.Itoa(mostRSA))
		return held{}
	}
	h, err := write(key, algorithm)
	if err != nil {
		wrong.Add("value", "vault.error.pem")
	}
	return h
}

func private(block *pem.Block) (crypto.PrivateKey, error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	}
	return x509.ParsePKCS8PrivateKey(block.Bytes)
}

// algorithmOf names what a key is; empty for one that is not taken.
func algorithmOf(key crypto.PrivateKey) string {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return Ed25519
	case *ecdsa.PrivateKey:
		if bits := k.Curve.Params().BitSize; bits >= 256 {
			return "ecdsa-p" + strconv.Itoa(bits)
		}
	case *rsa.PrivateKey:
		if bits := k.N.BitLen(); bits >= leastRSA && bits <= mostRSA {
			return "rsa-" + strconv.Itoa(bits)
		}
	}
	return ""
}

// Fingerprint is the SHA-256 of a key pair's public half (its
// SubjectPublicKeyInfo) in base64; empty for another kind.
func (r Version) Fingerprint() string {
	block, _ := pem.Decode([]byte(r.PublicKey))
	if block == nil {
		return ""
	}
	sum := sha256.Sum256(block.Bytes)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
