package usage

import (
	"context"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Held is a record in quarantine, or one that was dismissed out of it.
type Held struct {
	Entry
	Organization string // name; empty where there is none
	Application  string // name
}

// Quarantine lists the records of a scope that are not counted, the newest first:
// those to decide about, or with dismissed those that somebody decided not to count.
// before is the id after which the list goes on.
func (u *Usage) Quarantine(ctx context.Context, by models.Actor, s Scope, dismissed bool, before string) (list []Held, more bool, err error) {
	err = u.store.Read(ctx, by, s.View(), func(tx *store.Tx) error {
		q := tx.Where("company_id = ? AND state = ?", s.owner(tx), stateOf(dismissed))
		if before != "" {
			q = q.Where("id < ?", before)
		}
		var found []Entry
		if err := q.Order("id DESC").Limit(models.PageSize + 1).Find(&found).Error; err != nil {
			return err
		}
		if more = len(found) > models.PageSize; more {
			found = found[:models.PageSize]
		}
		list, err = named(tx, found)
		return err
	})
	return list, more, err
}

func stateOf(dismissed bool) State {
	if dismissed {
		return Dismissed
	}
	return InDoubt
}

// named adds the names of places and applications.
func named(tx *store.Tx, found []Entry) ([]Held, error) {
	var organizations []tenancy.Organization
	var applications []tenancy.Application
	if err := tx.Select("id", "name").Find(&organizations).Error; err != nil {
		return nil, err
	}
	if err := tx.Select("id", "name").Find(&applications).Error; err != nil {
		return nil, err
	}
	names := map[string]string{Own: OwnName}
	for _, o := range organizations {
		names[o.ID] = o.Name
	}
	for _, a := range applications {
		names[a.ID] = a.Name
	}
	list := make([]Held, len(found))
	for i, e := range found {
		list[i] = Held{e, names[e.OrganizationID], names[e.ApplicationID]}
	}
	return list, nil
}

// InQuarantine says how many records of a scope somebody has to look at.
func (u *Usage) InQuarantine(ctx context.Context, by models.Actor, s Scope) (n int64, err error) {
	err = u.store.Read(ctx, by, s.View(), func(tx *store.Tx) error {
		return tx.Model(&Entry{}).Where("company_id = ? AND state = ?", s.owner(tx), InDoubt).Count(&n).Error
	})
	return n, err
}

// One is a record in quarantine, for the page on which it is dismissed.
func (u *Usage) One(ctx context.Context, by models.Actor, s Scope, id string) (h Held, err error) {
	err = u.store.Read(ctx, by, s.Manage(), func(tx *store.Tx) error {
		e, err := find(tx, s, id)
		if err != nil {
			return err
		}
		list, err := named(tx, []Entry{e})
		if err == nil {
			h = list[0]
		}
		return err
	})
	return h, err
}

func find(tx *store.Tx, s Scope, id string) (e Entry, err error) {
	q := tx.Where("company_id = ? AND id = ? AND state <> ?", s.owner(tx), id, Counted)
	if tx.Lock != "" {
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	return e, unknown(q.Take(&e).Error)
}

// Dismiss decides that a record is not counted. It is kept, with the reason.
func (u *Usage) Dismiss(ctx context.Context, by models.Actor, s Scope, id, note string) error {
	note = strings.TrimSpace(note)
	if note == "" || utf8.RuneCountInString(note) > 200 {
		return fieldError("note", "usage.error.note")
	}
	return u.store.Write(ctx, by, s.Manage(), func(tx *store.Tx) error {
		e, err := find(tx, s, id)
		if err != nil {
			return err
		}
		if e.State == Dismissed {
			tx.NothingToRecord() // another tab was quicker
			return nil
		}
		tx.Record(event.UsageDismissed, e.about(map[string]any{"reason": e.Reason, "note": note}))
		return settle(tx, e, map[string]any{"state": Dismissed, "note": note})
	})
}

func (e Entry) about(data map[string]any) store.About {
	return store.About{ID: e.ID, Name: e.EventID, Company: e.CompanyID, Organization: e.OrganizationID, Data: data}
}

func settle(tx *store.Tx, e Entry, changes map[string]any) error {
	changes["settled_at"], changes["settled_by_name"] = models.At(tx.Now()), tx.Actor.Name
	return at(tx, e).Updates(changes).Error
}

func at(tx *store.Tx, e Entry) *gorm.DB {
	return tx.Model(&Entry{}).Where("company_id = ? AND id = ? AND state <> ?", e.CompanyID, e.ID, Counted)
}

// TryAgain looks at a record once more, as if it came now: somebody may have put
// right what was missing. It says whether it counts now; where it does not, why.
func (u *Usage) TryAgain(ctx context.Context, by models.Actor, s Scope, id string) (counted bool, why Reason, err error) {
	err = u.store.Write(ctx, by, s.Manage(), func(tx *store.Tx) error {
		counted, why = false, ""
		e, err := find(tx, s, id)
		if err != nil {
			return err
		}
		return tx.Across("what a record in quarantine belongs to", func(tx *store.Tx) error {
			now, err := retried(tx, e)
			if err != nil {
				return err
			}
			if now.State != Counted {
				if why = now.Reason; why == e.Reason && now.CompanyID == e.CompanyID {
					tx.NothingToRecord()
					return nil
				}
				return move(tx, e, now)
			}
			counted = true
			return move(tx, e, now)
		})
	})
	return counted, why, err
}

// retried is a record as it would be kept if it came now, but for when it came.
func retried(tx *store.Tx, e Entry) (Entry, error) {
	r := parse([]byte(e.Body))
	if len(r.Wrong) > 0 {
		return e, models.Fail(models.Internal, "")
	}
	b, err := open(tx, e.ApplicationID, []Record{r})
	if err != nil {
		return e, err
	}
	b.now = e.ReceivedAt.Time
	now := b.entry(r)
	if now.Corrects != "" && now.Scope == "" {
		if now, err = b.corrected(tx, now, r); err != nil {
			return e, err
		}
	}
	now.ID, now.Digest, now.Body = e.ID, e.Digest, e.Body
	return now, nil
}

// move puts a record where it belongs by now. Where the same came meanwhile, it is
// dismissed for that: nothing is counted twice.
func move(tx *store.Tx, e, now Entry) error {
	if now.place() != e.place() {
		var taken int64
		err := tx.Model(&Entry{}).Where("company_id = ? AND application_id = ? AND source = ? AND event_id = ? AND scope = ?",
			now.CompanyID, now.ApplicationID, now.Source, now.EventID, now.Scope).Count(&taken).Error
		if err != nil {
			return err
		}
		if taken > 0 {
			tx.Record(event.UsageDismissed, e.about(map[string]any{"reason": e.Reason, "note": "duplicate"}))
			return settle(tx, e, map[string]any{"state": Dismissed, "note": "duplicate"})
		}
	}
	changes := map[string]any{"company_id": now.CompanyID, "scope": now.Scope, "organization_id": now.OrganizationID, "meter_id": now.MeterID,
		"at": now.At, "day": now.Day, "account_id": now.AccountID, "account_name": now.AccountName, "real_organization_id": now.RealOrganizationID,
		"real_organization_name": now.RealOrganizationName, "delegation_id": now.DelegationID, "visit_id": now.VisitID, "ticket": now.Ticket,
		"state": now.State, "reason": now.Reason, "late": now.Late}
	tx.Record(event.UsageRetried, now.about(map[string]any{"reason": e.Reason, "counted": now.State == Counted}))
	if err := settle(tx, e, changes); err != nil {
		return err
	}
	if now.Corrects != "" && now.State == Counted {
		return replace(tx, now)
	}
	return nil
}
