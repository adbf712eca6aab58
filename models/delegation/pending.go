package delegation

import (
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Pending is what one superuser proposes and another has to agree to, where
// the host wants that: a delegation, or a change that widens one.
type Pending struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	ID             string `gorm:"primaryKey"`
	DelegationID   string
	Kind           PendingKind
	BeforeTerms    string // JSON, see Terms
	AfterTerms     string
	ProposedBy     string
	ProposedByName string
	ProposedAt     models.Instant
	DueAt          models.Instant // then it lapses
	DecidedAt      *models.Instant
	DecidedBy      string
	DecidedByName  string
	Outcome        Outcome
	Note           string // of who decided

	// Before and After are the terms, and for people their names.
	Before, After Terms `gorm:"-"`
	Was, Is       Side  `gorm:"-"`
}

// TableName is the table of proposals.
func (Pending) TableName() string { return "delegation_proposals" }

// PendingKind says what is proposed.
type PendingKind string

// The kinds.
const (
	ToGive  PendingKind = "grant"
	ToAmend PendingKind = "amendment"
)

// Outcome is what became of a proposal.
type Outcome string

// The outcomes.
const (
	WasApproved  Outcome = "approved"
	WasRejected  Outcome = "rejected"
	WasWithdrawn Outcome = "withdrawn" // by who proposed it, or with its delegation
	HasLapsed    Outcome = "lapsed"    // nobody decided in time
)

// ApprovalTime is how long a proposal waits for another superuser.
const ApprovalTime = 7 * 24 * time.Hour

// due is when a proposed delegation lapses: with its last day at the latest.
func due(now time.Time, d Delegation) time.Time {
	lapses := now.Add(ApprovalTime)
	if d.Period == UntilDate && d.EndsAt != nil && d.EndsAt.Before(lapses) {
		return d.EndsAt.Time
	}
	return lapses
}

// Given says whether the delegation was ever given: not while it waits for
// another superuser, nor when none agreed. Its consultant hears nothing of one
// that was not.
func (d Delegation) Given() bool { return d.ApprovalDue == nil && d.Unapproved == "" }

// superusers counts those of a host, and those among them beside the actor.
func superusers(tx *store.Tx, host tenancy.Organization) (all, others int, err error) {
	err = tx.Across("how many superusers a host has", func(tx *store.Tx) error {
		list, err := tenancy.Superusers(tx, host.CompanyID, host.ID)
		all = len(list)
		others = len(slices.DeleteFunc(list, func(p account.Person) bool { return p.ID == tx.Actor.Account }))
		return err
	})
	return all, others, err
}

// checkApprovers refuses to widen anybody's access to a host that nobody answers
// for, or where nobody can agree to it.
func checkApprovers(host tenancy.Organization, all, others int, wrong models.FieldErrors) {
	switch {
	case all == 0:
		wrong.Add("approval", "granting.error.no_superusers", "Host", host.Name)
	case host.Hosting.Approval && others == 0:
		wrong.Add("approval", "granting.error.nobody_approves", "Host", host.Name)
	}
}

// submit writes a proposal down, and asks the other superusers.
func submit(tx *store.Tx, d Delegation, q Pending) error {
	q.CompanyID, q.OrganizationID, q.ID, q.DelegationID = d.CompanyID, d.OrganizationID, models.NewID("prp"), d.ID
	q.BeforeTerms, q.AfterTerms = q.Before.text(), q.After.text()
	q.ProposedBy, q.ProposedByName, q.ProposedAt = tx.Actor.Account, tx.Actor.Name, models.At(tx.Now())
	if err := tx.Create(&q).Error; err != nil {
		if store.Duplicate(err) {
			return models.Fail(models.Conflict, "granting.error.waits")
		}
		return err
	}
	more := map[string]any{"proposal": q.ID, "kind": q.Kind, "due_at": q.DueAt.Time, "ends_at": instant(q.After.Ends)}
	tx.Record(event.DelegationProposed, about(d, more))
	tx.Notify("organization:" + d.OrganizationID)
	return tx.Across("mails about a proposal", func(tx *store.Tx) error {
		content, err := asked(tx, d, q)
		if err != nil {
			return err
		}
		return tell(tx, d, "proposal.asked."+q.ID, content, nil, q.ProposedBy)
	})
}

// asked is the mail to those who can decide.
func asked(tx *store.Tx, d Delegation, q Pending) (mail.ApprovalAsked, error) {
	f, err := facts(tx, q.After.on(d))
	if err != nil {
		return mail.ApprovalAsked{}, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return mail.ApprovalAsked{}, err
	}
	content := mail.ApprovalAsked{Delegated: f, By: q.ProposedByName, Due: q.DueAt, Amends: q.Kind == ToAmend}
	content.Roles = RoleNames(reg, q.After.named(reg))
	if content.Amends {
		content.Before, content.RolesBefore = q.Before.Ends, RoleNames(reg, q.Before.named(reg))
	}
	return content, nil
}

// pendingOf reads the open proposal about a delegation, with names; nil when
// there is none.
func pendingOf(tx *store.Tx, d Delegation) (*Pending, error) {
	q, err := openPending(tx, d)
	if q == nil || err != nil || !tx.Now().Before(q.DueAt.Time) || d.Over(tx.Now()) {
		return nil, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	enabled, err := inUse(tx)
	q.Was, q.Is = side(q.Before, d, reg, enabled), side(q.After, d, reg, enabled)
	return q, err
}

func openPending(tx *store.Tx, d Delegation) (*Pending, error) {
	var q Pending
	err := tx.Where("company_id = ? AND delegation_id = ? AND decided_at IS NULL", d.CompanyID, d.ID).Take(&q).Error
	if store.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &q, q.read()
}

// read takes the terms out of the row.
func (q *Pending) read() (err error) {
	if q.Before, err = readTerms(q.BeforeTerms); err != nil {
		return err
	}
	q.After, err = readTerms(q.AfterTerms)
	return err
}

// settle writes the answer down.
func settle(tx *store.Tx, q *Pending, outcome Outcome, note string) error {
	q.DecidedAt, q.DecidedBy, q.DecidedByName, q.Outcome, q.Note = models.AtPtr(tx.Now()), tx.Actor.Account, tx.Actor.Name, outcome, note
	if outcome == HasLapsed { // as of then, whoever noticed
		q.DecidedAt, q.DecidedBy, q.DecidedByName = &q.DueAt, "", ""
	}
	return tx.Model(&Pending{}).Where("company_id = ? AND id = ? AND decided_at IS NULL", q.CompanyID, q.ID).
		Updates(map[string]any{"decided_at": q.DecidedAt, "decided_by": q.DecidedBy, "decided_by_name": q.DecidedByName, "outcome": outcome, "note": note}).Error
}

// drop withdraws what is proposed about a delegation that ends.
func drop(tx *store.Tx, d Delegation) error {
	q, err := openPending(tx, d)
	if q == nil || err != nil {
		return err
	}
	return settle(tx, q, WasWithdrawn, "")
}
