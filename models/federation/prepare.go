package federation

import (
	"context"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// The kinds of identity providers for which there are instructions of their own.
const (
	Entra    = "entra"
	Okta     = "okta"
	Google   = "google"
	Keycloak = "keycloak"
	Other    = "other"
)

// Kinds lists the kinds of identity providers.
var Kinds = []string{Entra, Okta, Google, Keycloak, Other}

// Unfinished says that nothing is known of the provider yet: somebody is still
// setting the connection up, and nobody can come in through it.
func (c Connection) Unfinished() bool { return c.EntityID == "" }

// Prepare makes a connection before its provider is known: a provider wants to
// know Locum's addresses first, and these hold the connection's id. It is off.
func (f *Federation) Prepare(ctx context.Context, by models.Actor, name, kind string) (c Connection, err error) {
	wrong := models.FieldErrors{}
	name = account.CheckName(name, "name", wrong)
	if !slices.Contains(Kinds, kind) {
		wrong.Add("kind", "error.choice")
	}
	if err := wrong.Err(); err != nil {
		return c, err
	}
	private, err := f.NewKey()
	if err != nil {
		return c, err
	}
	err = f.store.Write(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		now := models.At(tx.Now())
		c = Connection{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("con"), Name: name, Kind: kind, Certificates: []string{}, Delimiters: map[string]string{}, CreatedAt: now, UpdatedAt: now}
		if err := tx.Select("*").Create(&c).Error; err != nil {
			return err
		}
		tx.Record(event.ConnectionCreated, store.About{ID: c.ID, Name: c.Name, Data: map[string]any{"kind": kind}})
		return f.keep(tx, c, private)
	})
	return c, err
}

// Abandon removes a connection that was never finished.
func (f *Federation) Abandon(ctx context.Context, by models.Actor, id string) (c Connection, err error) {
	err = f.store.Write(ctx, by, models.ManageConnections, func(tx *store.Tx) error {
		if err := tx.Where("id = ?", id).Take(&c).Error; err != nil {
			return unknown(err)
		}
		if !c.Unfinished() {
			return models.Fail(models.Conflict, "sso.error.finished")
		}
		if err := tx.Where("connection_id = ?", id).Delete(&sealedKey{}).Error; err != nil {
			return err
		}
		tx.Record(event.ConnectionChanged, store.About{ID: c.ID, Name: c.Name, Data: map[string]any{"set_up": "abandoned"}})
		return tx.Where("id = ?", id).Delete(&Connection{}).Error
	})
	return c, err
}
