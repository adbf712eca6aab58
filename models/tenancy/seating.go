package tenancy

import (
	"context"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// Waiting says since when people wait for a seat in a company, by account.
func Waiting(tx *store.Tx, company string) (map[string]time.Time, error) {
	var rows []Seat
	err := tx.Across("who waits for a seat", func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND taken_at IS NULL", company).Find(&rows).Error
	})
	waiting := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		waiting[row.AccountID] = row.Since.Time
	}
	return waiting, err
}

// Seated keeps those of a person's grants that count: none in a company where
// he waits for a seat. It is a scope for gorm, in a System transaction.
func Seated(tx *store.Tx, person string) (func(*gorm.DB) *gorm.DB, error) {
	var waits []string
	err := tx.Model(&Seat{}).Where("account_id = ? AND taken_at IS NULL", person).Pluck("company_id", &waits).Error
	return func(db *gorm.DB) *gorm.DB {
		if len(waits) == 0 {
			return db
		}
		return db.Where("company_id NOT IN ?", waits)
	}, err
}

// Seating is how many seats a company has and how they are used.
type Seating struct {
	Number  int // 0: no limit
	Taken   int
	Waiting map[string]time.Time // since when, by account
}

// Over is how many must leave before anybody new comes in.
func (s Seating) Over() int {
	if s.Number == 0 {
		return 0
	}
	return max(0, s.Taken-s.Number)
}

// Seating counts the seats of the actor's company.
func (c *Companies) Seating(ctx context.Context, by models.Actor) (s Seating, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		s, err = seating(tx, tx.Actor.Effective.Company)
		return err
	})
	return s, err
}

// SeatingOf is Seating of any company, with its name, for operators.
func (c *Companies) SeatingOf(ctx context.Context, by models.Actor, company string) (own Company, s Seating, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
			return missing(err)
		}
		s, err = seating(tx, company)
		return err
	})
	return own, s, err
}

func seating(tx *store.Tx, company string) (s Seating, err error) {
	var own Company
	if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
		return s, err
	}
	var taken int64
	if err := tx.Model(&Seat{}).Where("company_id = ? AND taken_at IS NOT NULL", company).Count(&taken).Error; err != nil {
		return s, err
	}
	s.Number, s.Taken = own.Seats, int(taken)
	s.Waiting, err = Waiting(tx, company)
	return s, err
}

// seatsTaken counts the seats that are taken, by company, as the transaction is
// confined.
func seatsTaken(tx *store.Tx) (map[string]int, error) {
	var rows []struct {
		CompanyID string
		Taken     int
	}
	err := tx.Model(&Seat{}).Where("taken_at IS NOT NULL").Select("company_id, COUNT(*) AS taken").Group("company_id").Find(&rows).Error
	taken := make(map[string]int, len(rows))
	for _, row := range rows {
		taken[row.CompanyID] = row.Taken
	}
	return taken, err
}

// Awaited is a company in which the actor waits for a seat, with some of the
// managers whom he can ask.
type Awaited struct {
	Company  string // name
	Since    time.Time
	Managers []account.Person
}

// maxAsked is how many managers are named to who waits.
const maxAsked = 3

// Awaits lists where the actor waits for a seat, the longest first.
func (c *Companies) Awaits(ctx context.Context, by models.Actor) (list []Awaited, err error) {
	err = c.store.SystemRead(ctx, "where a person waits for a seat", func(tx *store.Tx) error {
		var rows []Seat
		if err := tx.Where("account_id = ? AND taken_at IS NULL", by.Account).Order("since, company_id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			var own Company
			if err := tx.Where("id = ?", row.CompanyID).Take(&own).Error; err != nil {
				return err
			}
			managers, err := Managers(tx, row.CompanyID)
			if err != nil {
				return err
			}
			list = append(list, Awaited{own.Name, row.Since.Time, managers[:min(maxAsked, len(managers))]})
		}
		return nil
	})
	return list, err
}
