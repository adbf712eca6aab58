package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

func (s *Store) connect(ctx context.Context) error {
	scheme, rest, found := strings.Cut(s.url, ":")
	switch {
	case found && scheme == "sqlite":
		return s.connectSQLite(rest)
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return s.connectPostgres(ctx)
	}
	return fmt.Errorf("the database address %q is not one: write sqlite:/path/to/locum.db or postgres://user:password@host:5432/locum", redact(s.url))
}

// connectSQLite opens one connection that writes, so that writers wait in line
// here instead of failing with BUSY, and a pool that only reads.
func (s *Store) connectSQLite(path string) error {
	if err := writable(path); err != nil {
		return err
	}
	open := func(pragmas string) (*sql.DB, error) {
		return sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)"+pragmas)
	}
	var err error
	if s.write, err = open("&_txlock=immediate"); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.write.Ping(); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	if s.read, err = open("&_pragma=query_only(1)"); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	s.read.SetMaxOpenConns(max(4, runtime.NumCPU()*2))
	return s.openORM(&sqlite.Dialector{Conn: s.write})
}

// writable says in plain words why a database file cannot be made at path.
func writable(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder %s for the database cannot be made: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".locum-*")
	if err != nil {
		return fmt.Errorf("the folder %s cannot be written to: choose another, or give this user the right to write there (%w)", dir, err)
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// How many connections one replica opens at most, unless the address says
// otherwise with pool_max_conns.
const (
	poolSize  = 24
	leastPool = 8 // the listener, the sweeps and the workers hold some at all times
	exclusive = 3 // how many that run by themselves hold one for their lock
)

func (s *Store) connectPostgres(ctx context.Context) error {
	s.postgres = true
	cfg, err := pgxpool.ParseConfig(s.url)
	if err != nil {
		return fmt.Errorf("the database address %q is not one: write postgres://user:password@host:5432/locum", redact(s.url))
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if !strings.Contains(s.url, "pool_max_conns") {
		cfg.MaxConns = poolSize // pgx's own default, one a processor, is less than the sweeps and the listener hold
	}
	cfg.MaxConns = max(cfg.MaxConns, leastPool)
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return fmt.Errorf("the database %s cannot be used: %w", redact(s.url), err)
	}
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("the database %s does not answer: check the address, the user and the password, and that PostgreSQL runs (%w)", redact(s.url), err)
	}
	s.write = stdlib.OpenDBFromPool(s.pool)
	s.read = s.write
	return s.openORM(postgres.New(postgres.Config{Conn: s.write}))
}

func (s *Store) openORM(dialect gorm.Dialector) error {
	orm, err := gorm.Open(dialect, &gorm.Config{
		SkipDefaultTransaction: true, // every statement runs in a transaction of ours
		TranslateError:         true,
		Logger:                 logger.Discard, // errors travel up and are logged once, with the request
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return fmt.Errorf("the database cannot be opened: %w", err)
	}
	s.orm = orm
	return raiseWall(orm)
}

// redact leaves the password out of a database address.
func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}

// Duplicate says whether err is a broken uniqueness of the database.
func Duplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// Missing says whether err is a row that was not found.
func Missing(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// Contended says whether err is a transaction that got stuck with another, and
// may go through when it is tried again.
func Contended(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001") // deadlock_detected, serialization_failure
}
