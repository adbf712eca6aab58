package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models/account"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// anyRow is a row of any table of a tenant.
type anyRow struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	OrganizationID string
	AccountID      string
}

// behindTheProgramsWall runs a test for every confinement and table, with
// PostgreSQL's own wall switched off, and rolls back.
func behindTheProgramsWall(t *testing.T, test func(t *testing.T, tx *store.Tx, c confinement, table string, foreign tenant)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ours, _, foreign := tenants(t, w)
		for _, c := range confinements(ours) {
			for _, table := range store.TenantTables() {
				t.Run(c.name+"/"+table, func(t *testing.T) {
					err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
						tx.ConfineHere(c.company, c.organization, c.account)
						test(t, tx, c, table, foreign)
						return errDone
					})
					if !errors.Is(err, errDone) {
						t.Error(err)
					}
				})
			}
		}
	})
}

// count counts rows past the program's wall.
func count(t *testing.T, tx *store.Tx, table, where string) (n int) {
	t.Helper()
	if err := tx.SQL().QueryRow("SELECT count(*) FROM " + table + " WHERE " + where).Scan(&n); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

// refused fails the test unless the wall itself refused.
func refused(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "store: ") && !errors.Is(err, gorm.ErrMissingWhereClause) {
		t.Errorf("%s: the wall let it pass: %v", what, err)
	}
}

func TestTheProgramsWallShowsNoForeignRow(t *testing.T) {
	behindTheProgramsWall(t, func(t *testing.T, tx *store.Tx, c confinement, table string, foreign tenant) {
		queries := map[string]*gorm.DB{
			"all":          tx.Table(table),
			"or":           tx.Table(table).Where("1 = 2").Or("1 = 1"),
			"or in a text": tx.Table(table).Where("1 = 2 OR 1 = 1"),
			"or first":     tx.Table(table).Or("1 = 1").Or("1 = 2"),
			"not":          tx.Table(table).Not("1 = 2"),
			"grouped":      tx.Table(table).Where("1 = 1").Where(tx.Where("1 = 2").Or("1 = 1")),
		}
		for name, q := range queries {
			var rows []map[string]any
			err := q.Find(&rows).Error
			if !c.within(table) {
				refused(t, name, err)
				continue
			}
			if want := count(t, tx, table, c.holds(table)); err != nil || len(rows) != want || want == 0 {
				t.Errorf("%s: %d rows where %d are its own: %v", name, len(rows), want, err)
			}
		}
		if !c.within(table) {
			return
		}
		var n int64
		if err := tx.Table(table).Where("company_id = ?", foreign.company).Or("company_id = ?", foreign.company).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d foreign rows counted: %v", n, err)
		}
	})
}

func TestTheProgramsWallLetsNoForeignRowBeChanged(t *testing.T) {
	behindTheProgramsWall(t, func(t *testing.T, tx *store.Tx, c confinement, table string, foreign tenant) {
		column := rowOf[table].column
		changed := tx.Table(table).Where("1 = 2").Or("company_id = ?", foreign.company).Update(column, written(column))
		deleted := tx.Table(table).Where("company_id = ?", foreign.company).Delete(&anyRow{})
		if !c.writes(table) {
			refused(t, "update", changed.Error)
			refused(t, "delete", deleted.Error)
			refused(t, "update of its own", tx.Table(table).Where("1 = 1").Update(column, written(column)).Error)
			return
		}
		if changed.Error != nil || changed.RowsAffected != 0 || deleted.Error != nil || deleted.RowsAffected != 0 {
			t.Errorf("%d foreign rows changed (%v), %d deleted (%v)", changed.RowsAffected, changed.Error, deleted.RowsAffected, deleted.Error)
		}
		if foreignRows := count(t, tx, table, "company_id = '"+foreign.company+"'"); foreignRows == 0 {
			t.Error("the foreign rows are gone")
		}
		own := tx.Table(table).Where("1 = 2").Or("1 = 1").Update(column, written(column))
		if want := int64(count(t, tx, table, c.holds(table))); own.Error != nil || own.RowsAffected != want || want == 0 {
			t.Errorf("%d rows changed where %d are its own: %v", own.RowsAffected, want, own.Error)
		}
	})
}

