package federation

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// How a domain was shown to be the company's.
const (
	ByDNS      = "dns"
	ByOperator = "operator"
)

// Challenge is the DNS record that proves a domain.
type Challenge struct{ Name, Value string }

// ChallengeOf is the TXT record that the company has to publish.
func ChallengeOf(d tenancy.Domain) Challenge {
	return Challenge{Name: "_locum." + d.Name, Value: "locum-verification=" + d.Token}
}

// LookupTXT asks the DNS for text records; net.Resolver has one.
type LookupTXT func(ctx context.Context, name string) ([]string, error)

// AddDomain notes a domain of the actor's company, to be verified.
func (f *Federation) AddDomain(ctx context.Context, by models.Actor, name string) (d tenancy.Domain, err error) {
	if d.Name, err = DomainName(name); err != nil {
		return d, err
	}
	err = f.store.Write(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		d, err = AddDomain(tx, d.Name)
		return err
	})
	return d, err
}

// DomainName is the one form of a domain's name: ASCII, in lower case.
func DomainName(name string) (string, error) {
	// A domain is one that could stand in an address.
	email, ok := account.ParseEmail("x@" + strings.TrimPrefix(strings.TrimSpace(name), "@"))
	if !ok {
		wrong := models.FieldErrors{}
		wrong.Add("name", "federation.error.domain")
		return "", wrong.Err()
	}
	return email.Domain(), nil
}

// AddDomain notes a domain, by its DomainName, of the company to which the
// transaction is confined.
func AddDomain(tx *store.Tx, name string) (tenancy.Domain, error) {
	d := tenancy.Domain{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("dom"), Name: name, Token: secret.Token(), CreatedAt: models.At(tx.Now())}
	if err := tx.Create(&d).Error; err != nil {
		if store.Duplicate(err) {
			wrong := models.FieldErrors{}
			wrong.Add("name", "federation.error.domain_known")
			return d, wrong.Err()
		}
		return d, err
	}
	tx.Record(event.DomainAdded, store.About{ID: d.ID, Name: d.Name})
	return d, nil
}

// Domains lists those of the actor's company by name.
func (f *Federation) Domains(ctx context.Context, by models.Actor) (list []tenancy.Domain, err error) {
	err = f.store.Read(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		return tx.Order("name").Find(&list).Error
	})
	return list, err
}

// VerifyDomain looks for the domain's record and, when it is there, makes the
// company's connections speak for the domain.
func (f *Federation) VerifyDomain(ctx context.Context, by models.Actor, id string, lookup LookupTXT) (d tenancy.Domain, err error) {
	err = f.store.Read(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		return unknown(tx.Where("id = ?", id).Take(&d).Error)
	})
	if err != nil {
		return d, err
	}
	// The DNS is asked between the transactions: it may take its time.
	challenge := ChallengeOf(d)
	found, err := lookup(ctx, challenge.Name)
	if err != nil || !slices.ContainsFunc(found, func(text string) bool { return strings.TrimSpace(text) == challenge.Value }) {
		return d, models.Fail(models.Conflict, "federation.error.domain_record", "Name", challenge.Name).Because(err)
	}
	err = f.store.Write(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		return verified(tx, &d, ByDNS)
	})
	return d, err
}

// DomainsOf lists the domains of any company by name, for operators.
func (f *Federation) DomainsOf(ctx context.Context, by models.Actor, company string) (list []tenancy.Domain, err error) {
	err = f.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		return tx.Where("company_id = ?", company).Order("name").Find(&list).Error
	})
	return list, err
}

// VouchDomain is an operator's word for a company's domain, without the DNS.
func (f *Federation) VouchDomain(ctx context.Context, by models.Actor, company, name string) (d tenancy.Domain, err error) {
	err = f.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		if err := tx.Where("company_id = ? AND name = ?", company, name).Take(&d).Error; err != nil {
			return unknown(err)
		}
		return verified(tx, &d, ByOperator)
	})
	return d, err
}

func verified(tx *store.Tx, d *tenancy.Domain, how string) error {
	now := models.At(tx.Now())
	d.VerifiedAt, d.VerifiedBy, d.VouchedBy = &now, how, ""
	if how == ByOperator {
		d.VouchedBy = tx.Actor.Name
	}
	err := tx.Model(&tenancy.Domain{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).
		Updates(map[string]any{"verified_at": now, "verified_by": how, "vouched_by": d.VouchedBy}).Error
	if store.Duplicate(err) {
		return models.Fail(models.Conflict, "federation.error.domain_taken", "Name", d.Name)
	}
	if err != nil {
		return err
	}
	tx.Record(event.DomainVerified, store.About{ID: d.ID, Name: d.Name, Company: d.CompanyID, Data: map[string]any{"by": how}})
	return nil
}

// RemoveDomain ends what the company's connections may say about the domain.
func (f *Federation) RemoveDomain(ctx context.Context, by models.Actor, id string) error {
	return f.store.Write(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		return DropDomain(tx, id)
	})
}

// DropDomain is RemoveDomain within a transaction confined to the company.
func DropDomain(tx *store.Tx, id string) error {
	var d tenancy.Domain
	if err := tx.Where("id = ?", id).Take(&d).Error; err != nil {
		return unknown(err)
	}
	tx.Record(event.DomainRemoved, store.About{ID: d.ID, Name: d.Name})
	return tx.Where("id = ?", id).Delete(&tenancy.Domain{}).Error
}

// SpeaksFor tells whether a company verified a domain, so that it may speak for
// those with addresses there, in a System
// transaction.
func SpeaksFor(tx *store.Tx, company, domain string) (bool, error) {
	var n int64
	err := tx.Model(&tenancy.Domain{}).Where("company_id = ? AND name = ? AND verified_at IS NOT NULL", company, domain).Count(&n).Error
	return n > 0, err
}
