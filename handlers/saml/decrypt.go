package saml

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	_ "crypto/sha1" // OAEP's default; there it does not rest on collisions
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/subtle"

	"github.com/beevik/etree"
)

// The encryptions that are taken (XML Encryption 1.1, sections 5.2 and 5.5).
// RSA 1.5 and triple DES are missing on purpose.
var (
	contentCiphers = map[string]struct {
		keyBytes  int
		open      func(block cipher.Block, sealed []byte) ([]byte, bool)
		authentic bool // the cipher itself detects a change
	}{
		nsEncrypt11 + "aes128-gcm": {16, openGCM, true},
		nsEncrypt11 + "aes192-gcm": {24, openGCM, true},
		nsEncrypt11 + "aes256-gcm": {32, openGCM, true},
		nsEncrypted + "aes128-cbc": {16, openCBC, false},
		nsEncrypted + "aes192-cbc": {24, openCBC, false},
		nsEncrypted + "aes256-cbc": {32, openCBC, false},
	}
	oaepDigests = map[string]crypto.Hash{
		"":                     crypto.SHA1,
		nsSignature + "sha1":   crypto.SHA1,
		nsEncrypted + "sha256": crypto.SHA256,
		"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
		nsEncrypted + "sha512":                          crypto.SHA512,
	}
	oaepMasks = map[string]crypto.Hash{
		"":                         crypto.SHA1,
		nsEncrypt11 + "mgf1sha1":   crypto.SHA1,
		nsEncrypt11 + "mgf1sha256": crypto.SHA256,
		nsEncrypt11 + "mgf1sha384": crypto.SHA384,
		nsEncrypt11 + "mgf1sha512": crypto.SHA512,
	}
)

const (
	oaepMGF1P = nsEncrypted + "rsa-oaep-mgf1p"
	oaep11    = nsEncrypt11 + "rsa-oaep"
	// maxWrappedKeys bounds the private-key operations one response can cause.
	maxWrappedKeys = 4
)

// decrypt opens an EncryptedAssertion with the first of our keys that fits any
// of its wrapped keys. authentic tells whether the cipher vouches for the text
// being unchanged.
func decrypt(sealed *etree.Element, keys []crypto.Decrypter) (document []byte, authentic bool, err error) {
	data, err := atMostOne(sealed, nsEncrypted, "EncryptedData")
	if err != nil {
		return nil, false, err
	}
	if data == nil {
		return nil, false, refuse(Malformed, "no EncryptedData")
	}
	method, ok := contentCiphers[algorithm(data)]
	if !ok {
		return nil, false, refuse(UnlistedEncryption, "content by %q", algorithm(data))
	}
	content, err := cipherValue(data)
	if err != nil {
		return nil, false, err
	}
	wrapped := wrappedKeys(sealed, data)
	if len(wrapped) == 0 || len(wrapped) > maxWrappedKeys {
		return nil, false, refuse(Malformed, "%d wrapped keys", len(wrapped))
	}
	for _, el := range wrapped {
		options, err := oaepOptions(el)
		if err != nil {
			return nil, false, err
		}
		value, err := cipherValue(el)
		if err != nil {
			return nil, false, err
		}
		for _, key := range keys {
			secret, err := key.Decrypt(nil, value, options)
			if err != nil || len(secret) != method.keyBytes {
				continue
			}
			block, err := aes.NewCipher(secret)
			if err != nil {
				continue
			}
			if document, ok := method.open(block, content); ok {
				return document, method.authentic, nil
			}
		}
	}
	return nil, false, refuse(Undecryptable, "%d keys on %d wrapped keys", len(keys), len(wrapped))
}

// wrappedKeys are the content keys, which stand within the data's KeyInfo or
// beside the data.
func wrappedKeys(sealed, data *etree.Element) []*etree.Element {
	var wrapped []*etree.Element
	for _, keyInfo := range children(data, nsSignature, "KeyInfo") {
		wrapped = append(wrapped, children(keyInfo, nsEncrypted, "EncryptedKey")...)
	}
	return append(wrapped, children(sealed, nsEncrypted, "EncryptedKey")...)
}

func algorithm(el *etree.Element) string {
	for _, method := range children(el, nsEncrypted, "EncryptionMethod") {
		return attr(method, "Algorithm")
	}
	return ""
}

func oaepOptions(wrapped *etree.Element) (*rsa.OAEPOptions, error) {
	name := algorithm(wrapped)
	if name != oaepMGF1P && name != oaep11 {
		return nil, refuse(UnlistedEncryption, "key by %q", name)
	}
	var digest, mask string
	for _, method := range children(wrapped, nsEncrypted, "EncryptionMethod") {
		for _, el := range children(method, nsSignature, "DigestMethod") {
			digest = attr(el, "Algorithm")
		}
		for _, el := range children(method, nsEncrypt11, "MGF") {
			mask = attr(el, "Algorithm")
		}
		if len(children(method, nsEncrypted, "OAEPparams")) > 0 {
			return nil, refuse(UnlistedEncryption, "OAEPparams")
		}
	}
	hash, known := oaepDigests[digest]
	mgf, knownMask := oaepMasks[mask]
	if !known || !knownMask || name == oaepMGF1P && mgf != crypto.SHA1 {
		return nil, refuse(UnlistedEncryption, "digest %q, mask %q", digest, mask)
	}
	return &rsa.OAEPOptions{Hash: hash, MGFHash: mgf}, nil
}

func cipherValue(el *etree.Element) ([]byte, error) {
	data, err := atMostOne(el, nsEncrypted, "CipherData")
	if err != nil {
		return nil, err
	}
	if data != nil {
		for _, value := range children(data, nsEncrypted, "CipherValue") {
			if decoded, err := decodeBase64(text(value)); err == nil {
				return decoded, nil
			}
		}
	}
	return nil, refuse(Malformed, "no CipherValue in %s", el.Tag)
}

func openGCM(block cipher.Block, sealed []byte) ([]byte, bool) {
	gcm, err := cipher.NewGCM(block)
	if err != nil || len(sealed) < gcm.NonceSize() {
		return nil, false
	}
	open, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
	return open, err == nil
}

// openCBC undoes the padding of XML Encryption (section 5.2.3): only the last
// byte says how much there is.
func openCBC(block cipher.Block, sealed []byte) ([]byte, bool) {
	size := block.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil, false
	}
	open := bytes.Clone(sealed[size:])
	cipher.NewCBCDecrypter(block, sealed[:size]).CryptBlocks(open, open)
	padding := int(open[len(open)-1])
	if subtle.ConstantTimeLessOrEq(1, padding)&subtle.ConstantTimeLessOrEq(padding, size) != 1 {
		return nil, false
	}
	return open[:len(open)-padding], true
}
