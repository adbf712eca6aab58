package tenancy

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// BreakGlass names a manager who may come in by a code although his company
// requires single sign-on: somebody has to, when the identity provider is down.
type BreakGlass struct {
	CompanyID   string `gorm:"primaryKey"`
	AccountID   string `gorm:"primaryKey"`
	NamedBy     string // account
	NamedByName string
	NamedAt     models.Instant
}

// TableName is the table of break-glass managers.
func (BreakGlass) TableName() string { return "break_glass_managers" }

// BreakGlassManager is a manager of a company. Named is nil for one who has to
// come in like everybody else.
type BreakGlassManager struct {
	account.Person
	Named *BreakGlass
}

// BreakGlass lists the managers of the actor's company who can sign in, and
// says which of them are named.
func (c *Companies) BreakGlass(ctx context.Context, by models.Actor) (list []BreakGlassManager, err error) {
	err = c.store.Read(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		managers, err := Managers(tx, tx.Actor.Effective.Company)
		if err != nil {
			return err
		}
		var named []BreakGlass
		if err := tx.Order("named_at, account_id").Find(&named).Error; err != nil {
			return err
		}
		for _, p := range managers {
			one := BreakGlassManager{Person: p}
			for i := range named {
				if named[i].AccountID == p.ID {
					one.Named = &named[i]
				}
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// NameBreakGlass lets a manager of the actor's company come in by a code. Every
// manager gets mail of it. Nobody does it from a break-glass session.
func (c *Companies) NameBreakGlass(ctx context.Context, by models.Actor, person string) error {
	return c.changeBreakGlass(ctx, by, person, true)
}

// RemoveBreakGlass takes that from him again.
func (c *Companies) RemoveBreakGlass(ctx context.Context, by models.Actor, person string) error {
	return c.changeBreakGlass(ctx, by, person, false)
}

func (c *Companies) changeBreakGlass(ctx context.Context, by models.Actor, person string, name bool) error {
	return c.store.Write(ctx, by, models.ManageCompany, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		if err := lockPlace(tx, ""); err != nil { // he stays a manager meanwhile
			return err
		}
		company := tx.Actor.Effective.Company
		managers, err := Managers(tx, company)
		if err != nil {
			return err
		}
		for _, p := range managers {
			if p.ID != person {
				continue
			}
			if name {
				return nameBreakGlass(tx, p)
			}
			return removeBreakGlass(tx, company, p)
		}
		return models.Unknown()
	})
}

func nameBreakGlass(tx *store.Tx, p account.Person) error {
	row := BreakGlass{CompanyID: tx.Actor.Effective.Company, AccountID: p.ID, NamedBy: tx.Actor.Account, NamedByName: tx.Actor.Name, NamedAt: models.At(tx.Now())}
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if made.Error != nil || made.RowsAffected == 0 {
		tx.NothingToRecord() // he is named already
		return made.Error
	}
	tx.Record(event.BreakGlassNamed, store.About{ID: p.ID, Name: p.Name, Company: row.CompanyID})
	return tellOfBreakGlass(tx, row.CompanyID, p, true)
}

func removeBreakGlass(tx *store.Tx, company string, p account.Person) error {
	gone := tx.Where("company_id = ? AND account_id = ?", company, p.ID).Delete(&BreakGlass{})
	if gone.Error != nil || gone.RowsAffected == 0 {
		tx.NothingToRecord() // he was not named
		return gone.Error
	}
	tx.Record(event.BreakGlassRemoved, store.About{ID: p.ID, Name: p.Name, Company: company})
	return tellOfBreakGlass(tx, company, p, false)
}

// tellOfBreakGlass mails every manager who may come in by a code now.
func tellOfBreakGlass(tx *store.Tx, company string, p account.Person, named bool) error {
	managers, err := Managers(tx, company)
	if err != nil {
		return err
	}
	var own Company
	if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
		return err
	}
	var left int64
	if err := tx.Model(&BreakGlass{}).Where("company_id = ?", company).Count(&left).Error; err != nil {
		return err
	}
	change := models.NewID("bgc")
	for _, m := range managers {
		err := mail.Queue(tx, mail.Draft{Company: company, Key: "break_glass." + change + "." + m.ID, To: m.Recipient(),
			Content: mail.BreakGlassNamed{Company: mail.Place{Name: own.Name, Company: own.Name}, Person: p.Name, Email: p.Email,
				By: tx.Actor.Name, At: models.At(tx.Now()), Named: named, Left: int(left)}})
		if err != nil {
			return err
		}
	}
	return nil
}

// afterManager takes a break-glass manager from the list who is no manager any
// more, however he lost that. It runs in a System transaction.
func afterManager(tx *store.Tx, about store.About) error {
	if role, _ := about.Data["role"].(string); role != Manager {
		return nil
	}
	var still, named int64
	err := tx.Model(&Grant{}).Scopes(Live(tx.Now())).
		Where("company_id = ? AND organization_id = ? AND role_id = ? AND account_id = ?", about.Company, "", Manager, about.ID).Count(&still).Error
	if err != nil || still > 0 {
		return err
	}
	if err := tx.Model(&BreakGlass{}).Where("company_id = ? AND account_id = ?", about.Company, about.ID).Count(&named).Error; err != nil || named == 0 {
		return err
	}
	p, err := account.Load(tx, about.ID)
	if err != nil {
		return err
	}
	return removeBreakGlass(tx, about.Company, p)
}

// MayBreakGlass says whether a person is named and a manager who can sign in,
// in a System transaction.
func MayBreakGlass(tx *store.Tx, company, person string) (bool, error) {
	var named int64
	if err := tx.Model(&BreakGlass{}).Where("company_id = ? AND account_id = ?", company, person).Count(&named).Error; err != nil || named == 0 {
		return false, err
	}
	managers, err := Managers(tx, company)
	for _, m := range managers {
		if m.ID == person {
			return true, err
		}
	}
	return false, err
}

// RequiredBy is the company that requires single sign-on of addresses under a
// domain; "" where none does. It runs in a System transaction.
func RequiredBy(tx *store.Tx, domain string) (company string, err error) {
	var d Domain
	err = tx.Where("name = ? AND verified_at IS NOT NULL AND sso_required = ?", domain, true).Take(&d).Error
	if store.Missing(err) {
		return "", nil
	}
	return d.CompanyID, err
}
