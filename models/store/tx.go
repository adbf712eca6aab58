package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm"

	"locum/models"
)

// Tx is one transaction, confined to what its actor may see. Its gorm methods
// add the confinement to every statement and refuse one that cannot have it.
type Tx struct {
	*gorm.DB
	Actor models.Actor // derived inside this transaction
	// Lock is how Derive locks the session: empty for reads, SHARE for
	// writes, UPDATE where the session itself changes.
	Lock string

	// tokenScope is set by SystemForScope alone; see TokenScope.
	tokenScope string

	store    *Store
	ctx      context.Context
	sql      *sql.Tx
	wall     wall
	at       time.Time
	records  []record
	remarks  map[string]any // that each event of the transaction gets
	jobs     []river.InsertManyParams
	notices  []string
	silently bool
	// formEvent is the id of the first event where the change is made once from
	// its form; see OnlyOnce.
	formEvent string
}

// Now is the moment at which the transaction began: one for everything in it.
func (tx *Tx) Now() time.Time { return tx.at }

// TokenScope is the scope with which a token of the person's own may stand in the
// place of his session although that would be locked to be changed; empty: none may.
func (tx *Tx) TokenScope() string { return tx.tokenScope }

// RowsAtOnce is how many rows of a table with so many columns one statement best
// writes. SQLite's driver looks through all of a statement's values for each of
// them, so that long statements are slow there.
func (tx *Tx) RowsAtOnce(columns int) int {
	if tx.store.postgres {
		return 500
	}
	return max(1, 500/columns)
}

// Context is the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Enqueue leaves a job behind that runs once the transaction is committed, and
// not at all when it is rolled back.
func (tx *Tx) Enqueue(job river.JobArgs) error {
	return tx.EnqueueWith(job, nil)
}

// EnqueueWith is Enqueue with the queue's options, such as uniqueness or a
// time before which the job does not run.
func (tx *Tx) EnqueueWith(job river.JobArgs, options *river.InsertOpts) error {
	tx.jobs = append(tx.jobs, river.InsertManyParams{Args: job, InsertOpts: options})
	return nil
}

// Notify tells everyone who follows one of the topics, on every replica, that
// something changed there, once the transaction is committed.
func (tx *Tx) Notify(topics ...string) { tx.notices = append(tx.notices, topics...) }

// NothingToRecord says on purpose that this write leaves no event, because the
// change is none of anyone's business: a session's last-seen time, a counter.
func (tx *Tx) NothingToRecord() { tx.silently = true }

// Across runs a part of the transaction without its confinement, for the few
// changes that one tenant's action makes at another: ending the sessions of
// visitors, the event that a person's own organization gets. The name says in
// the code why.
func (tx *Tx) Across(name string, do func(*Tx) error) error {
	before := tx.wall
	if err := tx.confine(wall{system: true, name: name}); err != nil {
		return err
	}
	err := do(tx)
	if back := tx.confine(before); err == nil {
		err = back
	}
	return err
}

// Within runs a part of a System transaction confined to one company, as its
// own people's changes are: what is not the company's cannot be reached.
func (tx *Tx) Within(company string, do func(*Tx) error) error {
	before := tx.wall
	if !before.system || company == "" {
		return errors.New("store: a confined transaction cannot be confined to another company")
	}
	if err := tx.confine(wall{company: company}); err != nil {
		return err
	}
	err := do(tx)
	if back := tx.confine(before); err == nil {
		err = back
	}
	return err
}

// Remark adds a fact to the data of every event of the transaction, such as who
// ran a command.
func (tx *Tx) Remark(name string, value any) {
	if tx.remarks == nil {
		tx.remarks = map[string]any{}
	}
	tx.remarks[name] = value
}
