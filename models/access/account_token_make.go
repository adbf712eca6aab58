package access

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/passkey"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// TokenLives are how many days the token of an account can last.
var TokenLives = []int{1, 30, 90, 365}

// mostAccountTokens is how many tokens of an account can be live at once.
const mostAccountTokens = 20

// TokenScopes are what tokens of accounts can be for in Locum's own API, in the
// order of screens. What each needs stands in opens.
var TokenScopes = []string{delegation.ReadOwn, delegation.WriteOwn, "applications.read", "applications.write", "delegations.read", "delegations.write",
	"visits.read", "visits.write", "consultants.read", "consultants.write"}

// opens says whether a scope opens anything to an actor where he works now: what is
// his own at home alone, and the rest by a permission.
func opens(scope string, by models.Actor) bool {
	switch scope {
	case delegation.ReadOwn, delegation.WriteOwn:
		return atHome(by)
	case "applications.read":
		return by.May(models.ViewApplications)
	case "applications.write":
		return by.May(models.ManageApplications)
	case "consultants.read", "consultants.write":
		return by.May(models.ManagePeople)
	}
	return by.May(models.ManageDelegations)
}

// ScopesFor are the scopes that open something to an actor where he works now.
func ScopesFor(by models.Actor) (list []string) {
	for _, s := range TokenScopes {
		if by.Effective.Organization != "" && opens(s, by) {
			list = append(list, s)
		}
	}
	return list
}

// TokenDraft is what the token of an account is made of.
type TokenDraft struct {
	Name        string
	Application string   // id; empty for Locum's own API
	Scopes      []string // of Locum's own API alone
	Days        int      // one of TokenLives
	Follows     bool     // the last switch, rather than stay where he works now
}

// connection is the registration of an application, as far as tokens go.
type connection struct {
	ApplicationID string
	FollowsSwitch bool
	DisabledAt    *models.Instant
}

// TableName is the table of registrations.
func (connection) TableName() string { return "clients" }

// TokenTarget is an application for which a person can make a token where he
// works now.
type TokenTarget struct {
	ID, Name string
	Follows  bool // a token for it can follow his last switch
}

// TokenTargets are the applications for which the actor can make a token: those
// that are connected and let him in where he works now.
func (s *Sessions) TokenTargets(ctx context.Context, by models.Actor) (list []TokenTarget, err error) {
	err = s.store.SystemRead(ctx, "applications that take a person's tokens", func(tx *store.Tx) error {
		tx.Actor, err = Derive(tx, by)
		if err != nil {
			return err
		}
		var rows []connection
		if err := tx.Where("disabled_at IS NULL").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			one, open, err := target(tx, row)
			if err != nil {
				return err
			}
			if open {
				list = append(list, one)
			}
		}
		slices.SortFunc(list, func(a, b TokenTarget) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
		})
		return nil
	})
	return list, err
}

// target says whether an application lets the transaction's actor in.
func target(tx *store.Tx, row connection) (one TokenTarget, open bool, err error) {
	a := Answer{Actor: tx.Actor}
	a.Actor.Application = row.ApplicationID
	if err := a.admit(tx); err != nil || a.Denied != "" {
		return one, false, err
	}
	var app tenancy.Application
	if err := tx.Where("id = ?", row.ApplicationID).Take(&app).Error; err != nil {
		return one, false, err
	}
	return TokenTarget{app.ID, app.Name, row.FollowsSwitch && !tx.Actor.Visiting()}, true, nil
}

