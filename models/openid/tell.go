package openid

import (
	"context"
	"strings"

	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
)

// Told is what an access token tells now.
type Told struct {
	Token
	By     Authorization
	Answer access.Answer
}

// Scopes are those of the token that can be exercised where its person works now.
func (t Told) Scopes() []string { return grantable(strings.Fields(t.Token.Scopes), t.Answer) }

// Tell answers by an access token: who its person is, where he works now, on whose
// behalf and with which roles. address is the network address that the person came
// from, where the application says it. The answer is at most half a second old.
//
// It is false for every token that is worth nothing, without telling why: one that
// never was, that ran out or was revoked, of a session or a visit that is over, of
// an application that is disabled, and also while the person may not use the
// application where he works: an application cannot be expected to look at a
// reason before it believes the rest.
func (p *Provider) Tell(ctx context.Context, text, address string) (Told, bool, error) {
	held, err := p.lookUp(ctx, text)
	if err != nil || held == nil {
		return Told{}, false, err
	}
	now := p.store.Now()
	if held.RevokedAt != nil || held.By.RevokedAt != nil || !now.Before(held.ExpiresAt.Time) {
		return Told{}, false, nil
	}
	if _, err := p.clients.ByID(ctx, held.By.ApplicationID); err != nil {
		if models.KindOf(err) == models.NotFound {
			err = nil
		}
		return Told{}, false, err
	}
	answer, err := p.sessions.Answer(ctx, held.By.SessionID, held.By.ApplicationID, address)
	if err != nil || !held.By.Holds(answer) {
		return Told{}, false, err
	}
	p.seen(ctx, answer)
	return Told{held.Token, held.By, answer}, true, nil
}

// seen notes that somebody is at work in an application where he works now.
func (p *Provider) seen(ctx context.Context, now access.Answer) {
	by := now.Actor
	p.clients.Seen(context.WithoutCancel(ctx), by.Effective.Company, by.Effective.Organization, by.Application, by.Account)
}

// TellTo is Tell for an application that asks about one of its own tokens, or about
// one that a person made for it. Of another's it learns nothing.
func (p *Provider) TellTo(ctx context.Context, application, text, address string) (Told, bool, error) {
	if access.IsAccountToken(text) {
		return p.tellOwn(ctx, application, text, address)
	}
	told, ok, err := p.Tell(ctx, text, address)
	if err != nil || !ok || told.By.ApplicationID != application {
		return Told{}, false, err
	}
	return told, true, nil
}

// tellOwn is TellTo for the token of an account. It carries no scopes: what its
// person may do in the application is in the answer's roles.
func (p *Provider) tellOwn(ctx context.Context, application, text, address string) (Told, bool, error) {
	answer, err := p.sessions.AnswerToken(ctx, text, application, address)
	if err != nil || answer.Actor.Anonymous() || answer.Denied != "" {
		return Told{}, false, err
	}
	p.seen(ctx, answer)
	return Told{Token{ID: answer.Actor.Session, ExpiresAt: models.At(answer.TokenEnds)}, Authorization{ApplicationID: application, AccountID: answer.Actor.Account}, answer}, true, nil
}

// lookUp finds an access token, unless that was done just now; nil for none.
func (p *Provider) lookUp(ctx context.Context, text string) (*issued, error) {
	if !access.IsApplicationToken(text) || len(text) > 100 {
		return nil, nil
	}
	hash, now := secret.Hash(text), p.store.Now()
	p.mu.Lock()
	known, there := p.held[hash]
	changes := p.changes
	p.mu.Unlock()
	if there && now.Before(known.until) {
		return known.token, nil
	}
	found := &issued{}
	err := p.store.SystemRead(ctx, "an access token", func(tx *store.Tx) error {
		if err := tx.Where("token_hash = ?", hash).Take(&found.Token).Error; err != nil {
			return err
		}
		return tx.Where("id = ?", found.AuthorizationID).Take(&found.By).Error
	})
	if store.Missing(err) {
		return nil, nil // not remembered: who guesses must not fill the memory
	}
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if changes == p.changes {
		if len(p.held) > 10_000 {
			clear(p.held)
		}
		p.held[hash] = lookedUp{found, now.Add(trusted)}
	}
	return found, nil
}

// Revoke ends one of an application's own tokens (RFC 7009): an access token
// alone, and with a refresh token everything that its authorization gave. A token
// that is not its own, or is none, is left as it is.
func (p *Provider) Revoke(ctx context.Context, application, text string) error {
	return p.store.System(ctx, "an application gives a token back", func(tx *store.Tx) error {
		tx.NothingToRecord()
		hash := secret.Hash(text)
		if IsOwnToken(text) {
			ended := tx.Model(&OwnToken{}).Where("token_hash = ? AND application_id = ? AND revoked_at IS NULL", hash, application).Update("revoked_at", models.At(tx.Now()))
			if ended.RowsAffected > 0 { // whoever guesses must not empty what is remembered
				tx.Notify("client:" + application)
			}
			return ended.Error
		}
		var token Token
		var row Authorization
		err := tx.Where("token_hash = ?", hash).Take(&token).Error
		if store.Missing(err) {
			var held refresh
			if err := tx.Where("token_hash = ?", hash).Take(&held).Error; err != nil {
				return none(err)
			}
			if err := tx.Where("id = ? AND application_id = ?", held.AuthorizationID, application).Take(&row).Error; err != nil {
				return none(err)
			}
			return end(tx, row, event.ApplicationLeft)
		}
		if err != nil {
			return err
		}
		if err := tx.Where("id = ? AND application_id = ?", token.AuthorizationID, application).Take(&row).Error; err != nil {
			return none(err)
		}
		tx.Notify("session:" + row.SessionID)
		return tx.Model(&Token{}).Where("id = ? AND revoked_at IS NULL", token.ID).Update("revoked_at", models.At(tx.Now())).Error
	})
}

func none(err error) error {
	if store.Missing(err) {
		return nil
	}
	return err
}
