// Package models is the vocabulary that every part of Locum speaks: who acts
// (Actor), what he may do (Permission), what went wrong (Error) and when
// something happened (Instant).
//
// It holds words, not rules: nothing here reads a database, a clock or the
// network, and it imports none of the other packages of Locum.
package models