// MakeToken makes a token of the actor's own. Its text is given this once and
// stands nowhere. Who has a second factor must have shown it lately
// (passkey.KeyShowFirst).
func (s *Sessions) MakeToken(ctx context.Context, by models.Actor, in TokenDraft) (row AccountToken, text string, err error) {
	if err := in.check(); err != nil {
		return row, "", err
	}
	text = AccountTokenText + secret.Token()
	err = s.store.SystemFor(ctx, by, "make a token of a person's own", func(tx *store.Tx) error {
		if err := passkey.ShownLately(tx); err != nil {
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		if err := in.fits(tx); err != nil {
			return err
		}
		var live int64
		if err := tx.Model(&AccountToken{}).Where("account_id = ? AND revoked_at IS NULL AND expires_at > ?", tx.Actor.Account, models.At(tx.Now())).Count(&live).Error; err != nil {
			return err
		}
		if live >= mostAccountTokens {
			return models.Fail(models.Conflict, "own_token.error.many", "Most", mostAccountTokens)
		}
		scopes, err := json.Marshal(append([]string{}, in.Scopes...))
		if err != nil {
			return err
		}
		at := tx.Actor.Effective
		row = AccountToken{CompanyID: at.Company, OrganizationID: at.Organization, ID: models.NewID("atk"), AccountID: tx.Actor.Account, AccountName: tx.Actor.Name,
			Name: in.Name, ApplicationID: in.Application, Scopes: string(scopes), Follows: in.Follows, DelegationID: tx.Actor.Delegation, VisitID: tx.Actor.Visit,
			SessionID: by.Session, TokenHash: secret.Hash(text), Suffix: text[len(text)-4:], CreatedAt: models.At(tx.Now()),
			ExpiresAt: models.At(tx.Now().Add(time.Duration(in.Days) * 24 * time.Hour))}
		if in.Follows {
			row.CompanyID, row.OrganizationID = tx.Actor.Real.Company, ""
		}
		tx.Record(event.AccountTokenCreated, store.About{ID: row.ID, Name: row.Name, Company: at.Company, Organization: at.Organization,
			Data: map[string]any{"application": row.ApplicationID, "scopes": in.Scopes, "follows": row.Follows, "ends_at": row.ExpiresAt, "suffix": row.Suffix}})
		if err := tx.Create(&row).Error; err != nil || row.VisitID == "" {
			return err
		}
		return tellOfToken(tx, row)
	})
	return row, text, err
}

func (in *TokenDraft) check() error {
	wrong := models.FieldErrors{}
	in.Name = strings.TrimSpace(in.Name)
	switch {
	case in.Name == "":
		wrong.Add("name", "error.required")
	case len([]rune(in.Name)) > 80:
		wrong.Add("name", "token.error.name")
	}
	if in.Application != "" {
		in.Scopes = nil
	} else if len(in.Scopes) == 0 {
		wrong.Add("scope", "token.error.scope")
	} else if slices.ContainsFunc(in.Scopes, func(s string) bool { return !slices.Contains(TokenScopes, s) }) {
		wrong.Add("scope", "error.choice")
	}
	if !slices.Contains(TokenLives, in.Days) {
		wrong.Add("days", "error.choice")
	}
	if in.Follows && in.Application == "" {
		wrong.Add("follows", "own_token.error.pinned_only")
	}
	return wrong.Err()
}

// fits says whether the transaction's actor can make such a token where he works
// now.
func (in TokenDraft) fits(tx *store.Tx) error {
	if err := canWork(tx.Actor); err != nil {
		return err
	}
	wrong := models.FieldErrors{}
	if in.Application == "" {
		may := ScopesFor(tx.Actor)
		if slices.ContainsFunc(in.Scopes, func(s string) bool { return !slices.Contains(may, s) }) {
			wrong.Add("scope", "own_token.error.scope")
		}
		return wrong.Err()
	}
	var row connection
	err := tx.Where("application_id = ? AND disabled_at IS NULL", in.Application).Take(&row).Error
	if err != nil && !store.Missing(err) {
		return err
	}
	var one TokenTarget
	open := err == nil
	if open {
		if one, open, err = target(tx, row); err != nil {
			return err
		}
	}
	switch {
	case !open:
		wrong.Add("application", "own_token.error.application")
	case in.Follows && tx.Actor.Visiting():
		wrong.Add("follows", "own_token.error.visit")
	case in.Follows && !one.Follows:
		wrong.Add("follows", "own_token.error.pinned_only")
	}
	return wrong.Err()
}

// MayMakeToken says whether the actor can make a token now: why not, it says as
// MakeToken does.
func (s *Sessions) MayMakeToken(ctx context.Context, by models.Actor) error {
	return s.store.SystemRead(ctx, "whether a person can make a token", func(tx *store.Tx) (err error) {
		if tx.Actor, err = Derive(tx, by); err != nil {
			return err
		}
		if err := passkey.ShownLately(tx); err != nil {
			return err
		}
		return canWork(tx.Actor)
	})
}

// canWork refuses who works in no organization, or is kept from it.
func canWork(by models.Actor) error {
	if by.Effective.Organization == "" || by.Mandate != nil {
		return models.Fail(models.Conflict, "own_token.error.nowhere")
	}
	if len(by.Needs) > 0 {
		return models.Held(by.Effective.Label(), by.Needs)
	}
	return nil
}