func TestTheProgramsWallLetsNoRowBeMadeOrMovedElsewhere(t *testing.T) {
	behindTheProgramsWall(t, func(t *testing.T, tx *store.Tx, c confinement, table string, foreign tenant) {
		row := anyRow{CompanyID: foreign.company, OrganizationID: foreign.organization, ID: "new", AccountID: c.account}
		refused(t, "create", tx.Table(table).Create(&row).Error)
		refused(t, "create several", tx.Table(table).Create(&[]anyRow{{ID: "one"}, row}).Error)
		refused(t, "create from a map", tx.Table(table).Create(map[string]any{"company_id": foreign.company}).Error)
		refused(t, "upsert", tx.Table(table).Clauses(clause.OnConflict{UpdateAll: true}).Create(&anyRow{ID: "new"}).Error)
		refused(t, "upsert of columns", tx.Table(table).Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"company_id"})}).Create(&anyRow{ID: "new"}).Error)
		refused(t, "save", tx.Table(table).Save(&row).Error)
		if c.organization != "" {
			row.CompanyID = c.company
			refused(t, "create beside it", tx.Table(table).Create(&row).Error)
			if column := store.OrganizationColumn(table); column != "" {
				refused(t, "move beside it", tx.Table(table).Where("1 = 1").Update(column, foreign.organization).Error)
			}
		}
		refused(t, "move", tx.Table(table).Where("1 = 1").Update("company_id", foreign.company).Error)
		refused(t, "move by field", tx.Table(table).Model(&anyRow{}).Where("1 = 1").Updates(map[string]any{"CompanyID": foreign.company}).Error)
		refused(t, "move by an expression", tx.Table(table).Where("1 = 1").Update("company_id", gorm.Expr("'x'")).Error)
		refused(t, "move by a struct", tx.Table(table).Where("1 = 1").Updates(&anyRow{CompanyID: foreign.company}).Error)
	})
}

