package models

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"
)

// crockford is the alphabet of Crockford's base 32, in lower case; it keeps the
// order of the bytes.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID makes an id such as dlg_01k…: a prefix that tells what it names, and a
// UUID of version 7 (RFC 9562, section 5.7) in base 32, so that ids sort by
// the time they were made.
func NewID(prefix string) string {
	return prefix + "_" + encode(uuid.Must(uuid.NewV7()))
}

// IDOf makes the id that belongs to some texts: the same for the same ones, and
// not to be foreseen by who does not know them all.
func IDOf(prefix string, texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return prefix + "_" + encode(uuid.UUID(sum[:16]))
}

// encode writes 128 bits as 26 characters, most significant first.
func encode(id uuid.UUID) string {
	var b strings.Builder
	b.Grow(26)
	// 26 characters hold 130 bits: the first character carries the top 3.
	acc, bits := uint(0), 2
	for _, octet := range id {
		acc, bits = acc<<8|uint(octet), bits+8
		for bits >= 5 {
			bits -= 5
			b.WriteByte(crockford[acc>>bits&31])
		}
	}
	return b.String()
}
