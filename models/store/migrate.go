package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"locum/migrations"
)

// migrate brings the schema to the newest version: Locum's own tables, then
// the queue's. Several replicas may start at once; one of them does the work.
func (s *Store) migrate(ctx context.Context) error {
	if s.postgres {
		if err := makeRoles(ctx, s.pool); err != nil {
			return err
		}
	}
	folder, err := fs.Sub(migrations.Files, s.Dialect())
	if err != nil {
		return err
	}
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{}
	if s.postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, s.write, folder, options...)
	if err != nil {
		return err
	}
	unlock, err := s.lockFile()
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("the database could not be brought up to date: %w", err)
	}
	return s.migrateQueue(ctx)
}

func (s *Store) migrateQueue(ctx context.Context) error {
	var err error
	if s.postgres {
		err = migrateQueueOn(ctx, s.pool, s.write)
	} else {
		var migrator *rivermigrate.Migrator[*sql.Tx]
		if migrator, err = rivermigrate.New(riversqlite.New(s.write), &rivermigrate.Config{Logger: quiet}); err == nil {
			_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("the queue's tables could not be made: %w", err)
	}
	return nil
}

// migrateQueueOn holds an advisory lock meanwhile: the queue library does not.
func migrateQueueOn(ctx context.Context, pool *pgxpool.Pool, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext('locum.queue'))`); err != nil {
		return err
	}
	defer conn.ExecContext(ctx, `SELECT pg_advisory_unlock(hashtext('locum.queue'))`)
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `GRANT SELECT, INSERT, UPDATE ON river_job TO locum_system;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO locum_system`)
	return err
}

// makeRoles makes the two roles of row-level security, and lets the user that
// connects take them.
func makeRoles(ctx context.Context, pool *pgxpool.Pool) error {
	// From PostgreSQL 16 on, who makes a role is its member without the right to
	// take it (SET).
	const statements = `DO $$ DECLARE
		means text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
	BEGIN
		PERFORM pg_advisory_xact_lock(hashtext('locum.roles'));
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'locum_tenant') THEN CREATE ROLE locum_tenant NOLOGIN; END IF;
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'locum_system') THEN CREATE ROLE locum_system NOLOGIN; END IF;
		IF NOT pg_has_role(current_user, 'locum_tenant', means) THEN EXECUTE format('GRANT locum_tenant TO %I', current_user); END IF;
		IF NOT pg_has_role(current_user, 'locum_system', means) THEN EXECUTE format('GRANT locum_system TO %I', current_user); END IF;
	END $$`
	if _, err := pool.Exec(ctx, statements); err != nil {
		user := pool.Config().ConnConfig.User
		return fmt.Errorf("the roles for row-level security could not be made. Let an administrator of the database run these two statements once:\n"+
			"  CREATE ROLE locum_tenant NOLOGIN; CREATE ROLE locum_system NOLOGIN;\n"+
			"  GRANT locum_tenant, locum_system TO %q;\n(%w)", user, err)
	}
	return nil
}
