package tenancy

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// MostSeats is the largest number of seats that can be set.
const MostSeats = 1_000_000

// Seat is one person of a company that has a number of seats. Who waits for one
// is known there and can sign in, and no role of his in that company counts.
// Managers always have one, and consultants need none.
type Seat struct {
	CompanyID string          `gorm:"primaryKey"`
	AccountID string          `gorm:"primaryKey"`
	Since     models.Instant  // when he came to belong to the company
	TakenAt   *models.Instant // nil while he waits
}

// TableName is the table of seats.
func (Seat) TableName() string { return "seats" }

// settleSeats follows every change of roles and of the number of seats: who came
// to belong to a company gets a seat or waits for one, and who belongs to it no
// more frees his. It is the store's Settlement of these events.
func settleSeats(tx *store.Tx, about []store.About) error {
	touched, before := map[string][]string{}, map[string]int{}
	for _, a := range about {
		if was, changed := a.Data["before"].(int); changed && a.ID == a.Company {
			if _, twice := before[a.Company]; !twice {
				before[a.Company] = was
			}
			touched[a.Company] = append(touched[a.Company], "")
		} else {
			touched[a.Company] = append(touched[a.Company], a.ID)
		}
	}
	for _, company := range slices.Sorted(maps.Keys(touched)) {
		if err := tx.LockSeats(company); err != nil {
			return err
		}
		var own Company
		if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
			return err
		}
		was, changed := before[company]
		if !changed {
			was = own.Seats
		}
		if err := settleCompany(tx, own, was, touched[company]); err != nil {
			return err
		}
	}
	return nil
}

// settleCompany brings the seats of one company in line, which had another
// number of them before.
func settleCompany(tx *store.Tx, own Company, before int, people []string) error {
	var err error
	switch {
	case own.Seats == 0 && before == 0:
		return nil
	case own.Seats == 0:
		return unseat(tx, own.ID)
	case before == 0:
		err = seatAll(tx, own.ID)
	}
	people = slices.DeleteFunc(people, func(id string) bool { return id == "" })
	slices.Sort(people)
	newcomers := map[string]bool{}
	for part := range slices.Chunk(slices.Compact(people), 500) {
		if err == nil {
			err = seat(tx, own.ID, part, newcomers)
		}
	}
	if err != nil {
		return err
	}
	return fill(tx, own, newcomers)
}

// seat brings the rows of some people in line with what they hold. Newcomers
// wait, but for managers; fill then gives what is free.
func seat(tx *store.Tx, company string, people []string, waits map[string]bool) error {
	var held []Grant
	err := tx.Scopes(Live(tx.Now())).Select("account_id, organization_id, role_id").Where("company_id = ? AND account_id IN ?", company, people).Find(&held).Error
	if err != nil {
		return err
	}
	belongs, manages := map[string]bool{}, map[string]bool{}
	for _, g := range held {
		belongs[g.AccountID] = true
		manages[g.AccountID] = manages[g.AccountID] || g.RoleID == Manager
	}
	var rows []Seat
	if err := tx.Where("company_id = ? AND account_id IN ?", company, people).Find(&rows).Error; err != nil {
		return err
	}
	seated := map[string]Seat{}
	for _, row := range rows {
		seated[row.AccountID] = row
	}
	now := models.At(tx.Now())
	var newcomers []Seat
	for _, id := range people {
		row, there := seated[id]
		switch {
		case !belongs[id] && there:
			err = tx.Where("company_id = ? AND account_id = ?", company, id).Delete(&Seat{}).Error
		case belongs[id] && !there:
			row = Seat{CompanyID: company, AccountID: id, Since: now}
			if manages[id] {
				row.TakenAt = &now
			} else {
				waits[id] = true
			}
			newcomers = append(newcomers, row)
		case there && row.TakenAt == nil && manages[id]:
			err = take(tx, company, []string{id}, now)
		}
		if err != nil {
			return err
		}
	}
	if len(newcomers) == 0 {
		return nil
	}
	return tx.CreateInBatches(&newcomers, 200).Error
}

