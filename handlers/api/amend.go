package api

import (
	"cmp"
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
)

// amended is what a machine sends to change a delegation. What it leaves out stays;
// roles, applications and later_applications go together.
type amended struct {
	Version           int64     `json:"version"`
	Roles             *[]string `json:"roles"`
	Applications      *[]string `json:"applications"`
	LaterApplications *bool     `json:"later_applications"`
	Period            string    `json:"period"`
	Date              string    `json:"date"`
	Reason            *string   `json:"reason"`
	Ticket            *string   `json:"ticket"`
}

// on is the proposal that comes of it for what stands.
func (in amended) on(d delegation.Details) delegation.Proposal {
	out := d.Proposal()
	if in.Roles != nil || in.Applications != nil || in.LaterApplications != nil {
		out.Chosen, out.Roles, out.Applications, out.LaterApplications = true, of(in.Roles), of(in.Applications), of(in.LaterApplications)
	}
	out.Period, out.Date = cmp.Or(delegation.Period(in.Period), out.Period), in.Date
	if in.Reason != nil {
		out.Reason = *in.Reason
	}
	if in.Ticket != nil {
		out.Ticket = *in.Ticket
	}
	return out
}

// of is what a pointer points to, or nothing.
func of[T any](v *T) (out T) {
	if v != nil {
		out = *v
	}
	return out
}

// compare says what an amendment comes to, and changes nothing.
func (p *Pages) compare(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	var in amended
	if _, err := bodyOf(r, &in); err != nil {
		return web.Response{}, err
	}
	d, err := p.delegations.Get(r.Context(), by, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	a, err := p.delegations.Compare(r.Context(), by, d.ID, in.on(d))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, compared{a.ID, a.Version, !a.Nothing(), a.Widens, a.Approval, sideOf(a.Before), sideOf(a.After)}), nil
}

// amend changes a delegation, or proposes to where another superuser has to
// agree: then the answer shows the proposal.
func (p *Pages) amend(r *web.Request) (web.Response, error) {
	var in amended
	return p.change(r, amending, &in, func(by models.Actor) (string, error) {
		d, err := p.delegations.Get(r.Context(), by, r.PathValue("id"))
		if err != nil {
			return "", err
		}
		_, err = p.delegations.Amend(r.Context(), by, d.ID, in.Version, in.on(d))
		return d.ID, err
	})
}

// decision is what a machine sends about a proposal.
type decision struct {
	Proposal string `json:"proposal_id"`
	Note     string `json:"note"`
}

func (p *Pages) approve(r *web.Request) (web.Response, error) {
	var in decision
	return p.change(r, deciding, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Approve(r.Context(), by, id, in.Proposal, in.Note)
	})
}

func (p *Pages) reject(r *web.Request) (web.Response, error) {
	var in decision
	return p.change(r, deciding, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Reject(r.Context(), by, id, in.Proposal, in.Note)
	})
}

// withdraw takes back what the token's maker proposed himself.
func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	var in struct {
		Proposal string `json:"proposal_id"`
	}
	return p.change(r, deciding, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Withdraw(r.Context(), by, id, in.Proposal)
	})
}
