package store

import "fmt"

// LockCompany holds the rules by which a company lets people in until the end
// of the transaction: its connectors, its policy and its connections. Who goes
// by them shares the lock, as a sign-in does; who changes them, or applies them
// to everyone, holds it alone. It is taken before the rules are read and before
// any row is locked: so the two never wait for each other.
//
// SQLite has one writer at a time anyway.
func (tx *Tx) LockCompany(company string, shared bool) error {
	if shared {
		return tx.advise(`SELECT pg_advisory_xact_lock_shared(hashtextextended('locum.rules.' || $1, 0))`, company)
	}
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.rules.' || $1, 0))`, company)
}

// LockAccount waits for the same person's other SystemFor operations and
// sign-ins, and holds them up until the end of the transaction: they lock
// several rows of his, in no fixed order. It comes after LockCompany.
func (tx *Tx) LockAccount(account string) error {
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.account ' || $1, 0))`, account)
}

// LockSeats holds the number of people who may be active in a company until
// the end of the transaction. It comes after every other lock but the events':
// see Once.
func (tx *Tx) LockSeats(company string) error {
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.seats ' || $1, 0))`, company)
}

// LockWatch holds who hears of the delegations of an organization until the end
// of the transaction: that somebody does is checked by one at a time. It comes
// after every lock of a row, and before LockSeats.
func (tx *Tx) LockWatch(organization string) error {
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.watch ' || $1, 0))`, organization)
}

// LockDirectory holds what must be counted or found in a directory by one
// transaction at a time, under a name for what that is. It comes after the rows
// of groups.
func (tx *Tx) LockDirectory(directory, what string) error {
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.directory ' || $1, 0))`, directory+" "+what)
}

// LockSigningKeys lets one transaction at a time make keys with which the
// installation signs, so that two replicas that need the first one make one.
func (tx *Tx) LockSigningKeys() error {
	return tx.advise(`SELECT pg_advisory_xact_lock(hashtextextended('locum.signing ' || $1, 0))`, "")
}

func (tx *Tx) advise(lock, of string) error {
	if !tx.store.postgres {
		return nil
	}
	if _, err := tx.sql.ExecContext(tx.ctx, lock, of); err != nil {
		return fmt.Errorf("store: one after another: %w", err)
	}
	return nil
}
