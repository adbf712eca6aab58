package api

import (
	"net/http"
	"net/url"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
)

// stay is a line of a consultant's time sheet.
type stay struct {
	ID          string          `json:"id"`
	Delegation  string          `json:"delegation_id"`
	Host        host            `json:"host"`
	Ticket      string          `json:"ticket"`
	EnteredAt   models.Instant  `json:"entered_at"`
	LeftAt      *models.Instant `json:"left_at"`
	LeaveReason *string         `json:"leave_reason"`
	From        models.Instant  `json:"counted_from"`
	To          models.Instant  `json:"counted_until"`
	Seconds     int64           `json:"seconds"`
}

func shownStay(s delegation.Stay) stay {
	return stay{ID: s.ID, Delegation: s.DelegationID, Host: hostOf(s.Host), Ticket: s.Ticket, EnteredAt: s.EnteredAt, LeftAt: s.LeftAt,
		LeaveReason: text(string(s.LeaveReason)), From: models.At(s.From), To: models.At(s.To), Seconds: int64(s.Length().Seconds())}
}

// myVisits is the time sheet of the token's owner.
func (p *Pages) myVisits(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadOwnDelegations)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit", "since", "until")
	if err != nil {
		return web.Response{}, err
	}
	wrong := models.FieldErrors{}
	part := delegation.StayPart{Part: partOf(query), Since: moment(query, "since", wrong), Until: moment(query, "until", wrong)}
	if err := wrong.Err(); err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.OwnVisits(r.Context(), by, part)
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []stay{}, part.After
	for _, s := range found {
		rows, next = append(rows, shownStay(s)), s.ID
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

// moment reads a parameter that is a moment (RFC 3339); zero without it.
func moment(query url.Values, name string, wrong models.FieldErrors) (at time.Time) {
	if !query.Has(name) {
		return at
	}
	at, err := time.Parse(time.RFC3339Nano, query.Get(name))
	if err != nil {
		wrong.Add(name, "error.moment")
	}
	return at
}
