package access

import (
	"context"
	"sync"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mandate"
	"locum/models/secret"
	"locum/models/store"
)

// cacheLife is how long a read may trust an authority that was derived before.
const cacheLife = 500 * time.Millisecond

// Sessions are the browsers that are signed in, and the authority of each.
type Sessions struct {
	store *store.Store
	keys  *secret.Keys

	mu      sync.Mutex
	cache   map[string]cached      // by token hash
	answers map[[2]string]answered // by session and application
	changes int                    // how often the cache was dropped
	seen    map[string]time.Time
	denied  map[string]bool // visits and applications of which it is recorded; see Deny
}

type cached struct {
	actor models.Actor
	until time.Time
}

// NewSessions opens the sessions of a store. It drops cached authority as soon
// as something changes, on whichever replica.
func NewSessions(s *store.Store, keys *secret.Keys) *Sessions {
	sessions := &Sessions{store: s, keys: keys, cache: map[string]cached{}, answers: map[[2]string]answered{}, seen: map[string]time.Time{}, denied: map[string]bool{}}
	s.Drop(sessions.forget)
	s.React(event.Offboarded, offboard)
	s.React(event.BreakGlassRemoved, noLongerNamed)
	return sessions
}

func (s *Sessions) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cache)
	clear(s.answers)
	s.changes++
}

// Actor is the authority of the session with this token, for reading: at most
// half a second old, and never past the end of a delegation. Without a live
// session it is the zero Actor.
func (s *Sessions) Actor(ctx context.Context, token string) (models.Actor, error) {
	if token == "" {
		return models.Actor{}, nil
	}
	hash, now := secret.Hash(token), s.store.Now()
	s.mu.Lock()
	held, there := s.cache[hash]
	changes := s.changes
	s.mu.Unlock()
	if there && now.Before(held.until) {
		return held.actor, nil
	}
	actor, err := s.Fresh(ctx, token)
	if err != nil || actor.Anonymous() {
		return actor, err
	}
	until := trusted(actor, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if changes != s.changes {
		return actor, nil // something changed while this was read: it may be old already
	}
	if len(s.cache) > 10_000 {
		clear(s.cache)
	}
	s.cache[hash] = cached{actor, until}
	return actor, nil
}

// trusted is until when an authority that was derived now may be trusted by reads.
func trusted(actor models.Actor, now time.Time) time.Time {
	until := now.Add(cacheLife)
	if !actor.Ends.IsZero() && actor.Ends.Before(until) {
		until = actor.Ends
	}
	if actor.BreakGlass != nil && actor.BreakGlass.Ends.Before(until) {
		until = actor.BreakGlass.Ends
	}
	return until
}

// Fresh is Actor past the cache.
func (s *Sessions) Fresh(ctx context.Context, token string) (actor models.Actor, err error) {
	err = s.store.SystemRead(ctx, "derive authority", func(tx *store.Tx) error {
		row, err := session(tx, "token_hash = ?", secret.Hash(token))
		if models.KindOf(err) == models.Unauthenticated {
			actor, err = byTokenOfLink(tx, token)
			return err
		}
		if err != nil {
			return err
		}
		actor, err = derive(tx, row)
		return err
	})
	if models.KindOf(err) == models.Unauthenticated {
		return models.Actor{Ended: actor.Ended}, nil // nobody, who may have to be told why
	}
	return actor, err
}

// Check derives the actor's authority anew and answers as a write would that
// needs the permission; a refusal is recorded.
func (s *Sessions) Check(ctx context.Context, by models.Actor, need models.Permission) error {
	return s.store.Write(ctx, by, need, func(tx *store.Tx) error {
		tx.NothingToRecord()
		return nil
	})
}

// Session is one of a person's own browsers, as he sees it.
type Session struct {
	account.Session
	Current bool
	Place   string // name of the organization in which it works; empty: at home
}

// List gives the actor's live sessions, the newest use first.
func (s *Sessions) List(ctx context.Context, by models.Actor) (list []Session, err error) {
	err = s.store.SystemRead(ctx, "a person's own sessions", func(tx *store.Tx) error {
		var rows []account.Session
		if err := tx.Where("account_id = ? AND revoked_at IS NULL", by.Account).Order("last_seen_at DESC").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Live(tx.Now()) {
				continue
			}
			actor, err := derive(tx, row)
			if models.KindOf(err) == models.Unauthenticated {
				continue // a break-glass session that was ended
			}
			if err != nil {
				return err
			}
			list = append(list, Session{Session: row, Current: row.ID == by.Session, Place: actor.Effective.Label()})
		}
		return nil
	})
	return list, err
}

