package api

import (
	"net/http"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
)

const firmsPath = "/v1/firm-delegations"

// firm is a delegation to a firm as machines read it.
type firm struct {
	ID              string                `json:"id"`
	Status          delegation.FirmStatus `json:"status"`
	Company         party                 `json:"company"`
	Domain          string                `json:"domain"`
	People          int                   `json:"people"`
	Roles           []string              `json:"role_names"`
	AllApplications bool                  `json:"all_applications"`
	Period          delegation.Period     `json:"period"`
	StartsAt        models.Instant        `json:"starts_at"`
	EndsAt          *models.Instant       `json:"ends_at"`
	Reason          string                `json:"reason"`
	Ticket          string                `json:"ticket"`
	GrantedBy       string                `json:"granted_by"`
	GrantedAt       models.Instant        `json:"granted_at"`
	ApprovedBy      *string               `json:"approved_by"`
	ApprovedAt      *models.Instant       `json:"approved_at"`
	ApprovalDue     *models.Instant       `json:"approval_due"`
	EndedBy         *string               `json:"ended_by"`
	EndedAt         *models.Instant       `json:"ended_at"`
	Proposed        *firmEnd              `json:"proposed_end"`
	Question        *string               `json:"question"`
	AnswerBy        *models.Instant       `json:"answer_by"`
	SuspendedAt     *models.Instant       `json:"suspended_at"`
	Named           []named               `json:"named"`
	Vetoes          []veto                `json:"vetoes"`
	Version         int64                 `json:"version"`
}

// firmEnd is a later end of a delegation to a firm that waits for another superuser.
type firmEnd struct {
	Period delegation.Period `json:"period"`
	EndsAt *models.Instant   `json:"ends_at"`
	By     string            `json:"proposed_by"`
	Due    models.Instant    `json:"approval_due"`
}

// named is a person whom a firm named.
type named struct {
	Account    string            `json:"account_id"`
	Person     string            `json:"person"`
	Delegation string            `json:"delegation_id"`
	Status     delegation.Status `json:"status"`
}

// veto is a person whom the host does not want of a firm.
type veto struct {
	Account string         `json:"account_id"`
	Person  string         `json:"person"`
	By      string         `json:"vetoed_by"`
	At      models.Instant `json:"vetoed_at"`
}

func shownFirm(f delegation.FirmDetails, now time.Time) firm {
	s := firm{ID: f.ID, Status: f.Status(now), Company: party{f.FirmCompanyID, f.FirmName}, Domain: f.FirmDomain, People: f.People,
		Roles: filled(f.RoleNames), AllApplications: f.AllApplications, Period: f.Period, StartsAt: f.StartsAt, EndsAt: f.EndsAt, Reason: f.Reason, Ticket: f.Ticket,
		GrantedBy: f.GrantedByName, GrantedAt: f.GrantedAt, ApprovedBy: text(f.ApprovedByName), ApprovedAt: f.ApprovedAt,
		EndedBy: text(f.EndedByName), EndedAt: f.EndedAt,
		Question: text(string(f.Question)), AnswerBy: f.AnswerBy, SuspendedAt: f.SuspendedAt, Named: []named{}, Vetoes: []veto{}, Version: f.Version}
	if s.Status == delegation.FirmWaiting {
		lapses := f.Lapses()
		s.ApprovalDue = &lapses
	}
	if f.Wanted(now) {
		s.Proposed = &firmEnd{f.WantedPeriod, f.WantedEndsAt, f.WantedByName, *f.WantedDue}
	}
	for _, d := range f.Named {
		s.Named = append(s.Named, named{d.NamedID, d.Person(), d.ID, d.Status(now)})
	}
	for _, v := range f.Vetoes {
		s.Vetoes = append(s.Vetoes, veto{v.AccountID, v.AccountName, v.VetoedByName, v.VetoedAt})
	}
	return s
}

func (p *Pages) firms(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.FirmPart(r.Context(), by, partOf(query))
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []firm{}, query.Get("after")
	for _, f := range found {
		rows, next = append(rows, shownFirm(f, r.Now)), f.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) firm(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.changedFirm(r, by, r.PathValue("id"))
}

// changedFirm shows a delegation to a firm.
func (p *Pages) changedFirm(r *web.Request, by models.Actor, id string) (web.Response, error) {
	f, err := p.delegations.Firm(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownFirm(f, r.Now)), nil
}

// madeFirm shows one that was made, with its address.
func (p *Pages) madeFirm(r *web.Request, by models.Actor, id string) (web.Response, error) {
	f, err := p.delegations.Firm(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusCreated, shownFirm(f, r.Now)).Header("Location", firmsPath+"/"+f.ID), nil
}
