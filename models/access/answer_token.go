package access

import (
	"context"
	"time"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// AnswerToken is Answer for who comes with the token of an account, made for this
// application. It is nobody, without an error, where the token is unknown, is not
// for this application, or is worth nothing now. The answer says until when the
// token lasts at most.
func (s *Sessions) AnswerToken(ctx context.Context, token, application, address string) (a Answer, err error) {
	if token == "" || application == "" {
		return a, nil
	}
	key, now := [2]string{secret.Hash(token), application}, s.store.Now()
	s.mu.Lock()
	held, there := s.answers[key]
	changes := s.changes
	s.mu.Unlock()
	if there && now.Before(held.until) {
		return held.answer.from(address), nil
	}
	var row AccountToken
	err = s.store.SystemRead(ctx, "answer an application about a token", func(tx *store.Tx) (err error) {
		a, row, err = answerToken(tx, token, application)
		return err
	})
	if models.KindOf(err) == models.Unauthenticated && err != nil {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	until := trusted(a.Actor, now)
	if row.ExpiresAt.Before(until) {
		until = row.ExpiresAt.Time
	}
	s.mu.Lock()
	if changes == s.changes {
		if len(s.answers) > 10_000 {
			clear(s.answers)
		}
		s.answers[key] = answered{a, until}
	}
	s.mu.Unlock()
	if a.Denied == NotForVisitors {
		if err := s.Deny(ctx, a.Actor); err != nil {
			return Answer{}, err
		}
	}
	return a.from(address), s.usedToken(ctx, row)
}

func answerToken(tx *store.Tx, token, application string) (a Answer, row AccountToken, err error) {
	if row, err = accountTokenOf(tx, token); err != nil {
		return a, row, err
	}
	if row.ApplicationID != application {
		return a, row, unauthenticated()
	}
	if a.Actor, err = deriveOf(tx, row); err != nil {
		return a, row, err
	}
	a.TokenEnds = row.ExpiresAt.Time
	return a, row, a.admit(tx)
}

// ActorOfToken is who acts in Locum's own API by the token of an account that is
// for a scope, or for one that covers it; models.Unauthenticated where it is none,
// and models.Forbidden where it is for something else.
func (s *Sessions) ActorOfToken(ctx context.Context, token, need, address string, covers func(scope string) bool) (actor models.Actor, err error) {
	var row AccountToken
	err = s.store.SystemRead(ctx, "a person's program acts", func(tx *store.Tx) (err error) {
		actor, row, err = actorOfToken(tx, token, need, covers)
		return err
	})
	if err != nil {
		return models.Actor{}, err
	}
	return actor.From(address), s.usedToken(ctx, row)
}

func actorOfToken(tx *store.Tx, token, need string, covers func(scope string) bool) (actor models.Actor, row AccountToken, err error) {
	if row, err = accountTokenOf(tx, token); err != nil {
		return actor, row, err
	}
	if row.ApplicationID != "" { // it is for somebody else
		return actor, row, unauthenticated()
	}
	if actor, err = deriveOf(tx, row); err != nil {
		return actor, row, err
	}
	if !ownScope(need) || row.forOwn() {
		for _, scope := range row.For() {
			if covers(scope) {
				return actor, row, nil
			}
		}
	}
	return actor, row, models.Fail(models.Forbidden, "feed.error.scope", "Scope", need)
}

// usedToken notes that a token was used, once a minute.
func (s *Sessions) usedToken(ctx context.Context, row AccountToken) error {
	now := s.store.Now()
	if row.LastUsedAt != nil && now.Sub(row.LastUsedAt.Time) < time.Minute {
		return nil
	}
	return s.store.System(ctx, "a person's token was used", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&AccountToken{}).Where("company_id = ? AND id = ?", row.CompanyID, row.ID).Update("last_used_at", models.At(now)).Error
	})
}
