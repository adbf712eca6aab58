package openid

import (
	"context"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/client"
	"locum/models/store"
)

// State is where telling an application stands.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	Failed    State = "failed"  // at every attempt
	Dropped   State = "dropped" // the application has no address for it any more
)

// Logout is one word to an application that a session is over, or a visit in
// which it got tokens (OpenID Connect Back-Channel Logout 1.0).
type Logout struct {
	ID            string `gorm:"primaryKey"`
	ApplicationID string
	AccountID     string
	AccountName   string
	SessionID     string
	VisitID       string // empty: the session is over
	State         State
	Attempts      int
	Status        int    // of the last answer; 0 when none came
	Failure       string // of the last attempt: see handlers/jobs
	CreatedAt     models.Instant
	TriedAt       *models.Instant
	NextAt        *models.Instant // while it waits after an attempt
}

// TableName is the table of logouts.
func (Logout) TableName() string { return "client_logouts" }

// LogoutJob posts a Logout.
type LogoutJob struct {
	Logout string `json:"logout" river:"unique"`
}

// Kind names the job.
func (LogoutJob) Kind() string { return "backchannel_logout" }

// LogoutTries is how often an application is told that does not listen.
const LogoutTries = 10

// sessionEnded tells the applications in which a session that ended was known.
func sessionEnded(tx *store.Tx, about store.About) error {
	return over(tx, "session_id = ? AND revoked_at IS NULL", about.ID)
}

// visitEnded tells the applications that got tokens in a visit that ended.
func visitEnded(tx *store.Tx, about store.About) error {
	return over(tx, "visit_id = ? AND revoked_at IS NULL", about.ID)
}

// over ends what was authorized, and leaves word for each application that wants
// to hear of it.
func over(tx *store.Tx, which, id string) error {
	var rows []Authorization
	if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where(which, id).Order("id").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	if err := tx.Model(&Authorization{}).Where("id IN ?", ids).Update("revoked_at", models.At(tx.Now())).Error; err != nil {
		return err
	}
	byVisit := which[:len("visit_id")] == "visit_id"
	for _, row := range rows {
		if err := leaveWord(tx, row, byVisit); err != nil {
			return err
		}
	}
	return nil
}

func leaveWord(tx *store.Tx, row Authorization, ofVisit bool) error {
	var to client.Client
	if err := tx.Where("application_id = ?", row.ApplicationID).Take(&to).Error; err != nil {
		return none(err)
	}
	if to.LogoutURI == "" || row.CodeUsedAt == nil { // it wants none, or never learned anything
		return nil
	}
	word := Logout{ID: models.NewID("blo"), ApplicationID: row.ApplicationID, AccountID: row.AccountID, SessionID: row.SessionID, State: Waiting, CreatedAt: models.At(tx.Now())}
	if ofVisit {
		word.VisitID = row.VisitID
	}
	if p, err := account.Load(tx, row.AccountID); err == nil {
		word.AccountName = p.Name
	}
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&word)
	if made.Error != nil || made.RowsAffected == 0 { // told already
		return made.Error
	}
	return tx.EnqueueWith(LogoutJob{word.ID}, &river.InsertOpts{MaxAttempts: LogoutTries, UniqueOpts: river.UniqueOpts{ByArgs: true}})
}

// EndOver tells applications of sessions and visits that ended without a word:
// sessions that ran out. It is late without harm: tokens are worth nothing by then.
func (p *Provider) EndOver(ctx context.Context) error {
	return p.store.System(ctx, "tell applications of sessions that ran out", func(tx *store.Tx) error {
		tx.NothingToRecord()
		var sessions []string
		err := tx.Model(&Authorization{}).Where("revoked_at IS NULL").Distinct("session_id").Order("session_id").Pluck("session_id", &sessions).Error
		if err != nil {
			return err
		}
		for part := range slices.Chunk(sessions, 500) {
			if err := endOver(tx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

func endOver(tx *store.Tx, sessions []string) error {
	var rows []account.Session
	if err := tx.Where("id IN ?", sessions).Find(&rows).Error; err != nil {
		return err
	}
	live := map[string]bool{}
	for _, row := range rows {
		live[row.ID] = row.Live(tx.Now())
	}
	for _, id := range sessions {
		if live[id] {
			continue
		}
		if err := over(tx, "session_id = ? AND revoked_at IS NULL", id); err != nil {
			return err
		}
	}
	return nil
}

// Word is a Logout with where it goes.
type Word struct {
	Logout
	To string
}

// Word gives a logout that waits, and the address that is told; nil where there is
// nothing to do any more.
func (p *Provider) Word(ctx context.Context, id string) (w *Word, err error) {
	err = p.store.System(ctx, "an application is told", func(tx *store.Tx) error {
		tx.NothingToRecord()
		var row Logout
		if err := tx.Where("id = ? AND state = ?", id, Waiting).Take(&row).Error; err != nil {
			return none(err)
		}
		var to client.Client
		if err := tx.Where("application_id = ?", row.ApplicationID).Take(&to).Error; err != nil {
			return none(err)
		}
		if to.LogoutURI == "" || to.DisabledAt != nil {
			return tx.Model(&Logout{}).Where("id = ?", id).Update("state", Dropped).Error
		}
		w = &Word{row, to.LogoutURI}
		return nil
	})
	return w, err
}

// Attempt is what became of one attempt to tell an application.
type Attempt struct {
	Status  int       // 0 when no answer came
	Failure string    // empty: it was taken
	Next    time.Time // of the next attempt; zero for none
}

// Settle writes down what became of an attempt.
func (p *Provider) Settle(ctx context.Context, id string, o Attempt) error {
	return p.store.System(ctx, "what became of telling an application", func(tx *store.Tx) error {
		tx.NothingToRecord()
		var row Logout
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ? AND state = ?", id, Waiting).Take(&row).Error; err != nil {
			return none(err)
		}
		state := Waiting
		switch {
		case o.Failure == "":
			state = Delivered
		case o.Next.IsZero():
			state = Failed
		}
		return tx.Model(&Logout{}).Where("id = ?", id).Updates(map[string]any{"state": state, "attempts": row.Attempts + 1, "status": o.Status,
			"failure": o.Failure, "tried_at": models.At(tx.Now()), "next_at": models.AtPtr(o.Next)}).Error
	})
}

// mostLogouts is how many of an application are listed.
const mostLogouts = 50

// Logouts lists what an application was told last, the newest first. The actor is
// an operator.
func (p *Provider) Logouts(ctx context.Context, by models.Actor, application string) (list []Logout, err error) {
	err = p.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		return tx.Where("application_id = ?", application).Order("created_at DESC, id DESC").Limit(mostLogouts).Find(&list).Error
	})
	return list, err
}
