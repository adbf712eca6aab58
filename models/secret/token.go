package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Token makes a random text of 256 bits that can stand in an address or cookie.
func Token() string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: the program stops first (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// Hash is what the database keeps of a Token: enough to find it again, too
// little to use it.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
