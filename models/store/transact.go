package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
)

type nested struct{}

// errNothingRecorded is a fault of ours: every change leaves an event.
var errNothingRecorded = errors.New("store: a change recorded no event")

// Write makes a change in the name of an actor, in one transaction that is
// confined to where the permission is exercised. Authority is derived again
// inside it; a refusal is recorded and answered with Forbidden.
func (s *Store) Write(ctx context.Context, by models.Actor, need models.Permission, do func(*Tx) error) error {
	return s.admitted(ctx, by, need, true, do)
}

// Read is Write without the change: a read-only transaction, confined alike.
func (s *Store) Read(ctx context.Context, by models.Actor, need models.Permission, do func(*Tx) error) error {
	return s.admitted(ctx, by, need, false, do)
}

func (s *Store) admitted(ctx context.Context, by models.Actor, need models.Permission, writing bool, do func(*Tx) error) error {
	err := s.transact(ctx, writing, func(tx *Tx) error {
		if err := s.admit(tx, by, need); err != nil {
			return err
		}
		return do(tx)
	})
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		if recorded := s.recordRefusal(ctx, refused); recorded != nil {
			return errors.Join(recorded, err)
		}
	}
	return err
}

// System is the one door across tenants: sign-in, deriving authority, sweeps,
// offboarding. name says what for. It writes, and leaves an event unless it
// says NothingToRecord.
func (s *Store) System(ctx context.Context, name string, do func(*Tx) error) error {
	return s.system(ctx, name, true, do)
}

// SystemRead is System in a read-only transaction.
func (s *Store) SystemRead(ctx context.Context, name string, do func(*Tx) error) error {
	return s.system(ctx, name, false, do)
}

// SystemFor is System in the name of a person whose authority is derived
// again inside it, for what reaches over the walls on his behalf: switching,
// accepting. One person's are done one after another, whichever browsers they
// come from: they lock several sessions and delegations, in no fixed order.
//
// A token stands for nobody here, whatever it is for: see SystemForScope.
func (s *Store) SystemFor(ctx context.Context, by models.Actor, name string, do func(*Tx) error) error {
	return s.SystemForScope(ctx, by, "", name, do)
}

