package models

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// instantLayout has a fixed width, so that SQLite, which compares times as
// text, orders them as PostgreSQL does.
const instantLayout = "2006-01-02T15:04:05.000000Z"

// Instant is a moment, in UTC with microseconds: the one way in which times
// reach the database. A pointer to it is a moment that may be absent.
type Instant struct{ time.Time }

// At makes an Instant of a time, in any zone.
func At(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Microsecond)} }

// AtPtr is At for a column that may be empty; the zero time gives nil.
func AtPtr(t time.Time) *Instant {
	if t.IsZero() {
		return nil
	}
	i := At(t)
	return &i
}

// Value writes the instant as text that both databases take and order alike.
func (i Instant) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.UTC().Format(instantLayout), nil
}

// Scan reads what Value wrote, from either database.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = Instant{}
	case time.Time:
		*i = At(v)
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return fmt.Errorf("models: an instant reads %q: %w", v, err)
		}
		*i = At(t)
	case []byte:
		return i.Scan(string(v))
	default:
		return fmt.Errorf("models: an instant cannot be read from %T", src)
	}
	return nil
}

// GormDataType names the column type for gorm, which never makes tables here.
func (Instant) GormDataType() string { return "timestamptz" }
