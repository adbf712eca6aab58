package access

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Inside is a visit under way, and what would keep it from going on.
type Inside struct {
	delegation.Visit
	Address string // from which the session was opened
	Needs   []models.Need
}

// Foresee lists the visits under way in the actor's organization, the newest
// first, and what would keep each from going on if these were the host's wishes.
// From where somebody comes is known by his sign-in alone.
func (s *Sessions) Foresee(ctx context.Context, by models.Actor, host tenancy.Hosting) (list []Inside, err error) {
	err = s.store.Read(ctx, by, models.ManageOrganization, func(tx *store.Tx) error {
		var open []delegation.Visit
		if err := tx.Where("left_at IS NULL").Order("entered_at DESC, id").Limit(200).Find(&open).Error; err != nil {
			return err
		}
		return tx.Across("how visitors signed in", func(tx *store.Tx) error {
			for _, v := range open {
				one, err := foresee(tx, v, host)
				if err != nil {
					return err
				}
				list = append(list, one)
			}
			return nil
		})
	})
	return list, err
}

func foresee(tx *store.Tx, v delegation.Visit, host tenancy.Hosting) (Inside, error) {
	row, err := session(tx, "id = ?", v.SessionID)
	if models.KindOf(err) == models.Unauthenticated {
		return Inside{Visit: v}, nil // the sweep ends it
	}
	if err != nil {
		return Inside{}, err
	}
	person, err := account.Load(tx, v.AccountID)
	if err != nil {
		return Inside{}, err
	}
	needs, err := visiting{host, row, person, v.RealCompanyID}.throughout(tx)
	if !models.Comes(row.Address, host.Prefixes()) {
		needs = append(needs, models.NeedNetwork)
	}
	return Inside{Visit: v, Address: row.Address, Needs: needs}, err
}

// Worse are the visits of after that could not go on, and could before.
func Worse(before, after []Inside) (list []Inside) {
	going := map[string]bool{}
	for _, v := range before {
		going[v.ID] = len(v.Needs) == 0
	}
	for _, v := range after {
		if going[v.ID] && len(v.Needs) > 0 {
			list = append(list, v)
		}
	}
	return list
}
