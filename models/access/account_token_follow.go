package access

import (
	"context"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
)

// FollowingToken is a token that was made elsewhere and followed its owner into a
// visit. Its host sees that it works there, and not what it is called: a name may
// tell of another organization.
type FollowingToken struct {
	ID           string
	DelegationID string
	VisitID      string // of the visit into which it followed
	AccountName  string
	Application  string // its name
	Suffix       string
	LastUsedAt   *models.Instant // in this visit; what it did before was elsewhere
	ExpiresAt    models.Instant
}

// FollowingTokens lists the tokens that work in the actor's organization now
// because their owners switched to it by a delegation ("" for any). Each is worth
// nothing there once its owner switches elsewhere or the visit ends.
func (s *Sessions) FollowingTokens(ctx context.Context, by models.Actor, id string) (list []FollowingToken, err error) {
	err = s.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		open := tx.Model(&delegation.Visit{}).Where("left_at IS NULL")
		if id != "" {
			open = open.Where("delegation_id = ?", id)
		}
		var visits []delegation.Visit
		if err := open.Select("id", "account_id", "entered_at").Order("id").Limit(1000).Find(&visits).Error; err != nil || len(visits) == 0 {
			return err
		}
		var people []string
		since := map[string]models.Instant{} // by visit
		for _, v := range visits {
			people, since[v.ID] = append(people, v.AccountID), v.EnteredAt
		}
		at := tx.Actor.Effective
		return tx.Across("tokens that followed visitors", func(tx *store.Tx) error {
			var rows []AccountToken
			err := tx.Where("account_id IN ? AND follows = ? AND revoked_at IS NULL AND expires_at > ?", people, true, models.At(tx.Now())).
				Order("created_at DESC, id DESC").Limit(100).Find(&rows).Error
			if err != nil {
				return err
			}
			named, err := told(tx, rows)
			if err != nil {
				return err
			}
			for _, t := range named {
				a := Answer{}
				if a.Actor, err = deriveOf(tx, t.AccountToken); models.KindOf(err) == models.Unauthenticated && err != nil {
					continue
				} else if err != nil {
					return err
				}
				if a.Actor.Effective.Company != at.Company || a.Actor.Effective.Organization != at.Organization || !a.Actor.Visiting() || id != "" && a.Actor.Delegation != id {
					continue
				}
				if err := a.admit(tx); err != nil {
					return err
				}
				if a.Denied != "" {
					continue
				}
				one := FollowingToken{t.ID, a.Actor.Delegation, a.Actor.Visit, t.AccountName, t.Application, t.Suffix, t.LastUsedAt, t.ExpiresAt}
				if came, here := since[one.VisitID]; !here || t.LastUsedAt != nil && t.LastUsedAt.Before(came.Time) {
					one.LastUsedAt = nil
				}
				list = append(list, one)
			}
			return nil
		})
	})
	return list, err
}
