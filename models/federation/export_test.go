package federation

import "crypto/rsa"

// Quicken gives every connection the same key, for making one takes long.
func (f *Federation) Quicken() {
	f.generate = func() (*rsa.PrivateKey, error) { return private(), nil }
}
