// Package vault keeps what an organization has to keep secret: tokens, key pairs
// and other texts, with every version. A value is sealed by the organization's
// own data key, which is wrapped by a master key outside the database (envelope
// encryption), and bound to its organization, its secret and its version.
//
// It must never let a value into an event, an error, a log, a mail or a job, and
// never give one that was not recorded before.
package vault
