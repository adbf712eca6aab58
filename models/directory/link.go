package directory

import (
	"maps"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/store"
	"locum/models/tenancy"
)

// link matches a user with an account through an address of a verified domain,
// and makes the account where there is none. Nobody is matched who is somebody
// else in the directory already.
func link(tx *store.Tx, u *User) error {
	r, err := u.whole()
	if err != nil || u.DeletedAt != nil || !u.Active && u.AccountID == "" {
		return err
	}
	var email account.Email
	for _, candidate := range u.emails(r) {
		ours, err := federation.SpeaksFor(tx, u.CompanyID, candidate.Domain())
		if err != nil {
			return err
		}
		if ours {
			email = candidate
			break
		}
	}
	if email.Normal == "" {
		return nil
	}
	if u.AccountID != "" {
		person, err := account.Load(tx, u.AccountID)
		if err != nil || person.Normal == email.Normal {
			return err
		}
		return federation.Readdress(tx, u.CompanyID, person, email)
	}
	person, err := account.ByEmail(tx, email.Normal)
	if models.KindOf(err) == models.NotFound {
		name := []rune(r.shown(email.Typed))
		language, _ := r["preferredLanguage"].(string)
		person, err = account.Create(tx, account.New{Name: string(name[:min(len(name), 100)]), Email: email, Language: language[:min(len(language), 2)], Proven: true})
		if err == nil {
			tx.Record(event.AccountCreated, store.About{ID: person.ID, Name: person.Name, Company: u.CompanyID, Data: map[string]any{"directory": u.DirectoryID}})
		}
	}
	if err != nil {
		return err
	}
	var taken int64
	err = tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND account_id = ? AND id <> ? AND deleted_at IS NULL", u.CompanyID, u.DirectoryID, person.ID, u.ID).
		Count(&taken).Error
	if err != nil || taken > 0 || person.Service {
		return err
	}
	u.AccountID = person.ID
	return rowOf(tx, *u).Update("account_id", person.ID).Error
}

// awaitedDomain follows when a domain was verified: people who were not matched
// for want of it are evaluated.
func awaitedDomain(tx *store.Tx, about store.About) error {
	return tx.Model(&User{}).Where("company_id = ? AND account_id = ? AND active = ? AND deleted_at IS NULL", about.Company, "", true).Update("due", true).Error
}

// awaitedHead follows when somebody became a manager or a superuser: those whom a
// directory removed and who stayed one, since nobody else was, are evaluated.
func awaitedHead(tx *store.Tx, about []store.About) error {
	companies := map[string]bool{}
	for _, a := range about {
		if role, _ := a.Data["role"].(string); role == tenancy.Manager || role == tenancy.Superuser {
			companies[a.Company] = true
		}
	}
	for _, company := range slices.Sorted(maps.Keys(companies)) {
		err := tx.Model(&User{}).Where("company_id = ? AND account_id <> ? AND removal = ?", company, "", Held).Update("due", true).Error
		if err != nil {
			return err
		}
	}
	return nil
}
