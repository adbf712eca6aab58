package passkey

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// BeginRegister begins to register a passkey for the actor.
func (p *Passkeys) BeginRegister(ctx context.Context, by models.Actor, at Site, browser string) (b Begun, err error) {
	if err := at.check(); err != nil {
		return b, err
	}
	err = p.store.SystemFor(ctx, by, "begin to register a passkey", func(tx *store.Tx) error {
		tx.NothingToRecord() // there is none yet
		if err := mayChange(tx); err != nil {
			return err
		}
		person, err := holderOf(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		if err := person.full(); err != nil {
			return err
		}
		// Section 7.1, step 1: what the person has is not registered twice.
		creation, data, err := at.relying.BeginRegistration(person, webauthn.WithExclusions(person.descriptors()))
		if err != nil {
			return err
		}
		b, err = keep(tx, Registering, browser, creation.Response, data)
		return err
	})
	return b, err
}

// Register makes a passkey of what an authenticator answered (section 7.1), and
// tells its owner by mail. Making it showed it: it counts as the second factor
// of this session.
func (p *Passkeys) Register(ctx context.Context, by models.Actor, at Site, in Answer, name string) (made Passkey, err error) {
	wrong := models.FieldErrors{}
	name = account.CheckName(name, "name", wrong)
	if in.Credential == "" {
		wrong.Add("credential", "passkey.error.no_answer")
	}
	if err := wrong.Err(); err != nil {
		return made, err
	}
	if err := at.check(); err != nil {
		return made, err
	}
	claimed, err := p.Claim(ctx, by, Registering, in)
	if err != nil {
		return made, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(claimed.credential))
	if err != nil {
		return made, refused(err)
	}
	err = p.store.SystemFor(ctx, by, "register a passkey", func(tx *store.Tx) error {
		if err := mayChange(tx); err != nil {
			return err
		}
		person, err := holderOf(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		if err := person.full(); err != nil {
			return err
		}
		credential, err := at.relying.CreateCredential(person, claimed.data, answer)
		if err != nil {
			return refused(err)
		}
		made = passkeyOf(*credential)
		made.ID, made.AccountID, made.Name, made.CreatedAt = models.NewID("pky"), tx.Actor.Account, name, models.At(tx.Now())
		if err := tx.Create(&made).Error; err != nil {
			if store.Duplicate(err) { // section 7.1, step 26
				return models.Fail(models.Conflict, "passkey.error.known")
			}
			return err
		}
		if err := account.Show(tx, tx.Actor.Session, account.ByPasskey, made.ID); err != nil {
			return err
		}
		return tell(tx, made, true)
	})
	return made, err
}

// refused is the answer to whatever an authenticator or a browser got wrong. The
// log alone says what it was.
func refused(why error) error {
	return models.Fail(models.Forbidden, "passkey.error.refused").Because(why)
}

// holderOf reads a person with his passkeys, in a System transaction.
func holderOf(tx *store.Tx, id string) (h holder, err error) {
	person, err := account.Load(tx, id)
	if err != nil {
		return h, err
	}
	h = holder{id: person.ID, name: person.Name, email: person.Email}
	return h, tx.Where("account_id = ?", id).Order("created_at, id").Find(&h.passkeys).Error
}

func passkeyOf(c webauthn.Credential) Passkey {
	transports := make([]string, len(c.Transport))
	for i, t := range c.Transport {
		transports[i] = string(t)
	}
	return Passkey{CredentialID: encode(c.ID), PublicKey: encode(c.PublicKey), Transports: strings.Join(transports, ","),
		SignCount: c.Authenticator.SignCount, BackupEligible: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState}
}

func (p Passkey) credential() webauthn.Credential {
	c := webauthn.Credential{ID: decode(p.CredentialID), PublicKey: decode(p.PublicKey),
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: p.BackupEligible, BackupState: p.BackedUp},
		Authenticator: webauthn.Authenticator{SignCount: p.SignCount}}
	for t := range strings.SplitSeq(p.Transports, ",") {
		if t != "" {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return c
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// decode reads what encode wrote; what is none names no credential.
func decode(text string) []byte {
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	return raw
}
