package delegation

import (
	"cmp"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/delegation"
)

// changeForm is the form of a change, with what stands filled in.
func (p *Pages) changeForm(r *web.Request) (web.Response, error) {
	d, err := p.delegations.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if d.Over(r.Now) || !d.Given() {
		return web.Redirect("/delegations/"+d.ID, ""), nil
	}
	page, err := p.changing(r, d, d.Proposal(), d.Version, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Change(page)), nil
}

// change shows what a change comes to, and changes it once that is confirmed.
func (p *Pages) change(r *web.Request) (web.Response, error) {
	in, seen := proposal(r), version(r)
	if r.PostFormValue("confirm") != "" {
		waits, err := p.delegations.Amend(r.Context(), r.Actor, r.PathValue("id"), seen, in)
		if wrong, rejected := web.Wrong(err); rejected {
			return p.changeAgain(r, in, seen, wrong)
		}
		if waits {
			return p.changed(r, err, "granting.proposed")
		}
		return p.changed(r, err, "granting.change.changed")
	}
	if r.PostFormValue("edit") != "" {
		return p.changeAgain(r, in, seen, nil)
	}
	a, err := p.delegations.Compare(r.Context(), r.Actor, r.PathValue("id"), in)
	if wrong, rejected := web.Wrong(err); rejected {
		return p.changeAgain(r, in, seen, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Review(views.Changes{Amendment: a, In: in, Seen: seen, Now: r.Now})), nil
}

// previewChange says what a change comes to, as a part of the form's page.
func (p *Pages) previewChange(r *web.Request) (web.Response, error) {
	in := proposal(r)
	a, err := p.delegations.Compare(r.Context(), r.Actor, r.PathValue("id"), in)
	wrong, rejected := web.Wrong(err)
	if err != nil && !rejected {
		return web.Response{}, err
	}
	return web.Fragment(views.ChangesPlain(views.Changes{Amendment: a, In: in, Wrong: wrong, Now: r.Now})), nil
}

// standing shows, where a second delegation was asked for, what that would
// change of the one that stands. One that only waits for approval is none.
func (p *Pages) standing(r *web.Request, in delegation.Proposal, wrong models.FieldErrors) (web.Response, error) {
	page, err := p.filled(r, in, wrong)
	if err != nil {
		return web.Response{}, err
	}
	d := page.Preview.Plan.Standing
	if d == nil || !d.Given() {
		return web.Invalid(views.New(page)), nil
	}
	in.Reason, in.Ticket = cmp.Or(in.Reason, d.Reason), cmp.Or(in.Ticket, d.Ticket) // what was left empty stays
	a, err := p.delegations.Compare(r.Context(), r.Actor, d.ID, in)
	if wrong, rejected := web.Wrong(err); rejected {
		page.Wrong = wrong
		return web.Invalid(views.New(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Review(views.Changes{Amendment: a, In: in, Standing: true, Seen: a.Version, Now: r.Now})), nil
}

// changeAgain is the form with what was filled in.
func (p *Pages) changeAgain(r *web.Request, in delegation.Proposal, seen int64, wrong models.FieldErrors) (web.Response, error) {
	d, err := p.delegations.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	page, err := p.changing(r, d, in, seen, wrong)
	if err != nil {
		return web.Response{}, err
	}
	if wrong != nil {
		return web.Invalid(views.Change(page)), nil
	}
	return web.Page(views.Change(page)), nil
}

// changing is the page of a change.
func (p *Pages) changing(r *web.Request, d delegation.Details, in delegation.Proposal, seen int64, wrong models.FieldErrors) (page views.Form, err error) {
	page = views.Form{In: in, Wrong: wrong, Now: r.Now}
	if page.Choices, err = p.delegations.Choices(r.Context(), r.Actor); err != nil {
		return page, err
	}
	a, err := p.delegations.Compare(r.Context(), r.Actor, d.ID, in)
	found, rejected := web.Wrong(err)
	if err != nil && !rejected {
		return page, err
	}
	page.Changes = &views.Changes{Amendment: a, In: in, Wrong: found, Seen: seen, Now: r.Now}
	return page, nil
}
