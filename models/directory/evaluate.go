package directory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// evaluate decides about the roles of some users, in a System transaction, and
// in the order that keeps two of them from waiting for each other: users,
// accounts, brake. asked says that the directory just spoke of them.
func (d *Directories) evaluate(tx *store.Tx, c Client, ids []string, asked bool) error {
	var list []User
	for part := range slices.Chunk(ids, atOnce) {
		var some []User
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
			Where("company_id = ? AND directory_id = ? AND id IN ?", c.CompanyID, c.ID, part).Order("id").Find(&some).Error
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	for i := range list {
		if err := link(tx, &list[i]); err != nil {
			return err
		}
	}
	if err := lockAccounts(tx, list); err != nil {
		return err
	}
	for _, u := range list {
		if asked && u.Removal == Kept {
			u.Removal = NotRemoved
		}
		if err := d.decide(tx, c, u); err != nil {
			return err
		}
	}
	return nil
}

// lockAccounts holds the accounts of some users, in the order of their ids.
func lockAccounts(tx *store.Tx, list []User) error {
	accounts := make([]string, 0, len(list))
	for _, u := range list {
		if u.AccountID != "" {
			accounts = append(accounts, u.AccountID)
		}
	}
	slices.Sort(accounts)
	for _, id := range slices.Compact(accounts) {
		if err := tx.LockAccount(id); err != nil {
			return err
		}
	}
	return nil
}

// rowOf is the row of a user, in a System transaction.
func rowOf(tx *store.Tx, u User) *gorm.DB {
	return tx.Model(&User{}).Where("company_id = ? AND id = ?", u.CompanyID, u.ID)
}

// decide decides about one user and notes what became of it.
func (d *Directories) decide(tx *store.Tx, c Client, u User) error {
	next := u.Removal
	if u.AccountID != "" && u.Removal != Kept {
		person, err := account.Load(tx, u.AccountID)
		if err != nil {
			return err
		}
		if u.Active && u.DeletedAt == nil {
			next, err = d.follow(tx, c, u, person, d.brake(tx, c, u))
		} else {
			next, err = d.leave(tx, c, u, person, d.brake(tx, c, u))
		}
		if err != nil {
			return err
		}
	}
	return rowOf(tx, u).Updates(map[string]any{"removal": next, "due": false}).Error
}

// follow gives somebody active what his attributes and groups give him.
func (d *Directories) follow(tx *store.Tx, c Client, u User, person account.Person, allow provisioning.Allow) (Removal, error) {
	kept, err := tenancy.Blocked(tx, c.CompanyID, person.ID)
	if err != nil || kept || person.DeactivatedAt != nil || person.Service {
		return NotRemoved, err
	}
	m, r, err := reading(tx, c, u)
	if err != nil {
		return u.Removal, err
	}
	_, did, err := d.connectors.Follow(tx, c.CompanyID, person, u.DirectoryID, m, r, allow)
	if err == nil && !did {
		return Staged, nil
	}
	return NotRemoved, err
}

// leave takes everything from somebody deactivated or deleted: roles, sessions
// and visits here, delegations into the company; those elsewhere wait for their
// hosts. He keeps a role that nobody else has, and what goes with it. Whom
// another directory still has follows that one alone.
func (d *Directories) leave(tx *store.Tx, c Client, u User, person account.Person, allow provisioning.Allow) (Removal, error) {
	if u.Removal == Removed {
		return Removed, nil
	}
	others, err := elsewhere(tx, u)
	if err != nil {
		return u.Removal, err
	}
	if len(others) > 0 {
		became, err := d.follow(tx, c, others[0], person, allow)
		if became == NotRemoved {
			became = Removed
		}
		return became, err
	}
	home := person.HomeCompanyID != nil && *person.HomeCompanyID == c.CompanyID
	done, did, err := d.connectors.Leave(tx, c.CompanyID, person, allow)
	switch {
	case err != nil:
		return u.Removal, err
	case !did:
		if err := delegation.Hold(tx, c.CompanyID, person.ID); err != nil { // before sessions: see delegation.End
			return Staged, err
		}
		return Staged, access.EndAt(tx, c.CompanyID, person)
	case len(done.Held) > 0:
		return Held, tellKept(tx, c, u, person, done.Held)
	}
	tx.Record(event.Offboarded, store.About{ID: person.ID, Name: person.Name, Company: c.CompanyID, Data: map[string]any{"home": home, "directory": c.ID}})
	tx.Notify("account:" + person.ID)
	return Removed, nil
}

// elsewhere are the same person's rows in the other directories of the company
// that have him, the first that came first.
func elsewhere(tx *store.Tx, u User) (list []User, err error) {
	err = tx.Where("company_id = ? AND account_id = ? AND id <> ? AND active = ? AND deleted_at IS NULL", u.CompanyID, u.AccountID, u.ID, true).
		Order("created_at, id").Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var gone []string
	err = tx.Model(&Directory{}).Where("company_id = ? AND removed_at IS NOT NULL", u.CompanyID).Pluck("id", &gone).Error
	return slices.DeleteFunc(list, func(other User) bool { return slices.Contains(gone, other.DirectoryID) }), err
}

// reading is what the directories of a company say of somebody, whole: what they
// said before and say no more comes as empty. Of an attribute that several have
// the directory of u counts; groups add up.
func reading(tx *store.Tx, c Client, u User) (m provisioning.Mapping, r provisioning.Reading, err error) {
	r.Source = provisioning.Source{Kind: provisioning.FromDirectory, Reference: c.Request, At: models.At(tx.Now())}
	others, err := elsewhere(tx, u)
	if err != nil {
		return m, r, err
	}
	var in []string
	for _, row := range append([]User{u}, others...) {
		whole, err := row.whole()
		if err != nil {
			return m, r, err
		}
		for _, a := range flatten(whole) {
			if !speaksOf(r, a.Name) {
				r.Attributes = append(r.Attributes, a)
			}
		}
		some, err := above(tx, row.CompanyID, row.ID)
		if err != nil {
			return m, r, err
		}
		in = append(in, some...)
	}
	last, err := provisioning.Known(tx, u.CompanyID, u.AccountID)
	if err != nil {
		return m, r, err
	}
	for _, a := range last.Attributes() {
		if a.Source.Kind == provisioning.FromDirectory && len(a.Values) > 0 && !speaksOf(r, a.Name) {
			r.Attributes = append(r.Attributes, provisioning.Received{Name: a.Name, FriendlyName: a.FriendlyName})
		}
	}
	r.Attributes = append(r.Attributes, provisioning.Received{Name: provisioning.GroupAttribute, Values: in})
	m.Known, err = knownAmong(tx, u.CompanyID, in)
	return m, r, err
}

func speaksOf(r provisioning.Reading, attribute string) bool {
	return slices.ContainsFunc(r.Attributes, func(a provisioning.Received) bool { return a.Name == attribute })
}

// knownAmong finds groups of a company: some by their ids, the others in the
// database.
func knownAmong(tx *store.Tx, company string, ids []string) (func(string) (provisioning.KnownGroup, bool), error) {
	known := map[string]Group{}
	for part := range slices.Chunk(ids, atOnce) {
		var list []Group
		if err := tx.Where("company_id = ? AND id IN ?", company, part).Find(&list).Error; err != nil {
			return nil, err
		}
		for _, g := range list {
			known[g.ID] = g
		}
	}
	return func(text string) (provisioning.KnownGroup, bool) {
		if g, ours := known[text]; ours {
			return g.known(false), true
		}
		k, found, err := knownGroup(tx, company, text)
		if err != nil { // the transaction is broken, and ends with the next statement
			tx.AddError(err)
		}
		return k, found && err == nil
	}, nil
}

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

// Resolve decides a sign-in: it is the federation.Resolve of the program. Whom a
// directory deactivated no sign-in revives; all else is the connectors' to say.
func (d *Directories) Resolve(tx *store.Tx, in federation.Said) (refusal *models.Error, err error) {
	var rows []User
	if err := tx.Where("company_id = ? AND account_id = ?", in.Company, in.Account).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		inactive, err := inactiveAs(tx, in)
		if err != nil {
			return nil, err
		}
		rows = inactive
	}
	spared := false
	for _, u := range rows {
		if u.Active && u.DeletedAt == nil {
			return d.connectors.Resolve(tx, in)
		}
		spared = spared || u.Removal == Held || u.Removal == Kept
	}
	switch {
	case len(rows) == 0:
		return d.connectors.Resolve(tx, in)
	case spared:
		return nil, nil // he keeps what he has, and gets nothing
	}
	return models.Fail(models.Forbidden, "federation.error.deactivated"), nil
}

