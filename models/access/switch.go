package access

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Arrival is where a switch led.
type Arrival struct {
	Place models.Party
	Via   bool // through a delegation
	Told  int  // superusers who hear of it, by mail or in their inbox
	// Already says that he worked there before, so that nothing happened.
	Already bool
}

// The limit on switching to and fro.
const (
	switchLimit  = 30
	switchWindow = 10 * time.Minute
)

// Switch makes an organization the effective one of the actor's session. As a
// member he just works there; through a delegation a visit begins. A visit
// under way ends with it. organization is an id; a company's id leads to the
// company alone. Rights come from the real party: nobody switches through a
// host to that host's own delegations.
func (s *Sessions) Switch(ctx context.Context, by models.Actor, organization string) (a Arrival, err error) {
	if err := s.Rate(ctx, "switch "+by.Account, switchLimit, switchWindow); err != nil {
		return a, err
	}
	err = s.store.SystemFor(ctx, by, "switch", func(tx *store.Tx) error {
		tx.NothingToRecord() // when he is there already
		a, err = switchTo(tx, organization)
		return err
	})
	if needs := models.NeedsOf(err); len(needs) > 0 {
		if failed := s.refusedEntry(ctx, by, organization, needs); failed != nil {
			return a, failed
		}
	}
	return a, err
}

func switchTo(tx *store.Tx, organization string) (Arrival, error) {
	by := tx.Actor
	if organization == "" { // which every role in a company alone would fit
		return Arrival{}, models.Unknown()
	}
	if by.Effective.Organization == organization {
		return Arrival{Place: by.Effective, Via: by.Visiting(), Already: true}, nil
	}
	row, err := session(tx, "id = ?", by.Session)
	if err != nil {
		return Arrival{}, err
	}
	grants, err := grantsOf(tx, by.Account)
	if err != nil {
		return Arrival{}, err
	}
	for _, g := range inside(grants, by.BreakGlass) {
		if g.ApplicationID == "" && (g.OrganizationID == organization || g.OrganizationID == "" && g.CompanyID == organization) {
			return asMember(tx, row, g)
		}
	}
	if by.BreakGlass != nil { // to which no other company is open
		return Arrival{}, models.Unknown()
	}
	return asVisitor(tx, row, organization)
}

// asMember moves the session to an organization of which he is a member.
func asMember(tx *store.Tx, row account.Session, g tenancy.Grant) (Arrival, error) {
	to, err := tenancy.StandingOf(tx, g.CompanyID, g.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	if !to.Open {
		return Arrival{}, models.Unknown()
	}
	target := to.Party
	why := delegation.SwitchedOn
	if target.Organization == tx.Actor.Real.Organization {
		why = delegation.SwitchedBack
	}
	if err := move(tx, row, target); err != nil {
		return Arrival{}, err
	}
	if err := endVisitOf(tx, row, why, tx.Now()); err != nil {
		return Arrival{}, err
	}
	if err := visited(tx, row.AccountID, target); err != nil {
		return Arrival{}, err
	}
	if row.VisitID == "" {
		tx.Record(event.OrganizationChosen, store.About{ID: target.Organization, Name: target.Label(), Company: target.Company, Organization: target.Organization})
	}
	return Arrival{Place: target}, nil
}

// asVisitor moves the session to a host that lets the person in.
func asVisitor(tx *store.Tx, row account.Session, organization string) (Arrival, error) {
	by := tx.Actor
	var d delegation.Delegation
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).
		Where("organization_id = ? AND account_id = ? AND revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", organization, by.Account, models.At(tx.Now())).
		Take(&d).Error
	if store.Missing(err) {
		return Arrival{}, models.Unknown()
	}
	if err != nil {
		return Arrival{}, err
	}
	at, err := tenancy.StandingOf(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return Arrival{}, err
	}
	host := at.Party
	if !at.Open || !d.Active(tx.Now()) {
		return Arrival{}, models.Fail(models.Forbidden, "acting.error.not_active", "Organization", host.Name)
	}
	if by.Real, err = home(tx, by.Account); err != nil {
		return Arrival{}, err
	}
	if by.Real.Organization == "" {
		return Arrival{}, models.Fail(models.Conflict, "delegation.error.no_home")
	}
	if err := refuseAtTheDoor(tx, row, at, by.Real); err != nil {
		return Arrival{}, err
	}
	// Out of the old visit before into the new one: a session has one at most.
	if err := move(tx, row, models.Party{}); err != nil {
		return Arrival{}, err
	}
	if err := endVisitOf(tx, row, delegation.SwitchedOn, tx.Now()); err != nil {
		return Arrival{}, err
	}
	v, told, err := delegation.Enter(tx, d, host, by)
	if err != nil {
		return Arrival{}, err
	}
	if err := visited(tx, row.AccountID, host); err != nil {
		return Arrival{}, err
	}
	return Arrival{Place: host, Via: true, Told: told}, tx.Model(&account.Session{}).Where("id = ?", row.ID).
		Updates(map[string]any{"visit_id": v.ID, "visit_company_id": v.CompanyID}).Error
}

// home is where a person belongs, whichever organization he works in.
func home(tx *store.Tx, id string) (models.Party, error) {
	person, err := account.Load(tx, id)
	if err != nil {
		return models.Party{}, err
	}
	grants, err := grantsOf(tx, id)
	if err != nil {
		return models.Party{}, err
	}
	known, err := readParties(tx, likely(person, grants, account.Session{}, nil)...)
	if err != nil {
		return models.Party{}, err
	}
	return real(known, person, grants)
}

// move is the compare-and-set on the epoch: of two switches that start from
// the same epoch, one wins.
func move(tx *store.Tx, row account.Session, to models.Party) error {
	changes := map[string]any{"epoch": row.Epoch + 1, "switched_at": models.At(tx.Now()), "company_id": to.Company, "organization_id": to.Organization, "visit_id": "", "visit_company_id": "",
		"mandate_id": "", "mandate_company_id": ""}
	moved := tx.Model(&account.Session{}).Where("id = ? AND epoch = ?", row.ID, row.Epoch).Updates(changes)
	if moved.Error != nil {
		return moved.Error
	}
	if moved.RowsAffected == 0 {
		return models.Fail(models.Stale, "error.stale")
	}
	tx.Notify("session:"+row.ID, "account:"+row.AccountID)
	return nil
}

// Departure is what a visit was, once it is over.
type Departure struct {
	Left  string // name of the host
	Place models.Party
}

// Leave ends the visit, or the operator's mandate, and brings the session back
// home. Without either it changes nothing.
func (s *Sessions) Leave(ctx context.Context, by models.Actor) (out Departure, err error) {
	err = s.store.SystemFor(ctx, by, "switch back", func(tx *store.Tx) error {
		tx.NothingToRecord() // when there is nothing to leave
		actor := tx.Actor
		out = Departure{Place: actor.Real}
		if !actor.Visiting() && actor.Mandate == nil {
			return nil
		}
		out.Left = actor.Effective.Label()
		row, err := session(tx, "id = ?", by.Session)
		if err != nil {
			return err
		}
		if err := move(tx, row, actor.Real); err != nil {
			return err
		}
		if err := visited(tx, row.AccountID, actor.Real); err != nil {
			return err
		}
		return endVisitOf(tx, row, delegation.SwitchedBack, tx.Now())
	})
	return out, err
}