func TestOnlyAPersonsOwnRowsAndOnlyNamesOfOthersCanBeReached(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ours, _, _ := tenants(t, w)
		w.Token("anna")
		w.Token("karin")
		w.System(func(tx *store.Tx) error {
			for _, key := range []string{"anna", "karin"} {
				err := tx.Table("passkeys").Create(map[string]any{"id": key, "account_id": w.ID(key), "name": "Laptop", "credential_id": key, "public_key": "x", "created_at": "2026-11-16T10:00:00.000000Z"}).Error
				if err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range confinements(ours) {
			w.System(func(tx *store.Tx) error {
				tx.ConfineHere(c.company, c.organization, c.account)
				for _, table := range store.OwnTables() {
					var rows []map[string]any
					err := tx.Table(table).Find(&rows).Error
					column := store.AccountColumn(table)
					switch {
					case c.account != "":
						if err != nil || len(rows) == 0 || len(rows) != count(t, tx, table, column+" = '"+c.account+"'") {
							t.Errorf("%s: a person sees %d rows of %s: %v", c.name, len(rows), table, err)
						}
						refused(t, c.name+": change "+table, tx.Table(table).Where("1 = 1").Update("created_at", "x").Error)
						refused(t, c.name+": change by a struct", tx.Table(table).Where("1 = 1").Updates(&anyRow{ID: "x"}).Error)
					case table == "sessions" || table == "passkeys":
						refused(t, c.name+": "+table, err)
					case err != nil || len(rows) < 2:
						t.Errorf("%s: names in %s cannot be read: %v", c.name, table, err)
					}
					if c.account == "" {
						refused(t, c.name+": change "+table, tx.Table(table).Where("1 = 1").Update("created_at", "x").Error)
					}
					refused(t, c.name+": create in "+table, tx.Table(table).Create(&anyRow{ID: "new", AccountID: c.account}).Error)
				}
				if c.account != "" {
					refused(t, "become operator", tx.Table("accounts").Where("1 = 1").Update("operator", true).Error)
					renamed := tx.Table("accounts").Where("1 = 1").Updates(map[string]any{"name": "Anna"})
					if renamed.Error != nil || renamed.RowsAffected != 1 {
						t.Errorf("a person renames %d people: %v", renamed.RowsAffected, renamed.Error)
					}
				}
				for _, table := range store.RegistryTables() {
					var rows []map[string]any
					if err := tx.Table(table).Find(&rows).Error; err != nil || len(rows) == 0 {
						t.Errorf("%s: %s cannot be read: %v", c.name, table, err)
					}
					refused(t, c.name+": change "+table, tx.Table(table).Where("1 = 1").Update("name", "x").Error)
					refused(t, c.name+": delete "+table, tx.Table(table).Where("1 = 1").Delete(&anyRow{}).Error)
				}
				for _, table := range systemTables {
					refused(t, c.name+": read "+table, tx.Table(table).Find(&[]map[string]any{}).Error)
					refused(t, c.name+": change "+table, tx.Table(table).Where("1 = 1").Update("x", "x").Error)
				}
				return nil
			})
		}
	})
}

func TestTheProgramsWallRefusesWhatGormBuildsPastIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ours, _, foreign := tenants(t, w)
		w.System(func(tx *store.Tx) error {
			tx.ConfineHere(ours.company, ours.organization, "")
			var grants []tenancy.Grant
			var rows []map[string]any
			others := func() *gorm.DB { return tx.Table("grants").Select("id").Where("company_id = ?", foreign.company) }
			for what, err := range map[string]error{
				"raw":                        tx.Raw("SELECT * FROM grants").Scan(&rows).Error,
				"raw row":                    rowsOf(tx.Raw("SELECT 1")),
				"exec":                       tx.Exec("UPDATE grants SET evidence = 'x'").Error,
				"join":                       tx.Joins("JOIN accounts ON accounts.id = grants.account_id").Find(&grants).Error,
				"join in from":               tx.Clauses(clause.From{Joins: []clause.Join{{Expression: clause.Expr{SQL: "JOIN accounts ON 1 = 1"}}}}).Find(&grants).Error,
				"tables in from":             tx.Clauses(clause.From{Tables: []clause.Table{{Name: "sessions"}}}).Find(&grants).Error,
				"subquery":                   tx.Where("id IN (?)", others()).Find(&grants).Error,
				"subquery in a map":          tx.Where(map[string]any{"id": others()}).Find(&grants).Error,
				"subquery below an or":       tx.Where("1 = 2").Or(tx.Where("1 = 1").Where("id IN (?)", others())).Find(&grants).Error,
				"subquery in not":            tx.Not("id IN (?)", others()).Find(&grants).Error,
				"subquery by name":           tx.Where("id IN (@some)", map[string]any{"some": others()}).Find(&grants).Error,
				"subquery by argument":       tx.Where("id IN (@some)", sql.Named("some", others())).Find(&grants).Error,
				"subquery in a list":         tx.Where("id IN ?", []any{others()}).Find(&grants).Error,
				"subquery in a text":         tx.Where("id IN (SELECT id FROM sessions)").Find(&grants).Error,
				"subquery as a column":       tx.Model(&tenancy.Grant{}).Select("(?) AS id", others()).Find(&grants).Error,
				"column in a text":           tx.Model(&tenancy.Grant{}).Select("(SELECT token_hash FROM sessions LIMIT 1) AS id").Find(&grants).Error,
				"column of another table":    tx.Model(&tenancy.Grant{}).Select("* FROM sessions --").Find(&rows).Error,
				"subquery in order":          tx.Order("(SELECT 1 FROM sessions)").Find(&grants).Error,
				"subquery in having":         tx.Model(&tenancy.Grant{}).Select("id").Group("id").Having("id IN (?)", others()).Find(&grants).Error,
				"subquery as the table":      tx.Table("(?) AS grants", others()).Find(&rows).Error,
				"an alias":                   tx.Table("sessions AS accounts").Find(&rows).Error,
				"two tables":                 tx.Table("grants, sessions").Find(&rows).Error,
				"another schema":             tx.Table("other.grants").Find(&rows).Error,
				"subquery in a change":       tx.Model(&tenancy.Grant{}).Where("id = 'x'").Update("evidence", others()).Error,
				"text in a change":           tx.Model(&tenancy.Grant{}).Where("id = 'x'").Update("evidence", gorm.Expr("(SELECT name FROM accounts LIMIT 1)")).Error,
				"subquery in a deletion":     tx.Where("id IN (?)", others()).Delete(&tenancy.Grant{}).Error,
				"global update":              tx.Model(&tenancy.Grant{}).Update("evidence", "x").Error,
				"global delete":              tx.Delete(&tenancy.Grant{}).Error,
				"global delete all the same": tx.Session(&gorm.Session{AllowGlobalUpdate: true}).Delete(&tenancy.Grant{}).Error,
				"a session without a wall":   tx.Session(&gorm.Session{NewDB: true}).Find(&grants).Error,
				"pluck from elsewhere":       tx.Table("sessions").Pluck("token_hash", &[]string{}).Error,
				"count elsewhere":            tx.Table("sessions").Count(new(int64)).Error,
				"rows elsewhere":             rowsOf(tx.Table("sessions")),
			} {
				refused(t, what, err)
			}
			tx.ConfineHere("", "", "")
			refused(t, "an empty confinement", tx.Find(&grants).Error)
			refused(t, "an empty confinement creates", tx.Create(&tenancy.Grant{ID: "x"}).Error)
			tx.ConfineHere("", ours.organization, "")
			refused(t, "an organization without its company", tx.Find(&grants).Error)
			return nil
		})
	})
}

