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
	err = f.store.Read(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
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
	if err := in.check(); err != nil {
		return now, err
	}
	if now.LastSuccessAt != nil && p.EntityID != now.EntityID {
		wrong := models.FieldErrors{}
		wrong.Add("metadata", "sso.error.other_provider", "There", p.EntityID, "Here", now.EntityID)
		return now, wrong.Err()
	}
	return f.change(ctx, by, id, func(c *Connection) map[string]any {
		p.into(c)
		return map[string]any{"entity_id": c.EntityID, "metadata": "replaced"}
	})
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
		if on {
			if d.VerifiedAt == nil {
				return models.Fail(models.Conflict, "domain.error.not_verified", "Name", d.Name)
			}
			proven, err := managerCameIn(tx)
			if err != nil {
				return err
			}
			if !proven {
				return models.Fail(models.Conflict, "domain.error.sso_untested")
			}
		}
		d.SSORequired = on
		tx.Record(event.CompanyChanged, store.About{ID: d.ID, Name: d.Name, Data: map[string]any{"domain": d.Name, "sso_required": on}})
		return tx.Model(&tenancy.Domain{}).Where("id = ?", id).Update("sso_required", on).Error
	})
	return d, err
}

// Proven says whether a manager of the actor's company came in through a
// connection that is enabled: see RequireSSO.
func (f *Federation) Proven(ctx context.Context, by models.Actor) (proven bool, err error) {
	err = f.store.Read(ctx, by, models.ManageDomains, func(tx *store.Tx) error {
		proven, err = managerCameIn(tx)
		return err
	})
	return proven, err
}

func managerCameIn(tx *store.Tx) (bool, error) {
	var enabled, managers []string
	if err := tx.Model(&Connection{}).Where("enabled = ?", true).Pluck("id", &enabled).Error; err != nil || len(enabled) == 0 {
		return false, err
	}
	err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).
		Where("organization_id = ? AND role_id = ?", "", tenancy.Manager).Pluck("account_id", &managers).Error
	if err != nil || len(managers) == 0 {
		return false, err
	}
	var found int64
	err = tx.Model(&Identity{}).Where("connection_id IN ? AND account_id IN ?", enabled, managers).Count(&found).Error
	return found > 0, err
}
