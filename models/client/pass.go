package client

import (
	"context"
	"sync"
	"time"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

const (
	// passLife is the longest life of a pass: that of a session.
	passLife = 7 * 24 * time.Hour
	// codeLife is how long the way from the hub to a host may take.
	codeLife = 30 * time.Second
	// passTime is how long the pass that another on the same host follows works
	// on: for requests that are under way, and tabs that came at once.
	passTime = time.Minute
)

// Domain stands in place of a pass's host where it counts on every host of the
// parent domain that the hub shares with its applications.
const Domain = ""

// Passes are what browsers hold on the hosts of applications, where the cookie of
// the hub itself does not reach: opaque texts that stand for a session.
//
// A pass gives nothing by itself. Whose it is and what he may do is asked of the
// session, at each request, and a session that is over answers for nobody.
type Passes struct {
	store *store.Store

	mu      sync.Mutex
	known   map[string]knownPass // by token hash
	changes int
}

type knownPass struct {
	session, host string
	made, until   time.Time
}

// NewPasses opens the passes of a store.
func NewPasses(s *store.Store) *Passes {
	p := &Passes{store: s, known: map[string]knownPass{}}
	s.Drop(p.forget)
	return p
}

func (p *Passes) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.known)
	p.changes++
}

// pass is a row of forward_passes.
type pass struct {
	TokenHash string `gorm:"primaryKey"`
	SessionID string
	Host      string
	CodeHash  string // of the code that it was given for
	CreatedAt models.Instant
	ExpiresAt models.Instant
}

func (pass) TableName() string { return "forward_passes" }

// code is a row of forward_codes.
type code struct {
	CodeHash  string `gorm:"primaryKey"`
	SessionID string
	Host      string
	Path      string // where the browser wanted to go on the host
	StateHash string // of what the browser that asked holds there
	CreatedAt models.Instant
	ExpiresAt models.Instant
	UsedAt    *models.Instant
}

func (code) TableName() string { return "forward_codes" }

// Give makes a pass for the actor's session on every host of the parent domain,
// and gives its text.
func (p *Passes) Give(ctx context.Context, by models.Actor) (token string, err error) {
	token = secret.Token()
	err = p.store.SystemFor(ctx, by, "a pass for the parent domain", func(tx *store.Tx) error {
		tx.NothingToRecord() // he signed in, and that stands in the trail
		return keepPass(tx, token, pass{SessionID: tx.Actor.Session, Host: Domain})
	})
	return token, err
}

// keepPass keeps a new pass. Of those that the session had there before, none
// outlives what is under way.
func keepPass(tx *store.Tx, token string, row pass) error {
	soon := models.At(tx.Now().Add(passTime))
	err := tx.Model(&pass{}).Where("session_id = ? AND host = ? AND expires_at > ?", row.SessionID, row.Host, soon).Update("expires_at", soon).Error
	if err != nil {
		return err
	}
	row.TokenHash, row.CreatedAt, row.ExpiresAt = secret.Hash(token), models.At(tx.Now()), models.At(tx.Now().Add(passLife))
	return tx.Create(&row).Error
}

// Begin makes a code by which the actor's browser gets a pass on a host, where it
// then goes to a path. state is a hash of what the browser holds there: a code
// that was sent to another browser is worth nothing.
func (p *Passes) Begin(ctx context.Context, by models.Actor, host, path, state string) (text string, err error) {
	text = secret.Token()
	err = p.store.SystemFor(ctx, by, "a code for a host", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Create(&code{CodeHash: secret.Hash(text), SessionID: tx.Actor.Session, Host: host, Path: path, StateHash: state,
			CreatedAt: models.At(tx.Now()), ExpiresAt: models.At(tx.Now().Add(codeLife))}).Error
	})
	return text, err
}