// fill gives free seats to those who wait, the longest first. Of newcomers only
// those who still wait then are written down; of others, who got a seat.
func fill(tx *store.Tx, own Company, newcomers map[string]bool) error {
	var taken int64
	if err := tx.Model(&Seat{}).Where("company_id = ? AND taken_at IS NOT NULL", own.ID).Count(&taken).Error; err != nil {
		return err
	}
	if free := own.Seats - int(taken); free > 0 {
		var next []string
		err := tx.Model(&Seat{}).Where("company_id = ? AND taken_at IS NULL", own.ID).Order("since, account_id").Limit(free).Pluck("account_id", &next).Error
		if err != nil {
			return err
		}
		var came, waited []string
		for _, id := range next {
			if newcomers[id] {
				came = append(came, id)
				delete(newcomers, id)
			} else {
				waited = append(waited, id)
			}
		}
		now := models.At(tx.Now())
		if err := seatQuietly(tx, own.ID, came, now); err != nil {
			return err
		}
		if err := take(tx, own.ID, waited, now); err != nil {
			return err
		}
	}
	left := slices.Sorted(maps.Keys(newcomers))
	people, err := account.LoadAll(tx, left)
	for _, id := range left {
		tx.Record(event.SeatAwaited, store.About{ID: id, Name: people[id].Name, Company: own.ID})
		tx.Notify("account:" + id)
	}
	return err
}

func seatQuietly(tx *store.Tx, company string, people []string, now models.Instant) error {
	for part := range slices.Chunk(people, 500) {
		err := tx.Model(&Seat{}).Where("company_id = ? AND account_id IN ?", company, part).Update("taken_at", now).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// take gives seats to people who waited, and tells them.
func take(tx *store.Tx, company string, people []string, now models.Instant) error {
	if err := seatQuietly(tx, company, people, now); err != nil || len(people) == 0 {
		return err
	}
	return tellSeated(tx, company, people)
}

func tellSeated(tx *store.Tx, company string, people []string) error {
	who, err := account.LoadAll(tx, people)
	if err != nil {
		return err
	}
	var own Company
	if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
		return err
	}
	for _, id := range people {
		p := who[id]
		tx.Record(event.SeatTaken, store.About{ID: id, Name: p.Name, Company: company})
		tx.Notify("account:" + id)
		if p.DeactivatedAt != nil || p.Service {
			continue
		}
		err := mail.Queue(tx, mail.Draft{Company: company, Key: "seat." + models.NewID("sea"), To: p.Recipient(),
			Content: mail.Seat{Company: mail.Place{Name: own.Name, Company: own.Name}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// SetSeats sets how many people may be active in a company; 0 is no limit. Who
// belongs to it already keeps his seat, also where there are more of them.
func (c *Companies) SetSeats(ctx context.Context, by models.Actor, company string, seats int) error {
	if err := CheckSeats(seats); err != nil {
		return err
	}
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		return SetSeats(tx, company, seats)
	})
}

// CheckSeats says what is wrong with a number of seats, at the field "seats".
func CheckSeats(seats int) error {
	wrong := models.FieldErrors{}
	if seats < 0 || seats > MostSeats {
		wrong.Add("seats", "company.error.seats", "Most", MostSeats)
	}
	return wrong.Err()
}

// SetSeats is Companies.SetSeats for a number that was checked, in a System
// transaction. What follows of it is done at the end of that: see settleSeats.
func SetSeats(tx *store.Tx, company string, seats int) error {
	var own Company
	if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", company).Take(&own).Error; err != nil {
		return missing(err)
	}
	tx.Record(event.SeatsChanged, store.About{ID: company, Name: own.Name, Company: company, Data: map[string]any{"seats": seats, "before": own.Seats}})
	return tx.Model(&Company{}).Where("id = ?", company).Update("seats", seats).Error
}

// seatAll gives everybody a seat who belongs to a company that had no number.
func seatAll(tx *store.Tx, company string) error {
	var ids []string
	err := tx.Model(&Grant{}).Scopes(Live(tx.Now())).Distinct("account_id").Where("company_id = ?", company).Order("account_id").Pluck("account_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	now := models.At(tx.Now())
	rows := make([]Seat, len(ids))
	for i, id := range ids {
		rows[i] = Seat{CompanyID: company, AccountID: id, Since: now, TakenAt: &now}
	}
	return tx.CreateInBatches(&rows, 200).Error
}

// unseat ends the number: whoever waited need not any more.
func unseat(tx *store.Tx, company string) error {
	var waited []string
	err := tx.Model(&Seat{}).Where("company_id = ? AND taken_at IS NULL", company).Order("since, account_id").Pluck("account_id", &waited).Error
	if err != nil {
		return err
	}
	if err := tellSeated(tx, company, waited); err != nil {
		return err
	}
	return tx.Where("company_id = ?", company).Delete(&Seat{}).Error
}
