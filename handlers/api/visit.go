package api

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

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

func shownVisit(v delegation.Visit) visit {
	one := visit{ID: v.ID, Delegation: v.DelegationID, Account: v.AccountID, Person: v.AccountName, EnteredAt: v.EnteredAt,
		LastSeenAt: v.LastSeenAt, LeftAt: v.LeftAt, LeaveReason: text(string(v.LeaveReason))}
	if v.RealOrganizationID != "" {
		one.Firm = &party{v.RealOrganizationID, v.RealOrganizationName}
	}
	return one
}

func (p *Pages) visits(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadVisits)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit", "open", "delegation", "since")
	if err != nil {
		return web.Response{}, err
	}
	part, err := visitsOf(query)
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.Visits(r.Context(), by, part)
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []visit{}, part.After
	for _, v := range found {
		rows, next = append(rows, shownVisit(v)), v.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

// visitsOf reads which visits are asked for.
func visitsOf(query url.Values) (part delegation.VisitPart, err error) {
	wrong := models.FieldErrors{}
	part.Part, part.Delegation = partOf(query), query.Get("delegation")
	part.Open = flag(query, "open", wrong)
	part.Since = moment(query, "since", wrong)
	return part, wrong.Err()
}

// flag reads a parameter that is true or false; false without it.
func flag(query url.Values, name string, wrong models.FieldErrors) bool {
	if value := query.Get(name); query.Has(name) && value != "true" && value != "false" {
		wrong.Add(name, "error.choice")
	}
	return query.Get(name) == "true"
}

func (p *Pages) visit(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadVisits)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.visited(r, by, r.PathValue("id"))
}

// visited shows one visit.
func (p *Pages) visited(r *web.Request, by models.Actor, id string) (web.Response, error) {
	v, err := p.delegations.Visit(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownVisit(v)), nil
}

var ending = change{feed.WriteVisits, []string{event.VisitEnded}, (*Pages).visited}

// endVisit ends one visit, and leaves its delegation as it is.
func (p *Pages) endVisit(r *web.Request) (web.Response, error) {
	return p.change(r, ending, &struct{}{}, func(by models.Actor) (string, error) {
		v, err := p.delegations.EndVisit(r.Context(), by, r.PathValue("id"))
		return v.ID, err
	})
}
