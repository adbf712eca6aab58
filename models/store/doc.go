// Package store is the only door to the database. Everything that reads or
// writes goes through Read, Write or System, and so through one transaction
// that is confined to a tenant, knows its actor, and carries its events, jobs
// and notifications with it.
//
// It must never hand out a connection without a wall around it, and nothing
// outside it may hold SQL.
package store
