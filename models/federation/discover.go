package federation

import (
	"context"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Realm is where the people of a domain sign in.
type Realm struct {
	Company    string // id
	Connection string // id
	Name       string // of the connection
	Required   bool   // no other way in is allowed for the domain
}

// Discover finds the realm of an e-mail address by its domain (home realm
// discovery). found is false where the domain is verified by nobody, or its
// company has no connection that is enabled: the person signs in otherwise.
func (f *Federation) Discover(ctx context.Context, email account.Email) (realm Realm, found bool, err error) {
	err = f.store.SystemRead(ctx, "home realm discovery", func(tx *store.Tx) error {
		realm, found, err = RealmOf(tx, email)
		return err
	})
	return realm, found, err
}

// RealmOf is Discover within a System transaction, for the other ways of
// signing in, which must not go round a realm that is required.
func RealmOf(tx *store.Tx, email account.Email) (Realm, bool, error) {
	var d tenancy.Domain
	if err := tx.Where("name = ? AND verified_at IS NOT NULL", email.Domain()).Take(&d).Error; err != nil {
		return Realm{}, false, ignoreMissing(err)
	}
	var company tenancy.Company
	if err := tx.Where("id = ? AND suspended_at IS NULL", d.CompanyID).Take(&company).Error; err != nil {
		return Realm{}, false, ignoreMissing(err)
	}
	var c Connection
	if err := tx.Where("company_id = ? AND enabled = ?", d.CompanyID, true).Order("created_at, id").Take(&c).Error; err != nil {
		return Realm{}, false, ignoreMissing(err)
	}
	return Realm{Company: d.CompanyID, Connection: c.ID, Name: c.Name, Required: d.SSORequired}, true, nil
}

func ignoreMissing(err error) error {
	if store.Missing(err) {
		return nil
	}
	return err
}
