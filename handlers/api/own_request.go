package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

const ownRequestsPath = "/v1/my-requests"

// ownRequest is what somebody asked an organization for, as his program reads it.
type ownRequest struct {
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	Host     host              `json:"host"`
	Period   delegation.Period `json:"period"`
	Date     *string           `json:"date"`
	Reason   string            `json:"reason"`
	Ticket   string            `json:"ticket"`
	AskedAt  models.Instant    `json:"asked_at"`
	LapsesAt models.Instant    `json:"lapses_at"`
	EndedAt  *models.Instant   `json:"ended_at"`
	Note     string            `json:"note"`
}

func shownOwnRequest(q delegation.OwnRequest, now time.Time) ownRequest {
	s := shownRequest(q.AccessRequest, now)
	return ownRequest{ID: s.ID, Status: s.Status, Host: hostOf(q.Host), Period: s.Period, Date: s.Date, Reason: s.Reason, Ticket: s.Ticket,
		AskedAt: s.AskedAt, LapsesAt: s.LapsesAt, EndedAt: s.EndedAt, Note: s.Note}
}

func (p *Pages) myRequests(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadOwnDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.OwnRequestPart(r.Context(), by, partOf(query))
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []ownRequest{}, query.Get("after")
	for _, q := range found {
		rows, next = append(rows, shownOwnRequest(q, r.Now)), q.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) myRequest(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadOwnDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.shownMyRequest(r, by, r.PathValue("id"))
}

// shownMyRequest shows one request to who made it.
func (p *Pages) shownMyRequest(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.delegations.OwnRequest(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownOwnRequest(one, r.Now)), nil
}

// madeMyRequest shows one that was made, with its address.
func (p *Pages) madeMyRequest(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.delegations.OwnRequest(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusCreated, shownOwnRequest(one, r.Now)).Header("Location", ownRequestsPath+"/"+one.ID), nil
}

var (
	requesting  = change{feed.WriteOwnDelegations, []string{event.RequestMade}, (*Pages).madeMyRequest}
	withdrawing = change{feed.WriteOwnDelegations, []string{event.RequestWithdrawn}, (*Pages).shownMyRequest}
)

// askForAccess asks the organization of a request link for a delegation.
func (p *Pages) askForAccess(r *web.Request) (web.Response, error) {
	var in struct {
		Link   string `json:"link"`
		Period string `json:"period"`
		Date   string `json:"date"`
		Reason string `json:"reason"`
		Ticket string `json:"ticket"`
	}
	return p.change(r, requesting, &in, func(by models.Actor) (string, error) {
		made, err := p.delegations.RequestAccess(r.Context(), by, linkToken(in.Link), delegation.Wish{Period: delegation.Period(in.Period), Date: in.Date, Reason: in.Reason, Ticket: in.Ticket})
		return made.ID, err
	})
}

// linkToken is the token of a request link: the last part of its address, which may
// also stand alone.
func linkToken(link string) string {
	last := link[strings.LastIndex(link, "/")+1:]
	if token, err := url.PathUnescape(last); err == nil {
		return token
	}
	return last
}

// withdrawRequest takes a request back that waits.
func (p *Pages) withdrawRequest(r *web.Request) (web.Response, error) {
	return p.change(r, withdrawing, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.WithdrawRequest(r.Context(), by, id)
	})
}
