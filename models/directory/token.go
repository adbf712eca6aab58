package directory

import (
	"context"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// MostTokens is how many tokens of a directory are live at a time: one in use,
// and the next.
const MostTokens = 2

// TwoTokens is the key of the Conflict where MostTokens are live.
const TwoTokens = "directory.error.two_tokens"

// suffixLength is how many characters of a token are kept to tell it by.
const suffixLength = 4

// Token is a bearer token of a directory. Of itself only a hash is kept.
type Token struct {
	CompanyID     string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	DirectoryID   string
	Hash          string
	Suffix        string
	CreatedByName string
	ByLink        bool // who made it worked by a set-up link, which it outlives
	CreatedAt     models.Instant
	ExpiresAt     *models.Instant // nil: never
	LastUsedAt    *models.Instant
	RevokedAt     *models.Instant
	RefusedAt     *models.Instant // when it was last used after its end
}

// TableName is the table of tokens.
func (Token) TableName() string { return "directory_tokens" }

// Live says whether the token opens the directory.
func (t Token) Live(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(t.ExpiresAt.Time))
}

// ExpiresSoon says whether a live token ends within two weeks.
func (t Token) ExpiresSoon(now time.Time) bool {
	return t.Live(now) && t.ExpiresAt != nil && t.ExpiresAt.Sub(now) < 14*24*time.Hour
}

// Tokens lists a directory's tokens that were not revoked, the newest first.
func (d *Directories) Tokens(ctx context.Context, by models.Actor, directory string) (list []Token, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		return tx.Where("directory_id = ? AND revoked_at IS NULL", directory).Order("created_at DESC, id DESC").Find(&list).Error
	})
	return list, err
}

// NewToken makes another token of a directory, which is shown this once. It ends
// after so many days; 0 for never. Two live ones are the most.
func (d *Directories) NewToken(ctx context.Context, by models.Actor, directory string, days int) (token string, err error) {
	if days < 0 || days > 3650 {
		wrong := models.FieldErrors{}
		wrong.Add("days", "error.invalid")
		return "", wrong.Err()
	}
	err = d.store.Write(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil { // it would outlive the session
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		own, err := load(tx, directory, true)
		if err != nil {
			return err
		}
		var list []Token
		if err := tx.Where("directory_id = ?", directory).Find(&list).Error; err != nil {
			return err
		}
		live := 0
		for _, t := range list {
			if t.Live(tx.Now()) {
				live++
			}
		}
		if live >= MostTokens {
			return models.Fail(models.Conflict, TwoTokens)
		}
		var ends *models.Instant
		if days > 0 {
			ends = models.AtPtr(tx.Now().AddDate(0, 0, days))
		}
		token, err = newToken(tx, own, ends)
		return err
	})
	return token, err
}

func newToken(tx *store.Tx, own Directory, ends *models.Instant) (string, error) {
	token := "scim_" + secret.Token()
	row := Token{CompanyID: own.CompanyID, ID: models.NewID("dtk"), DirectoryID: own.ID, Hash: secret.Hash(token), Suffix: token[len(token)-suffixLength:],
		CreatedByName: tx.Actor.Name, ByLink: tx.Actor.ByLink(), CreatedAt: models.At(tx.Now()), ExpiresAt: ends}
	tx.Record(event.DirectoryTokenCreated, store.About{ID: row.ID, Name: own.Name, Data: map[string]any{"directory": own.ID, "suffix": row.Suffix}})
	return token, tx.Create(&row).Error
}

// RevokeToken ends a token at once.
func (d *Directories) RevokeToken(ctx context.Context, by models.Actor, directory, id string) error {
	return d.store.Write(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		own, err := load(tx, directory, false)
		if err != nil {
			return err
		}
		gone := tx.Model(&Token{}).Where("directory_id = ? AND id = ? AND revoked_at IS NULL", directory, id).Update("revoked_at", models.At(tx.Now()))
		if gone.Error == nil && gone.RowsAffected == 0 {
			return models.Unknown()
		}
		tx.Record(event.DirectoryTokenRevoked, store.About{ID: id, Name: own.Name, Data: map[string]any{"directory": own.ID}})
		return gone.Error
	})
}
