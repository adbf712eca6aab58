package mail

import "locum/models"

// The kinds of mail about a delegation that lives.
const (
	ExpiringKind    Kind = "expiring"
	QuestionKind    Kind = "question"
	ConfirmedKind   Kind = "confirmed"
	MoreAskedKind   Kind = "more_asked"
	MoreRefusedKind Kind = "more_refused"
)

// Expiring tells consultant and superusers that a delegation ends soon.
type Expiring struct {
	Delegated
	Visits       int  `json:"visits"`
	ToConsultant bool `json:"to_consultant"`
}

// Question asks a superuser whether a delegation goes on.
type Question struct {
	Delegated
	Why      string         `json:"why"` // a question of models/delegation
	AnswerBy models.Instant `json:"answer_by"`
	Again    bool           `json:"again"` // it was asked before
}

// Confirmed tells consultant and superusers that a suspension was lifted.
type Confirmed struct {
	Delegated
	By           string `json:"by"`
	ToConsultant bool   `json:"to_consultant"`
}

// MoreAsked tells a superuser that the consultant asks for a later end.
type MoreAsked struct {
	Delegated
	Wanted  models.Instant `json:"wanted"` // the end that he asks for, counted from when he asked
	Because string         `json:"because"`
}

// MoreRefused tells the consultant that he does not get the time he asked for.
type MoreRefused struct {
	Delegated
	By   string `json:"by"`
	Note string `json:"note,omitempty"`
}

func (Expiring) Kind() Kind    { return ExpiringKind }
func (Question) Kind() Kind    { return QuestionKind }
func (Confirmed) Kind() Kind   { return ConfirmedKind }
func (MoreAsked) Kind() Kind   { return MoreAskedKind }
func (MoreRefused) Kind() Kind { return MoreRefusedKind }
