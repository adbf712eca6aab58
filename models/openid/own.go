package openid

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/secret"
	"locum/models/store"
)

// WriteUsage is the scope of an application that reports what was used.
const WriteUsage = "usage.write"

// OwnScopes are those that an application can have for itself. None of them is about
// a person: what those may do, an application may in their name alone.
var OwnScopes = []string{WriteUsage}

// ownTokenPrefix begins the texts of tokens that applications have for themselves, so
// that one that leaked is known for what it is.
const ownTokenPrefix = "loc_"

// IsOwnToken says whether a text looks like a token that an application has for
// itself.
func IsOwnToken(text string) bool { return strings.HasPrefix(text, ownTokenPrefix) }

// OwnToken is a token that an application has for itself (RFC 6749, section 4.4).
// Nobody acts by it: wherever a person is asked for, it is worth nothing. It ends
// with that by which the application showed itself.
type OwnToken struct {
	ID            string `gorm:"primaryKey"`
	TokenHash     string
	ApplicationID string
	ShownBy       string // client.Shown.By
	Scopes        string // separated by a space
	CreatedAt     models.Instant
	ExpiresAt     models.Instant
	RevokedAt     *models.Instant
}

// TableName is the table of tokens that applications have for themselves.
func (OwnToken) TableName() string { return "client_tokens" }

// Asked are its scopes.
func (t OwnToken) Asked() []string { return strings.Fields(t.Scopes) }

// ownLookedUp is a token that was looked up.
type ownLookedUp struct {
	token OwnToken
	until time.Time
}

// GiveOwn gives an application that showed itself a token of its own, and its text,
// which stands nowhere. No scopes ask for all. models.Unauthenticated for a public
// client, and where that by which it showed itself does not count any more;
// models.FieldErrors for a scope that no application can have for itself.
func (p *Provider) GiveOwn(ctx context.Context, to client.Shown, scopes []string) (text string, row OwnToken, err error) {
	if scopes = strings.Fields(join(scopes)); len(scopes) == 0 {
		scopes = OwnScopes
	}
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(OwnScopes, s) }) {
		wrong := models.FieldErrors{}
		wrong.Add("scope", "oidc.error.scope")
		return "", row, wrong.Err()
	}
	text = ownTokenPrefix + secret.Token()
	err = p.store.System(ctx, "give an application a token of its own", func(tx *store.Tx) error {
		tx.NothingToRecord() // what it does by it is
		stands, err := client.Stands(tx, to.ApplicationID, to.By)
		if err != nil {
			return err
		}
		if !stands {
			return models.Fail(models.Unauthenticated, "client.error.credentials")
		}
		row = OwnToken{ID: models.NewID("oct"), TokenHash: secret.Hash(text), ApplicationID: to.ApplicationID, ShownBy: to.By, Scopes: join(scopes),
			CreatedAt: models.At(tx.Now()), ExpiresAt: models.At(tx.Now().Add(TokenLife))}
		return tx.Create(&row).Error
	})
	return text, row, err
}

// TellOwn finds a token that an application has for itself. It is false for one that
// is worth nothing: that never was, ran out or was revoked, of an application that is
// disabled, or that was given for a secret or a key that does not count any more.
func (p *Provider) TellOwn(ctx context.Context, text string) (OwnToken, bool, error) {
	if !IsOwnToken(text) || len(text) > 100 {
		return OwnToken{}, false, nil
	}
	hash, now := secret.Hash(text), p.store.Now()
	p.mu.Lock()
	known, there := p.own[hash]
	changes := p.changes
	p.mu.Unlock()
	if there && now.Before(known.until) {
		return known.token, now.Before(known.token.ExpiresAt.Time), nil
	}
	var row OwnToken
	stands := false
	err := p.store.SystemRead(ctx, "a token of an application's own", func(tx *store.Tx) (err error) {
		if err := tx.Where("token_hash = ? AND revoked_at IS NULL AND expires_at > ?", hash, models.At(now)).Take(&row).Error; err != nil {
			return none(err)
		}
		stands, err = client.Stands(tx, row.ApplicationID, row.ShownBy)
		return err
	})
	if err != nil || !stands {
		return OwnToken{}, false, err // not remembered: who guesses must not fill the memory
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if changes == p.changes {
		if len(p.own) > 10_000 {
			clear(p.own)
		}
		p.own[hash] = ownLookedUp{row, now.Add(trusted)}
	}
	return row, true, nil
}

// ByOwnToken is the application that acts for itself by a token with a scope.
// models.Unauthenticated for one that is worth nothing, models.Forbidden for one that
// was given without the scope.
func (p *Provider) ByOwnToken(ctx context.Context, text, scope string) (application string, err error) {
	row, ok, err := p.TellOwn(ctx, text)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", models.Fail(models.Unauthenticated, "client.error.credentials")
	case !slices.Contains(row.Asked(), scope):
		return "", models.Fail(models.Forbidden, "feed.error.scope", "Scope", scope)
	}
	return row.ApplicationID, nil
}
