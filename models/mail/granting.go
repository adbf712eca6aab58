package mail

import "locum/models"

// ApprovalAsked asks a superuser to decide about a delegation, or a change of
// one, that another proposes. Nobody else has heard of it.
type ApprovalAsked struct {
	Delegated
	By          string          `json:"by"` // who proposes it
	Due         models.Instant  `json:"due"`
	Amends      bool            `json:"amends"`           // it changes a delegation that stands
	Before      *models.Instant `json:"before,omitempty"` // the end that stands
	RolesBefore []string        `json:"roles_before,omitempty"`
}

// ApprovalAnswered tells a superuser what became of what he proposed.
type ApprovalAnswered struct {
	Delegated
	By      string `json:"by,omitempty"` // who decided; empty when nobody did
	Outcome string `json:"outcome"`      // "approved", "rejected" or "lapsed"
	Note    string `json:"note,omitempty"`
	Amends  bool   `json:"amends"`
}

// Amended tells consultant and superusers that a delegation was changed, and
// what it was before.
type Amended struct {
	Delegated
	By                 string          `json:"by"`
	Before             *models.Instant `json:"before,omitempty"` // the end
	RolesBefore        []string        `json:"roles_before"`
	Applications       []string        `json:"applications"`
	ApplicationsBefore []string        `json:"applications_before"`
	Widened            bool            `json:"widened"` // never muted
	ToConsultant       bool            `json:"to_consultant"`
}

// Kind names the mail.
func (ApprovalAsked) Kind() Kind { return ApprovalAskedKind }

// Kind names the mail.
func (ApprovalAnswered) Kind() Kind { return ApprovalAnsweredKind }

// Kind names the mail.
func (Amended) Kind() Kind { return AmendedKind }
