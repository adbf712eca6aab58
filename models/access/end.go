package access

import (
	"context"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
)

// SignOut ends the actor's session, and with it his visit or mandate. Of a set-up
// link it ends the session alone.
func (s *Sessions) SignOut(ctx context.Context, by models.Actor) error {
	if by.ByLink() {
		return s.signOutOfLink(ctx, by)
	}
	return s.end(ctx, by, by.Session, event.SignedOut, delegation.SignedOut)
}

// Revoke ends another session of the actor's own.
func (s *Sessions) Revoke(ctx context.Context, by models.Actor, id string) error {
	return s.end(ctx, by, id, event.SessionRevoked, delegation.SessionEnded)
}

func (s *Sessions) end(ctx context.Context, by models.Actor, id, kind string, why delegation.LeaveReason) error {
	return s.store.SystemFor(ctx, by, "end a session", func(tx *store.Tx) error {
		var row account.Session
		err := tx.Where("id = ? AND account_id = ? AND revoked_at IS NULL", id, tx.Actor.Account).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		return endSession(tx, row, kind, why)
	})
}

// RevokeOthers ends every other session of the actor's own that is live, and
// says how many there were.
func (s *Sessions) RevokeOthers(ctx context.Context, by models.Actor) (ended int, err error) {
	err = s.store.SystemFor(ctx, by, "end a person's other sessions", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is no other
		var rows []account.Session
		if err := tx.Where("account_id = ? AND id <> ? AND revoked_at IS NULL", tx.Actor.Account, by.Session).Order("id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Live(tx.Now()) {
				continue
			}
			if err := endSession(tx, row, event.SessionRevoked, delegation.SessionEnded); err != nil {
				return err
			}
			ended++
		}
		return nil
	})
	return ended, err
}

// endSession ends a session of the actor's own, and with it its visit.
func endSession(tx *store.Tx, row account.Session, kind string, why delegation.LeaveReason) error {
	if err := tx.Model(&account.Session{}).Where("id = ?", row.ID).Update("revoked_at", models.At(tx.Now())).Error; err != nil {
		return err
	}
	if err := endVisitOf(tx, row, why, tx.Now()); err != nil {
		return err
	}
	if err := closeBreakGlass(tx, row); err != nil {
		return err
	}
	by := tx.Actor
	tx.Record(kind, store.About{ID: row.ID, Name: by.Name, As: &by, Company: by.Real.Company, Organization: by.Real.Organization})
	tx.Notify("session:"+row.ID, "account:"+tx.Actor.Account)
	return nil
}

// endVisitOf closes the open visit of a session, or an operator's mandate, if
// there is one.
func endVisitOf(tx *store.Tx, s account.Session, why delegation.LeaveReason, at time.Time) error {
	if s.MandateID != "" {
		return endMandateOf(tx, s)
	}
	if s.VisitID == "" {
		return nil
	}
	var v delegation.Visit
	if err := tx.Where("company_id = ? AND id = ?", s.VisitCompanyID, s.VisitID).Take(&v).Error; err != nil {
		return err
	}
	return delegation.End(tx, v, why, at)
}
