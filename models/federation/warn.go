package federation

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"locum/models"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// WarnDays is how many days before the end of a provider's last certificate its
// company's managers are told.
var WarnDays = []int{90, 60, 30, 14, 7, 1}

// Fingerprint is how a certificate is named to people: SHA-256 in hex.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// Lasting is the trusted certificate that ends last: when it has ended nobody
// can sign in any more. It is nil for a connection without any.
func Lasting(trusted []*x509.Certificate) (last *x509.Certificate) {
	for _, c := range trusted {
		if last == nil || c.NotAfter.After(last.NotAfter) {
			last = c
		}
	}
	return last
}

// step is the number of days of the latest warning that is due at a moment; 0
// when none is, or when all is over.
func step(end, now time.Time) (due int) {
	if !now.Before(end) {
		return 0
	}
	for _, days := range WarnDays {
		if !now.Before(end.AddDate(0, 0, -days)) {
			due = days
		}
	}
	return due
}

// WarnOfCertificates mails the managers of each company whose provider's last
// certificate ends soon, once for each step of WarnDays. Of steps that passed
// while nothing ran, only the latest is told.
func (f *Federation) WarnOfCertificates(ctx context.Context) error {
	return f.store.System(ctx, "warn of certificates that end", func(tx *store.Tx) error {
		tx.NothingToRecord() // mails are noted in the outbox
		var list []Connection
		if err := tx.Where("enabled = ?", true).Order("id").Find(&list).Error; err != nil {
			return err
		}
		for _, c := range list {
			trusted, err := c.Trusted()
			if err != nil {
				return err
			}
			last := Lasting(trusted)
			if last == nil {
				continue
			}
			if due := step(last.NotAfter, tx.Now()); due > 0 {
				if err := warn(tx, c, last, due); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func warn(tx *store.Tx, c Connection, last *x509.Certificate, due int) error {
	var company tenancy.Company
	if err := tx.Where("id = ? AND suspended_at IS NULL", c.CompanyID).Take(&company).Error; err != nil {
		return ignoreMissing(err)
	}
	managers, err := tenancy.Managers(tx, c.CompanyID)
	if err != nil {
		return err
	}
	print := Fingerprint(last)
	for _, manager := range managers {
		err := mail.Queue(tx, mail.Draft{Company: c.CompanyID, To: manager.Recipient(),
			Key: fmt.Sprintf("certificate:%s:%s:%d:%s", c.ID, print[:32], due, manager.ID),
			Content: mail.Certificate{Connection: c.ID, Name: c.Name, Company: mail.Place{Name: company.Name, Company: company.Name},
				Ends: models.At(last.NotAfter), Fingerprint: print, ByAddress: c.MetadataURL != "", Failing: c.MetadataFailure != ""}})
		if err != nil {
			return err
		}
	}
	return nil
}
