package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"

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
// one array a column, or as one value where every row has the same.
const mostRows = 5000

// bulk is how rows of a type are made.
type bulk struct {
	table  string
	fields []*schema.Field
	kinds  []string // the type of each column in PostgreSQL
}

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

func kindOf(t reflect.Type) (string, error) {
	switch {
	case t == reflect.TypeFor[models.Instant](), t == reflect.TypeFor[*models.Instant]():
		return "timestamptz", nil
	case t.Kind() == reflect.String:
		return "text", nil
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return "bigint", nil
	}
	return "", fmt.Errorf("no way to send a %s", t)
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
	statement, args := b.statement(tx, rows)
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

func (b bulk) statement(tx *Tx, rows reflect.Value) (string, []any) {
	var names []string
	for _, field := range b.fields {
		names = append(names, field.DBName)
	}
	head := "INSERT INTO " + b.table + " (" + strings.Join(names, ", ") + ") "
	const tail = " ON CONFLICT DO NOTHING RETURNING id"
	if tx.store.postgres {
		from, args := b.columns(rows)
		return head + from + tail, args
	}
	row := "(?" + strings.Repeat(", ?", len(b.fields)-1) + ")"
	args := make([]any, 0, rows.Len()*len(b.fields))
	for i := range rows.Len() {
		for _, field := range b.fields {
			args = append(args, rows.Index(i).FieldByIndex(field.StructField.Index).Interface())
		}
	}
	return head + "VALUES " + row + strings.Repeat(", "+row, rows.Len()-1) + tail, args
}

// columns select the rows for PostgreSQL: from one array a column, side by side, but
// for the columns in which every row has the same. Ids always go as an array, so that
// there are as many rows as there should be.
func (b bulk) columns(rows reflect.Value) (string, []any) {
	var taken, sent, called []string
	args := make([]any, len(b.fields))
	for i, field := range b.fields {
		list, first, alike := b.column(rows, i)
		if alike && field.DBName != "id" {
			taken, args[i] = append(taken, fmt.Sprintf("$%d::%s", i+1, b.kinds[i])), first
			continue
		}
		name := fmt.Sprintf("c%d", i)
		taken, called, args[i] = append(taken, name), append(called, name), list
		sent = append(sent, fmt.Sprintf("$%d::%s[]", i+1, b.kinds[i]))
	}
	return "SELECT " + strings.Join(taken, ", ") + " FROM unnest(" + strings.Join(sent, ", ") + ") AS rows(" + strings.Join(called, ", ") + ")", args
}

// column gives the values of a column, the first of them, and whether all are like it.
func (b bulk) column(rows reflect.Value, i int) (list, first any, alike bool) {
	at := b.fields[i].StructField.Index
	switch b.kinds[i] {
	case "timestamptz":
		return listed(rows, func(row reflect.Value) *time.Time { return moment(row.FieldByIndex(at)) },
			func(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) })
	case "bigint":
		return listed(rows, func(row reflect.Value) int64 { return row.FieldByIndex(at).Int() }, func(a, b int64) bool { return a == b })
	default:
		return listed(rows, func(row reflect.Value) string { return row.FieldByIndex(at).String() }, func(a, b string) bool { return a == b })
	}
}

func listed[T any](rows reflect.Value, of func(row reflect.Value) T, same func(a, b T) bool) (list, first any, alike bool) {
	all, alike := make([]T, rows.Len()), true
	for i := range all {
		all[i] = of(rows.Index(i))
		alike = alike && same(all[i], all[0])
	}
	return all, all[0], alike
}

// moment is the instant in a field; nil where it has none.
func moment(field reflect.Value) *time.Time {
	if field.Kind() != reflect.Pointer {
		field = field.Addr()
	}
	held := field.Interface().(*models.Instant)
	if held == nil || held.IsZero() {
		return nil
	}
	at := models.At(held.Time).Time
	return &at
}
