// Package modelstest gives each test a database of its own, on SQLite and on
// PostgreSQL, and people to act in it. The rules are those of production:
// foreign keys, row-level security, the real Derive.
//
// It must never be imported by anything but tests.
package modelstest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"locum/models/store"
)

// Databases are the databases that every test of the domain runs on.
var Databases = []string{"sqlite", "postgres"}

// Each runs a test on every database. Where PostgreSQL is missing that half is
// skipped with the reason; with CI=true that is a failure.
func Each(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	for _, name := range Databases {
		t.Run(name, func(t *testing.T) { test(t, New(t, name)) })
	}
}

// URL is the address of a new, empty database that is gone after the test.
func URL(t testing.TB, database string) string {
	t.Helper()
	if database == "sqlite" {
		return "sqlite:" + filepath.Join(t.TempDir(), "locum.db")
	}
	shared.once.Do(shared.start)
	if shared.why != "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(shared.why)
		}
		t.Skip(shared.why)
	}
	return shared.create(t)
}

const template = "locum_template"

// create copies the template, in which the migrations have run: that takes
// milliseconds, where migrating takes a second.
func (s *server) create(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	defer conn.Close(ctx)
	prefix := fmt.Sprintf("locum_%d", os.Getpid())
	mine := prefix + "_" + template
	if !s.first {
		s.exec(t, conn, "CREATE DATABASE "+mine)
		st, err := store.Open(ctx, store.Config{URL: s.address(mine)})
		if err != nil {
			t.Fatal(err)
		}
		st.Close()
		s.first = true
	}
	s.made++
	name := fmt.Sprintf("%s_%d", prefix, s.made)
	s.exec(t, conn, "CREATE DATABASE "+name+" TEMPLATE "+mine)
	t.Cleanup(func() {
		conn, err := pgx.Connect(ctx, s.admin)
		if err != nil {
			return // the server is gone, and the database with it
		}
		defer conn.Close(ctx)
		conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return s.address(name)
}

func (s *server) exec(t testing.TB, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), statement); err != nil {
		t.Fatalf("PostgreSQL: %s: %v", statement, err)
	}
}

func (s *server) address(database string) string {
	u, err := url.Parse(s.admin)
	if err != nil {
		return s.admin
	}
	u.Path = "/" + strings.TrimPrefix(database, "/")
	return u.String()
}
