package delegation

import (
	"context"
	"slices"
	"strings"
	"time"

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
		rows, more = cut(rows, part)
		if list, err = detail(tx, rows, tx.Now()); err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b Details) int { return strings.Compare(a.ID, b.ID) })
		return waiting(tx, list)
	})
	return list, more, err
}

// waiting reads what is proposed about delegations, beside them.
func waiting(tx *store.Tx, list []Details) error {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	var rows []Pending
	if err := tx.Where("delegation_id IN ? AND decided_at IS NULL AND due_at > ?", ids, models.At(tx.Now())).Find(&rows).Error; err != nil {
		return err
	}
	for _, q := range rows {
		i := slices.Index(ids, q.DelegationID)
		if list[i].Over(tx.Now()) {
			continue
		}
		if err := q.read(); err != nil {
			return err
		}
		list[i].Undecided, list[i].Waiting = true, &q
	}
	return nil
}

// cut takes what is too many for a part off a list that was read with one more.
func cut[T any](list []T, part Part) ([]T, bool) {
	if len(list) <= part.Limit {
		return list, false
	}
	return list[:part.Limit], true
}

// VisitPart is which part of a list of visits is asked for.
type VisitPart struct {
	Part
	Open       bool      // those under way alone; see Visitors
	Delegation string    // those under one; empty for any
	Since      time.Time // those that began then or later; zero for any
}

// Visits gives a part of the visits to the actor's organization, those under way
// and those that are over, in the order of their ids.
func (d *Delegations) Visits(ctx context.Context, by models.Actor, part VisitPart) (list []Visit, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		q := tx.Where("id > ?", part.After).Order("id")
		if part.Delegation != "" {
			q = q.Where("delegation_id = ?", part.Delegation)
		}
		if !part.Since.IsZero() {
			q = q.Where("entered_at >= ?", models.At(part.Since))
		}
		if !part.Open {
			q = q.Limit(part.Limit + 1)
		} else {
			q = q.Where("left_at IS NULL").Limit(mostInside)
		}
		if err := q.Find(&list).Error; err != nil {
			return err
		}
		if part.Open {
			inside, err := insides(tx, list)
			if err != nil {
				return err
			}
			list = nil
			for _, one := range inside {
				list = append(list, one.Visit)
			}
		}
		list, more = cut(list, part.Part)
		return nil
	})
	return list, more, err
}

// Visit gives one visit to the actor's organization.
func (d *Delegations) Visit(ctx context.Context, by models.Actor, id string) (v Visit, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		return unknown(tx.Where("id = ?", id).Take(&v).Error)
	})
	return v, err
}

// RequestPart gives a part of what the actor's organization was asked for, in the
// order of the ids; those that wait alone, or all.
func (d *Delegations) RequestPart(ctx context.Context, by models.Actor, part Part, waiting bool) (list []AccessRequest, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		q := tx.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1)
		if waiting {
			q = q.Where("ended_at IS NULL AND lapses_at > ?", models.At(tx.Now()))
		}
		if err := q.Find(&list).Error; err != nil {
			return err
		}
		list, more = cut(list, part)
		return nil
	})
	return list, more, err
}

// FirmPart gives a part of the delegations to firms of the actor's organization, in
// the order of their ids.
func (d *Delegations) FirmPart(ctx context.Context, by models.Actor, part Part) (list []FirmDetails, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var rows []Firm
		if err := tx.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		rows, more = cut(rows, part)
		list, err = detailFirms(tx, rows)
		return err
	})
	return list, more, err
}
