package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// Account is one person, or a service, that can sign in.
type Account struct {
	ID                 string `gorm:"primaryKey"`
	Name               string
	Language           string
	TimeZone           string
	Operator           bool
	Service            bool
	HomeCompanyID      *string
	HomeOrganizationID *string
	DeactivatedAt      *models.Instant
	Resumes            bool // signing in leads to the last place by itself
	CreatedAt          models.Instant
}

// TableName is the table of accounts.
func (Account) TableName() string { return "accounts" }

// Zone is the person's time zone; UTC where it is not known here.
func (a Account) Zone() *time.Location {
	location, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		return time.UTC
	}
	return location
}

// Person is an account with its primary address.
type Person struct {
	Account
	Email  string
	Normal string
	Proven bool // the address is proven
	// Bounced says that no mail reaches the address: see Address.BouncedAt.
	Bounced    bool
	BounceCode string
}

// Recipient is the person as one who gets mail.
func (p Person) Recipient() mail.Recipient {
	return mail.Recipient{Account: p.ID, Name: p.Name, Email: p.Email, Language: p.Language, TimeZone: p.TimeZone}
}

// Languages are the languages that Locum speaks.
var Languages = []string{"en", "nl"}

// New is what a new account is made of.
type New struct {
	Name     string
	Email    Email
	Language string
	TimeZone string
	Proven   bool
}

// Create makes an account with its address, in a System transaction.
func Create(tx *store.Tx, in New) (Person, error) {
	now := models.At(tx.Now())
	a := Account{ID: models.NewID("acc"), Name: in.Name, Language: language(in.Language), TimeZone: zone(in.TimeZone), CreatedAt: now}
	if err := tx.Create(&a).Error; err != nil {
		return Person{}, err
	}
	address := Address{ID: models.NewID("adr"), AccountID: a.ID, Email: in.Email.Typed, Normal: in.Email.Normal, IsPrimary: true, CreatedAt: now}
	if in.Proven {
		address.ProvenAt = &now
	}
	if err := tx.Create(&address).Error; err != nil {
		return Person{}, err
	}
	return Person{Account: a, Email: address.Email, Normal: address.Normal, Proven: in.Proven}, nil
}

// Load reads a person; models.Unknown when there is none.
func Load(tx *store.Tx, id string) (Person, error) {
	people, err := LoadAll(tx, []string{id})
	if err != nil {
		return Person{}, err
	}
	p, there := people[id]
	if !there {
		return Person{}, models.Unknown()
	}
	return p, nil
}

// LoadAll reads people by id, in two statements however many there are.
func LoadAll(tx *store.Tx, ids []string) (map[string]Person, error) {
	people := make(map[string]Person, len(ids))
	for start := 0; start < len(ids); start += 500 {
		part := ids[start:min(start+500, len(ids))]
		var accounts []Account
		if err := tx.Where("id IN ?", part).Find(&accounts).Error; err != nil {
			return nil, err
		}
		var addresses []Address
		if err := tx.Where("account_id IN ? AND is_primary = ?", part, true).Find(&addresses).Error; err != nil {
			return nil, err
		}
		for _, a := range accounts {
			people[a.ID] = Person{Account: a}
		}
		for _, adr := range addresses {
			p := people[adr.AccountID]
			p.Email, p.Normal, p.Proven = adr.Email, adr.Normal, adr.ProvenAt != nil
			p.Bounced, p.BounceCode = adr.BouncedAt != nil, adr.BounceCode
			people[adr.AccountID] = p
		}
	}
	return people, nil
}

// Operators reads who runs the installation and can sign in, those of longest
// standing first, in a System transaction.
func Operators(tx *store.Tx) ([]Person, error) {
	var ids []string
	err := tx.Model(&Account{}).Where("operator = ? AND service = ? AND deactivated_at IS NULL", true, false).Order("created_at, id").Pluck("id", &ids).Error
	if err != nil {
		return nil, err
	}
	people, err := LoadAll(tx, ids)
	list := make([]Person, 0, len(ids))
	for _, id := range ids {
		list = append(list, people[id])
	}
	return list, err
}

