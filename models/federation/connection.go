package federation

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Connection is a company's tie to one identity provider.
type Connection struct {
	CompanyID    string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Name         string
	EntityID     string   // of the provider
	SSORedirect  string   `gorm:"column:sso_redirect"`
	SSOPost      string   `gorm:"column:sso_post"`
	SLORedirect  string   `gorm:"column:slo_redirect"`
	SLOPost      string   `gorm:"column:slo_post"`
	Certificates []string `gorm:"serializer:json"` // DER in base64; the provider may sign with any

	// Kind is which product the provider is: one of Kinds, or empty.
	Kind string

	MetadataURL       string `gorm:"column:metadata_url"`
	MetadataExpiresAt *models.Instant
	// MetadataTriedAt and MetadataReadAt are when the address was asked last, and
	// when it last gave metadata. MetadataFailure is the key of the text that says
	// why it did not; empty when it did.
	MetadataTriedAt *models.Instant
	MetadataReadAt  *models.Instant
	MetadataFailure string

	Enabled          bool
	AllowUnsolicited bool
	// IdentityAttribute names the immutable attribute that tells people apart;
	// empty means the NameID.
	IdentityAttribute string
	Delimiters        map[string]string `gorm:"serializer:json"`
	// FirstSuccessAt, LastSuccessAt and SuccessCount say how regularly people come
	// in: see Silent.
	FirstSuccessAt *models.Instant
	LastSuccessAt  *models.Instant
	SuccessCount   int64
	// ClockAhead is by how many seconds the provider's clock was ahead of ours
	// when somebody came in last, below zero for behind; ClockReadAt is when.
	ClockAhead  int
	ClockReadAt *models.Instant
	TestedAt    *models.Instant // the last test sign-in that worked
	CreatedAt   models.Instant
	UpdatedAt   models.Instant `gorm:"autoUpdateTime:false"`
}

// TableName is the table of connections.
func (Connection) TableName() string { return "connections" }

// Trusted are the provider's certificates. One that cannot be read is a fault
// in the table.
func (c Connection) Trusted() ([]*x509.Certificate, error) {
	all := make([]*x509.Certificate, 0, len(c.Certificates))
	for _, written := range c.Certificates {
		der, err := base64.StdEncoding.DecodeString(written)
		if err != nil {
			return nil, fmt.Errorf("federation: certificate of %s: %w", c.ID, err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("federation: certificate of %s: %w", c.ID, err)
		}
		all = append(all, certificate)
	}
	return all, nil
}

// Provider is an identity provider as its metadata describes it. The caller has
// read and checked that document.
type Provider struct {
	EntityID             string
	SSORedirect, SSOPost string
	SLORedirect, SLOPost string
	Certificates         []*x509.Certificate
	ValidUntil           time.Time // zero when the metadata sets no end
	MetadataURL          string    // where it was fetched, or empty
}

// Into makes a connection lead to the provider.
func (p Provider) Into(c *Connection) {
	c.EntityID, c.SSORedirect, c.SSOPost, c.SLORedirect, c.SLOPost = p.EntityID, p.SSORedirect, p.SSOPost, p.SLORedirect, p.SLOPost
	c.MetadataURL, c.MetadataExpiresAt = p.MetadataURL, models.AtPtr(p.ValidUntil)
	c.Certificates = make([]string, 0, len(p.Certificates))
	for _, certificate := range p.Certificates {
		c.Certificates = append(c.Certificates, base64.StdEncoding.EncodeToString(certificate.Raw))
	}
}

// takeUp makes a connection lead to the provider as it is described now.
func (c *Connection) takeUp(p Provider, now models.Instant) {
	p.Into(c)
	c.MetadataTriedAt, c.MetadataReadAt, c.MetadataFailure = nil, nil, ""
	if p.MetadataURL != "" {
		c.MetadataTriedAt, c.MetadataReadAt = &now, &now
	}
}

// Draft is what a manager fills in for a connection.
type Draft struct {
	Name              string
	Provider          Provider
	IdentityAttribute string
	Delimiters        map[string]string
}

// Check says what is wrong with the draft, by field, and trims its name.
func (d *Draft) Check() error {
	wrong := models.FieldErrors{}
	d.Name = account.CheckName(d.Name, "name", wrong)
	if d.Provider.EntityID == "" || d.Provider.SSORedirect+d.Provider.SSOPost == "" || len(d.Provider.Certificates) == 0 {
		wrong.Add("metadata", "federation.error.metadata")
	}
	if d.Delimiters == nil {
		d.Delimiters = map[string]string{}
	}
	return wrong.Err()
}

// Connect makes a connection of the actor's company, with its first key.
func (f *Federation) Connect(ctx context.Context, by models.Actor, in Draft) (c Connection, err error) {
	if err := in.Check(); err != nil {
		return Connection{}, err
	}
	private, err := f.NewKey()
	if err != nil {
		return Connection{}, err
	}
	err = f.store.Write(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		c, err = f.Add(tx, in, private)
		return err
	})
	return c, err
}

// NewKey makes a key for Add. It takes up to a second, so it is called before a
// transaction and not within.
func (f *Federation) NewKey() (*rsa.PrivateKey, error) {
	private, err := f.generate()
	if err != nil {
		return nil, fmt.Errorf("federation: key: %w", err)
	}
	return private, nil
}