// SystemForScope is SystemFor for what a program may also do in the person's name:
// with a token of his own that is for the scope. The operation names the scope, and
// whoever derives authority decides which tokens it opens this to (Tx.TokenScope).
func (s *Store) SystemForScope(ctx context.Context, by models.Actor, scope, name string, do func(*Tx) error) error {
	return s.transact(ctx, true, func(tx *Tx) error {
		tx.Lock, tx.tokenScope = clause.LockingStrengthUpdate, scope
		if by.Session == "" {
			return models.Fail(models.Unauthenticated, "error.unauthenticated")
		}
		if by.Account == "" { // nothing of a person is there for who works by a set-up link
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.OwnAccount))
		}
		if err := tx.LockAccount(by.Account); err != nil {
			return err
		}
		actor, err := s.derive(tx, by)
		if err != nil {
			return err
		}
		tx.Actor = actor.From(by.Address)
		tx.Actor.Channel, tx.Actor.Application, tx.Actor.Form = by.Channel, by.Application, by.Form
		if err := do(tx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

func (s *Store) system(ctx context.Context, name string, writing bool, do func(*Tx) error) error {
	return s.transact(ctx, writing, func(tx *Tx) error {
		tx.Actor = models.System()
		if err := do(tx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// tries is how often a change is tried that PostgreSQL ended because another one
// waited for it: two that lock the same rows in different orders.
const tries = 3

// transact runs do in a transaction without confinement; admit confines it. What
// do changes outside the database it must be able to change again.
func (s *Store) transact(ctx context.Context, writing bool, do func(*Tx) error) (err error) {
	for try := 1; ; try++ {
		if err = s.transactOnce(ctx, writing, do); err == nil || try == tries || !writing || !Passing(err) || ctx.Err() != nil {
			return err
		}
	}
}

// Passing says that an error is of the moment: the same change may succeed when
// it is tried again (PostgreSQL's serialization failures and deadlocks).
func Passing(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001")
}

func (s *Store) transactOnce(ctx context.Context, writing bool, do func(*Tx) error) (err error) {
	if ctx.Value(nested{}) != nil {
		return errors.New("store: a transaction inside a transaction")
	}
	ctx = context.WithValue(ctx, nested{}, true)
	db := s.read
	if writing {
		db = s.write
	}
	raw, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: !writing && s.postgres})
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer raw.Rollback()
	tx := &Tx{store: s, ctx: ctx, sql: raw, at: s.now()}
	if err := tx.confine(wall{system: true, name: "begin"}); err != nil {
		return err
	}
	tx.DB = s.session(tx)
	if writing {
		tx.Lock = clause.LockingStrengthShare
	}
	if err := do(tx); err != nil {
		return err
	}
	if !writing {
		return raw.Commit()
	}
	if err := tx.flush(); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	s.topics.tell(tx.notices...) // other replicas hear of it from PostgreSQL
	return nil
}

// session is gorm on this transaction alone.
func (s *Store) session(tx *Tx) *gorm.DB {
	db := s.orm.Session(&gorm.Session{NewDB: true, Context: tx.ctx})
	db.Statement.ConnPool = tx.sql
	return db.Set(wallKey, &tx.wall).Session(&gorm.Session{})
}

// refusal is a Forbidden that has to be recorded once the transaction is gone.
type refusal struct {
	actor models.Actor
	need  models.Permission
	cause *models.Error
}

func (r *refusal) Error() string { return r.cause.Error() }
func (r *refusal) Unwrap() error { return r.cause }

// admit derives the actor's authority, checks the permission and puts up the
// wall around the rest of the transaction.
func (s *Store) admit(tx *Tx, by models.Actor, need models.Permission) error {
	if by.Session == "" {
		return models.Fail(models.Unauthenticated, "error.unauthenticated")
	}
	actor, err := s.derive(tx, by)
	if err != nil {
		return err
	}
	actor = actor.From(by.Address)
	actor.Channel, actor.Application, actor.Form = by.Channel, by.Application, by.Form
	tx.Actor = actor
	switch {
	case actor.Ended != nil && (by.Visit != "" && actor.Visit != by.Visit || by.Mandate != nil && actor.Mandate == nil):
		return &refusal{by, need, models.Fail(models.Forbidden, "error.delegation_ended", "Organization", by.Effective.Label())}
	case by.Epoch != 0 && actor.Epoch != by.Epoch:
		return models.Fail(models.Stale, "error.stale")
	case len(actor.Needs) > 0 && !actor.May(need):
		return &refusal{actor, need, models.Held(actor.Effective.Label(), actor.Needs)}
	case !actor.May(need):
		return &refusal{actor, need, models.Fail(models.Forbidden, "error.forbidden", "Permission", string(need))}
	}
	return tx.raise(need)
}

// raise confines the transaction to where a permission is exercised.
func (tx *Tx) raise(need models.Permission) error {
	party := tx.Actor.Effective
	switch need.Level() {
	case models.PlatformLevel:
		return tx.confine(wall{system: true, name: string(need)})
	case models.CompanyLevel:
		return tx.confine(wall{company: party.Company})
	case models.OrganizationLevel:
		if party.Organization == "" { // confined to the company alone would be more than one organization
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(need))
		}
		return tx.confine(wall{company: party.Company, organization: party.Organization})
	default:
		return tx.confine(wall{account: tx.Actor.Account})
	}
}

// flush writes events, jobs and notifications at the end of a transaction, so
// that the counters of positions are locked as briefly as can be.
func (tx *Tx) flush() error {
	if len(tx.records) == 0 && !tx.silently {
		return errNothingRecorded
	}
	if err := tx.confine(wall{system: true, name: "flush"}); err != nil {
		return err
	}
	if err := tx.react(); err != nil {
		return err
	}
	if err := tx.writeEvents(); err != nil {
		return err
	}
	if len(tx.jobs) > 0 {
		if err := tx.store.insert.InsertManyTx(tx.ctx, tx.sql, tx.jobs); err != nil {
			return fmt.Errorf("store: enqueue: %w", err)
		}
	}
	return tx.sendNotices()
}