func rowsOf(q *gorm.DB) error {
	rows, err := q.Rows()
	if err == nil {
		rows.Close()
	}
	return err
}

func TestANewRowGetsTheTenantOfItsTransaction(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ours, _, _ := tenants(t, w)
		w.System(func(tx *store.Tx) error {
			if err := tx.Confine(ours.company, ours.organization, ""); err != nil {
				return err
			}
			made := []tenancy.Invitation{{ID: "one", Email: "a", Normal: "a", InvitedBy: "x", InvitedByName: "x"}, {ID: "two", Email: "b", Normal: "b", InvitedBy: "x", InvitedByName: "x"}}
			for i := range made {
				made[i].ExpiresAt.Time, made[i].CreatedAt.Time = w.Now(), w.Now()
			}
			if err := tx.Create(&made).Error; err != nil {
				return err
			}
			for _, row := range made {
				if row.CompanyID != ours.company || row.OrganizationID != ours.organization {
					t.Errorf("made for %s in %s", row.OrganizationID, row.CompanyID)
				}
			}
			return nil
		})
	})
}

func TestAcrossOpensTheWallAndClosesItAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		ours, _, foreign := tenants(t, w)
		w.System(func(tx *store.Tx) error {
			if err := tx.Confine(ours.company, "", ""); err != nil {
				return err
			}
			sees := func(tx *store.Tx) (n int64) {
				if err := tx.Model(&tenancy.Grant{}).Where("company_id = ?", foreign.company).Count(&n).Error; err != nil {
					t.Error(err)
				}
				return n
			}
			failed := tx.Across("a test", func(tx *store.Tx) error {
				if sees(tx) == 0 {
					t.Error("it is still closed")
				}
				return errDone
			})
			if !errors.Is(failed, errDone) || sees(tx) != 0 {
				t.Errorf("after %v the wall is open", failed)
			}
			if n := count(t, tx, "sessions", "1 = 1"); w.Database == "postgres" && n != 0 {
				t.Errorf("the database shows %d sessions", n)
			}
			return nil
		})
	})
}

func TestTheAuditTrailIsAppendOnly(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		tenants(t, w)
		w.System(func(tx *store.Tx) error {
			refused(t, "change", tx.Model(&store.Event{}).Where("1 = 1").Update("type", "x").Error)
			refused(t, "delete", tx.Where("1 = 1").Delete(&store.Event{}).Error)
			refused(t, "save", tx.Save(&store.Event{CompanyID: "x", Position: 1}).Error)
			return nil
		})
	})
}

func TestStatementsOutsideATransactionAreRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		var kept *gorm.DB
		w.System(func(tx *store.Tx) error { kept = tx.DB; return nil })
		if err := kept.Find(&[]account.Account{}).Error; err == nil {
			t.Error("a transaction that is over still reads")
		}
	})
}
