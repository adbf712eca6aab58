package api

import (
	"net/http"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
	"locum/views/i18n"
)

const delegationsPath = "/v1/delegations"

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
	Inside          bool              `json:"inside"`
	Version         int64             `json:"version"`
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
		SuspendedAt: d.SuspendedAt, Inside: d.Present, Version: d.Version}
	if d.RealOrganizationID != "" {
		s.Firm = &party{d.RealOrganizationID, d.RealOrganizationName}
	}
	for _, r := range d.Roles {
		s.Roles = append(s.Roles, role{r.ID, r.Name, text(r.ApplicationID)})
	}
	return s
}

// visit is a stay as machines read it.
type visit struct {
	ID          string          `json:"id"`
	Delegation  string          `json:"delegation_id"`
	Account     string          `json:"account_id"`
	Person      string          `json:"person"`
	Firm        *party          `json:"real_organization"`
	EnteredAt   models.Instant  `json:"entered_at"`
	LastSeenAt  models.Instant  `json:"last_seen_at"`
	LeftAt      *models.Instant `json:"left_at"`
	LeaveReason *string         `json:"leave_reason"`
}

// listed is a part of a list; Next is the cursor to go on from.
type listed struct {
	Data any    `json:"data"`
	Next string `json:"next"`
	More bool   `json:"has_more"`
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.Part(r.Context(), by, partOf(query))
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []shape{}, query.Get("after")
	for _, d := range found {
		rows, next = append(rows, shown(d, r.Now)), d.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) one(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	found, err := p.delegations.Get(r.Context(), by, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shown(found, r.Now)), nil
}

// grant gives a delegation, by the same rules as the screen.
func (p *Pages) grant(r *web.Request) (web.Response, error) {
	var in struct {
		Email    string   `json:"email"`
		Roles    []string `json:"roles"`
		Period   string   `json:"period"`
		Date     string   `json:"date"`
		Reason   string   `json:"reason"`
		Ticket   string   `json:"ticket"`
		Language string   `json:"language"`
	}
	body, err := bodyOf(r, &in)
	if err != nil {
		return web.Response{}, err
	}
	if in.Language != "" && !i18n.Known(in.Language) {
		wrong := models.FieldErrors{}
		wrong.Add("language", "error.choice")
		return web.Response{}, wrong.Err()
	}
	return p.change(r, body, func(r *web.Request, by models.Actor) (string, error) {
		made, err := p.delegations.Grant(r.Context(), by, delegation.Proposal{Email: in.Email, Roles: in.Roles, Chosen: in.Roles != nil,
			Period: delegation.Period(in.Period), Date: in.Date, Reason: in.Reason, Ticket: in.Ticket, Language: in.Language})
		return made.ID, err
	})
}

// extend gives a delegation a later end. The version is the one that was read:
// what somebody changed meanwhile is not written over.
func (p *Pages) extend(r *web.Request) (web.Response, error) {
	var in struct {
		Period  string `json:"period"`
		Date    string `json:"date"`
		Version int64  `json:"version"`
	}
	body, err := bodyOf(r, &in)
	if err != nil {
		return web.Response{}, err
	}
	return p.change(r, body, func(r *web.Request, by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Extend(r.Context(), by, id, in.Version, delegation.Period(in.Period), in.Date)
	})
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	body, err := bodyOf(r, &struct{}{})
	if err != nil {
		return web.Response{}, err
	}
	return p.change(r, body, func(r *web.Request, by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Revoke(r.Context(), by, id)
	})
}

func (p *Pages) visits(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadVisits)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.Visits(r.Context(), by, partOf(query))
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []visit{}, query.Get("after")
	for _, v := range found {
		one := visit{ID: v.ID, Delegation: v.DelegationID, Account: v.AccountID, Person: v.AccountName, EnteredAt: v.EnteredAt,
			LastSeenAt: v.LastSeenAt, LeftAt: v.LeftAt, LeaveReason: text(string(v.LeaveReason))}
		if v.RealOrganizationID != "" {
			one.Firm = &party{v.RealOrganizationID, v.RealOrganizationName}
		}
		rows, next = append(rows, one), v.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}
