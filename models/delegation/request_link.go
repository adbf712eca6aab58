package delegation

import (
	"context"
	"encoding/base64"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// RequestLink is the address at which people from outside ask an organization
// for a delegation. A renewed link is another row: the old address is dead at
// once.
type RequestLink struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	TokenHash      string
	MadeBy         string
	MadeByName     string
	CreatedAt      models.Instant
	Token          string `gorm:"-"` // stands in its address, and nowhere in the table
}

// TableName is the table of request links.
func (RequestLink) TableName() string { return "request_links" }

// RequestLinks are the operations on request links.
type RequestLinks struct {
	store *store.Store
	keys  *secret.Keys
}

// NewRequestLinks opens the request links of a store. Their tokens are derived
// from the keys of the installation.
func NewRequestLinks(s *store.Store, keys *secret.Keys) *RequestLinks { return &RequestLinks{s, keys} }

// Current is the link of the actor's organization; nil when it is off.
func (l *RequestLinks) Current(ctx context.Context, by models.Actor) (link *RequestLink, err error) {
	err = l.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row RequestLink
		if err := tx.Take(&row).Error; err != nil {
			if store.Missing(err) {
				return nil
			}
			return err
		}
		row.Token, err = requestToken(l.keys, row.ID)
		link = &row
		return err
	})
	return link, err
}

// Renew switches the link of the actor's organization on, with an address that
// nobody has yet. The address before it is dead at once.
func (l *RequestLinks) Renew(ctx context.Context, by models.Actor) error {
	return l.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		here := tx.Actor.Effective
		if err := tenancy.Lock(tx, here.Organization); err != nil {
			return err
		}
		gone := tx.Where("organization_id = ?", here.Organization).Delete(&RequestLink{})
		if gone.Error != nil {
			return gone.Error
		}
		row := RequestLink{ID: models.NewID("rql"), MadeBy: tx.Actor.Account, MadeByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		token, err := requestToken(l.keys, row.ID)
		if err != nil {
			return err
		}
		row.TokenHash = secret.Hash(token)
		tx.Record(event.RequestLinkMade, store.About{ID: row.ID, Name: here.Name, Data: map[string]any{"renewed": gone.RowsAffected > 0}})
		return tx.Create(&row).Error
	})
}

// Remove switches the link of the actor's organization off. Requests that were
// made by it stay.
func (l *RequestLinks) Remove(ctx context.Context, by models.Actor) error {
	return l.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		gone := tx.Where("organization_id = ?", tx.Actor.Effective.Organization).Delete(&RequestLink{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			tx.NothingToRecord() // another tab was quicker
			return nil
		}
		tx.Record(event.RequestLinkRemoved, store.About{Name: tx.Actor.Effective.Name})
		return gone.Error
	})
}

// requestToken is the token in the address of a link.
func requestToken(keys *secret.Keys, id string) (string, error) {
	raw, err := keys.Derive("request link "+id, 24)
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// byToken finds the organization that can be asked by a token, in a System
// transaction. A link that is off is answered as one that never was.
func byToken(tx *store.Tx, token string) (tenancy.Standing, error) {
	var link RequestLink
	if err := tx.Where("token_hash = ?", secret.Hash(token)).Take(&link).Error; err != nil {
		return tenancy.Standing{}, unknown(err)
	}
	at, err := tenancy.StandingOf(tx, link.CompanyID, link.OrganizationID)
	if err == nil && !at.Open {
		err = models.Unknown()
	}
	return at, err
}

// asker reads who asks: a person with a proven mailbox.
func asker(tx *store.Tx, id string) (account.Person, error) {
	person, err := account.Load(tx, id)
	switch {
	case err != nil:
		return person, err
	case person.Service:
		return person, models.Fail(models.Forbidden, "delegation.error.service")
	case !person.Proven:
		return person, models.Fail(models.Forbidden, "request.error.unproven")
	}
	return person, nil
}
