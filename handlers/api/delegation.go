package api

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/views/i18n"
)

const delegationsPath = "/v1/delegations"

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

// What can be changed of a delegation.
var (
	granting   = change{feed.WriteDelegations, []string{event.DelegationGranted, event.DelegationProposed}, (*Pages).made}
	extending  = change{feed.WriteDelegations, []string{event.DelegationExtended, event.DelegationProposed}, (*Pages).changed}
	amending   = change{feed.WriteDelegations, []string{event.DelegationAmended, event.DelegationProposed}, (*Pages).changed}
	revoking   = change{feed.WriteDelegations, []string{event.DelegationRevoked}, (*Pages).changed}
	confirming = change{feed.WriteDelegations, []string{event.DelegationConfirmed}, (*Pages).changed}
	refusing   = change{feed.WriteDelegations, []string{event.DelegationMoreRefused}, (*Pages).changed}
	deciding   = change{feed.WriteDelegations, []string{event.DelegationApproved, event.DelegationAmended, event.DelegationRejected, event.DelegationWithdrawn}, (*Pages).changed}
)

// changed shows a delegation after a change.
func (p *Pages) changed(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.delegations.Get(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shown(one, r.Now)), nil
}

// made shows a delegation that was made, with its address.
func (p *Pages) made(r *web.Request, by models.Actor, id string) (web.Response, error) {
	one, err := p.delegations.Get(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusCreated, shown(one, r.Now)).Header("Location", delegationsPath+"/"+one.ID), nil
}

// given is what a machine sends to give a delegation.
type given struct {
	Email             string   `json:"email"`
	MixedScripts      bool     `json:"mixed_scripts"`
	Roles             []string `json:"roles"`
	Applications      []string `json:"applications"`
	LaterApplications bool     `json:"later_applications"`
	StartDate         string   `json:"start_date"`
	StartTime         string   `json:"start_time"`
	Period            string   `json:"period"`
	Date              string   `json:"date"`
	Reason            string   `json:"reason"`
	Ticket            string   `json:"ticket"`
	Language          string   `json:"language"`
}

func (in given) proposal() delegation.Proposal {
	return delegation.Proposal{Email: in.Email, Roles: in.Roles, Applications: in.Applications, LaterApplications: in.LaterApplications,
		Chosen: in.Roles != nil || in.Applications != nil || in.LaterApplications, Later: in.StartDate != "" || in.StartTime != "", StartDate: in.StartDate, StartTime: in.StartTime,
		Period: delegation.Period(in.Period), Date: in.Date, Reason: in.Reason, Ticket: in.Ticket, Language: in.Language}
}

// check asks what the form asks: whether an address that mixes scripts is meant,
// and for a language that there is.
func (in given) check() error {
	wrong := models.FieldErrors{}
	if email, ok := account.ParseEmail(in.Email); ok && email.Mixed && !in.MixedScripts {
		wrong.Add("email", "delegation.error.confirm_address")
	}
	if in.Language != "" && !i18n.Known(in.Language) {
		wrong.Add("language", "error.choice")
	}
	return wrong.Err()
}

// grant gives a delegation, by the same rules as the screen. Where there is an
// open one for the address, the answer names it: that can be amended.
func (p *Pages) grant(r *web.Request) (web.Response, error) {
	var in given
	return p.change(r, granting, &in, func(by models.Actor) (string, error) {
		if err := in.check(); err != nil {
			return "", err
		}
		made, err := p.delegations.Grant(r.Context(), by, in.proposal())
		if wrong, rejected := web.Wrong(err); rejected && len(wrong) == 1 && wrong["email"].Key == "delegation.error.open_already" {
			plan, _ := p.delegations.Preview(r.Context(), by, in.proposal())
			if plan.Standing != nil {
				err = models.Fail(models.Conflict, wrong["email"].Key, web.ProblemSubject, plan.Standing.ID)
			}
		}
		return made.ID, err
	})
}

// later is what a machine sends to give something a later end.
type later struct {
	Period  string `json:"period"`
	Date    string `json:"date"`
	Version int64  `json:"version"`
}

// extend gives a delegation a later end. The version is the one that was read:
// what somebody changed meanwhile is not written over.
func (p *Pages) extend(r *web.Request) (web.Response, error) {
	var in later
	return p.change(r, extending, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Extend(r.Context(), by, id, in.Version, delegation.Period(in.Period), in.Date)
	})
}

func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	return p.change(r, revoking, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Revoke(r.Context(), by, id)
	})
}

// confirm says that a delegation goes on: it lifts a suspension, or answers what
// the host was asked.
func (p *Pages) confirm(r *web.Request) (web.Response, error) {
	var in struct {
		Version int64 `json:"version"`
	}
	return p.change(r, confirming, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.Confirm(r.Context(), by, id, in.Version)
	})
}

// refuseMore answers a consultant who asks for more time with no.
func (p *Pages) refuseMore(r *web.Request) (web.Response, error) {
	var in struct {
		Version int64  `json:"version"`
		Note    string `json:"note"`
	}
	return p.change(r, refusing, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.RefuseMore(r.Context(), by, id, in.Version, in.Note)
	})
}
