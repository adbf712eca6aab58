package store

import (
	"fmt"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// wall is what a transaction is confined to: a company, an organization in it,
// an account's own rows, or (system) nothing.
type wall struct {
	system       bool
	name         string // of the system operation
	company      string
	organization string
	account      string
}

const wallKey = "locum:wall"

// columns says by which columns a table is confined; empty where it has none.
type columns struct {
	organization string
	account      string
}

// tenantTables carry company_id. In an organization, one without an
// organization column cannot be reached at all.
var tenantTables = map[string]columns{
	"organizations":             {organization: "id"},
	"organization_applications": {organization: "organization_id"},
	"domains":                   {},
	"grants":                    {organization: "organization_id", account: "account_id"},
	"member_invitations":        {organization: "organization_id", account: "account_id"},
	"delegations":               {organization: "organization_id", account: "account_id"},
	"delegation_roles":          {organization: "organization_id"},
	"delegation_proposals":      {organization: "organization_id"},
	"visits":                    {organization: "organization_id", account: "account_id"},
	"watches":                   {organization: "organization_id", account: "account_id"},
	"notices":                   {organization: "organization_id", account: "account_id"},
	"request_links":             {organization: "organization_id"},
	"delegation_requests":       {organization: "organization_id", account: "account_id"},
	"firm_delegations":          {organization: "organization_id"},
	"firm_delegation_roles":     {organization: "organization_id"},
	"firm_vetoes":               {organization: "organization_id"},
	"connections":               {},
	"connection_keys":           {},
	"identities":                {account: "account_id"},
	"profiles":                  {account: "account_id"},
	"connectors":                {},
	"connector_versions":        {},
	"runs":                      {},
	"run_failures":              {},
	"taken_grants":              {},
	"mandates":                  {},
	"mandate_sessions":          {},
	"blocked_people":            {},
	"events":                    {organization: "organization_id"},
	"mails":                     {organization: "organization_id"},
	"break_glass_managers":      {},
	"break_glass_sessions":      {},
	"seats":                     {account: "account_id"},
	"directories":               {},
	"directory_tokens":          {},
	"directory_users":           {},
	"directory_groups":          {},
	"directory_members":         {},
	"directory_requests":        {},
	"webhook_endpoints":         {organization: "organization_id"},
	"webhook_secrets":           {organization: "organization_id"},
	"webhook_cursors":           {},
	"webhook_deliveries":        {organization: "organization_id"},
	"webhook_attempts":          {organization: "organization_id"},
	"api_tokens":                {organization: "organization_id"},
	"api_requests":              {},
	"account_tokens":            {organization: "organization_id", account: "account_id"},
	"data_keys":                 {organization: "organization_id"},
	"secrets":                   {organization: "organization_id"},
	"secret_versions":           {organization: "organization_id"},
	"usage_records":             {organization: "organization_id"},
	"usage_meters":              {},
	"usage_prices":              {},
}

// ownTables belong to a person: everyone confined to an account reaches only
// his own rows, and changes no more of them than is his to change. Other
// tenants' operations may read names, never sessions.
var ownTables = map[string]struct {
	account string
	open    bool     // may be read from inside a tenant
	changes []string // columns that a person may change himself
}{
	"accounts":  {"id", true, []string{"name", "language", "time_zone", "resumes"}},
	"addresses": {"account_id", true, nil},
	"sessions":  {"account_id", false, nil},
	"passkeys":  {"account_id", false, []string{"name"}},
}

// registryTables are read by everyone and written by system operations.
var registryTables = map[string]bool{"companies": true, "applications": true, "roles": true, "role_families": true}

// outgoingTables are read by their tenants and written by this package and by
// system operations: what happened, and what people are told of it.
var outgoingTables = map[string]bool{"events": true, "mails": true}

// confine puts up the wall: in the program for gorm's callbacks, and in
// PostgreSQL for row-level security.
func (tx *Tx) confine(w wall) error {
	tx.wall = w
	if !tx.store.postgres {
		return nil
	}
	role := "locum_tenant"
	if w.system {
		role = "locum_system"
	}
	// SET LOCAL ROLE and the ids in one statement: each is a way to the server and back.
	const settings = `SELECT set_config('role', $1, true), set_config('locum.company', $2, true), set_config('locum.organization', $3, true), set_config('locum.account', $4, true)`
	if _, err := tx.sql.ExecContext(tx.ctx, settings, role, w.company, w.organization, w.account); err != nil {
		return fmt.Errorf("store: row security: %w", err)
	}
	return nil
}

// raiseWall hangs the confinement into gorm, before every kind of statement.
func raiseWall(db *gorm.DB) error {
	c := db.Callback()
	for _, err := range []error{
		c.Query().Before("gorm:query").Register("locum:wall", read),
		c.Row().Before("gorm:row").Register("locum:wall", read),
		c.Raw().Before("gorm:raw").Register("locum:wall", raw),
		c.Create().Before("gorm:before_create").Register("locum:wall", create),
		c.Update().Before("gorm:before_update").Register("locum:wall", change),
		c.Delete().Before("gorm:before_delete").Register("locum:wall", change),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func wallOf(db *gorm.DB) (wall, bool) {
	held, found := db.Get(wallKey)
	if !found {
		db.AddError(fmt.Errorf("store: a statement outside a transaction"))
		return wall{}, false
	}
	return *held.(*wall), true
}

func raw(db *gorm.DB) { db.AddError(fmt.Errorf("store: raw SQL outside models/store")) }

func read(db *gorm.DB) {
	if w, ok := wallOf(db); ok {
		limit(db, w, false)
	}
}

func change(db *gorm.DB) {
	w, ok := wallOf(db)
	if !ok {
		return
	}
	if db.Statement.Table == (Event{}).TableName() {
		db.AddError(fmt.Errorf("store: the audit trail is append-only"))
		return
	}
	if _, where := db.Statement.Clauses["WHERE"]; !where && !keyed(db) {
		db.AddError(gorm.ErrMissingWhereClause)
		return
	}
	if own, there := ownTables[db.Statement.Table]; there && !w.system && !onlyColumns(db.Statement.Dest, own.changes) {
		db.AddError(fmt.Errorf("store: a change of %s that is not the person's own to make", db.Statement.Table))
		return
	}
	limit(db, w, true)
	if db.Error == nil && !w.system {
		stay(db, w)
	}
}

// onlyColumns says whether an update names its columns, and only these.
func onlyColumns(values any, allowed []string) bool {
	named, ok := values.(map[string]any)
	for column := range named {
		ok = ok && slices.Contains(allowed, column)
	}
	return ok
}

// limit adds the wall to a statement on existing rows, or refuses it.
func limit(db *gorm.DB, w wall, writing bool) {
	if db.Statement.SQL.Len() > 0 {
		raw(db)
		return
	}
	if w.system {
		return
	}
	if reaches(db.Statement) {
		db.AddError(fmt.Errorf("store: a join or subquery in a confined statement on %s", db.Statement.Table))
		return
	}
	conditions, err := w.conditions(db.Statement.Table, writing)
	if err != nil {
		db.AddError(err)
		return
	}
	if len(conditions) > 0 {
		// Two wheres: what the caller said stays in brackets, whatever ORs it holds.
		if c, there := db.Statement.Clauses["WHERE"]; there {
			if where, ok := c.Expression.(clause.Where); ok && len(where.Exprs) > 0 {
				c.Expression = clause.Where{Exprs: []clause.Expression{clause.And(where.Exprs...)}}
				db.Statement.Clauses["WHERE"] = c
			}
		}
		db.Statement.AddClause(clause.Where{Exprs: conditions})
	}
}

// conditions are what a confined statement on a table must hold.
func (w wall) conditions(table string, writing bool) ([]clause.Expression, error) {
	equal := func(column, value string) clause.Expression {
		return clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: column}, Value: value}
	}
	refused := fmt.Errorf("store: %s cannot be reached from here", table)
	if registryTables[table] && !writing {
		return nil, nil
	}
	if own, there := ownTables[table]; there {
		switch {
		case writing && (w.account == "" || len(own.changes) == 0):
			return nil, refused
		case w.account != "":
			return []clause.Expression{equal(own.account, w.account)}, nil
		case own.open && !writing:
			return nil, nil
		}
		return nil, refused
	}
	held, there := tenantTables[table]
	switch {
	case !there, writing && (w.account != "" || outgoingTables[table]):
		return nil, refused // what others gave a person is not his to change
	case w.account != "" && held.account != "":
		return []clause.Expression{equal(held.account, w.account)}, nil
	case w.account != "" || w.company == "":
		return nil, refused
	case w.organization == "":
		return []clause.Expression{equal("company_id", w.company)}, nil
	case held.organization == "":
		return nil, refused
	}
	return []clause.Expression{equal("company_id", w.company), equal(held.organization, w.organization)}, nil
}

// create fills in the wall's columns of new rows, and refuses rows that carry
// another tenant's, and upserts that could adopt a stranger's row.
func create(db *gorm.DB) {
	w, ok := wallOf(db)
	if !ok || w.system {
		return
	}
	if c, there := db.Statement.Clauses["ON CONFLICT"]; there {
		if on, ok := c.Expression.(clause.OnConflict); ok && !on.DoNothing {
			db.AddError(fmt.Errorf("store: an upsert that changes rows of %s", db.Statement.Table))
			return
		}
	}
	table := db.Statement.Table
	held, there := tenantTables[table]
	if !there || w.company == "" || w.account != "" || outgoingTables[table] || db.Statement.Schema == nil ||
		w.organization != "" && (held.organization == "" || held.organization == "id") {
		db.AddError(fmt.Errorf("store: %s cannot be written from here", table))
		return
	}
	own(db, "company_id", w.company)
	if w.organization != "" {
		own(db, held.organization, w.organization)
	}
}

// own sets a column of each new row, unless it holds another value already.
func own(db *gorm.DB, column, value string) {
	field := db.Statement.Schema.LookUpField(column)
	if field == nil {
		db.AddError(fmt.Errorf("store: %s has no field for %s", db.Statement.Table, column))
		return
	}
	rows := db.Statement.ReflectValue
	if rows.Kind() != reflect.Slice && rows.Kind() != reflect.Array {
		ownRow(db, field, rows, value)
		return
	}
	for i := range rows.Len() {
		ownRow(db, field, reflect.Indirect(rows.Index(i)), value)
	}
}

func ownRow(db *gorm.DB, field *schema.Field, row reflect.Value, value string) {
	if row.Kind() != reflect.Struct {
		db.AddError(fmt.Errorf("store: a row of %s that is no struct", db.Statement.Table))
		return
	}
	held, zero := field.ValueOf(db.Statement.Context, row)
	if zero {
		db.AddError(field.Set(db.Statement.Context, row, value))
	} else if held != value {
		db.AddError(fmt.Errorf("store: a row of %s for another tenant", db.Statement.Table))
	}
}

// keyed says whether the model of an update or delete names its row by id.
func keyed(db *gorm.DB) bool {
	if db.Statement.Schema == nil || !db.Statement.ReflectValue.IsValid() || db.Statement.ReflectValue.Kind() != reflect.Struct {
		return false
	}
	for _, field := range db.Statement.Schema.PrimaryFields {
		if field.DBName == "company_id" {
			continue
		}
		if _, zero := field.ValueOf(db.Statement.Context, db.Statement.ReflectValue); zero {
			return false
		}
	}
	return true
}
