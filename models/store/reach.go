package store

import (
	"database/sql"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// reaches says whether a statement reads more than its own table, by a join, a
// subquery or an alias: gorm builds those without the callbacks, and so
// without the wall. What it does not know counts as reaching.
func reaches(st *gorm.Statement) bool {
	if len(st.Joins) > 0 || st.TableExpr != nil && (len(st.TableExpr.Vars) > 0 || st.TableExpr.SQL != st.Quote(st.Table)) {
		return true
	}
	if slices.ContainsFunc(st.Selects, queries) {
		return true
	}
	for _, c := range st.Clauses {
		if c.BeforeExpression != nil || c.AfterNameExpression != nil || c.AfterExpression != nil || clauseReaches(c.Expression) {
			return true
		}
	}
	if changes, ok := changesOf(st); ok {
		for _, value := range changes {
			if valueReaches(value) {
				return true
			}
		}
	}
	return false
}

func clauseReaches(c clause.Expression) bool {
	switch c := c.(type) {
	case nil, clause.Limit, clause.Locking, clause.Returning:
		return false
	case clause.Where:
		return slices.ContainsFunc(c.Exprs, expressionReaches)
	case clause.Select:
		return slices.ContainsFunc(c.Columns, columnReaches) || c.Expression != nil && expressionReaches(c.Expression)
	case clause.GroupBy:
		return slices.ContainsFunc(c.Columns, columnReaches) || slices.ContainsFunc(c.Having, expressionReaches)
	case clause.OrderBy:
		return slices.ContainsFunc(c.Columns, func(o clause.OrderByColumn) bool { return columnReaches(o.Column) }) ||
			c.Expression != nil && expressionReaches(c.Expression)
	}
	return expressionReaches(c)
}

func expressionReaches(e clause.Expression) bool {
	switch e := e.(type) {
	case clause.Expr:
		return queries(e.SQL) || slices.ContainsFunc(e.Vars, valueReaches)
	case clause.NamedExpr:
		return queries(e.SQL) || slices.ContainsFunc(e.Vars, valueReaches)
	case clause.IN:
		return slices.ContainsFunc(e.Values, valueReaches)
	case clause.Eq:
		return valueReaches(e.Value)
	case clause.Neq:
		return valueReaches(e.Value)
	case clause.Gt:
		return valueReaches(e.Value)
	case clause.Gte:
		return valueReaches(e.Value)
	case clause.Lt:
		return valueReaches(e.Value)
	case clause.Lte:
		return valueReaches(e.Value)
	case clause.AndConditions:
		return slices.ContainsFunc(e.Exprs, expressionReaches)
	case clause.OrConditions:
		return slices.ContainsFunc(e.Exprs, expressionReaches)
	case clause.NotConditions:
		return slices.ContainsFunc(e.Exprs, expressionReaches)
	}
	return true
}

func valueReaches(v any) bool {
	switch v := v.(type) {
	case *gorm.DB, gorm.DB:
		return true
	case clause.Expression:
		return expressionReaches(v)
	case sql.NamedArg:
		return valueReaches(v.Value)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), valueReaches)
	case []any:
		return slices.ContainsFunc(v, valueReaches)
	}
	return false
}

func columnReaches(c clause.Column) bool { return c.Raw && queries(c.Name) }

// queryWords are what a text needs to reach another table, or to hide that it
// does.
var queryWords = regexp.MustCompile(`(?i)\b(select|from|join|union|table|with)\b|--|/\*|;`)

func queries(text string) bool { return queryWords.MatchString(text) }

// changesOf gives the values of an update that is written as a map.
func changesOf(st *gorm.Statement) (map[string]any, bool) {
	switch changes := st.Dest.(type) {
	case map[string]any:
		return changes, true
	case *map[string]any:
		return *changes, true
	}
	return nil, false
}

// stay refuses an update that would carry a row out of its tenant.
func stay(db *gorm.DB, w wall) {
	held := tenantTables[db.Statement.Table]
	wanted := map[string]string{}
	if w.company != "" {
		wanted["company_id"] = w.company
	}
	if w.organization != "" && held.organization != "" {
		wanted[held.organization] = w.organization
	}
	for column, value := range wanted {
		if moves(db.Statement, column, value) {
			db.AddError(fmt.Errorf("store: a row of %s for another tenant", db.Statement.Table))
		}
	}
}

// moves says whether an update sets a column to anything but a value; one that
// cannot be read counts as such. A deletion holds its row's own values.
func moves(st *gorm.Statement, column, value string) bool {
	if changes, ok := changesOf(st); ok {
		for name, v := range changes {
			if st.Schema != nil {
				if field := st.Schema.LookUpField(name); field != nil {
					name = field.DBName
				}
			}
			if strings.EqualFold(name, column) && v != value {
				return true
			}
		}
		return false
	}
	row := reflect.Indirect(reflect.ValueOf(st.Dest))
	if st.Schema == nil || row.Kind() != reflect.Struct || row.Type() != st.Schema.ModelType {
		return true
	}
	field := st.Schema.LookUpField(column)
	if field == nil {
		return false
	}
	v, zero := field.ValueOf(st.Context, row)
	return v != value && (!zero || len(st.Selects) > 0)
}
