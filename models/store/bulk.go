package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"locum/models"
)

// CreateNew makes those rows of a tenant table that are not there yet by any of
// its keys, thousands at a time, and says by their column id which it made. It is
// confined like every statement: a row that carries another tenant's company or
// organization is refused. Rows should come in one order from everybody, so that
// two that make the same ones do not wait for each other.
func CreateNew[T any](tx *Tx, rows []T) (made map[string]bool, err error) {
	made = make(map[string]bool, len(rows))
	if len(rows) == 0 {
		return made, nil
	}
	b, err := newBulk(tx, reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	values := reflect.ValueOf(rows)
	for start := 0; start < len(rows); {
		end := min(len(rows), start+b.atOnce(tx))
		if err := b.insert(tx, values.Slice(start, end), made); err != nil {
			return nil, err
		}
		start = end
	}
	return made, nil
}

// mostRows is how many rows one statement of PostgreSQL makes: their values go as
// one array a column.
const mostRows = 5000

// bulk is how rows of a type are made.
type bulk struct {
	table  string
	fields []*schema.Field
	kinds  []kind
}

// kind is how a column's values travel, and what the database makes of them.
type kind struct{ sent, column string }

func newBulk(tx *Tx, of reflect.Type) (b bulk, err error) {
	statement := gorm.Statement{DB: tx.DB}
	if err := statement.Parse(reflect.New(of).Interface()); err != nil {
		return b, fmt.Errorf("store: rows in bulk: %w", err)
	}
	parsed := statement.Schema
	b.table = parsed.Table
	held, there := tenantTables[b.table]
	w := tx.wall
	if !there || outgoingTables[b.table] || !w.system && (w.company == "" || w.account != "" || w.organization != "" && held.organization == "") {
		return b, fmt.Errorf("store: %s cannot be written in bulk from here", b.table)
	}
	for _, field := range parsed.Fields {
		if field.DBName == "" {
			continue
		}
		k, err := kindOf(field.FieldType)
		if err != nil {
			return b, fmt.Errorf("store: %s.%s in bulk: %w", b.table, field.DBName, err)
		}
		b.fields, b.kinds = append(b.fields, field), append(b.kinds, k)
	}
	return b, nil
}

func kindOf(t reflect.Type) (kind, error) {
	switch {
	case t == reflect.TypeFor[models.Instant](), t == reflect.TypeFor[*models.Instant]():
		return kind{"text", "timestamptz"}, nil
	case t.Kind() == reflect.String:
		return kind{"text", "text"}, nil
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return kind{"bigint", "bigint"}, nil
	}
	return kind{}, fmt.Errorf("no way to send a %s", t)
}

func (b bulk) atOnce(tx *Tx) int {
	if tx.store.postgres {
		return mostRows
	}
	return tx.RowsAtOnce(len(b.fields))
}

// insert makes the rows of one statement.
func (b bulk) insert(tx *Tx, rows reflect.Value, made map[string]bool) error {
	for i := range rows.Len() {
		if err := b.confined(tx, rows.Index(i)); err != nil {
			return err
		}
	}
	statement, args, err := b.statement(tx, rows)
	if err != nil {
		return err
	}
	found, err := tx.sql.QueryContext(tx.ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("store: %s in bulk: %w", b.table, err)
	}
	defer found.Close()
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return fmt.Errorf("store: %s in bulk: %w", b.table, err)
		}
		made[id] = true
	}
	return found.Err()
}

// confined refuses a row of another tenant.
func (b bulk) confined(tx *Tx, row reflect.Value) error {
	if tx.wall.system {
		return nil
	}
	held := tenantTables[b.table]
	for _, field := range b.fields {
		value := row.FieldByIndex(field.StructField.Index)
		switch {
		case field.DBName == "company_id" && value.String() != tx.wall.company,
			tx.wall.organization != "" && field.DBName == held.organization && value.String() != tx.wall.organization:
			return fmt.Errorf("store: a row of %s for another tenant", b.table)
		}
	}
	return nil
}

func (b bulk) statement(tx *Tx, rows reflect.Value) (string, []any, error) {
	var names []string
	for _, field := range b.fields {
		names = append(names, field.DBName)
	}
	head := "INSERT INTO " + b.table + " (" + strings.Join(names, ", ") + ") "
	const tail = " ON CONFLICT DO NOTHING RETURNING id"
	if tx.store.postgres {
		args, err := b.columns(rows)
		var taken, sent []string
		for i, k := range b.kinds {
			taken = append(taken, fmt.Sprintf("c%d::%s", i, k.column))
			sent = append(sent, fmt.Sprintf("$%d::%s[]", i+1, k.sent))
		}
		var called []string
		for i := range b.kinds {
			called = append(called, fmt.Sprintf("c%d", i))
		}
		return head + "SELECT " + strings.Join(taken, ", ") + " FROM unnest(" + strings.Join(sent, ", ") + ") AS rows(" + strings.Join(called, ", ") + ")" + tail, args, err
	}
	row := "(?" + strings.Repeat(", ?", len(b.fields)-1) + ")"
	args := make([]any, 0, rows.Len()*len(b.fields))
	for i := range rows.Len() {
		for _, field := range b.fields {
			args = append(args, rows.Index(i).FieldByIndex(field.StructField.Index).Interface())
		}
	}
	return head + "VALUES " + row + strings.Repeat(", "+row, rows.Len()-1) + tail, args, nil
}

// columns are the values of rows as one array a column.
func (b bulk) columns(rows reflect.Value) ([]any, error) {
	n := rows.Len()
	args := make([]any, len(b.fields))
	for i, field := range b.fields {
		at := field.StructField.Index
		switch {
		case b.kinds[i].column == "timestamptz":
			list := make([]sql.NullString, n)
			for j := range n {
				text, err := moment(rows.Index(j).FieldByIndex(at).Interface().(driver.Valuer))
				if err != nil {
					return nil, err
				}
				list[j] = text
			}
			args[i] = list
		case b.kinds[i].sent == "bigint":
			list := make([]int64, n)
			for j := range n {
				list[j] = rows.Index(j).FieldByIndex(at).Int()
			}
			args[i] = list
		default:
			list := make([]string, n)
			for j := range n {
				list[j] = rows.Index(j).FieldByIndex(at).String()
			}
			args[i] = list
		}
	}
	return args, nil
}

// moment is an instant as text, or null.
func moment(of driver.Valuer) (sql.NullString, error) {
	if held := reflect.ValueOf(of); held.Kind() == reflect.Pointer && held.IsNil() {
		return sql.NullString{}, nil
	}
	value, err := of.Value()
	text, there := value.(string)
	return sql.NullString{String: text, Valid: there}, err
}
