package tenancy

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Block keeps somebody out of a company until a manager lets him back in: his
// identity provider may say what it likes.
type Block struct {
	CompanyID     string `gorm:"primaryKey"`
	AccountID     string `gorm:"primaryKey"`
	BlockedBy     string // account
	BlockedByName string
	CreatedAt     models.Instant
}

// TableName is the table of those who are kept out.
func (Block) TableName() string { return "blocked_people" }

// Blocked says whether a company keeps a person out. The transaction is
// confined to the company, or to nothing.
func Blocked(tx *store.Tx, company, person string) (bool, error) {
	var found int64
	err := tx.Model(&Block{}).Where("company_id = ? AND account_id = ?", company, person).Count(&found).Error
	return found > 0, err
}

// KeptOutHere says whether the company of the actor's effective party keeps a
// person out, in a transaction that is confined to an organization of it.
func KeptOutHere(tx *store.Tx, person string) (kept bool, err error) {
	company := tx.Actor.Effective.Company
	err = tx.Across("who is kept out of the company", func(tx *store.Tx) error {
		kept, err = Blocked(tx, company, person)
		return err
	})
	return kept, err
}

// KeepOut removes a person from the company to which the transaction is
// confined, as Offboard does, and does not let him back in: sign-ins through the
// company's identity provider are refused, and nobody there can invite him or
// delegate to him. known says that the company knows him without a role, as
// somebody who came in through its provider; anybody else must hold one.
func KeepOut(tx *store.Tx, person string, known bool) error {
	if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
		return err
	}
	name, err := offboard(tx, person)
	if models.KindOf(err) == models.NotFound && known {
		name, err = release(tx, person)
	}
	if err != nil {
		return err
	}
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&Block{AccountID: person, BlockedBy: tx.Actor.Account, BlockedByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())})
	if made.Error == nil && made.RowsAffected > 0 {
		tx.Record(event.PersonBlocked, store.About{ID: person, Name: name})
	}
	return made.Error
}

// release is offboard for somebody who holds no role: what follows from that
// follows all the same, as the end of delegations and of what is known of him.
func release(tx *store.Tx, person string) (name string, err error) {
	p, err := account.Load(tx, person)
	if err != nil {
		return "", err
	}
	if err := withdrawAll(tx, person); err != nil {
		return "", err
	}
	tx.Record(event.Offboarded, store.About{ID: person, Name: p.Name, Company: tx.Actor.Effective.Company, Data: map[string]any{"home": false}})
	tx.Notify("account:" + person)
	return p.Name, nil
}

// LetBackIn ends a Block: from then on the person's identity provider can let
// him in again. It gives him nothing by itself.
func (c *Companies) LetBackIn(ctx context.Context, by models.Actor, person string) (p account.Person, err error) {
	err = c.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		gone := tx.Where("account_id = ?", person).Delete(&Block{})
		if gone.Error != nil {
			return gone.Error
		}
		if gone.RowsAffected == 0 {
			return models.Unknown()
		}
		if p, err = account.Load(tx, person); err != nil {
			return err
		}
		tx.Record(event.PersonUnblocked, store.About{ID: person, Name: p.Name})
		return nil
	})
	return p, err
}

// KeptOut is somebody with his Block.
type KeptOut struct {
	Person account.Person
	Block  Block
}

// KeptOut lists those whom the actor's company keeps out, by name.
func (c *Companies) KeptOut(ctx context.Context, by models.Actor) (list []KeptOut, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		var blocks []Block
		if err := tx.Order("account_id").Find(&blocks).Error; err != nil {
			return err
		}
		ids := make([]string, len(blocks))
		for i, b := range blocks {
			ids[i] = b.AccountID
		}
		people, err := account.LoadAll(tx, ids)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			list = append(list, KeptOut{people[b.AccountID], b})
		}
		slices.SortFunc(list, func(a, b KeptOut) int {
			return strings.Compare(strings.ToLower(a.Person.Name), strings.ToLower(b.Person.Name))
		})
		return nil
	})
	return list, err
}
