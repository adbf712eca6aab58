package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
)

// behindPostgres runs a test with the program's wall switched off: database/sql
// in the role and with the settings that a transaction of the store has.
func behindPostgres(t *testing.T, db *sql.DB, c confinement, test func(tx *sql.Tx)) {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	_, err = tx.Exec("SET LOCAL ROLE locum_tenant")
	if err == nil && c.name != "" {
		_, err = tx.Exec(`SELECT set_config('locum.company', $1, true), set_config('locum.organization', $2, true), set_config('locum.account', $3, true)`,
			c.company, c.organization, c.account)
	}
	if err != nil {
		t.Fatal(err)
	}
	test(tx)
}

// try runs a statement on its own, and gives the rows it touched and the
// SQLSTATE of its error.
func try(t *testing.T, tx *sql.Tx, statement string) (touched int64, state string) {
	t.Helper()
	if _, err := tx.Exec("SAVEPOINT try"); err != nil {
		t.Fatal(err)
	}
	result, err := tx.Exec(statement)
	if err == nil {
		touched, _ = result.RowsAffected()
	} else {
		var failed *pgconn.PgError
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		state = failed.Code
	}
	if _, err := tx.Exec("ROLLBACK TO SAVEPOINT try"); err != nil {
		t.Fatal(err)
	}
	return touched, state
}

// forbidden is the SQLSTATE of a right that is missing, and of a row that the
// policy does not allow.
const forbidden = "42501"

