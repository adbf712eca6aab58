package access

import (
	"context"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/clause"

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
	cache   map[string]cached // by token hash
	changes int               // how often the cache was dropped
	seen    map[string]time.Time
}

type cached struct {
	actor models.Actor
	until time.Time
}

// NewSessions opens the sessions of a store. It drops cached authority as soon
// as something changes, on whichever replica.
func NewSessions(s *store.Store, keys *secret.Keys) *Sessions {
	sessions := &Sessions{store: s, keys: keys, cache: map[string]cached{}, seen: map[string]time.Time{}}
	s.Drop(sessions.forget)
	s.React(event.Offboarded, offboard)
	s.React(event.BreakGlassRemoved, noLongerNamed)
	return sessions
}

func (s *Sessions) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cache)
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
	until := now.Add(cacheLife)
	if !actor.Ends.IsZero() && actor.Ends.Before(until) {
		until = actor.Ends
	}
	if actor.BreakGlass != nil && actor.BreakGlass.Ends.Before(until) {
		until = actor.BreakGlass.Ends
	}
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

// Opening is what a new session is made of.
type Opening struct {
	Account    string
	Method     string // "code", "saml", BreakGlassMethod
	Connection string // id, with "saml"
	UserAgent  string
	Address    string
	AuthTime   time.Time // zero means now
	// Instead is the id of the session that the browser had so far. Its cookie
	// is about to be replaced: nobody could end it any more.
	Instead string
	// Company and Reason are those of a break-glass session, which begins there.
	Company, Reason string
}

// Open signs somebody in, and gives the token for his browser's cookie.
func (s *Sessions) Open(ctx context.Context, in Opening) (token string, err error) {
	err = s.store.System(ctx, "sign in", func(tx *store.Tx) error {
		token, err = Open(tx, in)
		return err
	})
	return token, err
}

// Open is Sessions.Open inside a System transaction, for sign-ins that write
// other things with it. A deactivated account is refused. The session instead of
// which it is opened ends, and with it its visit, as by signing out.
func Open(tx *store.Tx, in Opening) (token string, err error) {
	person, err := account.Load(tx, in.Account)
	if err != nil {
		return "", err
	}
	if person.DeactivatedAt != nil || person.Service {
		return "", models.Fail(models.Forbidden, "account.error.deactivated")
	}
	if err := replace(tx, in.Instead, in.Address); err != nil {
		return "", err
	}
	now := models.At(tx.Now())
	auth := now
	if !in.AuthTime.IsZero() {
		auth = models.At(in.AuthTime)
	}
	token = secret.Token()
	row := account.Session{ID: models.NewID("ses"), TokenHash: secret.Hash(token), AccountID: in.Account, Method: in.Method, ConnectionID: in.Connection,
		UserAgent: clip(in.UserAgent, 300), Address: in.Address, AuthTime: auth, LastSeenAt: now, ExpiresAt: models.At(now.Add(account.SessionLife)),
		Epoch: 1, CreatedAt: now}
	if in.Method == BreakGlassMethod {
		row.CompanyID, row.ExpiresAt = in.Company, models.At(now.Add(BreakGlassLife))
	}
	if err := tx.Create(&row).Error; err != nil {
		return "", err
	}
	if in.Method == BreakGlassMethod {
		if err := breakGlass(tx, row, person, in.Reason); err != nil {
			return "", err
		}
	}
	actor, err := derive(tx, row)
	if err != nil {
		return "", err
	}
	actor.Address = in.Address
	tx.Record(event.SignedIn, store.About{ID: row.ID, Name: person.Name, As: &actor, Company: actor.Real.Company, Organization: actor.Real.Organization,
		Data: map[string]any{"method": in.Method}})
	if in.Method == BreakGlassMethod {
		tx.Record(event.BreakGlassEntered, store.About{ID: row.ID, Name: person.Name, As: &actor, Company: in.Company,
			Data: map[string]any{"reason": in.Reason, "ends_at": row.ExpiresAt.Time}})
	}
	return token, nil
}

