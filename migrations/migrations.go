// Package migrations holds the schema of both databases, in pairs: the same
// numbers stand in postgres and in sqlite, and lead to the same tables. What
// differs is only what the database itself differs in: types of columns, and
// row-level security.
package migrations

import "embed"

// Files holds the two folders, postgres and sqlite.
//
//go:embed postgres/*.sql sqlite/*.sql
var Files embed.FS
