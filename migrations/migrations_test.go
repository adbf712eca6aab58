package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"locum/migrations"
	"locum/models/modelstest"
	"locum/models/store"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// TestPairs holds the two folders against each other: the same files, so the
// same numbers, without a gap.
func TestPairs(t *testing.T) {
	files := func(folder string) (names []string) {
		entries, err := fs.ReadDir(migrations.Files, folder)
		if err != nil {
			t.Fatal(err)
		}
		for i, entry := range entries {
			if number := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(entry.Name(), number) {
				t.Errorf("%s/%s should begin with %s", folder, entry.Name(), number)
			}
			names = append(names, entry.Name())
		}
		return names
	}
	postgres, sqlite := files("postgres"), files("sqlite")
	if len(postgres) == 0 {
		t.Fatal("there are no migrations")
	}
	if !slices.Equal(postgres, sqlite) {
		t.Errorf("the folders differ:\npostgres %v\nsqlite   %v", postgres, sqlite)
	}
}

// column is what both databases can say of a column.
type column struct {
	Type string // in SQLite's words
	Null bool
	Key  int // its place in the primary key, from 1; 0 when it has none
}

// schema is every table, with its columns.
type schema map[string]map[string]column

// TestSameSchema migrates both databases, and reads what came of it from their
// own catalogs.
func TestSameSchema(t *testing.T) {
	sqlite, postgres := read(t, "sqlite"), read(t, "postgres")
	if len(sqlite) < 10 {
		t.Fatalf("SQLite has only these tables: %v", slices.Collect(maps.Keys(sqlite)))
	}
	for _, difference := range differences(sqlite, postgres) {
		t.Error(difference)
	}
}

func differences(sqlite, postgres schema) (list []string) {
	for table := range merged(sqlite, postgres) {
		columns, there := sqlite[table]
		others, here := postgres[table]
		if !there || !here {
			list = append(list, fmt.Sprintf("table %s stands in one database only (SQLite %v, PostgreSQL %v)", table, there, here))
			continue
		}
		for name := range merged(columns, others) {
			if a, b := columns[name], others[name]; a != b {
				list = append(list, fmt.Sprintf("%s.%s is %+v in SQLite and %+v in PostgreSQL", table, name, a, b))
			}
		}
	}
	slices.Sort(list)
	return list
}

func merged[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// migrated is a new database that has been brought up to date.
func migrated(t *testing.T, database string) *sql.DB {
	t.Helper()
	address := modelstest.URL(t, database)
	s, err := store.Open(context.Background(), store.Config{URL: address}) // which migrates
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	driver := "sqlite"
	if database == "postgres" {
		driver = "pgx"
	}
	db, err := sql.Open(driver, strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// read migrates a new database and reads its schema.
func read(t *testing.T, database string) schema {
	t.Helper()
	query := inSQLite
	if database == "postgres" {
		query = inPostgres
	}
	rows, err := migrated(t, database).Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := schema{}
	for rows.Next() {
		var table, name string
		var c column
		if err := rows.Scan(&table, &name, &c.Type, &c.Null, &c.Key); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "sqlite_") {
			continue // the queue's, the migrations' and SQLite's own
		}
		if found[table] == nil {
			found[table] = map[string]column{}
		}
		found[table][name] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// SQLite lets a primary key of text be null, and PostgreSQL does not: that
// difference is theirs and not ours.
const inSQLite = `SELECT t.name, c.name, lower(c.type), NOT c."notnull" AND c.pk = 0, c.pk
	FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`

// An instant is text in SQLite, and so is a document.
const inPostgres = `SELECT c.table_name, c.column_name,
		CASE c.data_type WHEN 'timestamp with time zone' THEN 'text' WHEN 'jsonb' THEN 'text' WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'blob' ELSE c.data_type END,
		c.is_nullable = 'YES',
		coalesce((SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = c.column_name
			WHERE i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND i.indisprimary), -1) + 1
	FROM information_schema.columns c
	JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
	WHERE c.table_schema = 'public'`

// TestRowSecurity looks at every table that names a company and that the role
// of tenants may touch at all: row-level security holds there, for the owner
// of the table too, and that role has a policy.
func TestRowSecurity(t *testing.T) {
	rows, err := migrated(t, "postgres").Query(`SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
			EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND 'locum_tenant'::regrole = ANY (p.polroles))
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id'
		WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
			AND has_table_privilege('locum_tenant', c.oid, 'SELECT, INSERT, UPDATE, DELETE')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var table string
		var forced, policy bool
		if err := rows.Scan(&table, &forced, &policy); err != nil {
			t.Fatal(err)
		}
		if seen++; !forced || !policy {
			t.Errorf("%s: row-level security forced %v, a policy for tenants %v", table, forced, policy)
		}
	}
	if err := rows.Err(); err != nil || seen < 10 {
		t.Fatalf("%d tables of tenants were found (%v)", seen, err)
	}
}

// TestDifferences shows that a difference is seen.
func TestDifferences(t *testing.T) {
	a := schema{"one": {"id": {Type: "text", Key: 1}, "at": {Type: "text"}}, "two": {}}
	b := schema{"one": {"id": {Type: "text", Key: 1}, "at": {Type: "text", Null: true}, "more": {Type: "text"}}}
	if list := differences(a, b); len(list) != 3 {
		t.Errorf("three things differ, and these were found: %v", list)
	}
}
