package delegation

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/store"
)

// The most that one page of a list for machines holds, and what it holds when
// nobody asks.
const (
	MostListed  = 200
	UsualListed = 50
)

// Part is which part of a list is asked for, the oldest first: what comes after
// an id, at most Limit; UsualListed when that is 0.
type Part struct {
	After string
	Limit int
}

func (p *Part) check() error {
	if p.Limit == 0 {
		p.Limit = UsualListed
	}
	wrong := models.FieldErrors{}
	if p.Limit < 1 || p.Limit > MostListed {
		wrong.Add("limit", "feed.error.limit", "Most", MostListed)
	}
	return wrong.Err()
}

// Part gives a part of the delegations of the actor's organization, as List
// does, in the order of their ids, and says whether there are further ones.
func (d *Delegations) Part(ctx context.Context, by models.Actor, part Part) (list []Details, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var rows []Delegation
		if err := tx.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		if more = len(rows) > part.Limit; more {
			rows = rows[:part.Limit]
		}
		list, err = detail(tx, rows)
		slices.SortFunc(list, func(a, b Details) int { return strings.Compare(a.ID, b.ID) })
		return err
	})
	return list, more, err
}

// Visits gives a part of the visits to the actor's organization, those under way
// and those that are over, in the order of their ids.
func (d *Delegations) Visits(ctx context.Context, by models.Actor, part Part) (list []Visit, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		if err := tx.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1).Find(&list).Error; err != nil {
			return err
		}
		if more = len(list) > part.Limit; more {
			list = list[:part.Limit]
		}
		return nil
	})
	return list, more, err
}
