package mail

import "locum/models"

// The kinds of mail about requests for delegations, and about firms.
const (
	AccessRequestedKind      Kind = "access_requested"
	AccessRequestRefusedKind Kind = "access_request_refused"
	FirmGivenKind            Kind = "firm_given"
	FirmGrantedKind          Kind = "firm_granted"
	FirmProposedKind         Kind = "firm_proposed"
	FirmOverKind             Kind = "firm_over"
	FirmPersonKind           Kind = "firm_person"
	FirmExpiringKind         Kind = "firm_expiring"
	FirmExpiredKind          Kind = "firm_expired"
	FirmQuestionKind         Kind = "firm_question"
	FirmHeldKind             Kind = "firm_held"
	FirmResumedKind          Kind = "firm_resumed"
	FirmAnsweredKind         Kind = "firm_answered"
)

// AccessRequested tells a superuser that somebody from outside asks for a delegation.
type AccessRequested struct {
	Request string         `json:"request"` // id
	Host    Place          `json:"host"`
	Person  string         `json:"person"`
	Email   string         `json:"email"` // proven
	Firm    Place          `json:"firm"`  // where he belongs; empty when nowhere
	Period  string         `json:"period"`
	Date    string         `json:"date,omitempty"` // as it was typed
	Reason  string         `json:"reason"`
	Ticket  string         `json:"ticket,omitempty"`
	Lapses  models.Instant `json:"lapses"`
}

// AccessRequestRefused tells who asked that he gets no delegation.
type AccessRequestRefused struct {
	Request string `json:"request"` // id
	Host    Place  `json:"host"`
	Person  string `json:"person"`
	Reason  string `json:"reason"`
	Ticket  string `json:"ticket,omitempty"`
	Note    string `json:"note,omitempty"`
}

// FirmDelegated is what each mail about a delegation to a firm says.
type FirmDelegated struct {
	ID      string          `json:"id"`
	Host    Place           `json:"host"`
	Firm    Place           `json:"firm"`
	GivenBy string          `json:"given_by"`
	People  int             `json:"people"` // at most
	Roles   []string        `json:"roles"`
	Reason  string          `json:"reason,omitempty"`
	Ticket  string          `json:"ticket,omitempty"`
	Starts  models.Instant  `json:"starts"`
	Ends    *models.Instant `json:"ends,omitempty"`
}

// FirmGiven tells a manager of the firm that it may name people. Extended says
// that it could before, and got another end.
type FirmGiven struct {
	FirmDelegated
	Extended bool `json:"extended"`
}

// FirmGranted tells the other superusers of a delegation to a firm. Extended
// says that it has another end.
type FirmGranted struct {
	FirmDelegated
	By       string `json:"by"`
	Extended bool   `json:"extended"`
}

// FirmProposed asks the other superusers to approve one, or a later end of one
// that there is: Extends, with the end that it has before.
type FirmProposed struct {
	FirmDelegated
	Lapses  models.Instant  `json:"lapses"`
	Extends bool            `json:"extends,omitempty"`
	By      string          `json:"by,omitempty"` // who proposes the later end
	Before  *models.Instant `json:"before,omitempty"`
}

// FirmAnswered tells who proposed one, or a later end of one, what became of it.
type FirmAnswered struct {
	FirmDelegated
	By      string `json:"by,omitempty"` // empty where nobody decided
	Outcome string `json:"outcome"`      // an outcome of models/delegation
	Extends bool   `json:"extends"`
}

// FirmExpiring tells both sides that one ends soon.
type FirmExpiring struct {
	FirmDelegated
	Named  int  `json:"named"` // how many people the firm named and who are not over
	ToFirm bool `json:"to_firm"`
}

// FirmExpired tells both sides that the period is over.
type FirmExpired struct {
	FirmDelegated
	At     models.Instant `json:"at"`
	ToFirm bool           `json:"to_firm"`
}

// FirmQuestion asks a superuser whether one goes on.
type FirmQuestion struct {
	FirmDelegated
	Why      string         `json:"why"` // a question of models/delegation
	AnswerBy models.Instant `json:"answer_by"`
	Again    bool           `json:"again"` // it was asked before
}

// FirmHeld tells both sides that nobody can enter by one until the host confirms.
type FirmHeld struct {
	FirmDelegated
	Why    string `json:"why"` // a suspend reason of models/delegation
	ToFirm bool   `json:"to_firm"`
}

// FirmResumed tells both sides that the host confirmed it.
type FirmResumed struct {
	FirmDelegated
	By     string `json:"by"`
	ToFirm bool   `json:"to_firm"`
}

// FirmOver tells superusers and the firm's managers that it was ended.
type FirmOver struct {
	FirmDelegated
	By     string         `json:"by"`
	At     models.Instant `json:"at"`
	ToFirm bool           `json:"to_firm"`
}

// FirmPerson tells a superuser whom a firm named for its delegation.
type FirmPerson struct {
	Delegated
	FirmDelegation string `json:"firm_delegation"` // id
	By             string `json:"by"`              // the firm's manager
}

func (AccessRequested) Kind() Kind      { return AccessRequestedKind }
func (AccessRequestRefused) Kind() Kind { return AccessRequestRefusedKind }
func (FirmGiven) Kind() Kind            { return FirmGivenKind }
func (FirmGranted) Kind() Kind          { return FirmGrantedKind }
func (FirmProposed) Kind() Kind         { return FirmProposedKind }
func (FirmOver) Kind() Kind             { return FirmOverKind }
func (FirmPerson) Kind() Kind           { return FirmPersonKind }
func (FirmExpiring) Kind() Kind         { return FirmExpiringKind }
func (FirmExpired) Kind() Kind          { return FirmExpiredKind }
func (FirmQuestion) Kind() Kind         { return FirmQuestionKind }
func (FirmHeld) Kind() Kind             { return FirmHeldKind }
func (FirmResumed) Kind() Kind          { return FirmResumedKind }
func (FirmAnswered) Kind() Kind         { return FirmAnsweredKind }
