package federation

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// Pasted is a response that a manager pasted to have it explained, read by a
// protocol. Nobody signs in with it.
type Pasted struct {
	Told Told
	// Signature is why no trusted key vouches for it; its Key is empty when one
	// does. What it says may then be anybody's invention.
	Signature models.Message
	// Refused is why a sign-in with it would be refused by the protocol all the
	// same, as for its age; its Key is empty otherwise.
	Refused models.Message
}

// Examine says whom a response would let in through a connection of the actor's
// company, as a test sign-in does. It spends nothing and keeps nothing.
func (f *Federation) Examine(ctx context.Context, by models.Actor, connection string, in Told) (seen Tested, err error) {
	c, err := f.Get(ctx, by, connection)
	if err != nil {
		return seen, err
	}
	err = f.store.SystemRead(ctx, "explain a response", func(tx *store.Tx) error {
		seen, err = in.foretell(tx, c)
		return err
	})
	return seen, err
}
