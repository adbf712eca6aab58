package access

import (
	"context"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/passkey"
	"locum/models/store"
	"locum/models/tenancy"
)

// Keyholder is a person whose passkeys the actor can reset, and how many he has.
type Keyholder struct {
	account.Person
	Passkeys int
}

// Keyholder reads a person of the actor's company whose passkeys he may reset;
// models.Unknown for himself, for an operator, and for whoever belongs elsewhere.
func (s *Sessions) Keyholder(ctx context.Context, by models.Actor, person string) (k Keyholder, err error) {
	err = s.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		return tx.Across("a person whose passkeys may be reset", func(tx *store.Tx) error {
			k, err = keyholder(tx, person, func(p account.Person) (bool, error) { return ownedBy(p, company), nil })
			return err
		})
	})
	return k, err
}

// LoneKeyholder finds a person by an address whose passkeys no company can reset,
// for operators: he belongs to none, is an operator, or is its only manager.
func (s *Sessions) LoneKeyholder(ctx context.Context, by models.Actor, address string) (k Keyholder, err error) {
	err = s.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		email, ok := account.ParseEmail(address)
		if !ok {
			return models.Unknown()
		}
		return tx.Across("a person whose passkeys no company can reset", func(tx *store.Tx) error {
			p, err := account.ByEmail(tx, email.Normal)
			if err != nil {
				return err
			}
			k, err = keyholder(tx, p.ID, func(p account.Person) (bool, error) { return alone(tx, p) })
			return err
		})
	})
	return k, err
}

// ResetPasskeys takes all passkeys from a person of the actor's company who lost
// them, and ends his sessions: who found them must not go on. He signs in by other
// ways and registers new ones. The actor shows himself anew before, and nobody
// resets his own. He and the other managers are told.
func (s *Sessions) ResetPasskeys(ctx context.Context, by models.Actor, person string) error {
	return s.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		company := tx.Actor.Effective.Company
		return tx.Across("reset the passkeys of a person", func(tx *store.Tx) error {
			k, err := keyholder(tx, person, func(p account.Person) (bool, error) { return ownedBy(p, company), nil })
			if err != nil {
				return err
			}
			others, err := tenancy.Managers(tx, company)
			if err != nil {
				return err
			}
			return reset(tx, k, company, others)
		})
	})
}

// ResetLonePasskeys is ResetPasskeys for whom LoneKeyholder finds. The other
// operators are told.
func (s *Sessions) ResetLonePasskeys(ctx context.Context, by models.Actor, person string) error {
	return s.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		return tx.Across("reset the passkeys of a person", func(tx *store.Tx) error {
			k, err := keyholder(tx, person, func(p account.Person) (bool, error) { return alone(tx, p) })
			if err != nil {
				return err
			}
			others, err := account.Operators(tx)
			if err != nil {
				return err
			}
			company := ""
			if k.HomeCompanyID != nil {
				company = *k.HomeCompanyID
			}
			return reset(tx, k, company, others)
		})
	})
}

// ownedBy says that a person belongs to a company, whose managers help him. An
// operator's keys open the platform: other operators help him.
func ownedBy(p account.Person, company string) bool {
	return p.HomeCompanyID != nil && *p.HomeCompanyID == company && !p.Operator
}

// alone says that no manager of a company can help a person.
func alone(tx *store.Tx, p account.Person) (bool, error) {
	if p.HomeCompanyID == nil || p.Operator {
		return true, nil
	}
	managers, err := tenancy.Managers(tx, *p.HomeCompanyID)
	return len(managers) == 1 && managers[0].ID == p.ID, err
}

// keyholder reads somebody else than the actor who meets a condition.
func keyholder(tx *store.Tx, person string, may func(account.Person) (bool, error)) (k Keyholder, err error) {
	if k.Person, err = account.Load(tx, person); err != nil {
		return k, err
	}
	ok, err := may(k.Person)
	if err == nil && (!ok || person == tx.Actor.Account || k.Service || k.DeactivatedAt != nil) {
		err = models.Unknown()
	}
	if err != nil {
		return Keyholder{}, err
	}
	var count int64
	err = tx.Model(&passkey.Passkey{}).Where("account_id = ?", person).Count(&count).Error
	k.Passkeys = int(count)
	return k, err
}

// shown refuses an actor who has not shown lately who he is: by a passkey, where
// he has one.
func shown(tx *store.Tx) error {
	var own int64
	if err := tx.Model(&passkey.Passkey{}).Where("account_id = ?", tx.Actor.Account).Count(&own).Error; err != nil {
		return err
	}
	at := tx.Actor.SecondFactorAt
	if own == 0 && tx.Actor.AuthTime.After(at) {
		at = tx.Actor.AuthTime
	}
	if at.IsZero() || tx.Now().Sub(at) > passkey.ShownFor {
		return models.Fail(models.Conflict, KeyShowYourself)
	}
	return nil
}

// KeyShowYourself is the key of the error of who has to show who he is before he
// resets somebody's passkeys.
const KeyShowYourself = "passkey.reset.error.show_yourself"

func reset(tx *store.Tx, k Keyholder, company string, others []account.Person) error {
	if err := shown(tx); err != nil {
		return err
	}
	if k.Passkeys == 0 {
		return models.Fail(models.Conflict, "passkey.reset.error.none", "Name", k.Name)
	}
	if err := tx.Where("account_id = ?", k.ID).Delete(&passkey.Passkey{}).Error; err != nil {
		return err
	}
	var sessions []account.Session
	if err := tx.Where("account_id = ? AND revoked_at IS NULL", k.ID).Order("id").Find(&sessions).Error; err != nil {
		return err
	}
	sessions = slices.DeleteFunc(sessions, func(s account.Session) bool { return !s.Live(tx.Now()) })
	if err := revokeFor(tx, company, k.Name, sessions); err != nil {
		return err
	}
	tx.Record(event.PasskeysReset, store.About{ID: k.ID, Name: k.Name, Company: company, Data: map[string]any{"passkeys": k.Passkeys}})
	tx.Notify("account:" + k.ID)
	content := mail.PasskeysReset{Person: k.Name, Email: k.Email, By: tx.Actor.Name, Count: k.Passkeys, At: models.At(tx.Now())}
	key := "passkeys.reset." + models.NewID("rst")
	if err := mail.Queue(tx, mail.Draft{Company: company, Key: key, To: k.Recipient(), Content: content}); err != nil {
		return err
	}
	content.ToOther = true
	for _, p := range others {
		if p.ID == k.ID || p.ID == tx.Actor.Account {
			continue
		}
		if err := mail.Queue(tx, mail.Draft{Company: company, Key: key + "." + p.ID, To: p.Recipient(), Content: content}); err != nil {
			return err
		}
	}
	return nil
}
