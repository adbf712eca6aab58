package federation

import (
	"errors"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Identity says which account a person at a provider is.
type Identity struct {
	CompanyID       string `gorm:"primaryKey"`
	ConnectionID    string `gorm:"primaryKey"`
	EntityID        string `gorm:"primaryKey"` // of the provider
	NameID          string `gorm:"primaryKey;column:name_id"`
	NameQualifier   string `gorm:"primaryKey"`
	SPNameQualifier string `gorm:"primaryKey;column:sp_name_qualifier"`
	AccountID       string
	LastSignInAt    *models.Instant
	CreatedAt       models.Instant
}

// TableName is the table of identities.
func (Identity) TableName() string { return "identities" }

// whom is the key of the person that is told of: the chosen attribute, or the
// NameID with its qualifiers. A transient name is nobody's.
func (t Told) whom(c Connection) (Identity, error) {
	key := Identity{CompanyID: c.CompanyID, ConnectionID: c.ID, EntityID: t.EntityID}
	switch {
	case c.IdentityAttribute != "":
		if key.NameID = t.value([]string{c.IdentityAttribute}); key.NameID == "" {
			return key, models.Fail(models.Forbidden, "federation.error.no_identity", "Attribute", c.IdentityAttribute)
		}
		return key, nil
	case t.Transient:
		return key, models.Fail(models.Forbidden, "federation.error.transient")
	}
	key.NameID, key.NameQualifier, key.SPNameQualifier = t.Name, t.NameQualifier, t.SPNameQualifier
	if t.NameIsEmail {
		// Providers vary the case of addresses from one sign-in to the next.
		if email, ok := account.ParseEmail(t.Name); ok {
			key.NameID = email.Normal
		}
	}
	return key, nil
}

// identify finds the person's account, or makes it (just in time), or links the
// one that has his address. The address must be of a domain that the company
// verified: for others its provider has no say.
func (t Told) identify(tx *store.Tx, c Connection) (key Identity, person account.Person, err error) {
	key, email, given, err := t.claims(tx, c)
	if err != nil {
		return key, person, err
	}
	known, err := key.find(tx)
	switch {
	case err == nil:
		person, err = t.recognise(tx, c, known, email, given)
	case models.KindOf(err) != models.NotFound:
	case !given:
		err = models.Fail(models.Forbidden, "federation.error.no_email")
	default:
		person, err = t.link(tx, key, email)
	}
	return key, person, err
}

// claims are who the provider says somebody is, and the address it says he has,
// if it may speak for that.
func (t Told) claims(tx *store.Tx, c Connection) (key Identity, email account.Email, given bool, err error) {
	if key, err = t.whom(c); err != nil {
		return key, email, false, err
	}
	if email, given = t.email(); !given {
		return key, email, false, nil
	}
	ours, err := SpeaksFor(tx, c.CompanyID, email.Domain())
	if err == nil && !ours {
		err = models.Fail(models.Forbidden, "federation.error.foreign_domain", "Domain", email.Domain())
	}
	return key, email, true, err
}

// find reads an identity by its whole key.
func (i Identity) find(tx *store.Tx) (found Identity, err error) {
	return found, unknown(i.row(tx).Take(&found).Error)
}

func (i Identity) row(tx *store.Tx) *gorm.DB {
	return tx.Where("company_id = ? AND connection_id = ? AND entity_id = ?", i.CompanyID, i.ConnectionID, i.EntityID).
		Where("name_id = ? AND name_qualifier = ? AND sp_name_qualifier = ?", i.NameID, i.NameQualifier, i.SPNameQualifier)
}

// cameIn notes that somebody was let in as this person, and not only told of.
func (i Identity) cameIn(tx *store.Tx) error {
	return i.row(tx).Model(&Identity{}).Update("last_sign_in_at", models.At(tx.Now())).Error
}

// recognise lets a known person in, and follows a change of his address.
func (t Told) recognise(tx *store.Tx, c Connection, known Identity, email account.Email, given bool) (account.Person, error) {
	person, err := admissible(tx, c.CompanyID, known.AccountID)
	if err != nil || !given || email.Normal == person.Normal {
		return person, err
	}
	return person, Readdress(tx, c.CompanyID, person, email)
}

// Readdress gives a person the address that his provider or his directory now
// says he has, of a domain for which the company speaks, in a System
// transaction. One that belongs to somebody already stays there: he keeps the
// old one, and signs in all the same.
func Readdress(tx *store.Tx, company string, person account.Person, email account.Email) error {
	_, err := account.ByEmail(tx, email.Normal)
	if err == nil {
		return nil
	}
	if models.KindOf(err) != models.NotFound {
		return err
	}
	old := account.Email{Normal: person.Normal}
	ours, err := SpeaksFor(tx, company, old.Domain())
	if err != nil {
		return err
	}
	now := models.At(tx.Now())
	before := map[string]any{}
	if ours {
		before["email"] = person.Email
	}
	tx.Record(event.AccountChanged, store.About{ID: person.ID, Name: person.Name, Company: company, Data: map[string]any{"email": email.Typed, store.Previous: before}})
	if !ours {
		// His first address is none of this company's business: add to it.
		return tx.Create(&account.Address{ID: models.NewID("adr"), AccountID: person.ID, Email: email.Typed, Normal: email.Normal, ProvenAt: &now, CreatedAt: now}).Error
	}
	return tx.Model(&account.Address{}).Where("account_id = ? AND normal = ?", person.ID, person.Normal).
		Updates(map[string]any{"email": email.Typed, "normal": email.Normal, "proven_at": now}).Error
}

// link ties a person met for the first time to the account with his address, or
// to a new one.
func (t Told) link(tx *store.Tx, key Identity, email account.Email) (account.Person, error) {
	person, err := account.ByEmail(tx, email.Normal)
	switch {
	case err == nil:
		if person, err = mayLink(tx, key, person); err != nil {
			return person, err
		}
	case models.KindOf(err) == models.NotFound:
		if person, err = account.Create(tx, account.New{Name: t.name(email), Email: email, Language: t.Language, Proven: true}); err != nil {
			return person, err
		}
		tx.Record(event.AccountCreated, store.About{ID: person.ID, Name: person.Name, Company: key.CompanyID, Data: map[string]any{"connection": key.ConnectionID}})
	default:
		return person, err
	}
	key.AccountID, key.CreatedAt = person.ID, models.At(tx.Now())
	return person, tx.Create(&key).Error
}

// mayLink lets a person have the account with his address. The domain's own
// provider vouches for the mailbox.
func mayLink(tx *store.Tx, key Identity, person account.Person) (account.Person, error) {
	person, err := linkable(tx, key, person)
	if err != nil || person.Proven {
		return person, err
	}
	return person, tx.Model(&account.Address{}).Where("account_id = ? AND normal = ?", person.ID, person.Normal).
		Update("proven_at", models.At(tx.Now())).Error
}

// linkable refuses an account that another person at the same provider is: his
// address may have been given to a newcomer, who must not get his account.
func linkable(tx *store.Tx, key Identity, person account.Person) (account.Person, error) {
	person, err := admissible(tx, key.CompanyID, person.ID)
	if err != nil {
		return person, err
	}
	if person.Service {
		return person, models.Fail(models.Forbidden, "federation.error.taken")
	}
	var others int64
	err = tx.Model(&Identity{}).Where("company_id = ? AND connection_id = ? AND entity_id = ? AND account_id = ?",
		key.CompanyID, key.ConnectionID, key.EntityID, person.ID).Count(&others).Error
	if err == nil && others > 0 {
		err = models.Fail(models.Forbidden, "federation.error.taken")
	}
	return person, err
}

// active loads a person who was not deactivated: no sign-in revives him.
func active(tx *store.Tx, id string) (account.Person, error) {
	person, err := account.Load(tx, id)
	if err == nil && person.DeactivatedAt != nil {
		err = models.Fail(models.Forbidden, "federation.error.deactivated")
	}
	return person, err
}

// admissible loads an active person whom the company does not keep out.
func admissible(tx *store.Tx, company, id string) (account.Person, error) {
	person, err := active(tx, id)
	if err != nil {
		return person, err
	}
	kept, err := tenancy.Blocked(tx, company, id)
	if err == nil && kept {
		err = models.Fail(models.Forbidden, "federation.error.kept_out", "Person", person.Name)
	}
	return person, err
}

// refused says whether an error is a refusal of the person, not a fault.
func refused(err error) (*models.Error, bool) {
	var e *models.Error
	ok := errors.As(err, &e) && (e.Kind == models.Forbidden || e.Kind == models.Invalid || e.Kind == models.Conflict)
	return e, ok
}
