package delegation

import (
	"context"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// AccessRequests lists what the actor's organization was asked for, the newest first.
func (d *Delegations) AccessRequests(ctx context.Context, by models.Actor) (list []AccessRequest, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		return tx.Order("asked_at DESC, id DESC").Limit(200).Find(&list).Error
	})
	return list, err
}

// OpenAccessRequests lists the requests that wait for the actor's organization, the
// oldest first.
func (d *Delegations) OpenAccessRequests(ctx context.Context, by models.Actor) (list []AccessRequest, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		return tx.Where("ended_at IS NULL AND lapses_at > ?", models.At(tx.Now())).Order("asked_at, id").Limit(200).Find(&list).Error
	})
	return list, err
}

// Asker is a request with the firm of who asks, as it is known by its domain.
type Asker struct {
	AccessRequest
	Firm models.Party
}

// AccessRequest gives one request to the actor's organization.
func (d *Delegations) AccessRequest(ctx context.Context, by models.Actor, id string) (one Asker, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		if err := tx.Where("id = ?", id).Take(&one.AccessRequest).Error; err != nil {
			return unknown(err)
		}
		own, err := firms(tx, []Delegation{{RealCompanyID: one.RealCompanyID, RealOrganizationID: one.RealOrganizationID}})
		one.Firm = own[one.RealOrganizationID]
		one.Firm.Name = one.RealOrganizationName // as it was called when he asked
		return err
	})
	return one, err
}

// Proposal is the ordinary proposal that would give what was asked for.
func (r AccessRequest) Proposal() Proposal {
	return Proposal{Email: r.Email, Period: r.Period, Date: r.Date, Reason: r.Reason, Ticket: r.Ticket, Language: r.Language}
}

// RefuseAccess answers a request with no, and a note for who asked, if there is one.
func (d *Delegations) RefuseAccess(ctx context.Context, by models.Actor, id, note string) (was AccessRequest, err error) {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxNote {
		wrong := models.FieldErrors{}
		wrong.Add("note", "error.too_long", "Max", maxNote)
		return was, wrong.Err()
	}
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		if was, err = lockAccessRequest(tx, id); err != nil {
			return err
		}
		if err := endAccessRequest(tx, &was, RequestRefused, map[string]any{"note": note, "ended_by": tx.Actor.Account, "ended_by_name": tx.Actor.Name}); err != nil {
			return err
		}
		tx.Record(event.RequestRefused, aboutRequest(was))
		return tx.Across("a mail to who asked for a delegation", func(tx *store.Tx) error {
			host, err := tenancy.PartyOf(tx, was.CompanyID, was.OrganizationID)
			if err != nil {
				return err
			}
			person, err := account.Load(tx, was.AccountID)
			if err != nil {
				return err
			}
			return mail.Queue(tx, mail.Draft{Company: was.CompanyID, Organization: was.OrganizationID, Key: "request.refused." + was.ID, To: person.Recipient(),
				Content: mail.AccessRequestRefused{Request: was.ID, Host: mail.PlaceOf(host), Person: person.Name, Reason: was.Reason, Ticket: was.Ticket, Note: note}})
		})
	})
	return was, err
}

// WithdrawRequest takes the actor's own request back.
func (d *Delegations) WithdrawRequest(ctx context.Context, by models.Actor, id string) error {
	return d.store.SystemForScope(ctx, by, WriteOwn, "withdraw a request for a delegation", func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		was, err := lockAccessRequest(tx, id)
		if err != nil {
			return err
		}
		if was.AccountID != tx.Actor.Account {
			return models.Unknown()
		}
		if err := endAccessRequest(tx, &was, RequestWithdrawn, map[string]any{"ended_by": tx.Actor.Account, "ended_by_name": tx.Actor.Name}); err != nil {
			return err
		}
		tx.Record(event.RequestWithdrawn, aboutRequest(was))
		return nil
	})
}

// settleRequest ends the open request of whoever is given a delegation, whichever way
// it was given. It runs in a System transaction.
func settleRequest(tx *store.Tx, about store.About) error {
	var d Delegation
	if err := tx.Where("company_id = ? AND id = ?", about.Company, about.ID).Take(&d).Error; err != nil {
		if store.Missing(err) {
			return nil
		}
		return err
	}
	return tx.Model(&AccessRequest{}).Where("company_id = ? AND organization_id = ? AND normal = ? AND ended_at IS NULL AND lapses_at > ?",
		d.CompanyID, d.OrganizationID, d.Normal, models.At(tx.Now())).
		Updates(map[string]any{"ended_at": models.At(tx.Now()), "how": RequestGranted, "ended_by": d.GrantedBy, "ended_by_name": d.GrantedByName, "delegation_id": d.ID}).Error
}

// lockAccessRequest reads a request and holds it until the end of the transaction.
func lockAccessRequest(tx *store.Tx, id string) (r AccessRequest, err error) {
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&r).Error
	return r, unknown(err)
}

// endAccessRequest writes what came of a request that is still open.
func endAccessRequest(tx *store.Tx, r *AccessRequest, how RequestOutcome, changes map[string]any) error {
	if r.Outcome(tx.Now()) != RequestWaiting {
		return models.Fail(models.Conflict, "request.error.over")
	}
	now := models.At(tx.Now())
	r.EndedAt, r.How = &now, how
	changes["ended_at"], changes["how"] = now, how
	tx.Notify("organization:"+r.OrganizationID, "account:"+r.AccountID)
	return tx.Model(&AccessRequest{}).Where("company_id = ? AND id = ?", r.CompanyID, r.ID).Updates(changes).Error
}
