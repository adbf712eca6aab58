package vault

import (
	"sync"

	"github.com/tink-crypto/tink-go/v2/tink"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// Vault is the operations on the secrets of organizations.
type Vault struct {
	store  *store.Store
	master *secret.Master

	mu   sync.Mutex
	open map[string]tink.AEAD // unwrapped data keys, by id
}

// New opens the vault of a store with a master key that Admit let in.
func New(s *store.Store, master *secret.Master) *Vault {
	return &Vault{store: s, master: master, open: map[string]tink.AEAD{}}
}

// unknown answers a missing row like one of another tenant.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}
