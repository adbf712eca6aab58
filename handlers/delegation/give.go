package delegation

import (
	"slices"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	views "locum/views/delegation"
)

// form is the empty form, as a member and for a week, or what somebody asked for.
func (p *Pages) form(r *web.Request) (web.Response, error) {
	in := delegation.Proposal{Period: delegation.Week, Language: r.Locale.Language}
	if id := r.URL.Query().Get("request"); id != "" {
		asked, err := p.delegations.AccessRequest(r.Context(), r.Actor, id)
		if err != nil {
			return web.Response{}, err
		}
		in = asked.Proposal()
	}
	page, err := p.filled(r, in, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.New(page)), nil
}

func (p *Pages) give(r *web.Request) (web.Response, error) {
	in := proposal(r)
	granted, err := p.delegations.Grant(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		page, err := p.filled(r, in, wrong)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.New(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/delegations/"+granted.ID, "delegation.given", "Email", granted.Email), nil
}

// preview says what would be given: as a part of the page where there is
// script, and otherwise as the whole page with what was filled in.
func (p *Pages) preview(r *web.Request) (web.Response, error) {
	in := proposal(r)
	if r.HTMX() {
		plain, err := p.plain(r, in)
		if err != nil {
			return web.Response{}, err
		}
		return web.Fragment(views.Plain(plain)), nil
	}
	page, err := p.filled(r, in, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.New(page)), nil
}

// proposal reads the form.
func proposal(r *web.Request) delegation.Proposal {
	in := delegation.Proposal{Email: r.PostFormValue("email"), Period: delegation.Period(r.PostFormValue("period")), Date: r.PostFormValue("date"),
		Reason: r.PostFormValue("reason"), Ticket: r.PostFormValue("ticket"), Language: language(r, r.PostFormValue("language")),
		Chosen: r.PostFormValue("scope") == views.ChosenRoles}
	if in.Chosen { // an application's "no role" is sent empty
		in.Roles = slices.DeleteFunc(slices.Clone(r.PostForm["role"]), func(id string) bool { return id == "" })
	}
	return in
}

// filled is the page of the form with what was filled in.
func (p *Pages) filled(r *web.Request, in delegation.Proposal, wrong models.FieldErrors) (page views.Form, err error) {
	page = views.Form{In: in, Wrong: wrong, Now: r.Now}
	if page.Choices, err = p.delegations.Choices(r.Context(), r.Actor); err != nil {
		return page, err
	}
	page.Preview, err = p.plain(r, in)
	return page, err
}

// plain is what would be given, in plain words.
func (p *Pages) plain(r *web.Request, in delegation.Proposal) (views.Preview, error) {
	plan, err := p.delegations.Preview(r.Context(), r.Actor, in)
	wrong, rejected := web.Wrong(err)
	if err != nil && !rejected {
		return views.Preview{}, err
	}
	return views.Preview{Plan: &plan, Period: in.Period, Language: in.Language, Wrong: wrong, Now: r.Now}, nil
}
