package access

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// OwnToken is the token of an account as people see it.
type OwnToken struct {
	AccountToken
	Application string // its name; empty for Locum's own API
	Place       string // the name of the organization that it is pinned to
	Over        bool   // the visit in which it was made is over
}

// Live says whether it is taken at a moment, as far as the token goes.
func (t OwnToken) Live(now time.Time) bool { return t.Active(now) && !t.Over }

// OwnTokens lists the tokens that the actor made, the newest first.
func (s *Sessions) OwnTokens(ctx context.Context, by models.Actor) (list []OwnToken, err error) {
	err = s.store.SystemRead(ctx, "a person's own tokens", func(tx *store.Tx) error {
		actor, err := Derive(tx, by)
		if err != nil {
			return err
		}
		var rows []AccountToken
		if err := tx.Where("account_id = ?", actor.Account).Order("created_at DESC, id DESC").Limit(100).Find(&rows).Error; err != nil {
			return err
		}
		list, err = told(tx, rows)
		return err
	})
	return list, err
}

// told says of tokens what people call their parts. It runs in a System
// transaction.
func told(tx *store.Tx, rows []AccountToken) (list []OwnToken, err error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	var ids []tenancy.PartyID
	for _, t := range rows {
		ids = append(ids, tenancy.PartyID{Company: t.CompanyID, Organization: t.OrganizationID})
	}
	known, err := readParties(tx, ids...)
	if err != nil {
		return nil, err
	}
	for _, t := range rows {
		one := OwnToken{AccountToken: t, Application: reg.Applications[t.ApplicationID].Name}
		if !t.Follows {
			at, err := known.standing(t.CompanyID, t.OrganizationID)
			if err != nil {
				return nil, err
			}
			one.Place = at.Party.Label()
		}
		if t.VisitID != "" {
			if one.Over, err = visitOver(tx, t); err != nil {
				return nil, err
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// visitOver says whether the visit in which a token was made is over, whether
// that was written down or not.
func visitOver(tx *store.Tx, t AccountToken) (bool, error) {
	_, err := inVisit(tx, t)
	if models.KindOf(err) == models.Unauthenticated && err != nil {
		return true, nil
	}
	return false, err
}

// RevokeOwnToken ends a token of the actor's own, at once.
func (s *Sessions) RevokeOwnToken(ctx context.Context, by models.Actor, id string) (row AccountToken, err error) {
	err = s.store.SystemFor(ctx, by, "revoke a token of a person's own", func(tx *store.Tx) error {
		row = AccountToken{}
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("account_id = ? AND id = ?", tx.Actor.Account, id).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		return revokeToken(tx, &row, nil)
	})
	return row, err
}

// KeyTokenOver is the error of revoking a token that counts no more. The token comes
// with it.
const KeyTokenOver = "token.error.over"

// revokeToken ends a token, and records it where it worked.
func revokeToken(tx *store.Tx, row *AccountToken, facts map[string]any) error {
	if !row.Active(tx.Now()) {
		return models.Fail(models.Conflict, KeyTokenOver)
	}
	at := models.At(tx.Now())
	row.RevokedAt, row.RevokedByName = &at, tx.Actor.Name
	data := map[string]any{"application": row.ApplicationID, "account": row.AccountID, "account_name": row.AccountName, "suffix": row.Suffix}
	for name, fact := range facts {
		data[name] = fact
	}
	tx.Record(event.AccountTokenRevoked, store.About{ID: row.ID, Name: row.Name, Company: row.CompanyID, Organization: row.OrganizationID, Data: data})
	tx.Notify("account:" + row.AccountID)
	return tx.Model(&AccountToken{}).Where("company_id = ? AND id = ?", row.CompanyID, row.ID).
		Updates(map[string]any{"revoked_at": at, "revoked_by_name": row.RevokedByName}).Error
}

// VisitTokens lists the tokens that were made in visits by a delegation of the
// actor's organization ("" for all of them), the newest first.
func (s *Sessions) VisitTokens(ctx context.Context, by models.Actor, id string) (list []OwnToken, err error) {
	err = s.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		q := tx.Where("delegation_id <> ''")
		if id != "" {
			q = tx.Where("delegation_id = ?", id)
		}
		var rows []AccountToken
		if err := q.Order("created_at DESC, id DESC").Limit(100).Find(&rows).Error; err != nil {
			return err
		}
		return tx.Across("whether the visits of tokens go on", func(tx *store.Tx) error {
			list, err = told(tx, rows)
			return err
		})
	})
	return list, err
}

// RevokeVisitToken ends a token that was made in a visit to the actor's
// organization.
func (s *Sessions) RevokeVisitToken(ctx context.Context, by models.Actor, id string) (row AccountToken, err error) {
	err = s.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		row = AccountToken{}
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("delegation_id <> '' AND id = ?", id).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		return revokeToken(tx, &row, map[string]any{"delegation": row.DelegationID})
	})
	return row, err
}

// endTokens ends tokens of a person that a condition names, with the reason in
// the trail. It runs in a System transaction.
func endTokens(tx *store.Tx, why string, where string, values ...any) error {
	var rows []AccountToken
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("revoked_at IS NULL").Where(where, values...).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !row.Active(tx.Now()) {
			continue
		}
		if err := revokeToken(tx, &row, map[string]any{"why": why}); err != nil {
			return err
		}
	}
	return nil
}

// reactWithTokens ends tokens with what they stood on.
func (s *Sessions) reactWithTokens() {
	s.store.React(event.AccountDeactivated, func(tx *store.Tx, about store.About) error {
		return endTokens(tx, "deactivated", "account_id = ?", about.ID)
	})
	s.store.React(event.Offboarded, func(tx *store.Tx, about store.About) error {
		return endTokens(tx, "offboarded", "account_id = ? AND company_id = ? AND follows = ? AND visit_id = ''", about.ID, about.Company, false)
	})
	s.store.React(event.MemberRemoved, func(tx *store.Tx, about store.About) error {
		return endTokens(tx, "removed", "account_id = ? AND company_id = ? AND organization_id = ? AND follows = ? AND visit_id = ''", about.ID, about.Company, about.Organization, false)
	})
}
