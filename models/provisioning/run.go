package provisioning

import (
	"context"
	"encoding/json"

	"locum/models"
	"locum/models/store"
)

// Cause is why everyone known is evaluated.
type Cause string

// The causes of runs. The first five are publications: the last of them can be
// undone.
const (
	ConnectorSaved       Cause = "saved"
	ConnectorDeleted     Cause = "deleted"
	ConnectorsSaved      Cause = "several"
	GroupsMigrated       Cause = "migrated"
	PublicationUndone    Cause = "undone"
	ConfigurationApplied Cause = "configuration"
	RolesOrdered         Cause = "roles"
	ByHand               Cause = "by_hand"
)

// RunState is how far a run is.
type RunState string

// The states of a run. One that is held was stopped by the company's brakes and
// one that is canceled by a manager: both can go on. One that is superseded
// never will: a later one goes over everyone.
const (
	Running    RunState = "running"
	RunHeld    RunState = "held"
	Canceled   RunState = "canceled"
	Superseded RunState = "superseded"
	RunDone    RunState = "done"
)

// Run is one evaluation of everyone known in a company. A small one is done in
// the transaction of the change that asked for it; a large one goes on after it,
// part by part, and survives a restart.
type Run struct {
	CompanyID   string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	Cause       Cause
	SubjectID   string // the connector; empty where several changed
	SubjectName string
	Reason      string
	State       RunState

	Known  int64 // people, when it began
	Done   int64 // of them
	Gained int64
	Lost   int64
	Raised int64
	Kept   int64 // whose role is held, since nobody else has it
	Failed int64

	// MayLose and MayRaise are for how many people it goes on without asking.
	MayLose, MayRaise int64
	// Upto is the account that was evaluated last.
	Upto string
	// LeftByHand counts the roles that it turned into roles by hand, since the
	// last rule of their place went and they should stay.
	LeftByHand int64

	Undoes   string // the run that this one undoes
	Redoes   bool   // what it undoes was an undoing: the change is made again
	UndoneBy string

	// Chosen is what was chosen where the last rule of a place went, to be chosen
	// again when that is done once more.
	Chosen Leave `gorm:"column:leave"`

	MadeBy, MadeByName string
	Acting             acting `gorm:"serializer:json"`
	CreatedAt          models.Instant
	UpdatedAt          models.Instant
	EndedAt            *models.Instant
}

// acting is by what right whoever made a run acted: the later parts of a run
// leave events like the first.
type acting struct {
	Real       models.Party
	Mandate    *models.Mandate    `json:",omitempty"`
	BreakGlass *models.BreakGlass `json:",omitempty"`
}

func (a acting) text() []byte {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // names and truths always have a form in JSON
	}
	return text
}

// ByLink says that the run is of somebody who works by a set-up link.
func (r Run) ByLink() bool {
	return r.Acting.Mandate != nil && r.Acting.Mandate.Kind == models.LinkMandate
}

// UndoableBy says whether somebody may undo the run if it is the last
// publication: who works by a set-up link undoes only what was done by it.
func (r Run) UndoableBy(by models.Actor) bool {
	return !by.ByLink() || r.Acting.Mandate != nil && r.Acting.Mandate.ID == by.Mandate.ID
}

// TableName is the table of runs.
func (Run) TableName() string { return "runs" }

// Open says that a run is not at its end, and may still get there.
func (r Run) Open() bool {
	return r.State == Running || r.State == RunHeld || r.State == Canceled
}

// Percent is how much of a run is done.
func (r Run) Percent() int {
	if r.Known == 0 || r.State == RunDone {
		return 100
	}
	return int(min(99, r.Done*100/r.Known))
}

// Left counts the people whom it has not come to.
func (r Run) Left() int64 { return max(0, r.Known-r.Done) }

// Failure is somebody whom a run could not evaluate. He keeps the roles that he
// has; his next sign-in evaluates him.
type Failure struct {
	CompanyID   string `gorm:"primaryKey"`
	RunID       string `gorm:"primaryKey"`
	AccountID   string `gorm:"primaryKey"`
	AccountName string
	Reference   string // under which the log says why
	FailedAt    models.Instant
}

// TableName is the table of failures of runs.
func (Failure) TableName() string { return "run_failures" }

// Runs lists the latest runs of the actor's company, the newest first.
func (c *Connectors) Runs(ctx context.Context, by models.Actor, most int) (list []Run, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		return tx.Order("created_at DESC, id DESC").Limit(most).Find(&list).Error
	})
	return list, err
}

// maxFailures is how many failures of a run are listed.
const maxFailures = 200

// Run gives one run with the people whom it could not evaluate, and whether it
// can be undone.
func (c *Connectors) Run(ctx context.Context, by models.Actor, id string) (r Run, failures []Failure, undoable bool, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if r, err = findRun(tx, id); err != nil {
			return err
		}
		if err := tx.Where("run_id = ?", id).Order("account_name, account_id").Limit(maxFailures).Find(&failures).Error; err != nil {
			return err
		}
		last, err := lastPublication(tx, tx.Actor.Effective.Company)
		undoable = err == nil && last != nil && last.ID == id && r.UndoableBy(tx.Actor)
		return err
	})
	return r, failures, undoable, err
}

// LastPublication gives the publication that Undo would undo; nil where there is
// none that the actor may undo.
func (c *Connectors) LastPublication(ctx context.Context, by models.Actor) (last *Run, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		last, err = lastPublication(tx, tx.Actor.Effective.Company)
		if last != nil && !last.UndoableBy(tx.Actor) {
			last = nil
		}
		return err
	})
	return last, err
}

// Unfinished gives the run of the actor's company that is under way or waits to
// go on; nil for none.
func (c *Connectors) Unfinished(ctx context.Context, by models.Actor) (open *Run, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		var list []Run
		err := tx.Where("state IN ?", openStates).Order("created_at DESC, id DESC").Limit(1).Find(&list).Error
		if err == nil && len(list) > 0 {
			open = &list[0]
		}
		return err
	})
	return open, err
}

var openStates = []RunState{Running, RunHeld, Canceled}

func findRun(tx *store.Tx, id string) (r Run, err error) {
	err = tx.Where("id = ?", id).Take(&r).Error
	if store.Missing(err) {
		return r, models.Unknown()
	}
	return r, err
}