// replace ends the session that a browser gives up by signing in again, whoever
// signs in. One that is over already is left to the sweep.
func replace(tx *store.Tx, id, address string) error {
	if id == "" {
		return nil
	}
	if mandate.Opens(id) {
		if err := leaveLink(tx, id, address); models.KindOf(err) != models.Unauthenticated {
			return err
		}
		return nil
	}
	row, err := session(tx, "id = ?", id)
	if models.KindOf(err) == models.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	// As SystemFor does: his other browsers wait, and the locks are those of a change.
	if err := tx.LockAccount(row.AccountID); err != nil {
		return err
	}
	defer func(by models.Actor, lock string) { tx.Actor, tx.Lock = by, lock }(tx.Actor, tx.Lock)
	tx.Lock = clause.LockingStrengthUpdate
	if row, err = session(tx, "id = ?", id); err != nil {
		return err
	}
	tx.Actor, err = derive(tx, row)
	if models.KindOf(err) == models.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	tx.Actor.Address = address
	return endSession(tx, row, event.SignedOut, delegation.SignedOut)
}

// clip shortens what a stranger sent, and drops what no database takes: bytes
// that are no text.
func clip(text string, size int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) > size {
		text = strings.ToValidUTF8(text[:size], "")
	}
	return text
}

// SignOut ends the actor's session, and with it his visit or mandate. Of a set-up
// link it ends the session alone.
func (s *Sessions) SignOut(ctx context.Context, by models.Actor) error {
	if by.ByLink() {
		return s.signOutOfLink(ctx, by)
	}
	return s.end(ctx, by, by.Session, event.SignedOut, delegation.SignedOut)
}

// Revoke ends another session of the actor's own.
func (s *Sessions) Revoke(ctx context.Context, by models.Actor, id string) error {
	return s.end(ctx, by, id, event.SessionRevoked, delegation.SessionEnded)
}

func (s *Sessions) end(ctx context.Context, by models.Actor, id, kind string, why delegation.LeaveReason) error {
	return s.store.SystemFor(ctx, by, "end a session", func(tx *store.Tx) error {
		var row account.Session
		err := tx.Where("id = ? AND account_id = ? AND revoked_at IS NULL", id, tx.Actor.Account).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		return endSession(tx, row, kind, why)
	})
}

// RevokeOthers ends every other session of the actor's own that is live, and
// says how many there were.
func (s *Sessions) RevokeOthers(ctx context.Context, by models.Actor) (ended int, err error) {
	err = s.store.SystemFor(ctx, by, "end a person's other sessions", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is no other
		var rows []account.Session
		if err := tx.Where("account_id = ? AND id <> ? AND revoked_at IS NULL", tx.Actor.Account, by.Session).Order("id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Live(tx.Now()) {
				continue
			}
			if err := endSession(tx, row, event.SessionRevoked, delegation.SessionEnded); err != nil {
				return err
			}
			ended++
		}
		return nil
	})
	return ended, err
}

// endSession ends a session of the actor's own, and with it its visit.
func endSession(tx *store.Tx, row account.Session, kind string, why delegation.LeaveReason) error {
	if err := tx.Model(&account.Session{}).Where("id = ?", row.ID).Update("revoked_at", models.At(tx.Now())).Error; err != nil {
		return err
	}
	if err := endVisitOf(tx, row, why, tx.Now()); err != nil {
		return err
	}
	if err := closeBreakGlass(tx, row); err != nil {
		return err
	}
	by := tx.Actor
	tx.Record(kind, store.About{ID: row.ID, Name: by.Name, As: &by, Company: by.Real.Company, Organization: by.Real.Organization})
	tx.Notify("session:"+row.ID, "account:"+tx.Actor.Account)
	return nil
}

// endVisitOf closes the open visit of a session, or an operator's mandate, if
// there is one.
func endVisitOf(tx *store.Tx, s account.Session, why delegation.LeaveReason, at time.Time) error {
	if s.MandateID != "" {
		return endMandateOf(tx, s)
	}
	if s.VisitID == "" {
		return nil
	}
	var v delegation.Visit
	if err := tx.Where("company_id = ? AND id = ?", s.VisitCompanyID, s.VisitID).Take(&v).Error; err != nil {
		return err
	}
	return delegation.End(tx, v, why, at)
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
		case by.Visit == "":
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
