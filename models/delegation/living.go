package delegation

import (
	"time"

	"locum/models"
	"locum/models/store"
)

// Living is what happens to a delegation between its beginning and its end.
type Living struct {
	EndSetAt    *models.Instant // when its end was last changed; nil: as it was granted
	WarnedEnd   *models.Instant // the end that people were last warned of
	WarnedHours int             // how long before it that was

	ReviewedAt   *models.Instant // when the host last said that it goes on; nil: never
	Question     Question        // what the host has to answer; empty: nothing
	AnswerBy     *models.Instant // without an answer it is suspended then
	AskedAgainAt *models.Instant // when the host was reminded of the question

	MoreAskedAt *models.Instant // when its consultant asked for more time; nil: he does not ask
	MorePeriod  Period          // how much he asks for, from the moment it is granted
	MoreDate    string          // with UntilDate, as he typed it
	MoreReason  string
}

// Question is why a host has to confirm a delegation that goes on meanwhile.
type Question string

// The questions.
const (
	ReviewDue   Question = "review"  // it has no end date, and the last review is long ago
	GranterGone Question = "granter" // who granted it is no superuser any more
)

// suspends is why a delegation is suspended when a question has no answer.
func (q Question) suspends() string {
	if q == ReviewDue {
		return Unreviewed
	}
	return Unconfirmed
}

// Why else a delegation is suspended.
const (
	Unreviewed  = "review"      // nobody answered its review
	Unconfirmed = "unconfirmed" // nobody confirmed it after its granter was superuser no more
	Readdressed = "address"     // its consultant's address changed
	Rehomed     = "home"        // its consultant belongs to another organization
)

// decided are the changes of a delegation about which its host decided: no
// question is open, and the next review counts from now.
func decided(now time.Time) map[string]any {
	return map[string]any{"reviewed_at": models.At(now), "question": "", "answer_by": nil, "asked_again_at": nil}
}

// notAsking are the changes of a delegation whose consultant asks for nothing.
func notAsking() map[string]any {
	return map[string]any{"more_asked_at": nil, "more_period": "", "more_date": "", "more_reason": ""}
}

// standingDelegation is the condition that a delegation was accepted and nothing keeps
// its consultant out but, perhaps, its period.
const standingDelegation = "accepted_at IS NOT NULL AND declined_at IS NULL AND revoked_at IS NULL AND suspended_at IS NULL AND expiry_recorded_at IS NULL"

// stands says the same of a row, at a moment.
func (d Delegation) stands(now time.Time) bool {
	return d.AcceptedAt != nil && d.SuspendedAt == nil && !d.Over(now)
}

// note writes what is nobody's decision: the version stays, so that nobody who
// looks at the delegation is told that somebody changed it.
func note(tx *store.Tx, d Delegation, changes map[string]any) error {
	tx.Notify("organization:" + d.OrganizationID)
	return tx.Model(&Delegation{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).Updates(changes).Error
}
