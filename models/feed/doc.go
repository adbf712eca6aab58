// Package feed gives a company's events to machines: the bodies in which they
// are written, in webhooks and in the API alike; the cursor by which they are
// read; a snapshot of everybody and every role for who lost his place; and the
// tokens of those who may read.
//
// A body must never hold more than the company's own managers can read in its
// audit trail: no network address, no session, and of a consultant's own
// organization its name alone.
package feed