// Redeem takes a code on the host for which it was made, in the browser that holds
// the state, and gives a pass for it and the path to go on to. A code that comes a
// second time is refused, and ends the pass that it was given for: one of the two
// who showed it had stolen it. models.Unknown for a code that is worth nothing.
func (p *Passes) Redeem(ctx context.Context, text, host, state string) (token, path string, err error) {
	token = secret.Token()
	refused := false
	err = p.store.System(ctx, "redeem a code on a host", func(tx *store.Tx) error {
		tx.NothingToRecord()
		refused = false
		var row code
		if err := tx.Where("code_hash = ?", secret.Hash(text)).Take(&row).Error; err != nil {
			return missing(err)
		}
		if row.Host != host || row.StateHash != state || !tx.Now().Before(row.ExpiresAt.Time) {
			return models.Unknown()
		}
		taken := tx.Model(&code{}).Where("code_hash = ? AND used_at IS NULL", row.CodeHash).Update("used_at", models.At(tx.Now()))
		if taken.Error != nil {
			return taken.Error
		}
		if refused = taken.RowsAffected == 0; refused {
			tx.Notify("session:" + row.SessionID)
			return tx.Where("code_hash = ?", row.CodeHash).Delete(&pass{}).Error
		}
		path = row.Path
		return keepPass(tx, token, pass{SessionID: row.SessionID, Host: host, CodeHash: row.CodeHash})
	})
	if err == nil && refused {
		err = models.Unknown()
	}
	if err != nil {
		return "", "", err
	}
	return token, path, nil
}

// MostShown is how many texts a browser may show at once as its pass.
const MostShown = 200

// Session is the session for which a pass stands on a host: at most half a second
// old. It is empty for texts that are no pass, or one of another host. Of several
// passes the youngest counts: other hosts of a parent domain can give a browser
// cookies of its name, and they must not keep out who has just signed in. Of more
// than MostShown texts the rest is not looked at.
func (p *Passes) Session(ctx context.Context, tokens []string, host string) (string, error) {
	now := p.store.Now()
	var unknown []string // hashes
	var found knownPass
	youngest := func(one knownPass) {
		if one.host == host && (found.session == "" || one.made.After(found.made)) {
			found = one
		}
	}
	p.mu.Lock()
	for _, token := range tokens[:min(len(tokens), MostShown)] {
		hash := secret.Hash(token)
		if held, there := p.known[hash]; there && now.Before(held.until) {
			youngest(held)
		} else {
			unknown = append(unknown, hash)
		}
	}
	changes := p.changes
	p.mu.Unlock()
	if len(unknown) == 0 {
		return found.session, nil
	}
	var rows []pass
	err := p.store.SystemRead(ctx, "the session of a pass", func(tx *store.Tx) error {
		return tx.Where("token_hash IN ? AND expires_at > ?", unknown, models.At(tx.Now())).Find(&rows).Error
	})
	if err != nil {
		return "", err
	}
	for _, row := range rows { // what is none is not remembered: who guesses must not fill the memory
		held := knownPass{session: row.SessionID, host: row.Host, made: row.CreatedAt.Time, until: now.Add(trusted)}
		if row.ExpiresAt.Before(held.until) {
			held.until = row.ExpiresAt.Time
		}
		p.remember(row.TokenHash, held, changes)
		youngest(held)
	}
	return found.session, nil
}

func (p *Passes) remember(hash string, found knownPass, changes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if changes != p.changes {
		return // something changed while this was read: it may be old already
	}
	if len(p.known) > 10_000 {
		clear(p.known)
	}
	p.known[hash] = found
}

// End takes a pass back, at once: the browser is no longer known on its host.
func (p *Passes) End(ctx context.Context, token, host string) error {
	return p.store.System(ctx, "a pass is given back", func(tx *store.Tx) error {
		tx.NothingToRecord()
		var row pass
		err := tx.Where("token_hash = ? AND host = ?", secret.Hash(token), host).Take(&row).Error
		if store.Missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Notify("session:" + row.SessionID)
		return tx.Where("token_hash = ?", row.TokenHash).Delete(&pass{}).Error
	})
}

// Prune forgets passes and codes that ran out.
func Prune(tx *store.Tx) error {
	now := models.At(tx.Now())
	if err := tx.Where("expires_at <= ?", now).Delete(&pass{}).Error; err != nil {
		return err
	}
	return tx.Where("expires_at <= ?", now).Delete(&code{}).Error
}