func rows(t *testing.T, tx *sql.Tx, table, where string) (n int) {
	t.Helper()
	if err := tx.QueryRow("SELECT count(*) FROM " + table + " WHERE " + where).Scan(&n); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

func TestPostgresShowsNoForeignRow(t *testing.T) {
	w := modelstest.New(t, "postgres")
	ours, _, foreign := tenants(t, w)
	for _, c := range confinements(ours) {
		for _, table := range store.TenantTables() {
			behindPostgres(t, w.Store.SQL(), c, func(tx *sql.Tx) {
				all, foreigners := rows(t, tx, table, "1 = 1"), rows(t, tx, table, fmt.Sprintf("company_id = '%s'", foreign.company))
				if foreigners != 0 {
					t.Errorf("%s: %d foreign rows of %s", c.name, foreigners, table)
				}
				switch {
				case !c.within(table) && all != 0:
					t.Errorf("%s: %d rows of %s, which cannot be reached from there", c.name, all, table)
				case c.within(table) && (all == 0 || all != rows(t, tx, table, c.holds(table))):
					t.Errorf("%s: %d rows of %s, not all its own", c.name, all, table)
				}
			})
		}
	}
}

func TestPostgresLetsNoForeignRowBeWritten(t *testing.T) {
	w := modelstest.New(t, "postgres")
	ours, sibling, foreign := tenants(t, w)
	for _, c := range confinements(ours) {
		for _, table := range store.TenantTables() {
			behindPostgres(t, w.Store.SQL(), c, func(tx *sql.Tx) {
				changes := map[string]string{
					"update": fmt.Sprintf("UPDATE %s SET %s = '%s' WHERE company_id = '%s'", table, rowOf[table].column, written(rowOf[table].column), foreign.company),
					"delete": fmt.Sprintf("DELETE FROM %s WHERE company_id = '%s'", table, foreign.company),
				}
				if !c.writes(table) {
					changes["update of anything"] = fmt.Sprintf("UPDATE %s SET %s = '%s'", table, rowOf[table].column, written(rowOf[table].column))
					changes["delete of anything"] = fmt.Sprintf("DELETE FROM %s", table)
				}
				for what, statement := range changes {
					if touched, state := try(t, tx, statement); touched != 0 || state != "" && state != forbidden {
						t.Errorf("%s: %s: %d foreign rows of %s (%s)", c.name, what, touched, table, state)
					}
				}
				elsewhere := map[string]tenant{"of another company": foreign}
				if c.organization != "" {
					elsewhere["beside it"] = sibling
				}
				if c.account != "" { // not even with his own name on it
					foreign.account = c.account
					elsewhere["of another company"] = foreign
				}
				for what, of := range elsewhere {
					if _, state := try(t, tx, insert(table, of, "new")); state != forbidden {
						t.Errorf("%s: a row of %s %s was made (%q)", c.name, table, what, state)
					}
				}
				if c.writes(table) {
					if _, state := try(t, tx, fmt.Sprintf("UPDATE %s SET company_id = '%s'", table, foreign.company)); state != forbidden {
						t.Errorf("%s: rows of %s were moved (%q)", c.name, table, state)
					}
				}
			})
		}
	}
}

func TestPostgresShowsNothingWithoutSettings(t *testing.T) {
	w := modelstest.New(t, "postgres")
	tenants(t, w)
	w.Token("anna")
	behindPostgres(t, w.Store.SQL(), confinement{}, func(tx *sql.Tx) {
		for _, table := range append(store.TenantTables(), "sessions") {
			if n := rows(t, tx, table, "1 = 1"); n != 0 {
				t.Errorf("%d rows of %s", n, table)
			}
		}
	})
}

func TestPostgresKeepsSessionsToTheirPerson(t *testing.T) {
	w := modelstest.New(t, "postgres")
	ours, _, foreign := tenants(t, w)
	w.Token("anna")
	w.Token("karin")
	for _, c := range confinements(ours) {
		behindPostgres(t, w.Store.SQL(), c, func(tx *sql.Tx) {
			want := 0
			if c.account != "" {
				want = 1
			}
			if n := rows(t, tx, "sessions", "1 = 1"); n != want {
				t.Errorf("%s: %d sessions", c.name, n)
			}
			for _, table := range store.OwnTables() {
				statement := fmt.Sprintf("UPDATE %s SET created_at = now() WHERE %s = '%s'", table, store.AccountColumn(table), foreign.account)
				if touched, state := try(t, tx, statement); touched != 0 || state != noPrivilege {
					t.Errorf("%s: %d rows of another in %s (%s)", c.name, touched, table, state)
				}
			}
			// Names may be changed, one's own alone; never who is an operator.
			if touched, state := try(t, tx, fmt.Sprintf("UPDATE accounts SET name = 'x' WHERE id = '%s'", foreign.account)); touched != 0 || state != "" {
				t.Errorf("%s: %d names of another (%s)", c.name, touched, state)
			}
			if _, state := try(t, tx, "UPDATE accounts SET operator = true"); state != noPrivilege {
				t.Errorf("%s: made an operator (%s)", c.name, state)
			}
		})
	}
}

// noPrivilege is PostgreSQL's code for a missing right (appendix A of its
// manual).
const noPrivilege = "42501"

func TestSettingsDoNotLeakToTheNextTransaction(t *testing.T) {
	w := modelstest.New(t, "postgres")
	ours, _, _ := tenants(t, w)
	db, err := sql.Open("pgx", w.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each transaction has the connection of the one before
	seen := func(c confinement) (n int) {
		behindPostgres(t, db, c, func(tx *sql.Tx) {
			n = rows(t, tx, "grants", "1 = 1")
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		})
		return n
	}
	for _, c := range confinements(ours) {
		if seen(c) == 0 {
			t.Fatalf("%s: nothing is seen", c.name)
		}
		if n := seen(confinement{}); n != 0 {
			t.Errorf("after %s: %d rows", c.name, n)
		}
		var role, company string
		if err := db.QueryRow(`SELECT current_user, current_setting('locum.company', true)`).Scan(&role, &company); err != nil || role == "locum_tenant" || company != "" {
			t.Errorf("after %s: role %s, company %s: %v", c.name, role, company, err)
		}
	}
}

// Reads and writes of the store put both walls up: what gorm does not see
// PostgreSQL does not show.
func TestReadsAndWritesStandBehindBothWalls(t *testing.T) {
	w := modelstest.New(t, "postgres")
	tenants(t, w)
	marieke := w.Actor("marieke")
	for need, confined := range map[models.Permission]confinement{
		models.ViewMembers: {"organization", w.Production.Company, w.Production.Organization, ""},
		models.ViewCompany: {"company", w.Production.Company, "", ""},
		models.OwnAccount:  {"account", "", "", marieke.Account},
	} {
		for name, run := range map[string]func(func(*store.Tx) error) error{
			"read":  func(do func(*store.Tx) error) error { return w.Store.Read(w.Ctx, marieke, need, do) },
			"write": func(do func(*store.Tx) error) error { return w.Store.Write(w.Ctx, marieke, need, do) },
		} {
			err := run(func(tx *store.Tx) error {
				tx.NothingToRecord()
				for _, table := range store.TenantTables() {
					want := 0
					if confined.within(table) {
						want = rows(t, tx.SQL(), table, confined.holds(table))
					}
					if n := rows(t, tx.SQL(), table, "1 = 1"); n != want {
						t.Errorf("%s %s: %d rows of %s, %d its own", name, need, n, table, want)
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s %s: %v", name, need, err)
			}
		}
	}
}
