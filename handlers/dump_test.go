package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"locum/models/store"
)

// passing are columns and tables that say when something was used or what waits
// for a sign-in, and not what anybody did; and the keys that are made at first use.
var passing = map[string]bool{"last_seen_at": true, "last_used_at": true, "rate_counters": true, "event_positions": true, "sign_in_states": true,
	"authorization_requests": true, "signing_keys": true}

// dump is every row of the database as a line of text. What a refusal leaves
// behind is left out: it is counted.
func (h *hub) dump() (lines []string) {
	h.T.Helper()
	h.System(func(tx *store.Tx) error {
		var tables []string
		list := tx.Table("information_schema.tables").Where("table_schema = ? AND table_type = ?", "public", "BASE TABLE").Select("table_name")
		if h.Database == "sqlite" {
			list = tx.Table("sqlite_master").Where("type = ?", "table").Select("name")
		}
		if err := list.Find(&tables).Error; err != nil {
			return err
		}
		for _, table := range tables {
			if passing[table] || strings.HasPrefix(table, "river") || strings.HasPrefix(table, "goose") || strings.HasPrefix(table, "sqlite_") {
				continue
			}
			var rows []map[string]any
			if err := tx.Table(table).Find(&rows).Error; err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for _, row := range rows {
				if table == "events" && row["type"] == store.Refused {
					continue
				}
				lines = append(lines, table+" "+line(row))
			}
		}
		return nil
	})
	if len(lines) < 50 {
		h.T.Fatalf("only %d rows were found: this looks in the wrong place", len(lines))
	}
	slices.Sort(lines)
	return lines
}

func line(row map[string]any) string {
	var columns []string
	for name, value := range row {
		if !passing[name] {
			columns = append(columns, fmt.Sprintf("%s=%v", name, value))
		}
	}
	slices.Sort(columns)
	return strings.Join(columns, " ")
}

// about are the lines of a dump in which a tenant's company, organization or
// people stand.
func about(lines []string, o tenant) (own []string) {
	for _, l := range lines {
		if slices.ContainsFunc(o.ids(), func(id string) bool { return strings.Contains(l, id) }) {
			own = append(own, l)
		}
	}
	return own
}

// difference is what stands in one of two dumps alone.
func difference(before, after []string) string {
	var text []string
	for _, l := range before {
		if _, there := slices.BinarySearch(after, l); !there {
			text = append(text, "- "+l)
		}
	}
	for _, l := range after {
		if _, there := slices.BinarySearch(before, l); !there {
			text = append(text, "+ "+l)
		}
	}
	return strings.Join(text, "\n")
}

// refusals counts the refusals that were recorded.
func (h *hub) refusals() (n int64) {
	h.System(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("type = ?", store.Refused).Count(&n).Error
	})
	return n
}

// unchanged fails the test unless the database is as it was.
func (h *hub) unchanged(t *testing.T, what string, before []string) {
	t.Helper()
	if d := difference(before, h.dump()); d != "" {
		t.Errorf("%s changed the database:\n%s", what, d)
	}
}

// still watches that requests in a row leave the database as it was: to look at
// the whole of it after each would be most of what a walk takes.
type still struct {
	h      *hub
	t      *testing.T
	lines  func() []string
	before []string
	since  []string // what was asked since
}

// watch is called before a request that must change nothing.
func (s *still) watch(what string) {
	s.t.Helper()
	if len(s.since) == 20 {
		s.look()
	}
	if len(s.since) == 0 {
		s.before = s.lines()
	}
	s.since = append(s.since, what)
}

// look fails the test unless what was watched changed nothing.
func (s *still) look() {
	s.t.Helper()
	if len(s.since) == 0 {
		return
	}
	if d := difference(s.before, s.lines()); d != "" {
		s.t.Errorf("one of these changed the database:\n%s\n%s", strings.Join(s.since, "\n"), d)
	}
	s.since = nil
}

// still watches every row of the database.
func (h *hub) still(t *testing.T) *still { return &still{h: h, t: t, lines: h.dump} }
