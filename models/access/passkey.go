package access

import (
	"context"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/passkey"
	"locum/models/store"
)

// The limit on signing in with passkeys from one household.
const (
	passkeysPerAddress = 60
	passkeysWindow     = 15 * time.Minute
)

// BeginPasskey begins to sign somebody in with a passkey, in a browser of this
// hash at an address.
func (s *Sessions) BeginPasskey(ctx context.Context, keys *passkey.Passkeys, at passkey.Site, browser, address string) (b passkey.Begun, err error) {
	if err := s.Rate(ctx, "passkey from "+household(address), passkeysPerAddress, passkeysWindow); err != nil {
		return b, err
	}
	return keys.BeginSignIn(ctx, at, browser)
}

// SignIn signs in whoever's passkey answered, and gives the token for the
// browser's cookie. Where the domain of one of his addresses requires single
// sign-on it is refused: the company's connectors are not to be gone round. email
// is then the address under it.
func (s *Sessions) SignIn(ctx context.Context, keys *passkey.Passkeys, at passkey.Site, in passkey.Answer, from Entering) (token, email string, err error) {
	claimed, err := keys.Claim(ctx, models.Actor{}, passkey.SigningIn, in)
	if err != nil {
		return "", "", err
	}
	var refusal error
	err = s.store.System(ctx, "sign in with a passkey", func(tx *store.Tx) error {
		tx.NothingToRecord() // a refusal by his company is told to him alone
		used, cloned, err := claimed.Verify(tx, at)
		if err != nil {
			return err
		}
		if cloned {
			him := models.Actor{Account: used.AccountID, Channel: models.Browser, Address: from.Address}
			if him.Real, err = home(tx, used.AccountID); err != nil {
				return err
			}
			refusal = refuseCloned(tx, used, him)
			return nil
		}
		if email, refusal, err = required(tx, used.AccountID); err != nil || refusal != nil {
			return err
		}
		token, err = Open(tx, Opening{Account: used.AccountID, Method: "passkey", SecondFactor: account.ByPasskey, Passkey: used.ID,
			UserAgent: from.UserAgent, Address: from.Address, Instead: from.Instead})
		return err
	})
	if err == nil {
		err = refusal
	}
	return token, email, err
}

// required refuses a person with an address whose domain requires single sign-on,
// and says which it is.
func required(tx *store.Tx, person string) (email string, refusal, err error) {
	var addresses []account.Address
	if err := tx.Where("account_id = ?", person).Order("is_primary DESC, normal").Find(&addresses).Error; err != nil {
		return "", nil, err
	}
	for _, a := range addresses {
		_, domain, _ := strings.Cut(a.Normal, "@")
		must, err := requiresSSO(tx, domain)
		if err != nil {
			return "", nil, err
		}
		if must {
			return a.Email, models.Fail(models.Conflict, "account.error.sso_required", "Domain", domain), nil
		}
	}
	return "", nil, nil
}
