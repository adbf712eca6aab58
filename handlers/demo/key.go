package demo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// keyPair is what the identity provider signs with.
type keyPair struct {
	private     *rsa.PrivateKey
	certificate *x509.Certificate
}

// keyLifetime is long, because kept data is of no use once the certificate in
// the hub's connection has ended.
const keyLifetime = 10 * 365 * 24 * time.Hour

// openKey reads the key pair in the folder, or makes one and leaves it there.
// Without a folder the pair lives as long as the process.
func openKey(folder string, now time.Time) (keyPair, error) {
	if folder == "" {
		pair, _, err := newKey(now)
		return pair, err
	}
	file := filepath.Join(folder, "identity-provider.pem")
	stored, err := os.ReadFile(file)
	if err == nil {
		return parseKey(stored)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return keyPair{}, fmt.Errorf("read the identity provider's key: %w", err)
	}
	pair, encoded, err := newKey(now)
	if err != nil {
		return keyPair{}, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return keyPair{}, fmt.Errorf("make the demo's folder: %w", err)
	}
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		return keyPair{}, fmt.Errorf("keep the identity provider's key: %w", err)
	}
	return pair, nil
}

// newKey makes an RSA key and a certificate signed by itself, and both as PEM.
func newKey(now time.Time) (keyPair, []byte, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("make the identity provider's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("make the identity provider's serial number: %w", err)
	}
	wanted := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Demo identity provider"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(keyLifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, wanted, wanted, private.Public(), private)
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("make the identity provider's certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("read the identity provider's certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("write the identity provider's key: %w", err)
	}
	encoded := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	encoded = append(encoded, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	return keyPair{private: private, certificate: certificate}, encoded, nil
}

// parseKey reads what newKey wrote.
func parseKey(encoded []byte) (keyPair, error) {
	damaged := errors.New("the identity provider's key file is damaged; delete it to have a new one made")
	secret, rest := pem.Decode(encoded)
	public, _ := pem.Decode(rest)
	if secret == nil || public == nil {
		return keyPair{}, damaged
	}
	parsed, err := x509.ParsePKCS8PrivateKey(secret.Bytes)
	if err != nil {
		return keyPair{}, damaged
	}
	private, isRSA := parsed.(*rsa.PrivateKey)
	certificate, err := x509.ParseCertificate(public.Bytes)
	if err != nil || !isRSA || !private.PublicKey.Equal(certificate.PublicKey) {
		return keyPair{}, damaged
	}
	return keyPair{private: private, certificate: certificate}, nil
}

// encodedCertificate is the certificate as metadata carries it.
func (k keyPair) encodedCertificate() string {
	return base64.StdEncoding.EncodeToString(k.certificate.Raw)
}
