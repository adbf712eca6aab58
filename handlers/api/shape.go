package api

import (
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
)

// shape is a delegation as machines read it.
type shape struct {
	ID              string            `json:"id"`
	Status          delegation.Status `json:"status"`
	Email           string            `json:"email"`
	Person          string            `json:"person"`
	Account         *string           `json:"account_id"`
	Firm            *party            `json:"real_organization"`
	Roles           []role            `json:"roles"`
	AllApplications bool              `json:"all_applications"`
	Named           []string          `json:"named_applications"`
	Period          delegation.Period `json:"period"`
	StartsAt        models.Instant    `json:"starts_at"`
	EndsAt          *models.Instant   `json:"ends_at"`
	Reason          string            `json:"reason"`
	Ticket          string            `json:"ticket"`
	GrantedBy       string            `json:"granted_by"`
	GrantedAt       models.Instant    `json:"granted_at"`
	AcceptedAt      *models.Instant   `json:"accepted_at"`
	DeclinedAt      *models.Instant   `json:"declined_at"`
	RevokedAt       *models.Instant   `json:"revoked_at"`
	SuspendedAt     *models.Instant   `json:"suspended_at"`
	SuspendReason   *string           `json:"suspend_reason"`
	ApprovedAt      *models.Instant   `json:"approved_at"`
	ApprovedBy      *string           `json:"approved_by"`
	ApprovalDue     *models.Instant   `json:"approval_due"`
	FirmDelegation  *string           `json:"firm_id"`
	Question        *string           `json:"question"`
	AnswerBy        *models.Instant   `json:"answer_by"`
	MoreAsked       *more             `json:"more_asked"`
	Proposal        *proposed         `json:"proposal"`
	Dormant         bool              `json:"dormant"`
	Inside          bool              `json:"inside"`
	Version         int64             `json:"version"`
}

// more is what a consultant asks for.
type more struct {
	At     models.Instant    `json:"at"`
	Period delegation.Period `json:"period"`
	Date   *string           `json:"date"`
	Reason string            `json:"reason"`
}

// proposed is what another superuser has to decide about.
type proposed struct {
	ID     string                 `json:"id"`
	Kind   delegation.PendingKind `json:"kind"`
	By     string                 `json:"proposed_by"`
	At     models.Instant         `json:"proposed_at"`
	Due    models.Instant         `json:"due_at"`
	Before *terms                 `json:"before"`
	After  terms                  `json:"after"`
}

// terms are what an amendment can change.
type terms struct {
	Period          delegation.Period `json:"period"`
	EndsAt          *models.Instant   `json:"ends_at"`
	Roles           []string          `json:"roles"`
	AllApplications bool              `json:"all_applications"`
	Named           []string          `json:"named_applications"`
	Reason          string            `json:"reason"`
	Ticket          string            `json:"ticket"`
}

func termsOf(t delegation.Terms) terms {
	return terms{t.Period, t.Ends, filled(t.Roles), t.AllApplications, words(t.NamedApplications), t.Reason, t.Ticket}
}

// compared is what an amendment comes to.
type compared struct {
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	Changes  bool   `json:"changes"`
	Widens   bool   `json:"widens"`
	Approval bool   `json:"approval"`
	Before   side   `json:"before"`
	After    side   `json:"after"`
}

// side is what stands before an amendment, or after it, with what it opens.
type side struct {
	terms
	Opens []party `json:"opens"`
}

func sideOf(s delegation.Side) side {
	out := side{termsOf(s.Terms), []party{}}
	for _, a := range s.Prospect.Applications {
		out.Opens = append(out.Opens, party{a.ID, a.Name})
	}
	return out
}

// words are ids that a space separates; none is an empty list.
func words(ids string) []string { return filled(strings.Fields(ids)) }

// filled is a list for JSON: never null.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

type party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type role struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Application *string `json:"application_id"`
}

// text is a text for JSON: null when there is none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func shown(d delegation.Details, now time.Time) shape {
	s := shape{ID: d.ID, Status: d.Status(now), Email: d.Email, Person: d.Person(), Account: text(d.AccountID), Roles: []role{},
		AllApplications: d.AllApplications, Period: d.Period, StartsAt: d.StartsAt, EndsAt: d.EndsAt, Reason: d.Reason, Ticket: d.Ticket,
		GrantedBy: d.GrantedByName, GrantedAt: d.GrantedAt, AcceptedAt: d.AcceptedAt, DeclinedAt: d.DeclinedAt, RevokedAt: d.RevokedAt,
		SuspendedAt: d.SuspendedAt, SuspendReason: text(d.SuspendReason), ApprovedAt: d.ApprovedAt, ApprovedBy: text(d.ApprovedByName), ApprovalDue: d.ApprovalDue,
		Named: words(d.NamedApplications), FirmDelegation: text(d.FirmID), Question: text(string(d.Question)), AnswerBy: d.AnswerBy,
		Dormant: d.Dormant(now), Inside: d.Present, Version: d.Version}
	if d.MoreAskedAt != nil {
		s.MoreAsked = &more{*d.MoreAskedAt, d.MorePeriod, text(d.MoreDate), d.MoreReason}
	}
	if q := d.Waiting; q != nil {
		s.Proposal = &proposed{ID: q.ID, Kind: q.Kind, By: q.ProposedByName, At: q.ProposedAt, Due: q.DueAt, After: termsOf(q.After)}
		if q.Kind == delegation.ToAmend {
			before := termsOf(q.Before)
			s.Proposal.Before = &before
		}
	}
	if d.RealOrganizationID != "" {
		s.Firm = &party{d.RealOrganizationID, d.RealOrganizationName}
	}
	for _, r := range d.Roles {
		s.Roles = append(s.Roles, role{r.ID, r.Name, text(r.ApplicationID)})
	}
	return s
}
