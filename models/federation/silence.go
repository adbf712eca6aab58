package federation

import (
	"context"
	"fmt"
	"time"

	"locum/models"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// regularSignIns is how many sign-ins it takes to say that a connection is used
// regularly.
const regularSignIns = 5

// Silent says that nobody has come in through a connection for so many hours,
// although people used to: they came for at least as long, and on average with
// less time between them. One that was hardly ever used, or only while it was
// set up, is not missed. It says nothing of a connection that is off, nor with 0
// hours.
func (c Connection) Silent(now time.Time, hours int) bool {
	if !c.Enabled || hours <= 0 || c.SuccessCount < regularSignIns || c.FirstSuccessAt == nil || c.LastSuccessAt == nil {
		return false
	}
	limit := time.Duration(hours) * time.Hour
	used := c.LastSuccessAt.Sub(c.FirstSuccessAt.Time)
	return used >= limit && used/time.Duration(c.SuccessCount-1) < limit && now.Sub(c.LastSuccessAt.Time) >= limit
}

// WarnOfSilence mails the managers of each company through whose connection
// nobody came in for as long as the company chose: once, until somebody does
// again.
func (f *Federation) WarnOfSilence(ctx context.Context) error {
	return f.store.System(ctx, "warn of identity providers that are silent", func(tx *store.Tx) error {
		tx.NothingToRecord() // mails are noted in the outbox
		var list []Connection
		if err := tx.Where("enabled = ? AND success_count >= ?", true, regularSignIns).Order("company_id, id").Find(&list).Error; err != nil {
			return err
		}
		for _, c := range list {
			var company tenancy.Company
			err := tx.Where("id = ? AND suspended_at IS NULL", c.CompanyID).Take(&company).Error
			if store.Missing(err) {
				continue
			}
			if err != nil {
				return err
			}
			if !c.Silent(tx.Now(), company.SilentHours) {
				continue
			}
			if err := warnOfSilence(tx, c, company); err != nil {
				return err
			}
		}
		return nil
	})
}

func warnOfSilence(tx *store.Tx, c Connection, company tenancy.Company) error {
	managers, err := tenancy.Managers(tx, c.CompanyID)
	if err != nil {
		return err
	}
	for _, manager := range managers {
		err := mail.Queue(tx, mail.Draft{Company: c.CompanyID, To: manager.Recipient(),
			Key: fmt.Sprintf("silence:%s:%d:%s", c.ID, c.LastSuccessAt.Unix(), manager.ID),
			Content: mail.Silence{Connection: c.ID, Name: c.Name, Company: mail.Place{Name: company.Name, Company: company.Name},
				Last: *c.LastSuccessAt, Hours: company.SilentHours}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Health is what the managers of a company ought to know of a connection.
type Health struct {
	Connection      Connection
	Silent          bool
	ClockOff        int       // seconds: see Connection.ClockOff
	CertificateEnds time.Time // the last one's, when that is soon or past; zero otherwise
	MetadataFailing bool      // it could not be read at its address, the last time
}

// Health looks at each connection of the actor's company, the oldest first. Of
// one that is off there is nothing to tell.
func (f *Federation) Health(ctx context.Context, by models.Actor) (list []Health, err error) {
	err = f.store.Read(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		var company tenancy.Company
		if err := tx.Where("id = ?", tx.Actor.Effective.Company).Take(&company).Error; err != nil {
			return err
		}
		var connections []Connection
		if err := tx.Order("created_at, id").Find(&connections).Error; err != nil {
			return err
		}
		for _, c := range connections {
			h := Health{Connection: c}
			if c.Enabled {
				if h, err = c.health(tx.Now(), company.SilentHours); err != nil {
					return err
				}
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

func (c Connection) health(now time.Time, hours int) (Health, error) {
	h := Health{Connection: c, Silent: c.Silent(now, hours), ClockOff: c.ClockOff(), MetadataFailing: c.MetadataFailure != ""}
	trusted, err := c.Trusted()
	if last := Lasting(trusted); last != nil && !now.Before(last.NotAfter.AddDate(0, 0, -WarnDays[0])) {
		h.CertificateEnds = last.NotAfter
	}
	return h, err
}
