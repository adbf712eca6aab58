package vault

import (
	"context"
	"errors"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/passkey"
	"locum/models/store"
)

// ProofLife is for how long somebody who showed who he is may reveal secrets
// before he shows it again.
const ProofLife = 15 * time.Minute

// keyProof is the key of the error of who has to show first who he is.
const keyProof = "vault.error.proof"

// NeedsProof says that an error is that of who has to show first who he is: with
// a passkey or at his provider, or else by a code.
func NeedsProof(err error) bool { return err != nil && models.KeyOf(err) == keyProof }

// proven refuses who did not show lately who he is. Who has a passkey shows that,
// or a second factor at his provider; a code suffices for who has none.
func proven(tx *store.Tx) error {
	by, now := tx.Actor, tx.Now()
	lately := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) <= ProofLife }
	if by.SecondFactor != "" && lately(by.SecondFactorAt) {
		return nil
	}
	var keys int64
	err := tx.Across("whether somebody has a passkey", func(tx *store.Tx) error {
		return tx.Model(&passkey.Passkey{}).Where("account_id = ?", by.Account).Count(&keys).Error
	})
	if err != nil || keys == 0 && lately(by.AuthTime) {
		return err
	}
	return models.Fail(models.Forbidden, keyProof, "Passkey", keys > 0, "Minutes", int(ProofLife.Minutes()))
}

// Value is a secret's value, given to somebody once it was recorded.
type Value struct {
	Secret
	Of   Version
	Text string
}

// Ready says whether the actor may reveal secrets now, or has to show first who
// he is: see NeedsProof.
func (v *Vault) Ready(ctx context.Context, by models.Actor) error {
	return v.store.Read(ctx, by, models.UseSecrets, proven)
}

// Reveal shows a person the value of a version; number 0 is the current one. It
// is recorded and told to the superusers, before the value is given.
func (v *Vault) Reveal(ctx context.Context, by models.Actor, id string, number int) (Value, error) {
	return v.give(ctx, by, id, number, false)
}

// Use gives a machine or an application the value of a version, in the name of
// whose token it is; number 0 is the current one. It is recorded each time, and
// told to the superusers the first time on a day.
func (v *Vault) Use(ctx context.Context, by models.Actor, id string, number int) (Value, error) {
	return v.give(ctx, by, id, number, true)
}

// errOpen is the one error of a value that does not open: what the library says
// is for nobody.
var errOpen = errors.New("vault: a value does not open")

func (v *Vault) give(ctx context.Context, by models.Actor, id string, number int, used bool) (given Value, err error) {
	machine := by.Method == access.TokenMethod || by.Application != ""
	if used != machine { // a page asks for proof, and a machine has a token for this
		return given, models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.UseSecrets))
	}
	err = v.store.Write(ctx, by, models.UseSecrets, func(tx *store.Tx) error {
		given = Value{}
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		if !used {
			if err := proven(tx); err != nil {
				return err
			}
			if err := tx.OnlyOnce(); err != nil {
				return err
			}
		}
		if err := unknown(tx.Where("id = ?", id).Take(&given.Secret).Error); err != nil {
			return err
		}
		wanted := number
		if wanted == 0 {
			wanted = given.Version
		}
		if given.Of, err = version(tx, id, wanted); err != nil {
			return err
		}
		if given.Text, err = v.value(tx, given.Of); models.KindOf(err) == models.Internal && err != nil {
			return errOpen
		} else if err != nil {
			return err
		}
		kind := event.SecretRevealed
		if used {
			kind = event.SecretUsed
		}
		tx.Record(kind, given.about(map[string]any{"version": wanted}))
		return tell(tx, given, used)
	})
	if err != nil {
		return Value{}, err
	}
	return given, nil
}
