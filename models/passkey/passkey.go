package passkey

import (
	"context"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// Most is how many passkeys a person can have.
const Most = 20

// ShownFor is how long a second factor that was shown lets a person change his
// passkeys.
const ShownFor = 15 * time.Minute

// Passkey is a credential of a person (section 4, credential record).
type Passkey struct {
	ID             string `gorm:"primaryKey"`
	AccountID      string
	Name           string // which its owner chose
	CredentialID   string // base64url
	PublicKey      string // COSE key in base64url
	Transports     string // separated by commas
	SignCount      uint32
	BackupEligible bool // it can be copied to other devices
	BackedUp       bool // and was, when it was used last
	LastUsedAt     *models.Instant
	CreatedAt      models.Instant
}

// TableName is the table of passkeys.
func (Passkey) TableName() string { return "passkeys" }

// Passkeys are the operations of people on their own passkeys.
type Passkeys struct{ store *store.Store }

// New opens the passkeys of a store.
func New(s *store.Store) *Passkeys { return &Passkeys{s} }

// List gives the actor's own passkeys, the oldest first.
func (p *Passkeys) List(ctx context.Context, by models.Actor) (list []Passkey, err error) {
	err = p.store.Read(ctx, by, models.OwnAccount, func(tx *store.Tx) error {
		return tx.Order("created_at, id").Find(&list).Error
	})
	return list, err
}

// Rename gives one of the actor's passkeys another name; models.Unknown for
// anybody else's.
func (p *Passkeys) Rename(ctx context.Context, by models.Actor, id, name string) error {
	wrong := models.FieldErrors{}
	name = account.CheckName(name, "name", wrong)
	if err := wrong.Err(); err != nil {
		return err
	}
	return p.store.Write(ctx, by, models.OwnAccount, func(tx *store.Tx) error {
		tx.NothingToRecord() // what he calls it is nobody else's business
		done := tx.Model(&Passkey{}).Where("id = ?", id).Update("name", name)
		if done.Error == nil && done.RowsAffected == 0 {
			return models.Unknown()
		}
		return done.Error
	})
}

// Remove takes one of the actor's passkeys away, and from every session the
// second factor that was shown with it. He is told by mail.
func (p *Passkeys) Remove(ctx context.Context, by models.Actor, id string) (gone Passkey, err error) {
	err = p.store.SystemFor(ctx, by, "remove a passkey", func(tx *store.Tx) error {
		if err := tx.Where("id = ? AND account_id = ?", id, tx.Actor.Account).Take(&gone).Error; err != nil {
			if store.Missing(err) {
				return models.Unknown()
			}
			return err
		}
		if err := mayChange(tx); err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Delete(&Passkey{}).Error; err != nil {
			return err
		}
		err := tx.Model(&account.Session{}).Where("account_id = ? AND passkey_id = ?", tx.Actor.Account, id).
			Updates(map[string]any{"second_factor": "", "second_factor_at": nil, "passkey_id": ""}).Error
		if err != nil {
			return err
		}
		return tell(tx, gone, false)
	})
	return gone, err
}

// mayChange refuses a change of the actor's passkeys while he has some and has
// not shown a second factor lately: whoever reads his mail must not get one of
// his own.
func mayChange(tx *store.Tx) error {
	return ShownLately(tx)
}

// ShownLately refuses the transaction's actor what is only for who has shown his
// second factor lately, where he has one (KeyShowFirst), and in a break-glass
// session whatever he showed.
func ShownLately(tx *store.Tx) error {
	if err := tx.Actor.NotInBreakGlass(); err != nil {
		return err
	}
	var count int64
	if err := tx.Model(&Passkey{}).Where("account_id = ?", tx.Actor.Account).Count(&count).Error; err != nil {
		return err
	}
	if shown := tx.Actor.SecondFactorAt; count > 0 && (shown.IsZero() || tx.Now().Sub(shown) > ShownFor) {
		return models.Fail(models.Conflict, KeyShowFirst)
	}
	return nil
}

// KeyShowFirst is the key of the error of who has to show a second factor before
// he changes his passkeys.
const KeyShowFirst = "passkey.error.show_first"

// tell records that a passkey came or went, where its owner is at home, and
// tells him by mail.
func tell(tx *store.Tx, p Passkey, added bool) error {
	kind, key := event.PasskeyRemoved, "removed"
	if added {
		kind, key = event.PasskeyAdded, "added"
	}
	him := tx.Actor.AtHome() // also when he is somewhere else
	tx.Record(kind, store.About{ID: p.ID, Name: p.Name, As: &him, Company: him.Real.Company, Organization: him.Real.Organization})
	tx.Notify("account:" + p.AccountID)
	owner, err := account.Load(tx, p.AccountID)
	if err != nil {
		return err
	}
	return mail.Queue(tx, mail.Draft{Key: "passkey." + key + "." + p.ID, To: owner.Recipient(),
		Content: mail.Passkey{Added: added, Name: p.Name, At: models.At(tx.Now()), Address: tx.Actor.Address}})
}