// ByEmail finds the person to whom an address belongs; models.Unknown when it
// belongs to nobody.
func ByEmail(tx *store.Tx, normal string) (Person, error) {
	var adr Address
	if err := tx.Where("normal = ?", normal).Take(&adr).Error; err != nil {
		if store.Missing(err) {
			return Person{}, models.Unknown()
		}
		return Person{}, err
	}
	return Load(tx, adr.AccountID)
}

// Accounts are the operations of people on their own account.
type Accounts struct{ store *store.Store }

// NewAccounts opens the accounts of a store.
func NewAccounts(s *store.Store) *Accounts { return &Accounts{s} }

// Settings is what a person can set of himself.
type Settings struct {
	Name, Language, TimeZone string
	// Resumes has a sign-in lead to where he worked last, as a visit of its own.
	Resumes bool
}

// Own reads the actor's own account.
func (a *Accounts) Own(ctx context.Context, by models.Actor) (p Person, err error) {
	err = a.store.Read(ctx, by, models.OwnAccount, func(tx *store.Tx) error {
		p, err = Load(tx, by.Account)
		return err
	})
	return p, err
}

// Save changes the actor's own name, language and time zone.
func (a *Accounts) Save(ctx context.Context, by models.Actor, in Settings) error {
	wrong := models.FieldErrors{}
	in.Name = CheckName(in.Name, "name", wrong)
	if language(in.Language) != in.Language {
		wrong.Add("language", "account.error.language")
	}
	if _, err := time.LoadLocation(in.TimeZone); err != nil || in.TimeZone == "" || in.TimeZone == "Local" {
		wrong.Add("time_zone", "account.error.time_zone")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return a.change(ctx, by, map[string]any{"name": in.Name, "language": in.Language, "time_zone": in.TimeZone, "resumes": in.Resumes}, true)
}

// SetLanguage changes the actor's language alone.
func (a *Accounts) SetLanguage(ctx context.Context, by models.Actor, to string) error {
	return a.change(ctx, by, map[string]any{"language": language(to)}, false)
}

func (a *Accounts) change(ctx context.Context, by models.Actor, changes map[string]any, record bool) error {
	return a.store.Write(ctx, by, models.OwnAccount, func(tx *store.Tx) error {
		var was Account
		if err := tx.Where("id = ?", by.Account).Take(&was).Error; err != nil {
			return err
		}
		data, err := tx.Changed(&was, changes)
		if err != nil {
			return err
		}
		if err := tx.Model(&Account{}).Where("id = ?", by.Account).Updates(changes).Error; err != nil {
			return err
		}
		tx.Notify("account:" + by.Account)
		if !record {
			tx.NothingToRecord() // how a screen looks is nobody's business
			return nil
		}
		// It belongs to where he is at home, also when he changes it elsewhere.
		tx.Record(event.AccountChanged, store.About{ID: by.Account, Name: changes["name"].(string),
			Company: tx.Actor.Real.Company, Organization: tx.Actor.Real.Organization, Data: data})
		return nil
	})
}

// CheckEmail reads an address and adds what is wrong with it to wrong.
func CheckEmail(typed, field string, wrong models.FieldErrors) Email {
	email, ok := ParseEmail(typed)
	switch {
	case strings.TrimSpace(typed) == "":
		wrong.Add(field, "error.required")
	case !ok:
		wrong.Add(field, "account.error.email")
	}
	return email
}

// maxName is the longest name of a person or a thing, in characters.
const maxName = 100

// CheckName trims a name and adds what is wrong with it to wrong.
func CheckName(name, field string, wrong models.FieldErrors) string {
	valid := utf8.ValidString(name)
	name = strings.TrimSpace(strings.Map(visible, name))
	switch {
	case name == "":
		wrong.Add(field, "error.required")
	case utf8.RuneCountInString(name) > maxName:
		wrong.Add(field, "error.too_long", "Max", maxName)
	case !valid:
		wrong.Add(field, "error.invalid")
	}
	return name
}

func language(code string) string {
	for _, known := range Languages {
		if code == known {
			return code
		}
	}
	return Languages[0]
}

func zone(name string) string {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return "Europe/Amsterdam"
	}
	return name
}
