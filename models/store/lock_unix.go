//go:build unix

package store

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lockFile holds a lock beside a SQLite database while its schema changes: two
// programs that open one new file would otherwise both make its tables. In
// PostgreSQL the migrations lock themselves.
func (s *Store) lockFile() (unlock func(), err error) {
	if s.postgres {
		return func() {}, nil
	}
	path := strings.TrimPrefix(s.url, "sqlite:") + ".lock"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock file %s cannot be made: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("the lock file %s cannot be locked: %w", path, err)
	}
	return func() { f.Close() }, nil // which unlocks it
}