// inactiveAs are the users with the address of who signs in whom a directory has
// as inactive, and with whom nobody was matched: nobody is looked for until they
// are active.
func inactiveAs(tx *store.Tx, in federation.Said) (list []User, err error) {
	person, err := account.Load(tx, in.Account)
	if err != nil {
		return nil, err
	}
	var rows []User
	err = tx.Where("company_id = ? AND account_id = ? AND active = ? AND deleted_at IS NULL", in.Company, "", false).
		Where(`user_name_key = ? OR lower(resource) LIKE ? ESCAPE '\'`, fold(person.Normal), "%"+literal(strings.ToLower(person.Normal))+"%").Order("id").Find(&rows).Error
	for _, u := range rows {
		r, err := u.whole()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(u.emails(r), func(e account.Email) bool { return e.Normal == person.Normal }) {
			list = append(list, u)
		}
	}
	return list, err
}

// Advance decides about those who wait for it, a part at a time, of all
// directories, and goes on with those that were removed: a sweep calls it again
// and again.
func (d *Directories) Advance(ctx context.Context) error {
	var waiting []Directory
	err := d.store.SystemRead(ctx, "look for people of directories who wait", func(tx *store.Tx) error {
		var ids []string
		if err := tx.Model(&User{}).Distinct("directory_id").Where("due").Pluck("directory_id", &ids).Error; err != nil {
			return err
		}
		return tx.Where("id IN ? OR removed_at IS NOT NULL", ids).Order("company_id, id").Find(&waiting).Error
	})
	for _, own := range waiting {
		goOn := d.evaluateDue
		if own.RemovedAt != nil {
			goOn = d.dissolve
		}
		err = errors.Join(err, goOn(ctx, own)) // of one directory, which does not hold up the others
	}
	return err
}

