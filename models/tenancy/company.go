package tenancy

import (
	"context"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Company is a customer: it owns organizations, single sign-on, connectors.
type Company struct {
	ID     string `gorm:"primaryKey"`
	Name   string
	Policy `gorm:"embedded"`
	// SilentHours is after how many hours without a sign-in a connection that is
	// used regularly counts as silent; 0 means never.
	SilentHours int
	Seats       int // how many people may be active; 0: no limit
	SuspendedAt *models.Instant
	CreatedAt   models.Instant
}

// TableName is the table of companies.
func (Company) TableName() string { return "companies" }

// Organization is the hard wall between tenants.
type Organization struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	Name           string
	Hue            int // 1 to 8
	TimeZone       string
	Icon           string // one of Icons; empty for the common sign
	IdleHours      int    // after which a visit ends by itself; 0 means never
	ReasonRequired bool
	Hosting        Hosting `gorm:"embedded;embeddedPrefix:host_"`
	SuspendedAt    *models.Instant
	CreatedAt      models.Instant
}

// TableName is the table of organizations.
func (Organization) TableName() string { return "organizations" }

// Zone is the organization's time zone, in which its days begin and end.
func (o Organization) Zone() *time.Location {
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Domain is a name that a company shows to be its own.
type Domain struct {
	CompanyID   string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	Name        string // ASCII form, lower case
	Token       string // the value of the TXT record that proves it
	SSORequired bool   `gorm:"column:sso_required"`
	VerifiedAt  *models.Instant
	VerifiedBy  string // "dns" or "operator"
	VouchedBy   string // the name of the operator
	CreatedAt   models.Instant
}

// TableName is the table of domains.
func (Domain) TableName() string { return "domains" }

// Founded is what Found makes.
type Founded struct {
	Company      Company
	Organization Organization
}

// Found makes a company with its first organization, and makes the person its
// manager and superuser. It runs in a System transaction.
func Found(tx *store.Tx, company, organization string, by account.Person) (Founded, error) {
	now := models.At(tx.Now())
	f := Founded{Company: Company{ID: models.NewID("com"), Name: company, Policy: StandardPolicy, SilentHours: UsualSilence, CreatedAt: now}}
	if err := tx.Create(&f.Company).Error; err != nil {
		return f, err
	}
	var err error
	if f.Organization, err = found(tx, f.Company.ID, organization, by.TimeZone); err != nil {
		return f, err
	}
	actor := models.Actor{Account: by.ID, Name: by.Name, Channel: tx.Actor.Channel}
	if tx.Actor.Channel == models.CLI { // an operator makes it for him
		actor = tx.Actor
	}
	tx.Record(event.CompanyCreated, store.About{ID: f.Company.ID, Name: company, Company: f.Company.ID, As: &actor})
	tx.Record(event.OrganizationCreated, store.About{ID: f.Organization.ID, Name: organization, Company: f.Company.ID, Organization: f.Organization.ID, As: &actor})
	for _, g := range []Grant{
		{CompanyID: f.Company.ID, AccountID: by.ID, RoleID: Manager},
		{CompanyID: f.Company.ID, OrganizationID: f.Organization.ID, AccountID: by.ID, RoleID: Superuser},
	} {
		g.Source, g.GrantedBy = Manual, by.ID
		if err := give(tx, &g, by.Name); err != nil {
			return f, err
		}
	}
	return f, SetHome(tx, by.ID, f.Company.ID, f.Organization.ID)
}

// found makes one organization, in the colour that its company uses least.
func found(tx *store.Tx, company, name, zone string) (Organization, error) {
	var siblings []Organization
	if err := tx.Where("company_id = ?", company).Find(&siblings).Error; err != nil {
		return Organization{}, err
	}
	o := Organization{CompanyID: company, ID: models.NewID("org"), Name: name, TimeZone: zone, IdleHours: 12, Hosting: Hosting{Notify: AtOnce}, CreatedAt: models.At(tx.Now())}
	o.Hue = freeHue(siblings, o.ID)
	return o, tx.Create(&o).Error
}

// freeHue is the least used of the eight hues; the id breaks a tie, so that
// companies do not all begin with the same colour.
func freeHue(siblings []Organization, id string) int {
	var used [8]int
	for _, s := range siblings {
		used[(s.Hue-1)&7]++
	}
	first, best := int(id[len(id)-1])&7, 0
	best = first
	for i := range 8 {
		if h := (first + i) & 7; used[h] < used[best] {
			best = h
		}
	}
	return best + 1
}

// Companies are the operations on companies and what hangs under them.
type Companies struct{ store *store.Store }

// NewCompanies opens the companies of a store. Seats and break-glass managers
// follow every change of roles.
func NewCompanies(s *store.Store) *Companies {
	s.React(event.RoleRemoved, afterManager)
	s.Once(settleSeats, event.RoleGranted, event.RoleRemoved, event.SeatsChanged)
	return &Companies{s}
}

// Organizations lists the organizations of the actor's company.
func (c *Companies) Organizations(ctx context.Context, by models.Actor) (list []Organization, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		return tx.Order("name").Find(&list).Error
	})
	return list, err
}

// Own reads the actor's company.
func (c *Companies) Own(ctx context.Context, by models.Actor) (own Company, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		return tx.Where("id = ?", by.Effective.Company).Take(&own).Error
	})
	return own, err
}

// NewOrganization makes an organization in the actor's company, and makes him
// its superuser, so that there is one from the start.
func (c *Companies) NewOrganization(ctx context.Context, by models.Actor, name, zone string) (o Organization, err error) {
	wrong := models.FieldErrors{}
	name = account.CheckName(name, "name", wrong)
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		wrong.Add("time_zone", "account.error.time_zone")
	}
	if err := wrong.Err(); err != nil {
		return o, err
	}
	err = c.store.Write(ctx, by, models.ManageOrganizations, func(tx *store.Tx) error {
		o, err = AddOrganization(tx, by.Effective.Company, name, zone, account.Person{Account: account.Account{ID: by.Account, Name: by.Name}})
		return err
	})
	return o, err
}

// AddOrganization makes an organization with its first superuser, within a
// transaction confined to the company. The name and the zone were checked.
func AddOrganization(tx *store.Tx, company, name, zone string, superuser account.Person) (Organization, error) {
	o, err := found(tx, company, name, zone)
	if err != nil {
		return o, err
	}
	tx.Record(event.OrganizationCreated, store.About{ID: o.ID, Name: o.Name, Organization: o.ID})
	g := Grant{CompanyID: o.CompanyID, OrganizationID: o.ID, AccountID: superuser.ID, RoleID: Superuser, Source: Manual, GrantedBy: tx.Actor.Account}
	return o, give(tx, &g, superuser.Name)
}

// Rename changes the name of the company to which the transaction is confined.
func Rename(tx *store.Tx, name string) error {
	return changeCompany(tx, name, map[string]any{"name": name})
}

// changeCompany changes the company to which the transaction is confined; name
// is the one it has afterwards.
func changeCompany(tx *store.Tx, name string, changes map[string]any) error {
	company := tx.Actor.Effective.Company
	var was Company
	if err := tx.Where("id = ?", company).Take(&was).Error; err != nil {
		return err
	}
	data, err := tx.Changed(&was, changes)
	if err != nil {
		return err
	}
	tx.Record(event.CompanyChanged, store.About{ID: company, Name: name, Data: data})
	return tx.Across("companies stand in the platform's registry", func(tx *store.Tx) error {
		return tx.Model(&Company{}).Where("id = ?", company).Updates(changes).Error
	})
}
