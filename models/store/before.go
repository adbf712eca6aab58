package store

import (
	"fmt"
	"reflect"

	"gorm.io/gorm"
)

// Previous is where, in the data of an event that tells of a change, the older values
// stand, by name: of what changed alone.
const Previous = "previous_attributes"

// Changed is the data of an event about changes, by column, of a row that was read
// before they were made: the changes, and as Previous what they take the place of.
func (tx *Tx) Changed(row any, changes map[string]any) (map[string]any, error) {
	st := &gorm.Statement{DB: tx.DB}
	if err := st.Parse(row); err != nil {
		return nil, fmt.Errorf("store: what changes: %w", err)
	}
	data, before := map[string]any{}, map[string]any{}
	for column, now := range changes {
		field := st.Schema.LookUpField(column)
		if field == nil {
			return nil, fmt.Errorf("store: %s has no column %s", st.Schema.Table, column)
		}
		data[column] = now
		if was, _ := field.ValueOf(tx.ctx, reflect.Indirect(reflect.ValueOf(row))); fmt.Sprint(was) != fmt.Sprint(now) {
			before[column] = was
		}
	}
	if len(before) > 0 {
		data[Previous] = before
	}
	return data, nil
}