// Add makes a connection, checked before, of the company to which the
// transaction is confined.
func (f *Federation) Add(tx *store.Tx, in Draft, private *rsa.PrivateKey) (Connection, error) {
	c := Connection{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("con"), Name: in.Name, Enabled: true,
		IdentityAttribute: in.IdentityAttribute, Delimiters: in.Delimiters, CreatedAt: models.At(tx.Now()), UpdatedAt: models.At(tx.Now())}
	c.takeUp(in.Provider, models.At(tx.Now()))
	if err := tx.Create(&c).Error; err != nil {
		return c, err
	}
	tx.Record(event.ConnectionCreated, store.About{ID: c.ID, Name: c.Name, Data: map[string]any{"entity_id": c.EntityID}})
	return c, f.keep(tx, c, private)
}

// Update takes up new metadata and settings.
func (f *Federation) Update(ctx context.Context, by models.Actor, id string, in Draft) (Connection, error) {
	if err := in.Check(); err != nil {
		return Connection{}, err
	}
	return f.change(ctx, by, id, func(c *Connection) map[string]any {
		c.Name, c.IdentityAttribute, c.Delimiters = in.Name, in.IdentityAttribute, in.Delimiters
		c.takeUp(in.Provider, models.At(f.store.Now()))
		return map[string]any{"entity_id": c.EntityID}
	})
}

// Enable lets people sign in through the connection, or no longer: see Change
// for when that is refused.
func (f *Federation) Enable(ctx context.Context, by models.Actor, id string, on bool) (Connection, error) {
	c, err := f.Get(ctx, by, id)
	if err == nil && on && c.Unfinished() {
		err = models.Fail(models.Conflict, "sso.error.unfinished")
	}
	if err != nil {
		return c, err
	}
	return f.change(ctx, by, id, func(c *Connection) map[string]any {
		c.Enabled = on
		return map[string]any{"enabled": on}
	})
}

func (f *Federation) change(ctx context.Context, by models.Actor, id string, do func(*Connection) map[string]any) (c Connection, err error) {
	err = f.store.Write(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		c, err = Change(tx, id, do)
		return err
	})
	return c, err
}

// Change changes a connection of the company to which the transaction is
// confined. do says what is to be told of the change. It refuses what would lock
// people out: to recognize those who came in already by something else, and to
// switch off what a domain with single sign-on required depends on.
func Change(tx *store.Tx, id string, do func(*Connection) map[string]any) (c Connection, err error) {
	if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
		return c, err
	}
	// Changes are made to what stands, one after the other.
	if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&c).Error; err != nil {
		return c, unknown(err)
	}
	before := c
	data := do(&c)
	c.UpdatedAt = models.At(tx.Now())
	tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Data: data})
	if c.IdentityAttribute != before.IdentityAttribute {
		if err := MayRekey(tx, before); err != nil {
			return c, err
		}
	}
	if err := tx.Select("*").Updates(&c).Error; err != nil || c.Enabled || !before.Enabled {
		return c, err
	}
	return c, stillOpen(tx, c)
}

// MayRekey refuses to tell people apart by something else once anybody is known
// through the connection: everyone would be a stranger with a known address, and
// be refused. It runs in a System transaction or one confined to the company.
func MayRekey(tx *store.Tx, c Connection) error {
	var known int64
	err := tx.Model(&Identity{}).Where("company_id = ? AND connection_id = ?", c.CompanyID, c.ID).Count(&known).Error
	if err != nil || known == 0 {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("identity_attribute", "federation.error.known_otherwise")
	return wrong.Err()
}

// stillOpen refuses that a connection was switched off: see StaysOpen.
func stillOpen(tx *store.Tx, c Connection) error {
	var requiring, enabled []string
	err := tx.Model(&tenancy.Domain{}).Where("company_id = ? AND sso_required = ?", c.CompanyID, true).Order("name").Pluck("name", &requiring).Error
	if err != nil || len(requiring) == 0 {
		return err
	}
	if err := tx.Model(&Connection{}).Where("company_id = ? AND enabled = ?", c.CompanyID, true).Pluck("id", &enabled).Error; err != nil {
		return err
	}
	return StaysOpen(tx, c.CompanyID, requiring, enabled)
}

// StaysOpen refuses that no connections but these are enabled in a company where
// these domains, by name, require single sign-on, unless a manager came in
// through one of them. It runs in a System transaction or one confined to the
// company.
func StaysOpen(tx *store.Tx, company string, requiring, enabled []string) error {
	if len(requiring) == 0 {
		return nil
	}
	proven, err := managerCameInBy(tx, company, enabled)
	if err == nil && !proven {
		err = models.Fail(models.Conflict, "federation.error.required", "Name", requiring[0])
	}
	return err
}

// Connections lists those of the actor's company, the oldest first.
func (f *Federation) Connections(ctx context.Context, by models.Actor) (list []Connection, err error) {
	err = f.store.Read(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		return tx.Order("created_at, id").Find(&list).Error
	})
	return list, err
}

// Public reads a connection with the keys that its metadata shows; anyone may
// know these.
func (f *Federation) Public(ctx context.Context, id string) (c Connection, keys []Key, err error) {
	err = f.store.SystemRead(ctx, "metadata of a connection", func(tx *store.Tx) error {
		c, keys, err = f.load(tx, id)
		return err
	})
	return c, keys, err
}

// load reads a connection and its keys in a System transaction.
func (f *Federation) load(tx *store.Tx, id string) (Connection, []Key, error) {
	var c Connection
	if err := tx.Where("id = ?", id).Take(&c).Error; err != nil {
		return c, nil, unknown(err)
	}
	keys, err := f.keysOf(tx, c)
	return c, keys, err
}

// unknown answers a missing row like one of another tenant.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}
