package vault

import (
	"context"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// List gives the secrets of the actor's organization, by name.
func (v *Vault) List(ctx context.Context, by models.Actor) (list []Secret, err error) {
	err = v.store.Read(ctx, by, models.ViewSecrets, func(tx *store.Tx) error {
		return tx.Order("name_key").Find(&list).Error
	})
	return list, err
}

// Part is which part of a list is asked for: after an id, at most so many.
type Part struct {
	After string
	Limit int // 1 to MostPart; 0 means that
}

// MostPart is how many secrets a Part can have.
const MostPart = 100

// Part lists a part of the secrets of the actor's organization, in the order in
// which they were made, and says whether there are more.
func (v *Vault) Part(ctx context.Context, by models.Actor, p Part) (list []Detail, more bool, err error) {
	if p.Limit == 0 {
		p.Limit = MostPart
	}
	if p.Limit < 1 || p.Limit > MostPart {
		wrong := models.FieldErrors{}
		wrong.Add("limit", "feed.error.limit", "Most", MostPart)
		return nil, false, wrong.Err()
	}
	err = v.store.Read(ctx, by, models.ViewSecrets, func(tx *store.Tx) error {
		var rows []Secret
		if err := tx.Where("id > ?", p.After).Order("id").Limit(p.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		more = len(rows) > p.Limit
		for _, row := range rows[:min(len(rows), p.Limit)] {
			one := Detail{Secret: row}
			if err := tx.Where("secret_id = ? AND number = ?", row.ID, row.Version).Find(&one.Versions).Error; err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, more, err
}

// Detail is a secret with its versions, the newest first.
type Detail struct {
	Secret
	Versions []Version
	// Uses are the events by which a value was given away, the newest first.
	Uses []store.Event
}

// Current is the version that is in use; the zero one where that is not among
// Versions.
func (d Detail) Current() Version {
	for _, one := range d.Versions {
		if one.Number == d.Version {
			return one
		}
	}
	return Version{}
}

// mostUses is how many times of being revealed or used a secret shows; all of
// them stand in the activity.
const mostUses = 20

// Get reads one secret of the actor's organization.
func (v *Vault) Get(ctx context.Context, by models.Actor, id string) (d Detail, err error) {
	err = v.store.Read(ctx, by, models.ViewSecrets, func(tx *store.Tx) error {
		if err := tx.Where("id = ?", id).Take(&d.Secret).Error; err != nil {
			return unknown(err)
		}
		if err := tx.Where("secret_id = ?", id).Order("number DESC").Find(&d.Versions).Error; err != nil {
			return err
		}
		d.Uses, err = event.List(tx, event.Filter{Subject: id, Types: []string{event.SecretRevealed, event.SecretUsed}, Limit: mostUses})
		for i := range d.Uses {
			d.Uses[i].Address, d.Uses[i].SessionID = "", "" // they are for those who manage people
		}
		return err
	})
	return d, err
}
