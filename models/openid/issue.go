package openid

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// refreshPrefix begins refresh tokens, so that one that leaked is known for what it
// is.
const refreshPrefix = "lor_"

// Grant is what a code or a refresh token was exchanged for.
type Grant struct {
	Authorization
	Access  string // the access token
	Refresh string // the refresh token; empty where none was asked for
	Token   Token
	Answer  access.Answer
}

// Exchange gives tokens for a code, once (RFC 6749, section 4.1.3). A code that
// comes a second time was stolen: everything that it gave ends.
func (p *Provider) Exchange(ctx context.Context, application, code, redirect, verifier string) (Grant, error) {
	return p.issue(ctx, func(tx *store.Tx) (Authorization, error) {
		var row Authorization
		err := tx.Where("code_hash = ? AND application_id = ?", secret.Hash(code), application).Take(&row).Error
		return row, unknown(err)
	}, func(tx *store.Tx, row Authorization) (replayed bool, err error) {
		switch {
		case row.CodeUsedAt != nil:
			return true, nil
		case !tx.Now().Before(row.CodeExpiresAt.Time), row.RedirectURI != redirect, !proves(verifier, row.CodeChallenge):
			return false, errGrant()
		}
		return false, tx.Model(&Authorization{}).Where("id = ?", row.ID).Update("code_used_at", models.At(tx.Now())).Error
	}, nil)
}

// Refresh gives new tokens for a refresh token, once. One that comes a second time
// was stolen, by him who sends it or by him who sent it before: everything of the
// authorization ends (RFC 9700, section 4.14.2). scopes can ask for less than was
// given; none asks for all.
func (p *Provider) Refresh(ctx context.Context, application, text string, scopes []string) (Grant, error) {
	var held refresh
	return p.issue(ctx, func(tx *store.Tx) (row Authorization, err error) {
		if err := tx.Where("token_hash = ?", secret.Hash(text)).Take(&held).Error; err != nil {
			return row, unknown(err)
		}
		err = tx.Where("id = ? AND application_id = ?", held.AuthorizationID, application).Take(&row).Error
		return row, unknown(err)
	}, func(tx *store.Tx, row Authorization) (replayed bool, err error) {
		if err := tx.Where("id = ?", held.ID).Take(&held).Error; err != nil { // the authorization is locked by now
			return false, err
		}
		if held.UsedAt != nil {
			return true, nil
		}
		return false, tx.Model(&refresh{}).Where("id = ?", held.ID).Update("used_at", models.At(tx.Now())).Error
	}, scopes)
}

func unknown(err error) error {
	if store.Missing(err) {
		return errGrant()
	}
	return err
}

// issue gives tokens by an authorization. Session and delegation are locked before
// it is, as everywhere; spend then takes what it is asked by, once.
func (p *Provider) issue(ctx context.Context, find func(*store.Tx) (Authorization, error), spend func(*store.Tx, Authorization) (bool, error), scopes []string) (g Grant, err error) {
	stolen := false
	var closed models.Actor // a visitor to whom the application is closed as such
	err = p.store.System(ctx, "issue tokens", func(tx *store.Tx) error {
		tx.NothingToRecord() // it was recorded that the person let the application know
		stolen, g, closed = false, Grant{}, models.Actor{}
		row, err := find(tx)
		if err != nil {
			return err
		}
		now, err := access.AnswerFor(tx, row.SessionID, row.ApplicationID)
		if models.KindOf(err) == models.Unauthenticated && err != nil {
			return errGrant()
		}
		if err != nil {
			return err
		}
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", row.ID).Take(&row).Error; err != nil {
			return err
		}
		if stolen, err = spend(tx, row); err != nil {
			return err
		}
		if stolen {
			return end(tx, row, event.ApplicationTokenReplayed)
		}
		if !row.Holds(now) {
			if now.Denied == access.NotForVisitors {
				closed = now.Actor
			}
			return errGrant()
		}
		g.Authorization, g.Answer = row, now
		return g.fill(tx, scopes)
	})
	if err == nil && stolen {
		err = errGrant()
	}
	if closed.Visiting() {
		if failed := p.sessions.Deny(ctx, closed); failed != nil {
			return Grant{}, failed
		}
	}
	return g, err
}

// fill makes the tokens of a grant.
func (g *Grant) fill(tx *store.Tx, scopes []string) error {
	given := grantable(g.Asked(), g.Answer)
	if len(scopes) > 0 {
		if slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(g.Asked(), s) }) {
			wrong := models.FieldErrors{}
			wrong.Add("scope", "oidc.error.scope")
			return wrong.Err()
		}
		given = slices.DeleteFunc(slices.Clone(given), func(s string) bool { return !slices.Contains(scopes, s) })
	}
	ends := tx.Now().Add(TokenLife)
	if last := g.Answer.Actor.Ends; !last.IsZero() && last.Before(ends) {
		ends = last
	}
	g.Access = access.ApplicationTokenPrefix + secret.Token()
	g.Token = Token{ID: models.NewID(access.ApplicationToken), TokenHash: secret.Hash(g.Access), AuthorizationID: g.ID, Scopes: join(given),
		CreatedAt: models.At(tx.Now()), ExpiresAt: models.At(ends)}
	if err := tx.Create(&g.Token).Error; err != nil {
		return err
	}
	if !slices.Contains(g.Asked(), OfflineAccess) {
		return nil
	}
	g.Refresh = refreshPrefix + secret.Token()
	return tx.Create(&refresh{ID: models.NewID("ort"), TokenHash: secret.Hash(g.Refresh), AuthorizationID: g.ID, CreatedAt: models.At(tx.Now())}).Error
}

// end takes everything that an authorization gave back, at once, and records it
// where its person belongs.
func end(tx *store.Tx, row Authorization, kind string) error {
	if row.RevokedAt != nil {
		return nil
	}
	name, err := nameOf(tx, row.ApplicationID)
	if err != nil {
		return err
	}
	him, err := access.Derive(tx, models.Actor{Session: row.SessionID})
	if err != nil && models.KindOf(err) != models.Unauthenticated {
		return err
	}
	if err == nil {
		him = him.AtHome()
		tx.Record(kind, store.About{ID: row.ApplicationID, Name: name, As: &him, Company: him.Real.Company, Organization: him.Real.Organization})
	}
	tx.Notify("session:" + row.SessionID)
	return tx.Model(&Authorization{}).Where("id = ?", row.ID).Update("revoked_at", models.At(tx.Now())).Error
}

func join(scopes []string) string { return strings.Join(scopes, " ") }
