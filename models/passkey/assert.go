package passkey

import (
	"context"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
)

// BeginSignIn begins to sign somebody in: which passkey, and so who it is, his
// authenticator says (a discoverable credential, section 4).
func (p *Passkeys) BeginSignIn(ctx context.Context, at Site, browser string) (b Begun, err error) {
	if err := at.check(); err != nil {
		return b, err
	}
	request, data, err := at.relying.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return b, err
	}
	err = p.store.System(ctx, "begin to sign in with a passkey", func(tx *store.Tx) error {
		tx.NothingToRecord() // nobody has signed in yet
		b, err = keep(tx, SigningIn, browser, request.Response, data)
		return err
	})
	return b, err
}

// BeginStepUp begins to have the actor show one of his own passkeys.
func (p *Passkeys) BeginStepUp(ctx context.Context, by models.Actor, at Site, browser string) (b Begun, err error) {
	if err := at.check(); err != nil {
		return b, err
	}
	err = p.store.SystemFor(ctx, by, "begin to show a passkey", func(tx *store.Tx) error {
		tx.NothingToRecord() // nothing was shown yet
		person, err := holderOf(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		if len(person.passkeys) == 0 {
			return models.Fail(models.Conflict, "passkey.error.none")
		}
		request, data, err := at.relying.BeginLogin(person, webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return err
		}
		b, err = keep(tx, SteppingUp, browser, request.Response, data)
		return err
	})
	return b, err
}

// Verify checks an assertion (section 7.2) and notes that the passkey was used.
// cloned says that its counter went back: the passkey may have a double, and
// nothing may be opened with it. It runs in a System transaction.
func (c Claimed) Verify(tx *store.Tx, at Site) (used Passkey, cloned bool, err error) {
	if err := at.check(); err != nil {
		return used, false, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(c.credential))
	if err != nil {
		return used, false, refused(err)
	}
	// Locked, so that of two that come at once the second sees the first's counter.
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("credential_id = ?", encode(answer.RawID)).Take(&used).Error
	if store.Missing(err) {
		return used, false, models.Fail(models.Forbidden, "passkey.error.unknown")
	}
	if err != nil {
		return used, false, err
	}
	if c.account != "" && used.AccountID != c.account {
		return used, false, models.Fail(models.Forbidden, "passkey.error.other_person")
	}
	person, err := holderOf(tx, used.AccountID)
	if err != nil {
		return used, false, err
	}
	credential, err := c.validate(at, person, answer)
	if err != nil {
		return used, false, refused(err)
	}
	if credential.Authenticator.CloneWarning { // section 6.1.1
		return used, true, nil
	}
	now := models.At(tx.Now())
	used.SignCount, used.BackedUp, used.LastUsedAt = credential.Authenticator.SignCount, credential.Flags.BackupState, &now
	return used, false, tx.Model(&Passkey{}).Where("id = ?", used.ID).
		Updates(map[string]any{"sign_count": used.SignCount, "backed_up": used.BackedUp, "last_used_at": now}).Error
}

func (c Claimed) validate(at Site, person holder, answer *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if c.Kind == SteppingUp {
		return at.relying.ValidateLogin(person, c.data, answer)
	}
	_, credential, err := at.relying.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return person, nil }, c.data, answer)
	return credential, err
}
