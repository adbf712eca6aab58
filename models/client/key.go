package client

import (
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// errKeys says that a text is no set of public keys.
var errKeys = errors.New("client: not a set of public keys")

// readKeys reads a JSON Web Key Set (RFC 7517, section 5) of public keys alone.
func readKeys(text string) (set jose.JSONWebKeySet, err error) {
	if len(text) > 20_000 {
		return set, errKeys
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, errKeys
	}
	for _, k := range set.Keys {
		if !k.Valid() || !k.IsPublic() {
			return jose.JSONWebKeySet{}, errKeys
		}
	}
	return set, nil
}
