package directory

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/store"
)

// Which narrows a list of people.
type Which string

// What people can be narrowed to. OfRemovals are those whom the directory removed
// and who kept something of what they had.
const (
	Everyone   Which = ""
	OfActive   Which = "active"
	OfInactive Which = "inactive"
	Unmatched  Which = "unmatched"
	OfRemovals Which = "removals"
)

// PeopleFilters lists what people can be narrowed to.
var PeopleFilters = []Which{Everyone, OfActive, OfInactive, Unmatched, OfRemovals}

// Doubt is why nobody is matched with somebody of a directory.
type Doubt string

// The doubts. Of somebody inactive nobody is looked for; for the others the
// next evaluation is awaited.
const (
	NoDoubt      Doubt = ""
	NoAddress    Doubt = "no_address" // nothing that reads as an address
	NotOurDomain Doubt = "domain"     // none of a verified domain
	SomebodyElse Doubt = "somebody"   // the account is another person's here
	OfMachine    Doubt = "service"    // the account is a machine's
	NotLookedFor Doubt = "inactive"
	Awaited      Doubt = "awaited"
)

// Doubts lists the doubts.
var Doubts = []Doubt{NoAddress, NotOurDomain, SomebodyElse, OfMachine, NotLookedFor, Awaited}

// Known is somebody as screens list him: the doubt with what it is about, an
// address.
type Known struct {
	User
	Name    string
	Doubt   Doubt
	Address string
}

// PeopleFilter narrows and pages a list. Empty fields do not narrow.
type PeopleFilter struct {
	Which Which
	Text  string // in what the directory says of somebody
	After string // id: only people after this one
}

// People is a page of a list, by user name.
type People struct {
	List  []Known
	Next  string // id to go on after; empty at the end
	Total int64  // that the filter leaves, on all pages
}

// People lists the people of a directory of the actor's company.
func (d *Directories) People(ctx context.Context, by models.Actor, id string, f PeopleFilter) (page People, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if _, err := load(tx, id, false); err != nil {
			return err
		}
		scope := func() *gorm.DB { return f.narrow(tx.Where("directory_id = ?", id)) }
		if err := scope().Model(&User{}).Count(&page.Total).Error; err != nil {
			return err
		}
		db := scope()
		if f.After != "" {
			var last User
			if err := tx.Select("id", "user_name_key").Where("directory_id = ? AND id = ?", id, f.After).Take(&last).Error; err != nil && !store.Missing(err) {
				return err
			}
			db = db.Where("user_name_key > ? OR (user_name_key = ? AND id > ?)", last.UserNameKey, last.UserNameKey, last.ID)
		}
		var rows []User
		if err := db.Order("user_name_key, id").Limit(models.PageSize + 1).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) > models.PageSize {
			rows = rows[:models.PageSize]
			page.Next = rows[len(rows)-1].ID
		}
		for _, u := range rows {
			one, err := known(tx, u)
			if err != nil {
				return err
			}
			page.List = append(page.List, one)
		}
		return nil
	})
	return page, err
}

// spared are the removals after which somebody still has something.
var spared = []Removal{Staged, Held, Kept, Approved}

func (f PeopleFilter) narrow(db *gorm.DB) *gorm.DB {
	switch f.Which {
	case OfActive:
		db = db.Where("deleted_at IS NULL AND active = ?", true)
	case OfInactive:
		db = db.Where("deleted_at IS NULL AND active = ?", false)
	case Unmatched:
		db = db.Where("deleted_at IS NULL AND active = ? AND account_id = ?", true, "")
	case OfRemovals:
		db = db.Where("removal IN ?", spared)
	default:
		db = db.Where("deleted_at IS NULL OR removal IN ?", spared)
	}
	text := strings.TrimSpace(f.Text)
	if text == "" {
		return db
	}
	folded, lower, typed := "%"+literal(fold(text))+"%", "%"+literal(strings.ToLower(text))+"%", "%"+literal(text)+"%"
	return db.Where(`user_name_key LIKE ? ESCAPE '\' OR lower(external_id) LIKE ? ESCAPE '\' OR lower(resource) LIKE ? ESCAPE '\' OR resource LIKE ? ESCAPE '\'`,
		folded, lower, lower, typed)
}

// known says why nobody is matched, as the next evaluation would find it.
func known(tx *store.Tx, u User) (k Known, err error) {
	k = Known{User: u, Name: u.Shown()}
	if u.AccountID != "" || u.DeletedAt != nil {
		return k, nil
	}
	if !u.Active {
		k.Doubt = NotLookedFor
		return k, nil
	}
	r, err := u.whole()
	if err != nil {
		return k, err
	}
	k.Doubt = NoAddress
	for _, candidate := range u.emails(r) {
		if k.Address == "" {
			k.Doubt, k.Address = NotOurDomain, candidate.Typed
		}
		ours, err := federation.SpeaksFor(tx, u.CompanyID, candidate.Domain())
		if err != nil {
			return k, err
		}
		if ours {
			k.Address = candidate.Typed
			k.Doubt, err = taker(tx, u, candidate)
			return k, err
		}
	}
	return k, nil
}

// taker says what keeps the owner of an address of ours from being matched.
func taker(tx *store.Tx, u User, email account.Email) (Doubt, error) {
	person, err := account.ByEmail(tx, email.Normal)
	if models.KindOf(err) == models.NotFound {
		return Awaited, nil
	}
	if err != nil {
		return Awaited, err
	}
	if person.Service {
		return OfMachine, nil
	}
	var others int64
	err = tx.Model(&User{}).Where("directory_id = ? AND account_id = ? AND id <> ? AND deleted_at IS NULL", u.DirectoryID, person.ID, u.ID).Count(&others).Error
	if others > 0 {
		return SomebodyElse, err
	}
	return Awaited, err
}

// InGroup is a group in which somebody or something is: directly, or through the
// group that Via names.
type InGroup struct {
	Group
	Via string // a name; empty when directly
}

// Person is somebody with all that the directory says of him.
type Person struct {
	Known
	Resource Resource // with id, without groups
	Groups   []InGroup
}

// Person reads somebody of a directory of the actor's company.
func (d *Directories) Person(ctx context.Context, by models.Actor, directory, id string) (p Person, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		var u User
		err := tx.Where("directory_id = ? AND id = ? AND (deleted_at IS NULL OR removal IN ?)", directory, id, spared).Take(&u).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		if p.Known, err = known(tx, u); err != nil {
			return err
		}
		if p.Resource, err = u.whole(); err != nil {
			return err
		}
		p.Groups, err = groupsAbove(tx, u.CompanyID, u.ID)
		return err
	})
	return p, err
}
