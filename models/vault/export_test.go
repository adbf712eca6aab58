package vault

import "context"

// Rewrap is one step of a rotation of the master key.
func (v *Vault) Rewrap(ctx context.Context, key string) (int, error) { return v.rewrap(ctx, key) }
