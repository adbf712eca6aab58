package feed

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Lives are how many days a token can last.
var Lives = []int{30, 90, 365}

// mostTokens is how many tokens of a company can be live at once.
const mostTokens = 50

// Draft is what a token is made of.
type Draft struct {
	// OfOrganization makes it one of the actor's organization, rather than of his
	// company: then its Scopes are of OrganizationScopes.
	OfOrganization bool
	Name           string
	Scopes         []Scope
	Days           int // one of Lives
}

// Make makes a token for the actor's company or organization. Its text is given
// this once and stands nowhere.
func (f *Feed) Make(ctx context.Context, by models.Actor, in Draft) (row Token, text string, err error) {
	if err := in.check(); err != nil {
		return row, "", err
	}
	text = newToken()
	err = f.store.Write(ctx, by, needOf(in.OfOrganization), func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		scopes, err := json.Marshal(in.Scopes)
		if err != nil {
			return err
		}
		var live int64
		if err := tx.Model(&Token{}).Where("revoked_at IS NULL AND expires_at > ?", models.At(tx.Now())).Count(&live).Error; err != nil {
			return err
		}
		if live >= mostTokens {
			return models.Fail(models.Conflict, "token.error.many", "Most", mostTokens)
		}
		row = Token{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("tok"), Name: in.Name, Scopes: string(scopes), TokenHash: secret.Hash(text),
			Suffix: text[len(text)-4:], MadeBy: tx.Actor.Account, MadeByName: tx.Actor.Name, CreatedAt: models.At(tx.Now()),
			ExpiresAt: models.At(tx.Now().Add(time.Duration(in.Days) * 24 * time.Hour))}
		tx.Record(event.TokenCreated, store.About{ID: row.ID, Name: row.Name, Data: map[string]any{"scopes": in.Scopes, "ends_at": row.ExpiresAt}})
		return tx.Create(&row).Error
	})
	return row, text, err
}

func (in *Draft) check() error {
	wrong := models.FieldErrors{}
	in.Name = strings.TrimSpace(in.Name)
	switch {
	case in.Name == "":
		wrong.Add("name", "error.required")
	case len([]rune(in.Name)) > 80:
		wrong.Add("name", "token.error.name")
	}
	if len(in.Scopes) == 0 {
		wrong.Add("scope", "token.error.scope")
	}
	known := CompanyScopes
	if in.OfOrganization {
		known = OrganizationScopes
	}
	if slices.ContainsFunc(in.Scopes, func(s Scope) bool { return !slices.Contains(known, s) }) {
		wrong.Add("scope", "error.choice")
	}
	if !slices.Contains(Lives, in.Days) {
		wrong.Add("days", "error.choice")
	}
	return wrong.Err()
}

// Listed is a token with the organization that it is of.
type Listed struct {
	Token
	Organization string // its name; empty for the company's own
}

// Tokens lists the tokens of the actor's organization, or all of his company's,
// the newest first.
func (f *Feed) Tokens(ctx context.Context, by models.Actor, ofOrganization bool) (list []Listed, err error) {
	err = f.store.Read(ctx, by, needOf(ofOrganization), func(tx *store.Tx) error {
		var rows []Token
		if err := tx.Order("created_at DESC, id DESC").Limit(200).Find(&rows).Error; err != nil {
			return err
		}
		var organizations []tenancy.Organization
		if err := tx.Find(&organizations).Error; err != nil {
			return err
		}
		names := map[string]string{}
		for _, o := range organizations {
			names[o.ID] = o.Name
		}
		for _, row := range rows {
			list = append(list, Listed{row, names[row.OrganizationID]})
		}
		return nil
	})
	return list, err
}

// Token gives one token of the actor's organization, or of his company.
func (f *Feed) Token(ctx context.Context, by models.Actor, ofOrganization bool, id string) (row Token, err error) {
	err = f.store.Read(ctx, by, needOf(ofOrganization), func(tx *store.Tx) error {
		return unknown(tx.Where("id = ?", id).Take(&row).Error)
	})
	return row, err
}

// Revoke ends a token before its time, at once.
func (f *Feed) Revoke(ctx context.Context, by models.Actor, ofOrganization bool, id string) (row Token, err error) {
	err = f.store.Write(ctx, by, needOf(ofOrganization), func(tx *store.Tx) error {
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		if !row.Active(tx.Now()) {
			return models.Fail(models.Conflict, "token.error.over")
		}
		tx.Record(event.TokenRevoked, store.About{ID: row.ID, Name: row.Name})
		return tx.Model(&Token{}).Where("id = ?", row.ID).Updates(map[string]any{"revoked_at": models.At(tx.Now()), "revoked_by_name": tx.Actor.Name}).Error
	})
	return row, err
}

// offboard ends the tokens that a person made in a company which removed him, or
// whose directory did. It runs in a System transaction.
func offboard(tx *store.Tx, about store.About) error {
	var rows []Token
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ? AND made_by = ? AND revoked_at IS NULL", about.Company, about.ID).
		Order("id").Find(&rows).Error
	for _, row := range rows {
		if err != nil {
			break
		}
		if !row.Active(tx.Now()) {
			continue
		}
		tx.Record(event.TokenRevoked, store.About{ID: row.ID, Name: row.Name, Company: row.CompanyID, Data: map[string]any{"offboarded": about.ID}})
		err = tx.Model(&Token{}).Where("company_id = ? AND id = ?", row.CompanyID, row.ID).
			Updates(map[string]any{"revoked_at": models.At(tx.Now()), "revoked_by_name": tx.Actor.Name}).Error
	}
	return err
}

// unknown answers a missing row like one of another company.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}
