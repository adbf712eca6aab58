package client

import (
	"crypto"
	"encoding/base64"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"locum/models/store"
)

// Shown is a client that showed that it is the one. By says by what: the id of its
// secret, or the thumbprint of its key (RFC 7638); it is empty for a public client,
// which shows nothing.
type Shown struct {
	Client
	By string
}

// Thumbprint is by what a public key is known (RFC 7638, SHA-256, base64url).
func Thumbprint(key jose.JSONWebKey) (string, error) {
	sum, err := key.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}

// Stands says whether that by which a client showed itself would still do: the
// client works and shows itself in the same way, and its secret is not revoked, or
// its key is still registered.
func Stands(tx *store.Tx, application, by string) (bool, error) {
	var row Client
	err := tx.Where("application_id = ? AND disabled_at IS NULL", application).Take(&row).Error
	if store.Missing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch row.Kind {
	case BySecret:
		var live int64
		err := tx.Model(&Secret{}).Where("application_id = ? AND id = ? AND revoked_at IS NULL", application, by).Count(&live).Error
		return live == 1, err
	case ByKey:
		set, err := row.Keys()
		return slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool {
			known, failed := Thumbprint(k)
			return failed == nil && known == by
		}), err
	}
	return false, nil
}
