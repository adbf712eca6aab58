// Package access decides who may do what, where, and on whose behalf: it makes
// the Actor of each request out of the database. It also holds what changes
// that: signing in and out, switching, leaving.
//
// Derive is the one function that decides authority. Nothing else may put
// permissions into an Actor, and nothing may act on an Actor of an earlier
// request.
package access
