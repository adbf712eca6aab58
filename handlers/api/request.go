package api

import (
	"net/http"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// request is what somebody asks the organization for, as machines read it.
type request struct {
	ID         string            `json:"id"`
	Status     string            `json:"status"`
	Account    string            `json:"account_id"`
	Person     string            `json:"person"`
	Email      string            `json:"email"`
	Firm       *party            `json:"real_organization"`
	Period     delegation.Period `json:"period"`
	Date       *string           `json:"date"`
	Reason     string            `json:"reason"`
	Ticket     string            `json:"ticket"`
	AskedAt    models.Instant    `json:"asked_at"`
	LapsesAt   models.Instant    `json:"lapses_at"`
	EndedAt    *models.Instant   `json:"ended_at"`
	EndedBy    *string           `json:"ended_by"`
	Note       string            `json:"note"`
	Delegation *string           `json:"delegation_id"`
}

func shownRequest(q delegation.AccessRequest, now time.Time) request {
	s := request{ID: q.ID, Status: string(q.Outcome(now)), Account: q.AccountID, Person: q.AccountName, Email: q.Email, Period: q.Period, Date: text(q.Date),
		Reason: q.Reason, Ticket: q.Ticket, AskedAt: q.AskedAt, LapsesAt: q.LapsesAt, EndedAt: q.EndedAt, EndedBy: text(q.EndedByName), Note: q.Note,
		Delegation: text(q.DelegationID)}
	if s.Status == string(delegation.RequestWaiting) {
		s.Status = "waiting"
	}
	if q.RealOrganizationID != "" {
		s.Firm = &party{q.RealOrganizationID, q.RealOrganizationName}
	}
	return s
}

func (p *Pages) requests(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit", "waiting")
	if err != nil {
		return web.Response{}, err
	}
	wrong := models.FieldErrors{}
	waiting := flag(query, "waiting", wrong)
	if err := wrong.Err(); err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.RequestPart(r.Context(), by, partOf(query), waiting)
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []request{}, query.Get("after")
	for _, q := range found {
		rows, next = append(rows, shownRequest(q, r.Now)), q.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) request(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.requested(r, by, r.PathValue("id"))
}

// requested shows one request.
func (p *Pages) requested(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.delegations.AccessRequest(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownRequest(one.AccessRequest, r.Now)), nil
}

var denying = change{feed.WriteDelegations, []string{event.RequestRefused}, (*Pages).requested}

// refuse answers a request with no. It is granted by giving a delegation to its
// address.
func (p *Pages) refuse(r *web.Request) (web.Response, error) {
	var in struct {
		Note string `json:"note"`
	}
	return p.change(r, denying, &in, func(by models.Actor) (string, error) {
		was, err := p.delegations.RefuseAccess(r.Context(), by, r.PathValue("id"), in.Note)
		return was.ID, err
	})
}
