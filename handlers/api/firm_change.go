package api

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// What can be changed of a delegation to a firm.
var (
	grantingFirm   = change{feed.WriteDelegations, []string{event.FirmGranted}, (*Pages).madeFirm}
	extendingFirm  = change{feed.WriteDelegations, []string{event.FirmExtended, event.FirmExtensionProposed}, (*Pages).changedFirm}
	endingFirm     = change{feed.WriteDelegations, []string{event.FirmEnded}, (*Pages).changedFirm}
	approvingFirm  = change{feed.WriteDelegations, []string{event.FirmApproved, event.FirmExtended}, (*Pages).changedFirm}
	refusingFirm   = change{feed.WriteDelegations, []string{event.FirmExtensionRejected, event.FirmExtensionWithdrawn}, (*Pages).changedFirm}
	confirmingFirm = change{feed.WriteDelegations, []string{event.FirmConfirmed}, (*Pages).changedFirm}
	vetoing        = change{feed.WriteDelegations, []string{event.FirmVetoed}, (*Pages).changedFirm}
	liftingVeto    = change{feed.WriteDelegations, []string{event.FirmVetoLifted}, (*Pages).changedFirm}
)

// grantFirm lets a firm name people, or proposes to where another superuser has to
// agree.
func (p *Pages) grantFirm(r *web.Request) (web.Response, error) {
	var in struct {
		Firm   string   `json:"firm"`
		People int      `json:"people"`
		Roles  []string `json:"roles"`
		Period string   `json:"period"`
		Date   string   `json:"date"`
		Reason string   `json:"reason"`
		Ticket string   `json:"ticket"`
	}
	return p.change(r, grantingFirm, &in, func(by models.Actor) (string, error) {
		made, err := p.delegations.GrantFirm(r.Context(), by, delegation.FirmProposal{Firm: in.Firm, People: in.People, Roles: in.Roles, Chosen: in.Roles != nil,
			Period: delegation.Period(in.Period), Date: in.Date, Reason: in.Reason, Ticket: in.Ticket})
		return made.ID, err
	})
}

// extendFirm gives a delegation to a firm a later end, and all its people with it,
// or proposes to where another superuser has to agree.
func (p *Pages) extendFirm(r *web.Request) (web.Response, error) {
	var in later
	return p.change(r, extendingFirm, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.delegations.ExtendFirm(r.Context(), by, id, in.Version, delegation.Period(in.Period), in.Date)
		return id, err
	})
}

// endFirm ends a delegation to a firm, or refuses one that waits for approval.
func (p *Pages) endFirm(r *web.Request) (web.Response, error) {
	return p.change(r, endingFirm, &struct{}{}, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.EndFirm(r.Context(), by, id)
	})
}

// seen is the version of what a machine decides about.
type seen struct {
	Version int64 `json:"version"`
}

// refuseFirm says no to a later end that was proposed, or takes it back.
func (p *Pages) refuseFirm(r *web.Request) (web.Response, error) {
	var in seen
	return p.change(r, refusingFirm, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.RefuseFirmExtension(r.Context(), by, id, in.Version)
	})
}

// confirmFirm says that a delegation to a firm goes on.
func (p *Pages) confirmFirm(r *web.Request) (web.Response, error) {
	var in seen
	return p.change(r, confirmingFirm, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.ConfirmFirm(r.Context(), by, id, in.Version)
	})
}

// approveFirm agrees to what another superuser proposed: the delegation, or a
// later end.
func (p *Pages) approveFirm(r *web.Request) (web.Response, error) {
	var in seen
	return p.change(r, approvingFirm, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		return id, p.delegations.ApproveFirm(r.Context(), by, id, in.Version)
	})
}

// person is what a machine sends about one of a firm's people.
type person struct {
	Account string `json:"account_id"`
}

// veto ends the delegation of one of a firm's people, and keeps him out.
func (p *Pages) veto(r *web.Request) (web.Response, error) {
	var in person
	return p.change(r, vetoing, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.delegations.VetoPerson(r.Context(), by, id, in.Account)
		return id, err
	})
}

// lift takes a veto back. It gives nothing back.
func (p *Pages) lift(r *web.Request) (web.Response, error) {
	var in person
	return p.change(r, liftingVeto, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.delegations.LiftVeto(r.Context(), by, id, in.Account)
		return id, err
	})
}
