package federation

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Get reads one connection of the actor's company.
func (f *Federation) Get(ctx context.Context, by models.Actor, id string) (c Connection, err error) {
	return f.get(ctx, by, models.ManageCertificates, id)
}

func (f *Federation) get(ctx context.Context, by models.Actor, need models.Permission, id string) (c Connection, err error) {
	err = f.store.Read(ctx, by, need, func(tx *store.Tx) error {
		return unknown(tx.Where("id = ?", id).Take(&c).Error)
	})
	return c, err
}

// Rename changes what a connection is called, and nothing else.
func (f *Federation) Rename(ctx context.Context, by models.Actor, id, name string) (Connection, error) {
	wrong := models.FieldErrors{}
	name = account.CheckName(name, "name", wrong)
	if err := wrong.Err(); err != nil {
		return Connection{}, err
	}
	return f.change(ctx, by, id, func(c *Connection) map[string]any {
		c.Name = name
		return map[string]any{"name": name}
	})
}

// TakeUp takes up new metadata of a connection's provider, and leaves its other
// settings alone. Once somebody came in, the provider stays the same one: the
// metadata of another would lock out everybody at a stroke, and is more likely
// the wrong file than a wish. A move to another provider is a new connection.
func (f *Federation) TakeUp(ctx context.Context, by models.Actor, id string, p Provider) (Connection, error) {
	now, err := f.Get(ctx, by, id)
	if err != nil {
		return now, err
	}
	in := Draft{Name: now.Name, Provider: p, IdentityAttribute: now.IdentityAttribute, Delimiters: now.Delimiters}
	if err := in.Check(); err != nil {
		return now, err
	}
	if err := now.MayBecome(p); err != nil {
		return now, err
	}
	var c Connection
	err = f.store.Write(ctx, by, models.ManageCertificates, func(tx *store.Tx) error {
		certificatesOnly := !tx.Actor.May(models.ManageConnections)
		if certificatesOnly && p.MetadataURL == "" {
			p.MetadataURL = now.MetadataURL // a file in between changes nothing of where it is read
		}
		var wrong error
		c, err = Change(tx, id, func(c *Connection) map[string]any {
			before := *c
			c.takeUp(p, models.At(tx.Now()))
			if certificatesOnly {
				wrong = sameBut(before, *c)
			}
			return map[string]any{"entity_id": c.EntityID, "metadata": "replaced"}
		})
		if wrong != nil {
			return wrong
		}
		return err
	})
	return c, err
}

// sameBut refuses metadata that changes more than certificates, to who may
// renew nothing else: who answers at another address decides who comes in.
func sameBut(before, after Connection) error {
	wrong := models.FieldErrors{}
	before.Certificates, after.Certificates = nil, nil
	if before.EntityID != after.EntityID || before.MetadataURL != after.MetadataURL || !sameProvider(before, after) {
		wrong.Add("metadata", "sso.error.certificates_only")
	}
	return wrong.Err()
}

// MayBecome says whether the connection may take up another description of its
// provider: see TakeUp.
func (c Connection) MayBecome(p Provider) error {
	wrong := models.FieldErrors{}
	if c.LastSuccessAt != nil && p.EntityID != c.EntityID {
		wrong.Add("metadata", "sso.error.other_provider", "There", p.EntityID, "Here", c.EntityID)
	}
	return wrong.Err()
}

// RequireSSO lets people with addresses under a verified domain sign in through
// the company's connection alone, or again otherwise too. It is refused until a
// manager of the company came in through a connection that is enabled: else
// nobody might be able to turn it off.
func (f *Federation) RequireSSO(ctx context.Context, by models.Actor, id string, on bool) (d tenancy.Domain, err error) {
	err = f.store.Write(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		if err := tx.Where("id = ?", id).Take(&d).Error; err != nil {
			return unknown(err)
		}
		return Require(tx, &d, on)
	})
	return d, err
}

// Require is RequireSSO for a domain of the company to which the transaction is
// confined.
func Require(tx *store.Tx, d *tenancy.Domain, on bool) error {
	if on {
		if err := tx.LockCompany(d.CompanyID, false); err != nil { // no connection is switched off meanwhile
			return err
		}
		if err := MayRequire(tx, *d); err != nil {
			return err
		}
	}
	was := d.SSORequired
	d.SSORequired = on
	tx.Record(event.CompanyChanged, store.About{ID: d.ID, Name: d.Name, Data: map[string]any{"domain": d.Name, "sso_required": on,
		store.Previous: map[string]any{"sso_required": was}}})
	return tx.Model(&tenancy.Domain{}).Where("id = ?", d.ID).Update("sso_required", on).Error
}

// MayRequire says whether single sign-on can be required for the domain: see
// RequireSSO.
func MayRequire(tx *store.Tx, d tenancy.Domain) error {
	if d.VerifiedAt == nil {
		return models.Fail(models.Conflict, "domain.error.not_verified", "Name", d.Name)
	}
	proven, err := managerCameIn(tx, d.CompanyID)
	if err == nil && !proven {
		err = models.Fail(models.Conflict, "domain.error.sso_untested")
	}
	return err
}

// Proven says whether a manager of the actor's company came in through a
// connection that is enabled: see RequireSSO.
func (f *Federation) Proven(ctx context.Context, by models.Actor) (proven bool, err error) {
	err = f.store.Read(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		proven, err = managerCameIn(tx, tx.Actor.Effective.Company)
		return err
	})
	return proven, err
}

func managerCameIn(tx *store.Tx, company string) (bool, error) {
	var enabled []string
	if err := tx.Model(&Connection{}).Where("company_id = ? AND enabled = ?", company, true).Pluck("id", &enabled).Error; err != nil {
		return false, err
	}
	return managerCameInBy(tx, company, enabled)
}

// managerCameInBy says whether a manager of the company came in through one of
// the connections.
func managerCameInBy(tx *store.Tx, company string, connections []string) (bool, error) {
	if len(connections) == 0 {
		return false, nil
	}
	var managers []string
	err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).
		Where("company_id = ? AND organization_id = ? AND role_id = ?", company, "", tenancy.Manager).Pluck("account_id", &managers).Error
	if err != nil || len(managers) == 0 {
		return false, err
	}
	var found int64
	err = tx.Model(&Identity{}).Where("company_id = ? AND connection_id IN ? AND account_id IN ? AND last_sign_in_at IS NOT NULL", company, connections, managers).Count(&found).Error
	return found > 0, err
}
