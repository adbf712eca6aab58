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

// host is an organization as those see it who work there from outside.
type host struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Company string  `json:"company"`
	Domain  *string `json:"domain"`
}

func hostOf(p models.Party) host { return host{p.Organization, p.Name, p.CompanyName, text(p.Domain)} }

// own is a delegation as its consultant's program reads it: what his screen shows.
type own struct {
	ID              string            `json:"id"`
	Status          delegation.Status `json:"status"`
	Host            host              `json:"host"`
	Email           string            `json:"email"`
	Roles           []string          `json:"role_names"`
	Applications    []party           `json:"applications"`
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
	GivenBack       bool              `json:"given_back"`
	SuspendedAt     *models.Instant   `json:"suspended_at"`
	MayAsk          bool              `json:"may_ask_more"`
	MoreAsked       *more             `json:"more_asked"`
}

func shownOwn(o delegation.Offer, now time.Time) own {
	s := own{ID: o.ID, Status: o.Status(now), Host: hostOf(o.Host), Email: o.Email, Roles: filled(o.RoleNames), Applications: []party{},
		AllApplications: o.AllApplications, Period: o.Period, StartsAt: o.StartsAt, EndsAt: o.EndsAt, Reason: o.Reason, Ticket: o.Ticket,
		GrantedBy: o.GrantedByName, GrantedAt: o.GrantedAt, AcceptedAt: o.AcceptedAt, DeclinedAt: o.DeclinedAt, RevokedAt: o.RevokedAt,
		GivenBack: o.GivenBack(), SuspendedAt: o.SuspendedAt, MayAsk: o.MayAsk(now)}
	for _, a := range o.Reachable {
		s.Applications = append(s.Applications, party{a.ID, a.Name})
	}
	if o.MoreAskedAt != nil {
		s.MoreAsked = &more{*o.MoreAskedAt, o.MorePeriod, text(o.MoreDate), o.MoreReason}
	}
	return s
}

// mine lists what the token's owner was offered and has elsewhere.
func (p *Pages) mine(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadOwnDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit", "open")
	if err != nil {
		return web.Response{}, err
	}
	wrong := models.FieldErrors{}
	part := delegation.OwnPart{Part: partOf(query), Open: flag(query, "open", wrong)}
	if err := wrong.Err(); err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.OwnPart(r.Context(), by, part)
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []own{}, part.After
	for _, o := range found {
		rows, next = append(rows, shownOwn(o, r.Now)), o.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) oneOfMine(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadOwnDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.shownMine(r, by, r.PathValue("id"))
}

// shownMine shows one delegation to its consultant.
func (p *Pages) shownMine(r *web.Request, by models.Actor, id string) (web.Response, error) {
	o, err := p.delegations.Offer(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownOwn(o, r.Now)), nil
}

// What a consultant can change of his delegations.
var (
	accepting  = change{feed.WriteOwnDelegations, []string{event.DelegationAccepted}, (*Pages).shownMine}
	declining  = change{feed.WriteOwnDelegations, []string{event.DelegationDeclined}, (*Pages).shownMine}
	givingBack = change{feed.WriteOwnDelegations, []string{event.DelegationGivenBack}, (*Pages).shownMine}
	askingMore = change{feed.WriteOwnDelegations, []string{event.DelegationMoreAsked}, (*Pages).shownMine}
)

// accept binds an offered delegation to the token's owner. Nobody enters by it.
func (p *Pages) accept(r *web.Request) (web.Response, error) {
	return p.change(r, accepting, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Accept(r.Context(), by, id)
	})
}

func (p *Pages) decline(r *web.Request) (web.Response, error) {
	return p.change(r, declining, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Decline(r.Context(), by, id)
	})
}

// giveBack ends a delegation by its consultant, and every visit under it.
func (p *Pages) giveBack(r *web.Request) (web.Response, error) {
	return p.change(r, givingBack, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.GiveBack(r.Context(), by, id)
	})
}

func (p *Pages) askMore(r *web.Request) (web.Response, error) {
	var in struct {
		Period string `json:"period"`
		Date   string `json:"date"`
		Reason string `json:"reason"`
	}
	return p.change(r, askingMore, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.AskMore(r.Context(), by, id, delegation.More{Period: delegation.Period(in.Period), Date: in.Date, Reason: in.Reason})
	})
}
