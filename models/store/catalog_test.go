package store_test

import (
	"slices"
	"strings"
	"testing"

	"locum/models/modelstest"
	"locum/models/store"
)

// systemTables are reached by system operations alone. A table that is in none
// of the lists fails the test below: decide whose it is.
var systemTables = []string{"access_tokens", "assertions", "authorization_requests", "authorizations", "client_assertions", "client_hosts", "client_logouts", "client_secrets", "client_tokens", "clients", "event_positions", "forward_codes", "forward_passes", "master_keys", "passkey_ceremonies", "places", "provider_sessions", "rate_counters", "refresh_tokens", "setup_tokens", "sign_in_codes", "sign_in_states", "sign_out_states", "signing_keys"}

// libraryTables are those of the migrations and the queue.
var libraryTables = []string{"goose_db_version", "river_client", "river_client_queue", "river_job", "river_leader", "river_migration", "river_queue", "river_notification"}

const (
	postgresTables = `SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace`
	sqliteTables = `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%'`
)

// schemaOf reads the columns of every table, past every wall.
func schemaOf(t *testing.T, w *modelstest.World) map[string][]string {
	t.Helper()
	query := sqliteTables
	if w.Database == "postgres" {
		query = postgresTables
	}
	rows, err := w.Store.SQL().Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], column)
	}
	for _, columns := range tables {
		slices.Sort(columns)
	}
	return tables
}

func TestEveryTableIsBehindAWallOrKnownToBeTheSystems(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		known := slices.Concat(store.TenantTables(), store.OwnTables(), store.RegistryTables(), systemTables)
		tables := schemaOf(t, w)
		for table, columns := range tables {
			if slices.Contains(libraryTables, table) {
				continue
			}
			if !slices.Contains(known, table) {
				t.Errorf("%s is in none of the lists: nobody thought about who may see it", table)
			}
			isTenants := slices.Contains(store.TenantTables(), table)
			if carries := slices.Contains(columns, "company_id"); isTenants && !carries {
				t.Errorf("%s belongs to tenants and has no company_id", table)
			}
			if column := store.OrganizationColumn(table); isTenants && column == "" && slices.Contains(columns, "organization_id") && table != "connectors" {
				t.Errorf("%s has organizations, and is not confined to one", table)
			}
		}
		for _, table := range known {
			if tables[table] == nil {
				t.Errorf("%s is in a list and not in the database", table)
			}
		}
	})
}

func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	lite, postgres := schemaOf(t, modelstest.New(t, "sqlite")), schemaOf(t, modelstest.New(t, "postgres"))
	for _, pair := range []struct{ a, b map[string][]string }{{lite, postgres}, {postgres, lite}} {
		for table, columns := range pair.a {
			if !slices.Contains(libraryTables, table) && !slices.Equal(columns, pair.b[table]) {
				t.Errorf("%s: %v and %v", table, columns, pair.b[table])
			}
		}
	}
}

func TestRowSecurityStandsOnEveryTable(t *testing.T) {
	w := modelstest.New(t, "postgres")
	for table := range schemaOf(t, w) {
		if slices.Contains(libraryTables, table) {
			continue
		}
		var enabled, forced bool
		var owner string
		err := w.Store.SQL().QueryRow(`SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class WHERE oid = $1::regclass`, table).Scan(&enabled, &forced, &owner)
		if err != nil {
			t.Fatal(err)
		}
		can := func(right string) (yes bool) {
			if err := w.Store.SQL().QueryRow(`SELECT has_table_privilege('locum_tenant', $1::regclass, $2)`, table, right).Scan(&yes); err != nil {
				t.Fatal(err)
			}
			return yes
		}
		confined := slices.Contains(store.TenantTables(), table) || slices.Contains(store.OwnTables(), table)
		switch {
		case confined && (!enabled || !forced):
			t.Errorf("%s: row security is enabled %t, forced %t", table, enabled, forced)
		case slices.Contains(systemTables, table) && can("SELECT"):
			t.Errorf("%s can be read by tenants", table)
		case (!confined || store.Outgoing(table)) && (can("INSERT") || can("UPDATE") || can("DELETE") || can("TRUNCATE")):
			t.Errorf("%s can be written by tenants", table)
		}
		if strings.HasPrefix(owner, "locum_") {
			t.Errorf("%s belongs to %s, for whom no policy need hold", table, owner)
		}
	}
	for _, role := range []string{"locum_tenant", "locum_system"} {
		var passes bool
		if err := w.Store.SQL().QueryRow(`SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = $1`, role).Scan(&passes); err != nil || passes {
			t.Errorf("%s passes row security or can log in: %v", role, err)
		}
	}
	var may bool
	if err := w.Store.SQL().QueryRow(`SELECT has_table_privilege('locum_system', 'events', 'UPDATE') OR has_table_privilege('locum_system', 'events', 'DELETE')`).Scan(&may); err != nil || may {
		t.Errorf("the audit trail can be rewritten: %v", err)
	}
}

// A reference between tables of tenants carries company_id, so that it cannot
// cross; and company_id comes first in every primary key.
func TestNoReferenceCanCrossTenants(t *testing.T) {
	w := modelstest.New(t, "postgres")
	rows, err := w.Store.SQL().Query(`SELECT conname, contype::text, conrelid::regclass::text, CASE WHEN contype = 'f' THEN confrelid::regclass::text ELSE '' END,
		(SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) FROM pg_constraint WHERE contype IN ('p', 'f') AND connamespace = 'public'::regnamespace`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	checked := 0
	for rows.Next() {
		var name, kind, table, to, first string
		if err := rows.Scan(&name, &kind, &table, &to, &first); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(store.TenantTables(), table) || kind == "f" && !slices.Contains(store.TenantTables(), to) {
			continue
		}
		checked++
		if first != "company_id" {
			t.Errorf("%s of %s begins with %s", name, table, first)
		}
	}
	if checked < len(store.TenantTables()) {
		t.Errorf("only %d keys were found", checked)
	}
}