// evaluateDue decides about those of a directory who wait, a part at a time. A
// part that fails is gone through one by one, so that who cannot be evaluated does
// not hold up the others: he waits for the next sweep.
func (d *Directories) evaluateDue(ctx context.Context, own Directory) (failed error) {
	for after, most := "", d.atOnce; ; {
		last, err := d.advance(ctx, own, after, most)
		switch {
		case err != nil && (last == "" || ctx.Err() != nil):
			return errors.Join(failed, err)
		case err != nil && most > 1:
			most = 1
		case err != nil:
			failed = errors.Join(failed, err)
			after, most = last, d.atOnce
		case last == "":
			return failed
		default:
			after = last
		}
	}
}

// advance decides about the next people after one who wait. last is the last of
// them, also where it failed; empty where there is none.
func (d *Directories) advance(ctx context.Context, own Directory, after string, most int) (last string, err error) {
	for range attempts {
		last = ""
		err = d.store.System(ctx, "people of a directory who wait", func(tx *store.Tx) error {
			tx.NothingToRecord() // but for the roles that change
			if err := tx.LockCompany(own.CompanyID, true); err != nil {
				return err
			}
			var ids []string
			err := tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND due AND id > ?", own.CompanyID, own.ID, after).Order("id").Limit(most).Pluck("id", &ids).Error
			if err != nil || len(ids) == 0 {
				return err
			}
			last = ids[len(ids)-1]
			c := Client{Directory: own, Request: models.NewID("dreq")}
			return act(tx, c, func() error { return d.evaluate(tx, c, ids, false) })
		})
		if !store.Contended(err) {
			break
		}
	}
	return last, err
}