// Settle clears an ended visit or mandate from the session, once the person was told of
// it. When no sweep wrote its end down yet, this does.
func (s *Sessions) Settle(ctx context.Context, by models.Actor) error {
	return s.store.SystemFor(ctx, by, "settle an ended visit", func(tx *store.Tx) error {
		tx.NothingToRecord() // unless the visit is closed here
		over := tx.Actor.Ended
		if over == nil {
			return nil
		}
		row, err := session(tx, "id = ?", by.Session)
		if err != nil {
			return err
		}
		if err := endVisitOf(tx, row, delegation.LeaveReason(over.Reason), over.At); err != nil {
			return err
		}
		if over.Mandate != "" { // pages of the company are of another context now
			return move(tx, row, models.Party{})
		}
		tx.Notify("session:" + by.Session)
		return tx.Model(&account.Session{}).Where("id = ? AND visit_id = ?", by.Session, over.Visit).
			Updates(map[string]any{"visit_id": "", "visit_company_id": "", "company_id": "", "organization_id": ""}).Error
	})
}

// Seen notes that the session and its visit are in use, at most once a minute.
// A failure is no reason to refuse the request.
func (s *Sessions) Seen(ctx context.Context, by models.Actor) {
	now := s.store.Now()
	s.mu.Lock()
	last := s.seen[by.Session]
	if len(s.seen) > 10_000 {
		clear(s.seen)
	}
	if now.Sub(last) < time.Minute {
		s.mu.Unlock()
		return
	}
	s.seen[by.Session] = now
	s.mu.Unlock()
	_ = s.store.System(ctx, "note that a session is in use", func(tx *store.Tx) error {
		tx.NothingToRecord()
		if by.ByLink() {
			return mandate.Seen(tx, by.Effective.Company, by.Mandate.ID, by.Session)
		}
		at := models.At(tx.Now())
		err := tx.Model(&account.Session{}).Where("id = ?", by.Session).Update("last_seen_at", at).Error // before the visit: see delegation.End
		switch {
		case err != nil:
			return err
		case by.Mandate != nil:
			return mandate.Seen(tx, by.Effective.Company, by.Mandate.ID, "")
		case by.Visit == "" || len(by.Needs) > 0: // who is kept from going on does not use his visit
			return nil
		}
		return tx.Model(&delegation.Visit{}).Where("company_id = ? AND id = ? AND left_at IS NULL", by.Effective.Company, by.Visit).
			Update("last_seen_at", at).Error
	})
}

// Follow gives a signal when something about the actor's session, account or
// organization may have changed, and a function that ends it.
func (s *Sessions) Follow(by models.Actor) (<-chan string, func()) {
	topics := []string{"session:" + by.Session}
	if by.Account != "" {
		topics = append(topics, "account:"+by.Account)
	}
	if by.Mandate != nil {
		topics = append(topics, "mandate:"+by.Mandate.ID)
	}
	if by.Effective.Organization != "" {
		topics = append(topics, "organization:"+by.Effective.Organization)
	}
	return s.store.Follow(topics...)
}

// Rate counts one more under a key, on every replica alike, and answers
// models.TooMany once there were more than limit in the window.
func (s *Sessions) Rate(ctx context.Context, key string, limit int, window time.Duration) error {
	var over error
	err := s.store.System(ctx, "count for a limit", func(tx *store.Tx) error {
		tx.NothingToRecord()
		over = account.Limit(tx, key, limit, window)
		if models.KindOf(over) == models.TooMany {
			return nil // the count stands
		}
		return over
	})
	if err != nil {
		return err
	}
	return over
}
