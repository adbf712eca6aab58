package delegation

import (
	"locum/handlers/web"
	"locum/models"
	views "locum/views/delegation"
)

// approval is the page of what waits for another superuser.
func (p *Pages) approval(r *web.Request) (web.Response, error) {
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.Waiting == nil {
		return web.Redirect("/delegations/"+page.ID, ""), nil
	}
	return web.Page(views.Approval(page)), nil
}

// decide takes the answer of a superuser.
func (p *Pages) decide(r *web.Request) (web.Response, error) {
	id, proposal, note := r.PathValue("id"), r.PostFormValue("proposal"), r.PostFormValue("note")
	var err error
	said := ""
	switch r.PostFormValue("decision") {
	case views.Approve:
		err, said = p.delegations.Approve(r.Context(), r.Actor, id, proposal, note), "granting.approved"
	case views.Reject:
		err, said = p.delegations.Reject(r.Context(), r.Actor, id, proposal, note), "granting.rejected"
	case views.Withdraw:
		err, said = p.delegations.Withdraw(r.Context(), r.Actor, id, proposal), "granting.withdrawn"
	default:
		return web.Response{}, models.Unknown()
	}
	wrong, rejected := web.Wrong(err)
	if !rejected {
		return p.changed(r, err, said)
	}
	page, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.Waiting == nil {
		return web.Redirect("/delegations/"+page.ID, ""), nil
	}
	page.Note, page.Wrong = note, wrong
	return web.Invalid(views.Approval(page)), nil
}
