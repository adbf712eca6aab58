package access

import (
	"context"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// setupLife is how long the address for the first operator works.
const setupLife = time.Hour

// SetupToken stands for the one-use address of the first operator.
type SetupToken struct {
	TokenHash string `gorm:"primaryKey"`
	ExpiresAt models.Instant
	UsedAt    *models.Instant
	CreatedAt models.Instant
}

// TableName is the table of set-up tokens.
func (SetupToken) TableName() string { return "setup_tokens" }

// PrepareSetup gives a new one-use token while the installation has no
// operator, whoever signed up meanwhile. Earlier ones stop working. It is ""
// otherwise.
func (e *Entrance) PrepareSetup(ctx context.Context) (token string, err error) {
	err = e.store.System(ctx, "prepare the set-up", func(tx *store.Tx) error {
		tx.NothingToRecord() // there is nobody yet to whom it would belong
		var operators int64
		if err := tx.Model(&account.Account{}).Where("operator = ?", true).Count(&operators).Error; err != nil || operators > 0 {
			return err
		}
		if err := tx.Session(&gorm.Session{AllowGlobalUpdate: true}).Where("used_at IS NULL").Delete(&SetupToken{}).Error; err != nil {
			return err
		}
		token = secret.Token()
		return tx.Create(&SetupToken{TokenHash: secret.Hash(token), ExpiresAt: models.At(tx.Now().Add(setupLife)), CreatedAt: models.At(tx.Now())}).Error
	})
	return token, err
}

// Empty says whether the installation has no account yet.
func Empty(ctx context.Context, s *store.Store) (empty bool, err error) {
	err = s.SystemRead(ctx, "is anybody there", func(tx *store.Tx) error {
		var accounts int64
		err := tx.Model(&account.Account{}).Count(&accounts).Error
		empty = accounts == 0
		return err
	})
	return empty, err
}

// SetupOpen says whether a set-up token still works; models.Unknown when not.
func (e *Entrance) SetupOpen(ctx context.Context, token string) error {
	return e.store.SystemRead(ctx, "look at a set-up address", func(tx *store.Tx) error {
		_, err := setupToken(tx, token)
		return err
	})
}

func setupToken(tx *store.Tx, token string) (SetupToken, error) {
	var row SetupToken
	err := tx.Where("token_hash = ? AND used_at IS NULL AND expires_at > ?", secret.Hash(token), models.At(tx.Now())).Take(&row).Error
	if store.Missing(err) {
		return row, models.Unknown()
	}
	return row, err
}

// Founding is what the first operator fills in.
type Founding struct {
	Token        string
	Name         string
	Email        string
	Company      string
	Organization string
	Language     string
	TimeZone     string
	UserAgent    string
	Address      string
	Instead      string // id of the session that the browser had so far: see Opening
}

// Setup makes the first operator, with his company and organization, and signs
// him in. His address counts as proven: who can read the program's log owns
// the installation.
func (e *Entrance) Setup(ctx context.Context, in Founding) (session string, err error) {
	wrong := models.FieldErrors{}
	email := account.CheckEmail(in.Email, "email", wrong)
	in.Name = account.CheckName(in.Name, "name", wrong)
	in.Company = account.CheckName(in.Company, "company", wrong)
	in.Organization = account.CheckName(in.Organization, "organization", wrong)
	if err := wrong.Err(); err != nil {
		return "", err
	}
	err = e.store.System(ctx, "set up the installation", func(tx *store.Tx) error {
		row, err := setupToken(tx, in.Token)
		if err != nil {
			return err
		}
		spent := tx.Model(&SetupToken{}).Where("token_hash = ? AND used_at IS NULL", row.TokenHash).Update("used_at", models.At(tx.Now()))
		if spent.Error != nil || spent.RowsAffected == 0 {
			return models.Unknown().Because(spent.Error)
		}
		person, err := account.Create(tx, account.New{Name: in.Name, Email: email, Language: in.Language, TimeZone: in.TimeZone, Proven: true})
		if err != nil {
			return err
		}
		if err := tx.Model(&account.Account{}).Where("id = ?", person.ID).Update("operator", true).Error; err != nil {
			return err
		}
		founded, err := tenancy.Found(tx, in.Company, in.Organization, person)
		if err != nil {
			return err
		}
		actor := models.Actor{Account: person.ID, Name: person.Name, Channel: models.Browser, Address: in.Address}
		tx.Record(event.AccountCreated, store.About{ID: person.ID, Name: person.Name, As: &actor, Company: founded.Company.ID, Organization: founded.Organization.ID,
			Data: map[string]any{"operator": true}})
		session, err = Open(tx, Opening{Account: person.ID, Method: "setup", UserAgent: in.UserAgent, Address: in.Address, Instead: in.Instead})
		return err
	})
	return session, err
}
